"""When is a dose line given? Timing.repeat, its code and its dates, as they stand: nothing corrected."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple

from cds_service.fhir.coding import as_dict, as_list
from cds_service.fhir.date import Moment, day_of, moment_of
from cds_service.fhir.quantity import number_of, read_quantity
from cds_service.fhir.timing_code import DAYS_PER_MONTH, read_timing_code

# A modifier changes the meaning of what it stands on; what is not understood must not be used (FHIR R4 2.20).
MODIFIED = "a modifier is not understood"

UNITS_OF_TIME = {  # the UCUM code by itself and by the words that are sent in its place
    word: unit
    for unit, words in {
        "s": "s sec secs second seconds",
        "min": "min mins minute minutes",
        "h": "h hr hrs hour hours",
        "d": "d day days",
        "wk": "wk week weeks wks w",
        "mo": "mo month months mos",
        "a": "a year years yr yrs y",
    }.items()
    for word in words.split()
}
_NUMBERS = {
    "frequency": "frequency", "frequencyMax": "frequency_max", "period": "period", "periodMax": "period_max",
    "count": "total", "countMax": "total_max", "duration": "duration",
}  # fmt: skip
_BARE = frozenset({int, float, str})
_PLAIN = frozenset({"frequency", "period", "periodUnit"})
_BOUNDS = frozenset({"boundsPeriod", "boundsDuration", "boundsRange"})
_DAYS = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": DAYS_PER_MONTH, "a": 365.25}


class Schedule(NamedTuple):
    """Frequency, period and bounds of one dose line; None or empty: not said. `total`: Timing.repeat.count."""

    frequency: float | None = None
    frequency_max: float | None = None
    period: float | None = None
    period_max: float | None = None
    period_unit: str | None = None
    when: tuple[str, ...] = ()
    times_of_day: tuple[str, ...] = ()
    days_of_week: tuple[str, ...] = ()
    total: float | None = None
    total_max: float | None = None
    duration: float | None = None
    code: str = ""
    per_day_by_code: float | None = None
    once_by_code: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    lasts_days: float | None = None
    events: tuple[date, ...] = ()
    duration_days: float | None = None

    @property
    def says_how_often(self) -> bool:
        """Is there more than bounds?"""
        return (
            self.frequency is not None
            or self.period is not None
            or bool(self.when or self.times_of_day or self.days_of_week or self.events)
            or self.per_day_by_code is not None
            or self.once_by_code
            or self.total == 1
        )

    @property
    def is_a_day_alone(self) -> bool:
        """Is there one date and nothing of how often? It is the day of a single dose, or of the first of many."""
        return len(self.events) == 1 and not self._replace(events=()).says_how_often

    @property
    def per_day(self) -> float | None:
        """Administrations per day where the schedule says it plainly; None where it does not."""
        if self.days_of_week or self.events:
            return None
        times = len(self.times_of_day) or max(len(self.when), self.frequency or 1)
        if self.period and self.period_unit:
            return times / (self.period * _DAYS[self.period_unit])
        return times if self.times_of_day or self.when else self.per_day_by_code


class TimingReading(NamedTuple):
    """A timing as read. `unreadable` says what is there and not understood; `no_bounds`: the bounds are not."""

    schedule: Schedule | None = None
    as_needed: bool = False
    unreadable: str = ""
    no_bounds: bool = False


def read_timing(timing: Any, zone: tzinfo) -> TimingReading:
    """The timing of a dose line; schedule None: there is none."""
    found = as_dict(timing)
    if not found:
        return TimingReading(unreadable="the timing is not understood" if timing else "")
    repeat = as_dict(found.get("repeat"))
    if len(found) == 1 and repeat and _PLAIN.issuperset(repeat) and _BARE.issuperset(map(type, repeat.values())):
        return _plain_timing(repeat.get("frequency"), repeat.get("period"), repeat.get("periodUnit"))
    return _read_timing(found, repeat, zone)


@lru_cache(maxsize=512, typed=True)  # bounded, because numbers come from outside
def _plain_timing(frequency: float | None, period: float | None, unit: str | None) -> TimingReading:
    """So many times in such a period and no more, as most orders say; read once for all of them."""
    repeat = {"frequency": frequency, "period": period, "periodUnit": unit}
    repeat = {name: value for name, value in repeat.items() if value is not None}
    return _read_timing({"repeat": repeat}, repeat, UTC)  # without dates no zone matters


def _read_timing(found: dict[str, Any], repeat: dict[str, Any], zone: tzinfo) -> TimingReading:
    code = read_timing_code(found["code"]) if found.get("code") else None
    unit, wrong = _period_unit(repeat)
    starts, ends, lasts, no_bounds = _bounds(repeat, zone)
    numbers = {field: number_of(repeat[name]) for name, field in _NUMBERS.items() if name in repeat}
    schedule = Schedule(
        **numbers,
        period_unit=unit,
        when=_words(repeat.get("when")),
        times_of_day=_words(repeat.get("timeOfDay")),
        days_of_week=tuple(day[:3].lower() for day in _words(repeat.get("dayOfWeek"))),
        code=code.text if code else "",
        per_day_by_code=code.per_day if code else None,
        once_by_code=code is not None and code.once,
        starts_on=starts,
        ends_on=ends,
        lasts_days=lasts,
        events=_days(found.get("event"), zone),
        duration_days=_duration_days(repeat),
    )
    if schedule.duration_days is not None:
        schedule = _with_course(schedule)
    if found.get("modifierExtension"):
        wrong = MODIFIED
    elif code is not None and code.conflict:
        wrong = "the timing code and its words disagree"
    elif code is not None and not schedule.says_how_often:
        wrong = wrong or "the timing code is not understood"
    elif not wrong and None in numbers.values():
        wrong = next((f"{name} is no number" for name, field in _NUMBERS.items() if numbers.get(field, 0) is None), "")
    return TimingReading(schedule, code is not None and code.as_needed, wrong, no_bounds)


def _with_course(schedule: Schedule) -> Schedule:
    """A duration that is longer than from one daily administration to the next is that of the course (OpenMRS, NHS)."""
    per_day, lasts = schedule.per_day, schedule.duration_days
    is_bounded = schedule.lasts_days is not None or schedule.ends_on is not None
    if is_bounded or per_day is None or lasts is None or per_day < 1 or lasts <= 1:
        return schedule
    return schedule._replace(lasts_days=lasts, duration=None, duration_days=None)


def days_in(quantity: Any) -> float | None:
    """Length of a Duration in days; None when it states no number or no unit of time."""
    found = read_quantity(quantity)
    if found is None or found.value is None:
        return None
    unit = UNITS_OF_TIME.get(found.unit.lower())
    return None if unit is None else found.value * _DAYS[unit]


def _duration_days(repeat: dict[str, Any]) -> float | None:
    """How long one administration takes, in days; None when number or unit is missing or not understood."""
    length, unit = number_of(repeat.get("duration")), repeat.get("durationUnit", repeat.get("durationUnits"))  # DSTU2
    days = _DAYS.get(UNITS_OF_TIME.get(unit.strip().lower(), "")) if isinstance(unit, str) else None
    return None if length is None or days is None else length * days


def _period_unit(repeat: dict[str, Any]) -> tuple[str | None, str]:
    """(unit, what is wrong with it)."""
    written = repeat.get("periodUnit", repeat.get("periodUnits"))  # DSTU2: periodUnits
    if written is None:
        return None, ""
    unit = UNITS_OF_TIME.get(written.strip().lower()) if isinstance(written, str) else None
    return unit, "" if unit else "the unit of the period is not understood"


def _bounds(repeat: dict[str, Any], zone: tzinfo) -> tuple[date | None, date | None, float | None, bool]:
    """(first day, last day, length in days, are there bounds that cannot be read?)."""
    if _BOUNDS.isdisjoint(repeat):
        return None, None, None, False
    period = as_dict(repeat.get("boundsPeriod"))
    starts, ends = _first_and_last_day(moment_of(period.get("start"), zone), moment_of(period.get("end"), zone), zone)
    length = repeat.get("boundsDuration", as_dict(repeat.get("boundsRange")).get("high"))
    if length is None:
        length = as_dict(repeat.get("boundsRange")).get("low")
    lasts = None if length is None else days_in(length)
    lost = (length is not None and lasts is None) or (period.get("end") is not None and ends is None)
    return starts, ends, lasts, lost


def _first_and_last_day(first: Moment, last: Moment, zone: tzinfo) -> tuple[date | None, date | None]:
    """A period that ends at an earlier hour than it began is that many times 24 hours: its last day is not begun.

    Midnight is how a day without an hour is written.
    """
    if first.at is None or last.at is None or first.on is None or last.on is None or first.on >= last.on:
        return first.on, last.on
    began, ended = (moment.astimezone(zone).time() for moment in (first.at, last.at))
    return first.on, last.on - timedelta(days=1) if time.min < ended < began else last.on


def _days(events: Any, zone: tzinfo) -> tuple[date, ...]:
    return tuple(day for event in as_list(events) if (day := day_of(event, zone)) is not None)


def _words(value: Any) -> tuple[str, ...]:
    return (
        ()
        if value is None
        else tuple(word.strip() for word in as_list(value) if isinstance(word, str) and word.strip())
    )
