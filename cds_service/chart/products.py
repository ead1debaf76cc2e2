"""What codes and names tell of a product beside its concepts: strength, release form, generic name, brand."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from cards.concepts import Code, Strength, ValueSets
from cards.orders import Formulation
from cards.pharmacology.by_route import IMMUNOGLOBULINS, IVIG, ROUTE_OPEN
from cds_service.chart.amounts import are_same, ingredient_strength, stated_strength
from cds_service.fhir.coding import Coding
from cds_service.fhir.medication import Product

KIND = ("med",)
COVERED = ("rxnorm", "atc", "snomed")  # drug vocabularies that the value sets cover

_INGREDIENT_LEVELS = ("IN", "PIN", "MIN", "IN/PIN", None)
_RELEASE = {
    "gabapentin_enacarbil": Formulation.ENACARBIL,
    "gabapentin_gastroretentive": Formulation.GASTRORETENTIVE,
    "pregabalin_extended_release": Formulation.EXTENDED,
}
# Abbreviations in capitals only: "er" is a word of other languages.
_EXTENDED = re.compile(
    r"\b(?:ER|XR|CR|SR|XL)\b|\b(?i:(?:extended|modified|prolonged|sustained|controlled)[ -]release|(?:12|24) hr)\b"
)
_GASTRORETENTIVE = re.compile(r"\bgastro-?retentive\b", re.IGNORECASE)
_FORMS = re.compile(
    r"\b(capsule|tablet|solution|suspension|injection|patch|cream|(?<!soft )gel\b|ointment|lotion|film|powder)",
    re.IGNORECASE,
)
_BRAND = re.compile(r"\[([^\]]+)\]")
_BRAND_WORDS = re.compile(r"[a-z0-9]+|%")
# "24 HR tramadol hydrochloride 100 MG Extended Release …" → "tramadol hydrochloride"
_INGREDIENT = re.compile(
    r"(?:^|/ )(?:Abuse-Deterrent )?(?:\d+(?:\.\d+)? (?:HR|ML|ACTUAT) )?"
    r"(?P<name>[A-Za-z][^\d\[/(]*?)(?= (?:in )?\d| [\[/(]|$)"  # "linezolid in 0.9 % sodium chloride"
)

# Billing codes name the drug among words of their own: "Inj ublituximab-xiiy, 1 mg" → "ublituximab-xiiy".
_BILLING = re.compile(r"^inj(?:ection)?\b[.,]*\s*|(?:\s*\binj(?:ection)?)?[\s.,]*$", re.IGNORECASE)


class Hit(NamedTuple):
    """A coding and what it means: concepts of a confirmed code (none: not ours) and its rows."""

    coding: Coding
    concepts: frozenset[str]
    rows: tuple[Code, ...]


@lru_cache(maxsize=8_192)  # bounded, because codes come from outside
def meaning(coding: Coding, value_sets: ValueSets) -> Hit:
    """What a coding means as a drug.

    The concepts that the row's own name states count too: a capsule of duloxetine is an SNRI, whichever set lists it.
    """
    names = value_sets.coded(coding.system, coding.code) & _medications(value_sets)
    rows = tuple(row for name in sorted(names) if (row := value_sets.row(name, coding.system, coding.code)) is not None)
    stated = (value_sets.named(row.display, KIND) for row in rows)
    return Hit(coding, names.union(*stated) - {ROUTE_OPEN}, rows)


@cache
def generic_names(value_sets: ValueSets) -> Mapping[str, str]:
    """Generic name of each concept that stands for one drug: its name is among its own words."""
    return {
        name: words
        for name in _medications(value_sets)
        if (words := name.replace("_", " ")) in value_sets.concept(name).text
    }


def is_ingredient(hit: Hit) -> bool:
    """Does the code name an ingredient, and no product of it?"""
    return all(row.hints.get("tty") in _INGREDIENT_LEVELS for row in hit.rows)


def leading(product: Product, hits: Sequence[Hit], value_sets: ValueSets) -> tuple[Coding, Code | None]:
    """The coding that says most: of a product with a strength, else the first that means something.

    Else the first of a vocabulary that the value sets cover, else the first.
    """
    rows = [(hit.coding, row) for hit in hits for row in hit.rows]
    for coding, row in rows:
        if row.strength is not None:
            return coding, row
    if rows:
        return rows[0]
    coded = [coding for coding in product.codings if coding.code]
    covered = (coding for coding in coded if value_sets.short_name(coding.system) in COVERED)
    return next(covered, coded[0] if coded else Coding("", "", "")), None


def strength(
    product: Product, hits: Sequence[Hit], concepts: Collection[str], value_sets: ValueSets
) -> tuple[Strength | None, bool]:
    """(strength, do its sources disagree?): of the ingredient, else of the code, else of the words (book 1.5.1)."""
    stated = []
    for ingredient in product.ingredients:
        meant = [meaning(coding, value_sets).concepts for coding in ingredient.codings]
        if len(product.ingredients) == 1 or not frozenset[str]().union(*meant).isdisjoint(concepts):
            stated.append(ingredient_strength(ingredient, product.form or " ".join(product.texts), value_sets))
    stated += [row.strength or stated_strength(row.display) for hit in hits for row in hit.rows]
    stated += [stated_strength(text) for text in product.texts]
    known = [found for found in stated if found is not None]
    if not known:
        return None, False
    return known[0], any(not are_same(known[0], other) for other in known[1:])


def formulation(concepts: frozenset[str], texts: Sequence[str], row: Code | None) -> Formulation:
    """Release form by concept, else by the words. Gabapentin of extended release is the gastroretentive tablet."""
    for name, release in _RELEASE.items():
        if name in concepts:
            return release
    words = " ".join((*texts, row.display if row else ""))
    if _GASTRORETENTIVE.search(words):
        return Formulation.GASTRORETENTIVE
    if not _EXTENDED.search(words):
        return Formulation.IMMEDIATE
    return Formulation.GASTRORETENTIVE if "gabapentin" in concepts else Formulation.EXTENDED


def release_concepts(concepts: frozenset[str], release: Formulation) -> frozenset[str]:
    """The concept of a release form that only the words gave away."""
    return frozenset(name for name, form in _RELEASE.items() if form is release and name.split("_")[0] in concepts)


def dose_form(product: Product, row: Code | None, stated: Strength | None) -> str:
    """capsule, tablet, solution …; empty when nothing says."""
    for text in (product.form, row.display if row else "", *product.texts):
        if found := _FORMS.search(text):
            return found[1].lower()
    return stated.per if stated and stated.per not in ("mL", "unit") else ""


def generic_name(
    concepts: frozenset[str], said: frozenset[str], row: Code | None, display: str, value_sets: ValueSets
) -> str:
    """The generic name in lower case, else the sender's words."""
    if not concepts.isdisjoint(IMMUNOGLOBULINS):
        return "immunoglobulin"
    generic = generic_names(value_sets)
    # the shortest is the ingredient ("gabapentin"), the others are its forms; what the sender says goes first
    known = sorted((name not in said, len(generic[name]), generic[name]) for name in concepts.intersection(generic))
    if known:
        return known[0][2]
    found = _INGREDIENT.findall(row.display if row else display) if concepts else []
    return "/".join(filter(None, (_BILLING.sub("", name) for name in found))).lower() or display


def brand(hits: Sequence[Hit], texts: Sequence[str], concepts: frozenset[str], value_sets: ValueSets) -> str:
    """The brand, where the code or the words name one."""
    rows = [row for hit in hits for row in hit.rows]
    for row in rows:
        if row.hints.get("brand"):
            return str(row.hints["brand"])
    for words in (*(row.display for row in rows), *texts):
        if found := _BRAND.search(words):
            return found[1]
    for row in rows:
        if row.hints.get("tty") == "BN" or row.system.endswith("/ndc"):
            return row.display
    if IVIG not in concepts:
        return ""
    said = (*texts, *(row.display for row in rows))  # a billing code names its brand in its display only
    return next(filter(None, (_ivig_brand(text, value_sets) for text in said)), "")


def _ivig_brand(text: str, value_sets: ValueSets) -> str:
    """The IVIG brand that a text names among those whose excipients are listed; its first word, if no more is said."""
    said = _spaced(text)
    brands = sorted((str(p["brand"]) for p in value_sets.concept("ivig_excipients").products), key=len, reverse=True)
    whole = next((name for name in brands if _spaced(name) in said), "")
    return whole or next((name.split()[0] for name in brands if _spaced(name.split()[0]) in said), "")


def _spaced(text: str) -> str:
    return f" {' '.join(_BRAND_WORDS.findall(text.lower()))} "


@cache
def _medications(value_sets: ValueSets) -> frozenset[str]:
    return frozenset(name for name in value_sets if "med" in value_sets.concept(name).kinds)
