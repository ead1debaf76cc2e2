"""The elements of a timing as they came: which of them are impossible, and how they are shown (book 1.5.6, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator

from cards.orders import Timing
from cards.wording import joined, number, on

COUNTED = ("frequency", "frequency_max", "period", "period_max", "count", "count_max", "duration")


def impossible_values(timing: Timing) -> tuple[str, ...]:
    """Numbers of a timing that are zero or negative where that cannot be, as "period 0 wk"."""
    found = []
    for name in COUNTED:
        value = getattr(timing, name)
        if value is not None and value <= 0:
            unit = f" {timing.period_unit}" if name.startswith("period") and timing.period_unit else ""
            found.append(f"{name.replace('_', ' ')} {number(value)}{unit}")
    if timing.lasts_days is not None and timing.lasts_days <= 0:
        found.append(f"bounds {number(timing.lasts_days)} d")
    return tuple(found)


def timing_as_sent(timing: Timing | None) -> str:
    """The elements of a timing as they came, for comparison with its words."""
    return "; ".join(_elements(timing)) if timing is not None else "none"


def _elements(timing: Timing) -> Iterator[str]:
    for name in COUNTED:
        value = getattr(timing, name)
        if value is not None:
            unit = f" {timing.period_unit or '(no unit)'}" if name.startswith("period") else ""
            yield f"{name.replace('_', ' ')} {number(value)}{unit}"
    if timing.lasts_days is not None:
        yield f"bounds {number(timing.lasts_days)} d"
    if timing.starts_on or timing.ends_on:
        yield f"from {on(timing.starts_on)} to {on(timing.ends_on)}"
    for words in (timing.when, timing.times_of_day, timing.days_of_week):
        if words:
            yield " ".join(words)
    if timing.events:
        yield f"on {joined([on(day) for day in timing.events])}"
    if timing.code:
        yield f'code "{timing.code}"'
