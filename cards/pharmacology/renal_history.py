"""Every creatinine on file with the clearance of its day, and every clearance that was reported; oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.pharmacology.body_size import NoUsableValue, weight_for_clearance_on
from cards.pharmacology.cockcroft_gault import Inputs
from cards.pharmacology.creatinine_clearance import (
    Clearance,
    Source,
    clearance_as_reported,
    clearance_from,
    height_cm,
    inputs_of,
    is_measured,
    no_weight,
    usable_creatinine,
)


class RenalPoint(NamedTuple):
    """One result and the clearance it stands for. `creatinine` None: a clearance was reported, or it cannot be read.

    `clearance` None: `why` says why there is none. `is_newest`: of the creatinines, the one that counts today.
    """

    on: date
    creatinine: Measurement | None = None
    clearance: Clearance | None = None
    why: str = ""
    is_newest: bool = False
    unit: str = "mL/min"  # of the clearance


def renal_history(facts: Facts) -> tuple[RenalPoint, ...]:
    """All results, oldest first; pending and undated ones are left out, and what could not be had.

    The newest creatinine stands with the age and the weight of today, as the rules take it; an earlier one with those
    of its own day.
    """
    return tuple(sorted((*_creatinines(facts), *_reported(facts)), key=lambda point: point.on))


def _creatinines(facts: Facts) -> Iterator[RenalPoint]:
    for position, (day, result) in enumerate(_dated(facts, "serum_creatinine")):
        is_newest, readable = position == 0, None
        try:
            readable = usable_creatinine(result)
            inputs = inputs_of(facts) if is_newest else _inputs_on(day, readable, facts)
        except NotKnown as unknown:
            yield RenalPoint(day, readable, None, unknown.why, is_newest)
        else:
            yield RenalPoint(day, readable, None if inputs is None else clearance_from(inputs), "", is_newest)


def _inputs_on(day: date, creatinine: Measurement, facts: Facts) -> Inputs:
    weight = weight_for_clearance_on(day, facts)
    if weight is None:
        raise no_weight()
    born = facts.patient.birth_date
    if born is None:
        raise NotKnown("patient", "no birth date")
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return Inputs(creatinine, age, facts.patient.sex, weight, height_cm(facts))


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
