"""Every creatinine on file with the clearance of its day, and every clearance that was reported; oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts, Measurement, completed_years
from cards.pharmacology.body_size import (
    NoUsableValue,
    thresholds,
    weight_for_clearance,
    weight_for_clearance_on,
)
from cards.pharmacology.renal.cockcroft_gault import Inputs
from cards.pharmacology.renal.creatinine_clearance import (
    Clearance,
    Source,
    clearance_as_reported,
    clearance_from,
    height_cm,
    inputs_of,
    is_measured,
    usable_age,
    usable_creatinine,
)
from cards.wording import number


class RenalPoint(NamedTuple):
    """One result and the clearance it stands for. `creatinine` None: a clearance was reported, or it cannot be read.

    `clearance` None: `why` says why there is none. `later_weight`: the day of the weight it rests on, where none was on
    file before the result. `is_newest`: of the creatinines, the one that counts today.
    """

    on: date
    creatinine: Measurement | None = None
    clearance: Clearance | None = None
    why: str = ""
    later_weight: date | None = None
    is_newest: bool = False
    unit: str = "mL/min"  # of the clearance


def renal_history(facts: Facts) -> tuple[RenalPoint, ...]:
    """All results, oldest first; pending and undated ones are left out, and what could not be had.

    The newest creatinine stands with the age and the weight of today, as the rules take it; an earlier one with those
    of its own day. Where no weight was on file then, the one that counts today stands in for it, if it was taken within
    the same window after the result.
    """
    return tuple(sorted((*_creatinines(facts), *_reported(facts)), key=lambda point: point.on))


def _creatinines(facts: Facts) -> Iterator[RenalPoint]:
    for position, (day, result) in enumerate(_dated(facts, "serum_creatinine")):
        point = RenalPoint(day, is_newest=position == 0)
        try:
            point = point._replace(creatinine=usable_creatinine(result))
            inputs = (inputs_of(facts) if point.is_newest else None) or _inputs_on(day, result, facts)
        except NotKnown as unknown:
            yield point._replace(why=unknown.why)
        else:
            yield _with_clearance(point, inputs)


def _with_clearance(point: RenalPoint, inputs: Inputs) -> RenalPoint:
    weighed = inputs.weight.on
    later = weighed if weighed is not None and weighed > point.on and not point.is_newest else None
    return point._replace(clearance=clearance_from(inputs), later_weight=later)


def _inputs_on(day: date, creatinine: Measurement, facts: Facts) -> Inputs:
    weight = weight_for_clearance_on(day, facts) or _later_weight(day, facts)
    born = facts.patient.birth_date
    if born is None:
        raise NotKnown("patient", "no birth date")
    return Inputs(creatinine, usable_age(completed_years(born, day)), facts.patient.sex, weight, height_cm(facts))


def _later_weight(day: date, facts: Facts) -> Measurement:
    weight = weight_for_clearance(facts)
    window = thresholds().value("weight_fresh_for_clearance")
    if weight is None or weight.on is None or (weight.on - day).days > window:
        raise NotKnown("body_size", f"no weight within {number(window)} days of it")
    return weight


def _reported(facts: Facts) -> Iterator[RenalPoint]:
    for day, result in _dated(facts, "creatinine_clearance"):
        yield _as_reported(day, result, Source.MEASURED if is_measured(result) else Source.REPORTED)
    for day, result in _dated(facts, "egfr"):
        yield _as_reported(day, result, Source.STAND_IN)


def _as_reported(day: date, result: Measurement, source: Source) -> RenalPoint:
    try:
        return RenalPoint(day, clearance=clearance_as_reported(result, source))
    except NoUsableValue as unknown:
        return RenalPoint(day, why=unknown.why)


def _dated(facts: Facts, concept: str) -> list[tuple[date, Measurement]]:
    """Final results with their day, newest first; none where they could not be had."""
    try:
        found = facts.measurements(concept)
    except NotKnown:
        return []
    return [(result.on, result) for result in found if result.on is not None and not result.is_pending]
