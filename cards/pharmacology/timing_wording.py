"""When a dose line is given, in words: "twice a day (timing code BID)", "every 8 hours"."""

from __future__ import annotations

from cards.orders import Timing
from cards.wording import joined, number

UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}


def timing_words(timing: Timing | None) -> str:
    """What the timing states, part by part; empty without one."""
    if timing is None:
        return ""
    said = [f"timing code {timing.code}"] if timing.code and timing.per_day_by_code else []
    if timing.frequency is not None or timing.period is not None:
        said.append(_repeated(timing))
    if timing.times_of_day:
        said.append(f"at {joined(timing.times_of_day)}")
    if timing.when:
        said.append(f"at {joined(timing.when)}")
    if timing.days_of_week:
        said.append(f"on {joined(timing.days_of_week)}")
    return ", ".join(said)


def _repeated(timing: Timing) -> str:
    low, high = timing.frequency or 1, timing.frequency_max
    times = number(low) if high is None or high == low else f"{number(low)} to {number(high)}"
    unit = UNITS.get(timing.period_unit or "", "")
    if timing.period is None or not unit:
        return f"{times} times"
    every = f"every {unit}" if timing.period == 1 else f"every {number(timing.period)} {unit}s"
    return f"{times} {'time' if times == '1' else 'times'} {every}"
