"""Days and instants as FHIR writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Any, NamedTuple

_WHOLE_DAY = 10
_PARTIAL_DATE = (4, 7)  # "YYYY", "YYYY-MM"
_LONGEST_DAY = 11  # characters: a day and its blank


class PartialDate(date):
    """A year, or a month of it: counts as its earliest possible day (book 1.1), written as it came ("2019-05")."""

    _written = ""

    @classmethod
    def read(cls, text: str) -> PartialDate:
        """Of "YYYY" or "YYYY-MM". Raises ValueError."""
        year, _, month = text.partition("-")
        day = cls(int(year), int(month or 1), 1)
        day._written = text
        return day

    def isoformat(self) -> str:
        """As it came; a day that was reckoned from it is whole."""
        return self._written or super().isoformat()


class Moment(NamedTuple):
    """A calendar day and, where a time of day was given, the instant."""

    on: date | None
    at: datetime | None


NO_MOMENT = Moment(None, None)


def day_of(text: Any, zone: tzinfo) -> date | None:
    """The calendar day in `zone`; a partial date counts as its earliest day. None: no date, or not one.

    A time without an offset is taken as local to `zone`. A day followed by an impossible time is still that day.
    """
    if text is None:
        return None
    if isinstance(text, str) and len(text) == _WHOLE_DAY:  # nearly always
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    return moment_of(text, zone).on


def moment_of(text: Any, zone: tzinfo) -> Moment:
    """Day and instant of one text; see `day_of` and `instant_of`."""
    if not isinstance(text, str):
        return NO_MOMENT
    try:
        if len(text) > _LONGEST_DAY:
            at = instant_of(text, zone)
            if at is not None:
                return Moment(at.date() if at.tzinfo is zone else at.astimezone(zone).date(), at)
        return Moment(date.fromisoformat(text) if len(text) == _WHOLE_DAY else _day(text.strip()), None)
    except (ValueError, OverflowError):  # overflow: a time at the edge of year 1 or 9999
        return NO_MOMENT


def _day(text: str) -> date:
    return PartialDate.read(text) if len(text) in _PARTIAL_DATE else date.fromisoformat(text[:_WHOLE_DAY])


def instant_of(text: Any, zone: tzinfo = UTC) -> datetime | None:
    """The instant, with its offset; without one in `zone`. None: no time of day, or not an instant."""
    if not isinstance(text, str) or len(text) <= _LONGEST_DAY:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            at = datetime.fromisoformat(text.strip().upper())  # "t" and "z" were seen
        except ValueError:
            return None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)
