"""What did the test show? The value of an Observation, or of one of its components, in the unit of its concept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cards.concepts import Concept, UnitConversion, ValueSets
from cards.facts import Finding
from cards.wording import number as shown
from cds_service.chart.findings import (
    BELOW,
    BOUND,
    NUMBER,
    amount,
    by_number,
    is_detection,
    is_worded,
    number_beside_answer,
    said,
)
from cds_service.chart.grades import grade_of, read_grade
from cds_service.fhir.coding import LONGEST_TEXT, as_list, code_of, codings, plain, text_of
from cds_service.fhir.quantity import Quantity, number_of, read_quantity

SHOWN = 60  # characters of a result that are shown

_BOUNDS = ("", *BELOW, ">", ">=")

# Why there is no value. Nobody tested: no result. Any other reason, "masked" and "error" among them, may hide one.
_NOT_TESTED = ("not-performed", "not-asked", "asked-declined", "asked-unknown", "not-applicable")
_NOT_YET = "temp-unknown"

# Reference ranges of a result are normal ones unless they say otherwise (critical, therapeutic, recommended …).
_NORMAL = ("", "normal", "N")

_NUMBER_AND_UNIT = re.compile(rf"({BOUND})?\s*({NUMBER})\s*([^\s\d<>=.,;:][^<>=]*)?")


class Result(NamedTuple):
    """A value in its concept's unit, a finding, both, or why there is neither. `is_pending`: there will be one."""

    value: float | None = None
    unit: str = ""
    comparator: str = ""
    finding: Finding | None = None
    received: str = ""
    unreadable: str = ""
    is_pending: bool = False


class Assay(NamedTuple):
    """A concept and the ways in which its results can be read."""

    concept: Concept
    conversions: Mapping[str, UnitConversion]
    is_worded: bool
    is_graded: bool


@lru_cache(maxsize=512)
def assay_of(name: str, value_sets: ValueSets) -> Assay:
    """How results of this concept are read."""
    concept = value_sets.concept(name)
    properties = {row.hints.get("property") for rows in concept.codes.values() for row in rows}
    conversions = {conversion.code: conversion for conversion in concept.units}
    return Assay(concept, conversions, is_worded(concept), properties == {"Ord"})


def read_result(holder: dict[str, Any], assay: Assay, value_sets: ValueSets) -> Result | None:
    """The result that an Observation or component holds for a concept; None when nobody tested."""
    quantity = (
        read_quantity(holder["valueQuantity"])
        if "valueQuantity" in holder
        else _other_quantity(holder, assay, value_sets)
    )
    if quantity is not None and quantity.value is not None:
        return _numeric(holder, quantity.value, quantity, assay, value_sets)
    if holder.get("valueCodeableConcept") or "valueString" in holder or "valueBoolean" in holder:
        return _answered(holder, assay, value_sets)
    missing = _without_value(holder)
    if assay.is_worded and missing is not None and not missing.is_pending and holder.get("interpretation"):
        return _judged(holder, missing, None, assay, value_sets)  # some laboratories send the flag alone
    return missing


def upper_limit(holder: dict[str, Any], assay: Assay, value_sets: ValueSets) -> float | None:
    """Upper end of the normal reference range in the concept's unit; None when none is stated that can be read.

    Of several (by sex or age) the highest: a result is called raised only where it is raised by all of them.
    """
    limits = []
    for entry in as_list(holder.get("referenceRange")):
        if not isinstance(entry, dict) or code_of(entry.get("type")) not in _NORMAL:
            continue
        high = read_quantity(entry.get("high"))
        if high is not None and high.value is not None:
            value, _ = _in_unit(high.value, high if high.unit else _own_unit(holder), assay, value_sets)
            limits += [] if value is None else [value]
    return max(limits, default=None)


def _own_unit(holder: dict[str, Any]) -> Quantity:
    """The unit of the result itself: a limit that came without one is meant in it."""
    return read_quantity(holder.get("valueQuantity")) or Quantity(None, "")


def _without_value(holder: dict[str, Any]) -> Result | None:
    if any(name.startswith("value") for name in holder if name != "valueQuantity"):
        return Result(unreadable="not a number, not an answer")  # a range, a ratio, a period, an attachment …
    reason = code_of(holder.get("dataAbsentReason"))
    if reason in _NOT_TESTED:
        return None
    return Result(is_pending=True) if reason == _NOT_YET else Result(unreadable="no value was sent")


def _other_quantity(holder: dict[str, Any], assay: Assay, value_sets: ValueSets) -> Quantity | None:
    """A number with its unit where it came as an integer, or as a string that says nothing else but the answer."""
    if "valueInteger" in holder:
        return Quantity(number_of(holder["valueInteger"]), "")
    text = holder.get("valueString")
    if not isinstance(text, str) or len(text) > SHOWN:
        return None
    beside = number_beside_answer(text, value_sets) if assay.is_worded else None
    if beside is not None:
        return beside.amount
    written = _NUMBER_AND_UNIT.fullmatch(text.strip())
    if written is None:
        return None
    found = amount(written[1], written[2], (written[3] or "").strip())
    if assay.is_worded and found.comparator in BELOW and found.unit and value_sets.unit(found.unit) is None:
        return None  # "<20 IU/mL, trace found": words that may say the opposite of the bound
    return found


def _numeric(holder: dict[str, Any], number: float, quantity: Quantity, assay: Assay, value_sets: ValueSets) -> Result:
    comparator = quantity.comparator
    unit = quantity.unit if quantity.unit in assay.conversions else plain(quantity.unit, SHOWN)
    received = f"{comparator}{shown(number, 3)} {unit}".rstrip()
    if assay.is_graded:
        is_one_number = not comparator and not any(map(str.isdigit, quantity.unit))  # "2-3" and "3/10" are two
        grade = grade_of(number, value_sets) if is_one_number else None
        return Result(grade, received=received, unreadable="" if grade is not None else "not a grade")
    if comparator not in _BOUNDS:
        return Result(received=received, unreadable="neither a value nor a bound")
    value, why = _in_unit(number, quantity, assay, value_sets)
    if value is None:
        result = Result(received=received, unreadable=why)
    else:
        result = Result(value, assay.concept.unit or "", comparator, None, received)
    return _judged(holder, result, (number, comparator), assay, value_sets) if assay.is_worded else result


def _in_unit(number: float, quantity: Quantity, assay: Assay, value_sets: ValueSets) -> tuple[float | None, str]:
    """(value in the concept's unit, why there is none). The words of a unit count where its code is not understood."""
    concept, written = assay.concept, quantity.unit
    if concept.unit is None:
        return None, "a number without an interpretation"
    if not written:
        if not concept.unit.startswith("{"):
            return None, "no unit"
        written = concept.unit  # a score or a titre has no unit to send
    in_words = _conversion(quantity.words, assay, value_sets) if quantity.words else None
    conversion = assay.conversions.get(written) or _conversion(written, assay, value_sets) or in_words
    if conversion is None:
        return None, f"unit {plain(written, SHOWN)} not understood"
    value = conversion.canonical(number)
    if value is None:
        return None, f"{shown(number, 3)} cannot be meant in {plain(written, SHOWN)}"
    if not _is_plausible(value, concept):
        return None, "not plausible"
    if in_words is not None and not in_words.is_same_scale(conversion):
        other = in_words.canonical(number)
        if other is not None and _is_plausible(other, concept):  # 176 "lb" coded kg: never guess
            return None, f"unit {plain(written, SHOWN)} or {plain(quantity.words, SHOWN)}"
    return value, ""


def _is_plausible(value: float, concept: Concept) -> bool:
    plausible = concept.plausible
    return value >= 0 and (plausible is None or plausible.lowest <= value <= plausible.highest)


def _conversion(written: str, assay: Assay, value_sets: ValueSets) -> UnitConversion | None:
    unit = value_sets.unit(written)
    return None if unit is None else assay.conversions.get(unit)


def _answered(holder: dict[str, Any], assay: Assay, value_sets: ValueSets) -> Result:
    concept, text = holder.get("valueCodeableConcept"), holder.get("valueString")
    words = text[:LONGEST_TEXT] if isinstance(text, str) else text_of(concept)
    received = plain(words, SHOWN)
    if assay.is_graded:
        grade = read_grade(codings(concept), words, value_sets)
        return Result(grade, received=received, unreadable="" if grade is not None else "not a grade")
    if not assay.is_worded:
        return Result(received=received, unreadable="not a number")
    return _judged(holder, Result(received=received, unreadable="not understood"), None, assay, value_sets)


def _judged(
    holder: dict[str, Any], result: Result, measured: tuple[float, str] | None, assay: Assay, value_sets: ValueSets
) -> Result:
    """The result with its finding: what was said in words and flags, and what the number says."""
    findings = said(holder, assay.concept, value_sets)
    number_says = None if measured is None else by_number(result.value, *measured, assay.concept)
    if len(findings) > 1:
        return Result(received=result.received, unreadable="answers that contradict each other")
    if not findings:
        return result if number_says is None else result._replace(finding=number_says, unreadable="")
    (finding,) = findings
    # "<20 IU/mL, detected": less than can be counted, yet there
    is_trace = measured is not None and measured[1] in BELOW and is_detection(assay.concept)
    if finding is Finding.INDETERMINATE or number_says in (None, finding) or (finding is Finding.POSITIVE and is_trace):
        return result._replace(finding=finding, unreadable="")
    return Result(received=result.received, unreadable="number and interpretation contradict each other")
