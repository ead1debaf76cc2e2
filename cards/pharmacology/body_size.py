"""How heavy, how tall? Actual, ideal and adjusted body weight, height, body surface. Book 1.2 and 1.4."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import sqrt
from pathlib import Path
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts, Measurement, Sex, completed_years
from cards.knowledge import Thresholds, load_thresholds
from cards.wording import number

TABLE = Path(__file__).with_suffix(".yaml")

CM_PER_INCH = 2.54


class NoUsableValue(NotKnown):
    """Values are on file, but none that can be used: contradictory, without a unit, out of bounds."""


def thresholds() -> Thresholds:
    """Windows and factors of `body_size.yaml`."""
    return load_thresholds(TABLE)


def latest_weight(facts: Facts) -> Measurement | None:
    """Newest plausible weight in kg, however old. None: searched, none there. Raises NotKnown.

    A weight in another unit or out of bounds is ignored (book 1.2), so an older one may pass.
    """
    return _measured_first(_usable(facts.measurements("body_weight")))


def weight_for_clearance(facts: Facts) -> Measurement | None:
    """Weight fresh enough for a clearance. None: none that fresh. Raises NotKnown, also when weights conflict."""
    return _weight_within(facts, "weight_fresh_for_clearance")


def weight_for_clearance_on(day: date, facts: Facts) -> Measurement | None:
    """As `weight_for_clearance`, on an earlier day: by what was on file then. Raises NotKnown."""
    until = [weight for weight in _usable(facts.measurements("body_weight")) if _day(weight) <= day]
    newest = _measured_first(until)
    if newest is None or (day - _day(newest)).days > thresholds().value("weight_fresh_for_clearance"):
        return None
    return _agreeing(newest, until)


def weight_for_dosing(facts: Facts) -> Measurement | None:
    """Weight fresh enough for a dose per kg or per body surface. None: none that fresh. Raises NotKnown."""
    return _weight_within(facts, "weight_fresh_for_dosing")


def height(facts: Facts) -> Measurement | None:
    """Newest plausible height in cm, taken when grown up or as lately as a weight; None: none. Raises NotKnown."""
    return next((h for h in _usable(facts.measurements("body_height")) if _holds_today(h, facts)), None)


def ideal_weight_kg(height_cm: float, sex: Sex) -> float | None:
    """Ideal body weight in kg; None below the height from which the formula holds.

    Source: Devine, 50 kg (men) or 45.5 kg (women) and 2.3 kg for each inch over 5 feet.
    """
    if height_cm < thresholds().value("ideal_weight_from_height"):
        return None
    return (50.0 if sex is Sex.MALE else 45.5) + 2.3 * (height_cm / CM_PER_INCH - 60)


def adjusted_weight_kg(actual_kg: float, ideal_kg: float) -> float | None:
    """Adjusted body weight in kg; None where the actual weight is not far enough above the ideal one."""
    known = thresholds()
    if actual_kg <= known.value("adjusted_above") * ideal_kg:
        return None
    return ideal_kg + known.value("adjusted_share") * (actual_kg - ideal_kg)


def weights_below_actual(facts: Facts, actual_kg: float) -> tuple[tuple[str, float], ...]:
    """Adjusted and ideal weight in kg by name, where the actual weight is above the ideal one (book 4.4).

    Of both sexes where the sex is not known. Empty without a height. Raises NotKnown.
    """
    tall = height(facts)
    if tall is None or tall.value is None:
        return ()
    sex = facts.patient.sex
    found: list[tuple[str, float]] = []
    for one in Sex if sex is None else (sex,):
        ideal = ideal_weight_kg(tall.value, one)
        if ideal is None or actual_kg <= ideal:
            continue
        adjusted = adjusted_weight_kg(actual_kg, ideal)
        found += [] if adjusted is None else [("adjusted", adjusted)]
        found.append(("ideal", ideal))
    return tuple(found)


class BodySurface(NamedTuple):
    """Body surface in m², and the weight and height that it is worked out from."""

    m2: float
    weight: Measurement
    height: Measurement

    @property
    def line(self) -> str:
        """The arithmetic in one line for a card."""
        stated = " as stated by the patient" if self.weight.is_stated else ""
        return (
            f"Body surface: {number(self.m2, 2)} m2 (Mosteller; {number(self.weight.value or 0)} kg{stated} on "
            f"{self.weight.on}, {number(self.height.value or 0)} cm on {self.height.on})"
        )


def body_surface(facts: Facts) -> BodySurface:
    """Body surface for dosing. Raises NotKnown without a height or a fresh weight, or when weights conflict."""
    kilograms = weight_for_dosing(facts)
    if kilograms is None:
        days = thresholds().value("weight_fresh_for_dosing")
        raise NotKnown("body_size", f"no weight of the last {days:g} days")
    tall = height(facts)
    if tall is None:
        raise NotKnown("body_size", "no height")
    return BodySurface(body_surface_m2(tall.value or 0, kilograms.value or 0), kilograms, tall)


def body_surface_m2(height_cm: float, weight_kg: float) -> float:
    """Body surface in m². Source: Mosteller, √(cm × kg ÷ 3600)."""
    return sqrt(height_cm * weight_kg / 3600)


def _weight_within(facts: Facts, window: str) -> Measurement | None:
    newest = latest_weight(facts)
    if newest is None or not facts.is_within(_day(newest), int(thresholds().value(window))):
        return None
    return _agreeing(newest, _usable(facts.measurements("body_weight")))


def _measured_first(weights: list[Measurement]) -> Measurement | None:
    """The newest; of several of one day, a measured one goes before a stated one."""
    if not weights:
        return None
    newest = weights[0]
    return next((weight for weight in weights if weight.on == newest.on and not weight.is_stated), newest)


def _agreeing(newest: Measurement, weights: Iterable[Measurement]) -> Measurement:
    """The newest weight. Raises NoUsableValue when another of nearly the same day contradicts it."""
    other = _conflicting(newest, weights)
    if other is not None:
        shown = " and ".join(f"{number(w.value or 0)} kg on {w.on}" for w in (newest, other))
        raise NoUsableValue("body_size", f"conflicting weights: {shown}")
    return newest


def _conflicting(newest: Measurement, weights: Iterable[Measurement]) -> Measurement | None:
    known = thresholds()
    days, share = known.value("weights_conflict_within"), known.value("weights_conflict_above") / 100
    for other in weights:
        one_kg, other_kg = newest.value or 0.0, other.value or 0.0
        if (_day(newest) - _day(other)).days < days and abs(one_kg - other_kg) > share * min(one_kg, other_kg):
            return other
    return None


def _holds_today(taken: Measurement, facts: Facts) -> bool:
    day, born = _day(taken), facts.patient.birth_date
    if born is None or facts.is_within(day, int(thresholds().value("weight_fresh_for_clearance"))):
        return True
    age = completed_years(born, day)
    return age >= thresholds().value("grown_from")


def _day(taken: Measurement) -> date:
    return taken.on or date.min


def _usable(found: Iterable[Measurement]) -> list[Measurement]:
    return [
        m
        for m in found
        if m.value is not None and m.on is not None and not (m.unreadable or m.is_pending or m.comparator)
    ]
