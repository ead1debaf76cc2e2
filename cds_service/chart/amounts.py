"""Units of doses, and how much active ingredient is in one unit of a product."""

from __future__ import annotations

import re
from functools import lru_cache

from cards.concepts import Strength, ValueSets
from cards.pharmacology.dose_line import MG_PER_UNIT
from cds_service.fhir.medication import Ingredient
from cds_service.fhir.quantity import AMBIGUOUS_NUMBER

COUNT = "count"

# Units that count pieces of the product, as UCUM annotations and as words. "1" is UCUM for a bare count. National
# guides write them in their own language: Germany and Switzerland, France, the Netherlands, the Nordic countries …
_COUNTED = {
    "1", "tablet", "tablets", "tbl", "tab", "tabs", "capsule", "capsules", "cap", "caps", "caplet", "caplets", "pill",
    "pills", "each", "ea", "piece", "pieces", "oral tablet", "oral capsule", "film-coated tablet",
    "prolonged-release tablet", "hard capsule", "capsule, hard", "gastro-resistant capsule",
    "stück", "stk", "tablette", "tabletten", "filmtablette", "filmtabletten", "kapsel", "kapseln", "hartkapsel",
    "hartkapseln", "comprimé", "comprimés", "gélule", "gélules", "stuk", "stuks", "tabletter", "kapslar", "kapsler",
    "tabletti", "tablettia", "kapseli", "kapselia", "tablett", "tükk", "kapslit", "comprimido", "comprimidos",
    "cápsula", "cápsulas", "compressa", "compresse", "capsula", "capsule rigide", "錠", "カプセル",
}  # fmt: skip
# How SNOMED CT says in full that a tablet is a unit.
_AS_UNIT = re.compile(r"(?: - unit of product usage)?(?: \((?:unit of presentation|qualifier value)\))?$")
_PIECES = {"capsule": "capsule", "cap": "capsule", "tablet": "tablet", "tab": "tablet", "caplet": "tablet"}
_LIQUIDS = re.compile(r"\b(?:solution|suspension|syrup|liquid|injection|injectable|infusion|drops)\b", re.IGNORECASE)
_PIECE = re.compile(r"\b(capsule|cap|tablet|tab|caplet)s?\b", re.IGNORECASE)
# "10/160 mg" states two amounts.
_STATED = re.compile(
    rf"(?<![\w.,])(?<!\d[/+])(?<!\d [/+] )(?!{AMBIGUOUS_NUMBER})"
    r"(?P<value>\d{1,3}(?:,\d{3})+(?![,\d])|\d+(?:[.,]\d+)?)\s*"
    r"(?P<unit>mg|milligrams?|mcg|ug|µg|μg|micrograms?|g|gm|grams?)(?![a-z\d])"
    r"(?:\s*(?:/|\bper\b|\bin\b)\s*(?P<size>\d+(?:\.\d+)?)?\s*(?P<per>[a-z]+))?",
    re.IGNORECASE,
)
_SAME = 0.01  # two statements of one strength differ by rounding at most


@lru_cache(maxsize=1_024)  # bounded, because units come from outside
def unit_of(written: str, value_sets: ValueSets) -> str:
    """The unit of a dose: "count" for tablets, capsules and bare numbers, else UCUM where it is known."""
    unit = value_sets.unit(written) or written
    return COUNT if not unit or _AS_UNIT.sub("", unit.strip("{}").lower()) in _COUNTED else unit


@lru_cache(maxsize=1_024)
def contradict(code: str, words: str, value_sets: ValueSets) -> bool:
    """Do a unit's code and its words name two different units, both of them known?"""
    one, other = unit_of(code, value_sets), unit_of(words, value_sets)
    is_known = other == COUNT or value_sets.unit(words) is not None
    return is_known and one != other and (one == COUNT or value_sets.unit(code) is not None)


def stated_strength(text: str) -> Strength | None:
    """The strength that a product's name states ("75 MG Oral Capsule", "20 mg/mL"); None: none, or more than one."""
    found: set[Strength] = set()
    for match in _STATED.finditer(text):
        strength = _stated(match, text)
        if strength is None:  # per hour, per actuation, "30mg/500mg": no amount in a unit of the product
            return None
        found.add(strength)
        if len(found) > 1:
            return None
    return found.pop() if found else None


def ingredient_strength(ingredient: Ingredient, form: str, value_sets: ValueSets) -> Strength | None:
    """The strength that Medication.ingredient states; None when it states none that can be used."""
    amount, per = ingredient.amount, ingredient.per
    if amount is None or amount.value is None or amount.value <= 0:
        return None
    unit = value_sets.unit(amount.unit)
    if unit not in MG_PER_UNIT:
        return None
    if per is None:
        return Strength(amount.value, unit, _piece(form))
    size = 1.0 if per.value is None else per.value
    if size <= 0:
        return None
    basis = unit_of(per.unit, value_sets)
    if basis == COUNT:
        piece = _PIECES.get(per.unit.strip("{}").lower().rstrip("s"))
        return Strength(amount.value / size, unit, piece or _piece(form))
    if basis == "mL":
        return Strength(amount.value / size, unit, "mL")
    return None


def are_same(one: Strength, other: Strength) -> bool:
    """Do two statements of a product's strength agree? Per piece and per mL never do."""
    if (one.per == "mL") != (other.per == "mL"):
        return False
    first, second = one.value * MG_PER_UNIT[one.unit], other.value * MG_PER_UNIT[other.unit]
    return abs(first - second) <= _SAME * max(first, second)


def _stated(match: re.Match[str], text: str) -> Strength | None:
    written, per = match["unit"].lower(), (match["per"] or "").lower()
    unit = "mg" if written.startswith(("mg", "mil")) else "g" if written.startswith("g") else "ug"
    value = _decimal(match["value"])
    size = float(match["size"]) if match["size"] else 1.0
    if not value or not size:
        return None
    if per == "ml":
        return Strength(value / size, unit, "mL")
    if not per:
        return None if _LIQUIDS.search(text) else Strength(value, unit, _piece(text))
    piece = _PIECES.get(per.rstrip("s"))
    return Strength(value / size, unit, piece) if piece else None


def _piece(text: str) -> str:
    found = _PIECE.search(text)
    return _PIECES[found[1].lower()] if found else "unit"


def _decimal(written: str) -> float:
    """1,000 is a thousand, 82,5 is eighty-two and a half."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", written):
        return float(written.replace(",", ""))
    return float(written.replace(",", "."))
