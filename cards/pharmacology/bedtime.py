"""Is a dose given late in the day? For drugs that must not act in the night (book 3.10)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cards.orders import DoseLine, OrderedDrug, Timing

AT_NIGHT = ("HS", "NIGHT", "EVE.late")  # FHIR event timings: before sleep, night, late evening
MINUTES = 60
MIDNIGHT = 24  # hours; FHIR writes it as 00:00, the night of the dosing day before
_WORDS = re.compile(r"\b(?:bed|bedtime|night|nightly|nocte|hs|qhs)\b", re.IGNORECASE)
_AT = re.compile(r"(?<!not )\b(?:at (?:bedtime|night)|in the night|nightly|overnight|q?hs)\b", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def late_doses(order: OrderedDrug, *, after_hour: float) -> tuple[str, ...]:
    """When the doses at bedtime or after this hour of the clock are given, in words; empty: there are none."""
    lines = (line for draft in order.drafts for line in draft.lines)
    return tuple(dict.fromkeys(moment for line in lines for moment in _late(line, after_hour)))


def _late(line: DoseLine, after_hour: float) -> Iterator[str]:
    timing = line.timing or Timing()
    if not set(timing.when).isdisjoint(AT_NIGHT) or _WORDS.search(timing.code):
        yield "at bedtime"
    for time in timing.times_of_day:
        clock = _CLOCK.match(time)
        if clock is not None and (int(clock[1]) or MIDNIGHT) + int(clock[2]) / MINUTES > after_hour:
            yield f"at {clock[1]}:{clock[2]}"
    if line.as_needed and _AT.search(line.text):
        yield "as needed at night"
