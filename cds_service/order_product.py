"""Which product do the words of an order mean? A code where the value sets have one, else the words alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cards.coding_systems import words
from cards.concepts import Code, ValueSets

_STRENGTH = re.compile(
    r"(?P<name>.*?\S)\s+(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>mg|g|mcg)(?:/(?P<per>\d*\s*mL))?\s+(?P<form>[A-Za-z ]+)",
    re.IGNORECASE,
)
_INGREDIENT_LEVELS = ("IN", "PIN", "MIN", "BN")  # RxNorm term types that name no strength


def medication(text: str, value_sets: ValueSets, dose_mg: float | None = None) -> dict[str, Any]:
    """A medicationCodeableConcept for an ingredient ("pregabalin"), a brand or a product ("pregabalin 75 mg capsule").

    `dose_mg` chooses among products where a name stands for products only. A name that no value set knows stays text.
    """
    product = _STRENGTH.fullmatch(text)
    code = _of_strength(product, value_sets) if product else _of_name(text, value_sets, dose_mg)
    if code is None:
        return {"text": text}
    return {"coding": [coding(code)], "text": text if product is None else code.display}


def coding(code: Code) -> dict[str, Any]:
    """A value set's code as Coding."""
    return {"system": code.system, "code": code.code, "display": code.display}


def _of_strength(product: re.Match[str], value_sets: ValueSets) -> Code | None:
    per_ml, form = product["per"], words(product["form"])[-1]
    value, unit = float(product["value"]), product["unit"].lower()
    if unit == "g":
        value, unit = value * 1000, "mg"
    per = "ml" if per_ml else form.rstrip("s")
    found = [
        code
        for code in _codes_named(product["name"], value_sets)
        if code.strength is not None
        and (code.strength.value, code.strength.unit.lower(), code.strength.per.lower()) == (value, unit, per)
    ]
    return _plainest(found, product["name"])


def _of_name(name: str, value_sets: ValueSets, dose_mg: float | None) -> Code | None:
    exact = _index(value_sets)[0].get(words(name), ())
    if exact:
        return exact[0]
    found = _codes_named(name, value_sets)
    ingredients = [code for code in found if code.hints.get("tty") == "IN"]
    if len(ingredients) == 1:
        return ingredients[0]
    if ingredients or dose_mg is None:
        return None
    makes_dose = [c for c in found if c.strength and c.strength.unit == "mg" and dose_mg % c.strength.value == 0]
    makes_dose.sort(key=lambda code: -(code.strength.value if code.strength else 0))
    highest = [c for c in makes_dose if c.strength == makes_dose[0].strength]
    return _plainest(highest, name)


def _plainest(codes: Iterable[Code], name: str) -> Code | None:
    """The generic product, unless the name is that of a brand."""
    said = set(words(name))
    return min(
        codes,
        key=lambda code: (-len(said.intersection(words(code.display))), "[" in code.display, len(code.display)),
        default=None,
    )


def _codes_named(name: str, value_sets: ValueSets) -> tuple[Code, ...]:
    by_name, by_phrase = _index(value_sets)
    return by_phrase.get(words(name)) or by_name.get(words(name), ())


_Names = dict[tuple[str, ...], tuple[Code, ...]]


@lru_cache(maxsize=4)
def _index(value_sets: ValueSets) -> tuple[_Names, _Names]:
    """Confirmed RxNorm codes by the name of an ingredient or brand, and by the phrases of their narrowest concept."""
    by_name: _Names = {}
    by_phrase: _Names = {}
    drugs = [concept for concept in map(value_sets.concept, value_sets) if concept.kind == "med"]
    confirmed = {drug.name: tuple(code for code in drug.codes.get("rxnorm", ()) if code.confirmed) for drug in drugs}
    for drug in sorted(drugs, key=lambda drug: len(confirmed[drug.name])):
        for code in confirmed[drug.name]:
            name = words(_name(code))
            if name and code not in by_name.get(name, ()):
                by_name[name] = (*by_name.get(name, ()), code)
        for phrase in drug.text:
            by_phrase.setdefault(tuple(phrase.split()), confirmed[drug.name])
    return by_name, by_phrase


def _name(code: Code) -> str:
    """The ingredient or brand that a code stands for; empty for a product of a certain strength."""
    if code.hints.get("tty") in _INGREDIENT_LEVELS:
        return code.display
    return str(code.hints.get("brand", ""))
