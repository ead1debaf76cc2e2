"""Elements of a timing as infusions are read by: the period, how many in it, how many in all (book 4.2, 5.5)."""

from __future__ import annotations

from cards.orders import Timing
from cards.pharmacology.dose_line import DAYS_PER_UNIT, DAYS_PER_WEEK

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
A_DAY = 1.0


def period_days(timing: Timing) -> float | None:
    """Days of the period, by the repeat or by the timing code; None when not said."""
    if timing.period is not None:
        unit = DAYS_PER_UNIT.get(timing.period_unit or "")
        return None if unit is None else timing.period * unit
    return A_DAY / timing.per_day_by_code if timing.per_day_by_code else None


def times_in_period(timing: Timing) -> float:
    """Administrations in a period, the high end; once where the timing code tells the period, and how often, itself."""
    if timing.period is None and timing.per_day_by_code:
        return 1.0
    return max(timing.frequency or 1, timing.frequency_max or 0)


def times_in_all(timing: Timing) -> float | None:
    """The count, the high end of a range; None when not said."""
    counts = [count for count in (timing.count, timing.count_max) if count is not None]
    return max(counts, default=None)


def bounds_days(timing: Timing) -> float | None:
    """Length of the bounds, first and last day included; None without both ends."""
    if timing.lasts_days is None and timing.starts_on and timing.ends_on:
        return (timing.ends_on - timing.starts_on).days + 1
    return timing.lasts_days


def interval_of_weekdays(timing: Timing) -> float | None:
    """Days after which named days of the week come again: every week, or one in so many; None: no days are named."""
    period = period_days(timing)
    if not timing.days_of_week or (period is not None and A_DAY != period < DAYS_PER_WEEK):
        return None
    return max(period or A_DAY, float(DAYS_PER_WEEK))
