"""What does one dose line amount to in a day? Book 1.5.1-1.5.3 and 1.5.6."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

from cards.errors import NotKnown
from cards.knowledge import TOLERANCE
from cards.orders import Amount, DoseLine, Drug, Timing
from cards.wording import number

DAYS_PER_UNIT = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}  # 1.5.2
MG_PER_UNIT = {"mg": 1.0, "g": 1000.0, "ug": 0.001, "mcg": 0.001}  # 1.5.1
CONFLICT_ABOVE = 0.1  # 1.5.2: code and repeat that differ by more than a tenth are a conflicting sig
ROUNDED = 0.002  # a part of a day in decimals is cut off after the third or fourth
DAYS_PER_WEEK = 7
_DOSES = ("dose", "doses", "{dose}", "{doses}")
_ANY_MEAL = ("AC", "C", "PC")
_MEALS_OF = {
    "MORN": ("ACM", "CM", "PCM", *_ANY_MEAL),
    "NOON": ("ACD", "CD", "PCD", *_ANY_MEAL),
    "EVE": ("ACV", "CV", "PCV", *_ANY_MEAL),
}


class LineDose(NamedTuple):
    """mg per day of one line; `low` is 0 for an as-needed line, else as `high` unless a range. `step` shows how.

    `each_mg` is one administration, the high end of a range, at the moments of `timing`.
    """

    low: float
    high: float
    step: str
    each_mg: float = 0.0
    timing: Timing | None = None


class PerDay(NamedTuple):
    """Administrations per day; different only where the order gives a range."""

    low: float
    high: float


def line_dose(line: DoseLine, drug: Drug) -> LineDose:
    """Daily dose of one line in mg/day. Raises NotKnown with the reason when it cannot be read."""
    if line.unreadable:
        raise unknown_dose(line.unreadable)
    low, high, dose = dose_mg(line, drug)
    times = per_day(line.timing)
    each = high
    low, high = low * times.low, high * times.high
    if not isfinite(high):
        raise unknown_dose("impossible numbers")
    if is_one_time(line.timing):
        return LineDose(low, high, f"{dose} once", each, line.timing)
    step = f"{dose} × {_span(times.low, times.high)}/day = {_span(low, high)} mg/day"
    cap = _cap_mg_per_day(line, drug, each)
    if cap is not None and cap < high - TOLERANCE:
        low, high, step = min(low, cap), cap, f"{step}, at most {number(cap)} mg/day by the order"
    if line.as_needed:
        return LineDose(0.0, high, f"as needed: {step}", each, line.timing)
    return LineDose(low, high, step, each, line.timing)


def dose_mg(line: DoseLine, drug: Drug) -> tuple[float, float, str]:
    """(low, high, arithmetic) of one administration in mg. Raises NotKnown when it cannot be read."""
    amount = line.calculated or line.amount
    if amount is None:
        raise unknown_dose("no dose given")
    smallest, greatest = sorted((amount.low, amount.high))  # some senders swap the ends of a range
    if greatest <= 0 or smallest < 0:
        raise unknown_dose("zero or negative dose")
    factor, shown = _mg_per(amount, drug)
    low, high = smallest * factor, greatest * factor
    return low, high, shown or f"{_span(low, high)} mg"


def mg_of(amount: Amount, drug: Drug) -> float:
    """Milligrams in an amount (its high end) of the drug. Raises NotKnown when it cannot be read."""
    factor, _ = _mg_per(amount, drug)
    return max(amount.low, amount.high) * factor


def per_day(timing: Timing | None) -> PerDay:
    """Administrations per day. Raises NotKnown when the timing is missing, impossible or contradicts itself."""
    if timing is None:
        raise unknown_dose("no timing given")
    for what in ("frequency", "frequency_max", "period", "period_max", "count", "count_max"):
        value = getattr(timing, what)
        if value is not None and value <= 0:
            raise unknown_dose(f"zero or negative {what.removesuffix('_max')}")
    if timing.per_day_by_code == 0:
        raise unknown_dose("zero or negative frequency")
    if is_one_time(timing):
        return PerDay(1.0, 1.0)
    by_repeat, by_code = _by_repeat(timing), timing.per_day_by_code
    if by_repeat is None and by_code is None:
        if not timing.days_of_week:
            raise unknown_dose("no frequency given")
        by_repeat = PerDay(1.0, 1.0)
    if by_repeat is not None and by_code is not None and _disagree(by_code, by_repeat):
        raise unknown_dose("conflicting sig: the timing code and the frequency disagree")
    times = by_repeat or PerDay(by_code or 0.0, by_code or 0.0)
    return _on_days_of_week(times, timing)


def is_one_time(timing: Timing | None) -> bool:
    """Is this a single administration, once and for all?"""
    if timing is None:
        return False
    if timing.once_by_code or (timing.count == 1 and timing.count_max in (None, 1)):
        return True
    if len(timing.events) != 1:
        return False
    # beside anything that says how often or how many the date is that of the first dose
    numbers = (timing.frequency, timing.period, timing.per_day_by_code, timing.count)
    is_repeated = timing.when or timing.times_of_day or timing.days_of_week
    return not is_repeated and all(value is None for value in numbers)


def unknown_dose(why: str) -> NotKnown:
    """The error for a daily dose that cannot be worked out."""
    return NotKnown("daily_dose", why)


def _mg_per(amount: Amount, drug: Drug) -> tuple[float, str]:
    """(mg in one unit of the amount, how it is shown); nothing is shown for a dose in mg."""
    factor = MG_PER_UNIT.get(amount.unit)
    written = _span(amount.low, amount.high, 4)  # 0.0375 g are no 0.04 g
    if factor is not None:
        return factor, "" if amount.unit == "mg" else f"{written} {amount.unit}"
    if amount.unit not in ("count", "mL"):
        raise unknown_dose(f"dose in {amount.unit}" if amount.unit else "dose without a unit")
    strength = drug.strength
    if drug.strength_conflict:
        raise unknown_dose("the product's code and its name give different strengths")
    if strength is None:
        raise unknown_dose("the strength of the product is not stated")
    factor = MG_PER_UNIT.get(strength.unit)
    if factor is None or (strength.per == "mL") != (amount.unit == "mL"):
        raise unknown_dose(f"the strength per {strength.per} does not fit the dose")
    each = f"{number(strength.value, 3)} {strength.unit}"
    if amount.unit == "mL":
        return strength.value * factor, f"{written} mL × {each}/mL"
    return strength.value * factor, f"{written} {_plural(strength.per, amount.high)} × {each}"


def _by_repeat(timing: Timing) -> PerDay | None:
    """Administrations per day by times of day, by events of the day, or by frequency and period; None: not said.

    Times of day and events belong to the dosing day: a period longer than a day spreads them (daily at 8 is 1, every
    other day at 8 is 0.5).
    """
    days = _period_days(timing)
    if timing.times_of_day:
        times = len(timing.times_of_day)
        if days is None or days <= 1:
            return PerDay(times, times)
        return _spread(max(times, timing.frequency or 0), timing, days)
    if timing.when:
        moments = _moments(timing)
        if days is None or days > 1:
            return _spread(max(moments, timing.frequency or 0), timing, days or 1.0)
        spread = _spread(timing.frequency or 1, timing, days)
        return PerDay(max(moments, spread.low), max(moments, spread.high))
    if days is None:
        return None
    return _spread(timing.frequency or 1, timing, days)  # FHIR: a period without a frequency means once per period


def _moments(timing: Timing) -> int:
    """Events of the day; a meal beside its own part of the day ("in the morning, before breakfast") is none more."""
    beside = {meal for part in timing.when for meal in _MEALS_OF.get(part, ())}
    return sum(event not in beside for event in timing.when)


def _spread(times: float, timing: Timing, days: float) -> PerDay:
    return PerDay(_quotient(times, days), _quotient(max(times, timing.frequency_max or 0), days))


def _quotient(times: float, days: float) -> float:
    """Times per day; a third of a day that was sent as 0.3333 is three times, not a little more."""
    quotient = times / days
    whole = round(quotient) if isfinite(quotient) else 0
    return float(whole) if whole and abs(quotient - whole) <= ROUNDED * whole else quotient


def _period_days(timing: Timing) -> float | None:
    """Length of the period in days; None when no period is given."""
    if timing.period is None:
        if timing.frequency is not None and timing.per_day_by_code is None and not (timing.times_of_day or timing.when):
            raise unknown_dose("a frequency without a period")
        return None
    unit = DAYS_PER_UNIT.get(timing.period_unit or "")
    if unit is None:
        raise unknown_dose("a period without a readable unit")
    return timing.period * unit


def _on_days_of_week(times: PerDay, timing: Timing) -> PerDay:
    days = len(set(timing.days_of_week))
    if not days:
        return times
    period = _period_days(timing)
    if period is None and timing.per_day_by_code is not None and timing.per_day_by_code < 1:
        period = float(DAYS_PER_WEEK)  # a code by the week: once a week, three times a week
    if period is not None and period >= DAYS_PER_WEEK:
        # "once a week, on Mondays" is one dose a week; the day names it and does not divide it again
        weekly = days * max(len(timing.times_of_day), _moments(timing), 1) / period
        return PerDay(max(times.low, weekly), max(times.high, weekly))
    return PerDay(times.low * days / DAYS_PER_WEEK, times.high * days / DAYS_PER_WEEK)


def _disagree(by_code: float, by_repeat: PerDay) -> bool:
    nearest = min(max(by_code, by_repeat.low), by_repeat.high)
    return abs(by_code - nearest) > CONFLICT_ABOVE * max(by_code, nearest) + TOLERANCE


def _cap_mg_per_day(line: DoseLine, drug: Drug, each_mg: float) -> float | None:
    """Daily limit in mg of an as-needed or ranged line; None when there is none that can be read.

    A limit over more than a day does not bound a day. One in doses is so many times the dose of the line.
    """
    cap = line.cap
    is_range = line.amount is not None and line.amount.low != line.amount.high
    timing = line.timing or Timing()
    is_open = line.as_needed or is_range or timing.frequency_max is not None or timing.period_max is not None
    if cap is None or not is_open or cap.amount.high <= 0 or not 0 < cap.period_days <= 1 + TOLERANCE:
        return None
    if cap.amount.unit in _DOSES:
        return cap.amount.high * each_mg / cap.period_days
    try:
        return mg_of(cap.amount, drug) / cap.period_days
    except NotKnown:
        return None


def _span(low: float, high: float, digits: int = 2) -> str:
    return number(high, digits) if low == high else f"{number(low, digits)}–{number(high, digits)}"


def _plural(word: str, count: float) -> str:
    return word if count == 1 else f"{word}s"
