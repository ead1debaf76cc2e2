"""CTCAE grades, by code, number or words."""

from __future__ import annotations

import re
from functools import lru_cache

from cards.concepts import ValueSets
from cds_service.fhir.coding import Coding

_SETS = ("ctcae_grade_values", "ctcae_grade_values_ncit")
_WORDS = re.compile(r"(?:ctcae )?(?:grade|g)[ -]?(\d|i{1,3}|iv|v)(?:[ :,(-]+([a-z]+)\b[a-z ,/-]*\)?)?", re.IGNORECASE)
_ROMAN = {"i": 1.0, "ii": 2.0, "iii": 3.0, "iv": 4.0, "v": 5.0}


def read_grade(found: tuple[Coding, ...], words: str, value_sets: ValueSets) -> float | None:
    """The grade that an answer names ("Grade 3", "Grade III - severe"); None when it names none, or two."""
    for system, code, _ in found:
        for name in _SETS:
            row = value_sets.row(name, system, code)
            if row is not None:
                return float(row.hints.get("grade", row.code))  # the HL7 code is the grade itself
    written = _WORDS.fullmatch(words.strip())
    if written is None:
        return None
    number, severity = written.groups()
    grade = grade_of(_ROMAN.get(number.lower()) or float(number), value_sets)
    return grade if severity is None or _severities(value_sets).get(severity.lower()) == grade else None


def grade_of(number: float, value_sets: ValueSets) -> float | None:
    """The number if it is a grade, else None."""
    return number if number in _grades(value_sets) else None


@lru_cache(maxsize=8)
def _grades(value_sets: ValueSets) -> frozenset[float]:
    return frozenset(float(code) for code in value_sets.codes(_SETS[0], "ctcae-grade"))


@lru_cache(maxsize=8)
def _severities(value_sets: ValueSets) -> dict[str, float]:
    """The first word of each grade's name ("severe") and the grade."""
    rows = value_sets.concept(_SETS[0]).codes["ctcae-grade"]
    return {row.display.split()[0].lower(): float(row.code) for row in rows}
