"""Positive or negative? What a result says in codes, words and flags, and what its number says (book 1.9)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cards.concepts import Concept, ValueSets
from cards.facts import Finding
from cds_service.fhir.coding import LONGEST_TEXT, as_list, codings, text_of
from cds_service.fhir.quantity import Quantity

BELOW = ("<", "<=")

_FINDINGS = {
    "positive": Finding.POSITIVE,
    "weakly_positive": Finding.POSITIVE,  # never read as negative
    "negative": Finding.NEGATIVE,
    "indeterminate": Finding.INDETERMINATE,
}
_ANSWERS = frozenset(_FINDINGS)
_KIND = ("result",)

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"  # 1,250 is a thousand and more
BOUND = "[<>]=?|[≤≥]"
_IN_ASCII = {"≤": "<=", "≥": ">="}
_BOUND_AND_NUMBER = re.compile(rf"({BOUND})?\s*({NUMBER})")
_BETWEEN = " \t,;:()"  # what stands between an answer and its number


class Beside(NamedTuple):
    """An answer and the number that was sent in one string with it: "NEG (<0.05)", "Detected, <20 IU/mL"."""

    answer: str
    amount: Quantity


def is_worded(concept: Concept) -> bool:
    """Is the test answered by positive or negative? So are those without a unit and those with a cut-off."""
    properties = (row.hints.get("property") for rows in concept.codes.values() for row in rows)
    return concept.unit is None or concept.positive is not None or not {"PrThr", "Imp"}.isdisjoint(properties)


def is_detection(concept: Concept) -> bool:
    """Is any amount a positive result, and less than can be measured a negative one?"""
    return concept.positive is not None and concept.positive.edge == 0 and not concept.positive.is_included


def said(holder: dict[str, Any], concept: Concept, value_sets: ValueSets) -> frozenset[Finding]:
    """What value and interpretation of an Observation or component say; several findings contradict each other."""
    found = set(_meanings(holder.get("valueCodeableConcept"), concept, value_sets))
    text = holder.get("valueString")
    if isinstance(text, str):
        found |= _called([text[:LONGEST_TEXT]], concept, value_sets)
    answer = holder.get("valueBoolean")
    if isinstance(answer, bool):
        found.add(Finding.POSITIVE if answer else Finding.NEGATIVE)
    for interpretation in as_list(holder.get("interpretation")):  # one object in STU3
        found |= _meanings(interpretation, concept, value_sets, unnamed="interpretation")
    return frozenset(found)


def number_beside_answer(text: str, value_sets: ValueSets) -> Beside | None:
    """The answer and its number where a string says nothing else; None where it says more or less.

    A whole number without a unit or a bound may be a year: no measurement.
    """
    found = list(_BOUND_AND_NUMBER.finditer(text)) if len(text) <= LONGEST_TEXT and "?" not in text else []
    if len(found) != 1:
        return None
    bound, number = found[0].groups()
    before, after = text[: found[0].start()].strip(_BETWEEN), text[found[0].end() :].strip(_BETWEEN)
    for answer, unit in _answers_and_units(before, after):
        is_unit = not unit or value_sets.unit(unit) is not None
        if is_unit and (unit or bound or "." in number) and _ANSWERS & value_sets.called(answer, _KIND):
            return Beside(answer, amount(bound, number, unit))
    return None


def amount(bound: str | None, number: str, unit: str) -> Quantity:
    """The amount that a string names."""
    return Quantity(float(number.replace(",", "")), unit, _IN_ASCII.get(bound or "", bound or ""))


def _answers_and_units(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Which words around a number may be the answer, and which its unit ("POS (S/CO 4.21)", "<20 IU/mL detected")."""
    if before:
        yield before, after
        answer, _, unit = before.rpartition(" ")
        if not after:
            yield answer, unit.strip(_BETWEEN)
        return
    yield after, ""
    unit, _, answer = after.partition(" ")
    yield answer, unit.strip(_BETWEEN)


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


def _meanings(answer: Any, concept: Concept, value_sets: ValueSets, unnamed: str = "") -> set[Finding]:
    """What the codes and the words of an answer mean, each by itself. `unnamed`: system of a bare code."""
    found = codings(answer)
    coded = {
        _FINDINGS[name]
        for system, code, _ in found
        for name in value_sets.coded(system or unnamed, code) & _ANSWERS
    }  # fmt: skip
    texts = [text_of(answer), *(coding.display for coding in found)]
    if not any(texts):
        texts = [coding.code for coding in found]  # "NEG" without a system or words, from OBX-5
    return coded | _called(texts, concept, value_sets)


def _called(texts: Iterable[str], concept: Concept, value_sets: ValueSets) -> set[Finding]:
    """What words say that say nothing else: "reactive" does, "reactive, see comment" does not."""
    return {_FINDINGS[name] for text in texts for name in _answer_in(text, concept, value_sets)}


def _answer_in(text: str, concept: Concept, value_sets: ValueSets) -> frozenset[str]:
    if "?" in text:
        return frozenset()  # "neg?" is a doubt, no answer
    found = value_sets.called(text.removesuffix("(qualifier value)"), _KIND) & _ANSWERS  # SNOMED CT
    if found:
        return found
    beside = number_beside_answer(text, value_sets)
    answer = value_sets.said_of(concept.name, text) if beside is None else beside.answer
    return value_sets.called(answer, _KIND) & _ANSWERS
