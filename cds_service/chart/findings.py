"""Positive or negative? What a result says in codes, words and flags, and what its number says (book 1.9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cards.concepts import Concept, ValueSets
from cards.facts import Finding
from cds_service.fhir.coding import LONGEST_TEXT, as_list, codings, text_of

BELOW = ("<", "<=")

_FINDINGS = {
    "positive": Finding.POSITIVE,
    "weakly_positive": Finding.POSITIVE,  # never read as negative
    "negative": Finding.NEGATIVE,
    "indeterminate": Finding.INDETERMINATE,
}
_ANSWERS = frozenset(_FINDINGS)
_KIND = ("result",)


def is_worded(concept: Concept) -> bool:
    """Is the test answered by positive or negative? So are those without a unit and those with a cut-off."""
    properties = (row.hints.get("property") for rows in concept.codes.values() for row in rows)
    return concept.unit is None or concept.positive is not None or not {"PrThr", "Imp"}.isdisjoint(properties)


def is_detection(concept: Concept) -> bool:
    """Is any amount a positive result, and less than can be measured a negative one?"""
    return concept.positive is not None and concept.positive.edge == 0 and not concept.positive.is_included


def said(holder: dict[str, Any], value_sets: ValueSets) -> frozenset[Finding]:
    """What value and interpretation of an Observation or component say; several findings contradict each other."""
    found = set(_meanings(holder.get("valueCodeableConcept"), value_sets))
    text = holder.get("valueString")
    if isinstance(text, str):
        found |= _called([text[:LONGEST_TEXT]], value_sets)
    answer = holder.get("valueBoolean")
    if isinstance(answer, bool):
        found.add(Finding.POSITIVE if answer else Finding.NEGATIVE)
    for interpretation in as_list(holder.get("interpretation")):  # one object in STU3
        found |= _meanings(interpretation, value_sets, unnamed="interpretation")
    return frozenset(found)


def by_number(value: float | None, number: float, comparator: str, concept: Concept) -> Finding | None:
    """What a number says: `number` as sent, `value` in the concept's unit. None: nothing, or its bound does not decide.

    Where any amount is positive its unit does not matter, so copies and logarithms of a viral load are understood.
    """
    positive = concept.positive
    if positive is None:
        return None
    if is_detection(concept):
        if comparator in BELOW:
            return Finding.NEGATIVE
        return Finding.POSITIVE if number in positive else Finding.NEGATIVE if value is not None else None
    if value is None:
        return None
    if comparator in BELOW:
        is_negative = value <= positive.edge if comparator == "<" else value < positive.edge
        return Finding.NEGATIVE if is_negative else None
    return Finding.POSITIVE if value in positive else None if comparator else Finding.NEGATIVE


def _meanings(concept: Any, value_sets: ValueSets, unnamed: str = "") -> set[Finding]:
    """What the codes and the words of an answer mean, each by itself. `unnamed`: system of a bare code."""
    found = codings(concept)
    coded = {
        _FINDINGS[name]
        for system, code, _ in found
        for name in value_sets.coded(system or unnamed, code) & _ANSWERS
    }  # fmt: skip
    return coded | _called([text_of(concept), *(coding.display for coding in found)], value_sets)


def _called(texts: Iterable[str], value_sets: ValueSets) -> set[Finding]:
    """What words say that say nothing else: "reactive" does, "reactive, see comment" does not."""
    return {
        _FINDINGS[name]
        for text in texts
        for name in value_sets.called(text.removesuffix("(qualifier value)"), _KIND) & _ANSWERS  # SNOMED CT
    }
