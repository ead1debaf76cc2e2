"""CTCAE grades, by code, number or words."""

from __future__ import annotations

import re
from functools import lru_cache

from cards.concepts import ValueSets
from cds_service.fhir.coding import Coding

_SETS = ("ctcae_grade_values", "ctcae_grade_values_ncit")
_WORDS = re.compile(r"(?:ctcae )?(?:grade|g) ?(\d)", re.IGNORECASE)


def read_grade(found: tuple[Coding, ...], words: str, value_sets: ValueSets) -> float | None:
    """The grade that an answer names ("Grade 3"); None when it names none."""
    for system, code, _ in found:
        for name in _SETS:
            row = value_sets.row(name, system, code)
            if row is not None:
                return float(row.hints.get("grade", row.code))  # the HL7 code is the grade itself
    written = _WORDS.fullmatch(words.strip())
    return None if written is None else grade_of(float(written.group(1)), value_sets)


def grade_of(number: float, value_sets: ValueSets) -> float | None:
    """The number if it is a grade, else None."""
    return number if number in _grades(value_sets) else None


@lru_cache(maxsize=8)
def _grades(value_sets: ValueSets) -> frozenset[float]:
    return frozenset(float(code) for code in value_sets.codes(_SETS[0], "ctcae-grade"))
