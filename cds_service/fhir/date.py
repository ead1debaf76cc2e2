"""Days and instants as FHIR writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Any


def day_of(text: Any, zone: tzinfo) -> date | None:
    """The calendar day in `zone`; a partial date counts as its earliest day. None: no date, or not one.

    A time without an offset is taken as local to `zone`. A day followed by an impossible time is still that day.
    """
    if not isinstance(text, str):
        return None
    text = text.strip()
    try:
        match len(text):
            case 4:
                return date(int(text), 1, 1)
            case 7:
                return date(int(text[:4]), int(text[5:]), 1)
            case 10:
                return date.fromisoformat(text)
    except ValueError:
        return None
    at = instant_of(text, zone)
    try:
        return date.fromisoformat(text[:10]) if at is None else at.astimezone(zone).date()
    except (ValueError, OverflowError):  # overflow: a time at the edge of year 1 or 9999
        return None


def instant_of(text: Any, zone: tzinfo = UTC) -> datetime | None:
    """The instant, with its offset; without one in `zone`. None: no time of day, or not an instant."""
    if not isinstance(text, str) or len(text) < 12:
        return None
    try:
        at = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)
