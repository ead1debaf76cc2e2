"""What is the creatinine clearance? Four sources, each with its doubts. Book 1.4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from math import floor, inf
from pathlib import Path
from typing import NamedTuple

from cards.concepts import load_value_sets
from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.knowledge import TOLERANCE, Thresholds, load_thresholds
from cards.pharmacology import body_size
from cards.pharmacology.body_size import NoUsableValue, height, weight_for_clearance
from cards.pharmacology.renal.cockcroft_gault import AGE_FROM, Estimate, Inputs, estimates_from
from cards.wording import number, on

TABLE = Path(__file__).with_name("renal_function.yaml")
BY_NAME = "result recognised by its name only"


def thresholds() -> Thresholds:
    """Windows and factors of `renal_function.yaml`."""
    return load_thresholds(TABLE)


class Source(StrEnum):
    """Where a clearance comes from, in order of priority."""

    MEASURED = "24-hour measured clearance"
    CALCULATED = "Cockcroft-Gault"
    REPORTED = "reported Cockcroft-Gault"
    STAND_IN = "eGFR"


class About(StrEnum):
    """Why the truth may lie anywhere between two values."""

    WEIGHT = "adjusted or actual weight"
    SEX = "sex not known"
    MEASURED = "measured and calculated clearance"
    STAND_IN = "eGFR in place of clearance"
    BOUND = "creatinine given as a bound"


class Doubt(NamedTuple):
    """The clearance may lie between `low` and `high` mL/min, because of what it is `about`."""

    about: About
    low: float
    high: float


class Clearance(NamedTuple):
    """One estimate in mL/min as of `on`; the lower one where weight or sex leave two. `text` shows its inputs.

    `by_text`: the result behind it was recognised by its name only.
    """

    source: Source
    ml_min: float
    on: date
    text: str
    doubts: tuple[Doubt, ...] = ()
    is_low_creatinine: bool = False
    by_text: bool = False


class WeightMissing(NotKnown):
    """A fresh creatinine is there, but no fresh weight: the clearance cannot be calculated."""


def measured(facts: Facts) -> Clearance | None:
    """The newest 24-hour measured clearance. None: none on file. Raises NotKnown."""
    return _reported(facts, "creatinine_clearance", Source.MEASURED, is_measured)


def reported(facts: Facts) -> Clearance | None:
    """The newest Cockcroft-Gault clearance that a laboratory reported. None: none on file. Raises NotKnown."""
    return _reported(facts, "creatinine_clearance", Source.REPORTED, lambda m: not is_measured(m))


def stand_in(facts: Facts) -> Clearance | None:
    """The newest eGFR, taken for a clearance. None: none on file. Raises NotKnown."""
    known = thresholds()
    found = _reported(facts, "egfr", Source.STAND_IN, lambda _: True)
    if found is None:
        return None
    spread = Doubt(
        About.STAND_IN, found.ml_min * known.value("stand_in_low"), found.ml_min * known.value("stand_in_high")
    )
    return found._replace(doubts=(*found.doubts, spread))


def calculated(facts: Facts) -> Clearance | None:
    """Cockcroft-Gault from the newest creatinine. None: no creatinine on file. Raises NotKnown and WeightMissing."""
    inputs = inputs_of(facts)
    return None if inputs is None else clearance_from(inputs)


def inputs_of(facts: Facts) -> Inputs | None:
    """What Cockcroft-Gault is worked out from today. None: no creatinine on file. Raises as `calculated`."""
    creatinine = newest_creatinine(facts)
    if creatinine is None:
        return None
    age = usable_age(facts.age)
    weight = weight_for_clearance(facts)
    if weight is None:
        days = number(body_size.thresholds().value("weight_fresh_for_clearance"))
        raise WeightMissing("body_size", f"no weight within {days} days")
    return Inputs(creatinine, age, facts.patient.sex, weight, height_cm(facts))


def clearance_from(inputs: Inputs) -> Clearance:
    """Cockcroft-Gault from these inputs."""
    creatinine = inputs.creatinine
    estimates = estimates_from(inputs)
    used = min(estimates, key=lambda estimate: estimate.ml_min)
    return Clearance(
        Source.CALCULATED,
        used.ml_min,
        creatinine.on or date.min,
        f"CrCl {shown_ml_min(used.ml_min)} mL/min by Cockcroft-Gault: {_inputs(used, inputs)}",
        tuple(_doubts(estimates, used, creatinine.comparator)),
        (creatinine.value or 0) < thresholds().value("low_creatinine"),
        creatinine.by_text,
    )


def shown_ml_min(value: float) -> str:
    """A clearance as book 1.4 shows it: whole, one decimal close to a band edge of a label, never above 150."""
    known = thresholds()
    if value > known.value("shown_up_to"):
        return f">{number(known.value('shown_up_to'))}"
    edges = (band.edge for band in known.threshold("label_bands").bands)
    if any(edge > 0 and abs(value - edge) < known.value("decimal_within") for edge in edges):
        return number(floor(value * 10 + TOLERANCE * 10) / 10)  # cut, so that 59.96 does not read as 60
    return number(value + TOLERANCE, 0)  # 7.5 reads as 8, whatever noise the arithmetic left


def newest_creatinine(facts: Facts) -> Measurement | None:
    """The newest final serum creatinine. None: none on file. Raises NotKnown; NoUsableValue when it cannot be read."""
    found = newest_result(facts, "serum_creatinine")
    return None if found is None else usable_creatinine(found)


def usable_creatinine(found: Measurement) -> Measurement:
    """The creatinine itself. Raises NoUsableValue when it cannot be read."""
    if found.unreadable or not found.value or found.value <= 0:
        raise NoUsableValue("renal_function", f"creatinine of {on(found.on)}: {found.unreadable or 'no number'}")
    return found


def usable_age(age: int) -> int:
    """The age itself. Raises NoUsableValue when the formula leaves nothing of the clearance at it."""
    if age >= AGE_FROM:
        raise NoUsableValue("patient", "birth date not plausible")
    return age


def newest_result(facts: Facts, concept: str) -> Measurement | None:
    """The newest dated final result of `concept`, readable or not. None: none on file. Raises NotKnown."""
    return next((m for m in facts.measurements(concept) if not m.is_pending and m.on is not None), None)


def creatinine_text(creatinine: Measurement) -> str:
    """The creatinine with the unit received and the one converted to (book 1.3), and its date."""
    return f"creatinine {creatinine_value(creatinine)} on {on(creatinine.on)}"


def creatinine_value(creatinine: Measurement) -> str:
    """ "221 umol/L = 2.5 mg/dL": as it was received and as it is calculated with."""
    shown = f"{creatinine.comparator}{mg_dl(creatinine.value or 0)} mg/dL"
    if creatinine.received and "mg/dl" not in creatinine.received.lower():
        return f"{creatinine.received} = {shown}"
    return shown


def mg_dl(value: float) -> str:
    """A creatinine as laboratories write it: 1.0, 1.01."""
    return f"{value:.2f}".removesuffix("0")


def _doubts(estimates: list[Estimate], used: Estimate, comparator: str) -> list[Doubt]:
    doubts = []
    if used.is_adjusted:
        doubts.append(Doubt(About.WEIGHT, used.ml_min, used.with_actual))
    if len(estimates) > 1:
        doubts.append(Doubt(About.SEX, used.ml_min, max(estimate.ml_min for estimate in estimates)))
    if comparator:  # a creatinine below a bound means a clearance above its own
        is_below = comparator.startswith("<")
        doubts.append(Doubt(About.BOUND, used.ml_min if is_below else 0.0, inf if is_below else used.ml_min))
    return doubts


def _inputs(used: Estimate, inputs: Inputs) -> str:
    weight, height_cm, sex = inputs.weight, inputs.height_cm, inputs.sex
    actual = f"{number(weight.value or 0)} kg{' (stated)' if weight.is_stated else ''} on {on(weight.on)}"
    tall = "no usable height" if height_cm is None else f"{number(height_cm)} cm"
    shown = f"adjusted weight {number(used.weight_kg)} kg (actual {actual}, {tall})"
    return ", ".join(
        (
            f"age {inputs.age}",
            f"{sex}" if sex else f"sex not known, the {used.sex} estimate used",
            shown if used.is_adjusted else f"actual weight {actual}, {tall}",
            creatinine_text(inputs.creatinine),
        )
    )


def height_cm(facts: Facts) -> float | None:
    """Height in cm; None also when it could not be had, for then the actual weight counts as when it is missing."""
    try:
        found = height(facts)
    except NotKnown:
        return None
    return None if found is None else found.value


def _reported(facts: Facts, concept: str, source: Source, is_meant: Callable[[Measurement], bool]) -> Clearance | None:
    found = [m for m in facts.measurements(concept) if not m.is_pending and m.on is not None and is_meant(m)]
    return clearance_as_reported(_of_one_moment(found), source) if found else None


def _of_one_moment(found: Sequence[Measurement]) -> Measurement:
    """The newest. Laboratories report one eGFR by several equations: one without race goes first.

    Then a value goes before a bound, and the lowest.
    """
    newest = found[0]
    same = [m for m in found if (m.on, m.at) == (newest.on, newest.at) and m.value is not None and not m.unreadable]
    return min(same, key=lambda m: (m.code not in _preferred_codes(), m.comparator != "", m.value), default=newest)


def clearance_as_reported(found: Measurement, source: Source) -> Clearance:
    """A result that a laboratory reported, as it is. Raises NoUsableValue."""
    if found.unreadable or found.value is None or found.value <= 0:
        raise NoUsableValue("renal_function", f"{source} of {on(found.on)}: {found.unreadable or 'no number'}")
    unit = found.unit.replace("{1.73_m2}", "1.73 m2")
    is_clearance = source is not Source.STAND_IN and not found.comparator
    value = shown_ml_min(found.value) if is_clearance else f"{found.comparator}{number(found.value)}"
    text = f"{source} {value} {unit} on {on(found.on)}"
    doubts = (_bound(found),) if found.comparator else ()
    return Clearance(source, found.value, found.on or date.min, text, doubts, by_text=found.by_text)


def _bound(found: Measurement) -> Doubt:
    """A reported ">60" is at least 60, a "<15" at most 15."""
    value = found.value or 0.0
    is_above = found.comparator.startswith(">")
    return Doubt(About.BOUND, value if is_above else 0.0, inf if is_above else value)


def is_measured(found: Measurement) -> bool:
    """Was this clearance measured in collected urine, by its code?"""
    return found.code in _measured_codes()


@cache
def _measured_codes() -> frozenset[str]:
    return _codes_of("creatinine_clearance_measured")


@cache
def _preferred_codes() -> frozenset[str]:
    return _codes_of("egfr_preferred")


def _codes_of(name: str) -> frozenset[str]:
    return frozenset(code.code for codes in load_value_sets().concept(name).codes.values() for code in codes)
