"""Is the creatinine moving so fast that no clearance can be calculated from it? Book 1.4, states."""

from __future__ import annotations

from datetime import date

from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.knowledge import TOLERANCE
from cards.pharmacology.renal.creatinine_clearance import mg_dl, thresholds
from cards.wording import on

HOURS_PER_DAY = 24


def why_unstable(facts: Facts) -> str:
    """Why renal function counts as unstable, in words for a card; empty when it does not."""
    return why_rising(facts) or why_acute_injury(facts)


def why_rising(facts: Facts) -> str:
    """The rise of the newest creatinine, in words for a card; empty when it does not rise that fast."""
    try:
        found = [m for m in facts.measurements("serum_creatinine") if _is_number(m)]
    except NotKnown:
        return ""
    if len(found) < 2:
        return ""
    known, newest = thresholds(), found[0]
    earlier_ones = [m for m in found[1:] if not _is_same_moment(m, newest)]
    week = [m for m in earlier_ones if _days_between(m, newest) <= known.value("unstable_ratio_within")]
    lowest = min(week, key=_value, default=None)
    if lowest is not None and _value(newest) >= known.value("unstable_ratio") * _value(lowest) - TOLERANCE:
        return _change(lowest, newest)
    for earlier in week:
        rise = _value(newest) - _value(earlier)
        if rise >= known.value("unstable_rise") - TOLERANCE and _is_within_hours(earlier, newest):
            return _change(earlier, newest)
    return ""


def why_acute_injury(facts: Facts) -> str:
    """A coded acute kidney injury of the last days, in words; empty: none. One without a date does not count."""
    window = int(thresholds().value("acute_injury_within"))
    try:
        found = facts.current("acute_kidney_injury")
    except NotKnown:
        return ""
    for injury in found:
        if injury.on is not None and facts.is_within(injury.on, window):
            return f"{injury.label} of {on(injury.on)}"
    return ""


def _is_number(m: Measurement) -> bool:
    return m.value is not None and m.on is not None and not (m.is_pending or m.unreadable or m.comparator)


def _value(m: Measurement) -> float:
    return m.value or 0.0


def _days_between(earlier: Measurement, later: Measurement) -> int:
    return ((later.on or date.min) - (earlier.on or date.min)).days


def _is_same_moment(one: Measurement, other: Measurement) -> bool:
    """Two results of one blood draw, by two devices or in two units, are no rise. Of one day it is not known."""
    return one.at is not None and one.at == other.at


def _is_within_hours(earlier: Measurement, later: Measurement) -> bool:
    """By the instants where both are known, else by the days."""
    hours = thresholds().value("unstable_rise_within")
    if earlier.at is not None and later.at is not None:
        return (later.at - earlier.at).total_seconds() <= hours * 3600
    return _days_between(earlier, later) * HOURS_PER_DAY <= hours


def _change(earlier: Measurement, later: Measurement) -> str:
    days = _days_between(earlier, later)
    took = f"in {days} day{'' if days == 1 else 's'}" if days else "on one day"
    return f"creatinine {mg_dl(_value(earlier))} to {mg_dl(_value(later))} mg/dL {took}"
