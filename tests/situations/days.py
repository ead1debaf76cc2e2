"""Days as cases write them: "20 days ago", "in 3 days", "yesterday", ISO dates, years; always seen from `as_of`."""

from __future__ import annotations

import re
from datetime import date, timedelta

_AGO = re.compile(r"(\d+) (day|week|month|year)s? ago")
_AHEAD = re.compile(r"in (\d+) (day|week|month|year)s?")
_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(T\S+)?")
_WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1}

UNDATED = "undated"


def is_day(text: str) -> bool:
    """Does the text say a day?"""
    text = text.strip()
    return text in _WORDS or text == UNDATED or any(form.fullmatch(text) for form in (_AGO, _AHEAD, _ISO))


def fhir_day(said: object, as_of: date) -> str | None:
    """The day as FHIR writes it; years and months stay partial. None: undated.

    Raises ValueError naming what is understood.
    """
    if said is None or said == UNDATED:
        return None
    if isinstance(said, date):
        return said.isoformat()
    text = str(said).strip()
    if text in _WORDS:
        return (as_of + timedelta(days=_WORDS[text])).isoformat()
    if ago := _AGO.fullmatch(text):
        return _shifted(as_of, -int(ago[1]), ago[2]).isoformat()
    if ahead := _AHEAD.fullmatch(text):
        return _shifted(as_of, int(ahead[1]), ahead[2]).isoformat()
    if _ISO.fullmatch(text):
        return text
    raise ValueError(f"no day: '{text}'; write '20 days ago', 'in 3 days', 'today', '2026-05-01', '2019-05' or '2019'")


def day(said: object, as_of: date) -> date:
    """The day as a date; a partial one is its earliest day."""
    text = fhir_day(said, as_of)
    if text is None:
        raise ValueError("a day is needed here, not 'undated'")
    return date.fromisoformat((text[:10] + "-01-01")[:10])


def _shifted(start: date, count: int, unit: str) -> date:
    if unit in ("day", "week"):
        return start + timedelta(days=count * (7 if unit == "week" else 1))
    months = start.year * 12 + start.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(start.day, last))
