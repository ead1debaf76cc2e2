"""Which courses do the lines of an infusion order make: how long, how dense, how far apart? (book 4.3, 4.4)

Lines are laid out in a calendar; infusion days that lie close are one course, as for the courses on record
(`immunoglobulin_courses`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from cards.pharmacology.dose_line import DAYS_PER_WEEK
from cards.pharmacology.infusion.immunoglobulin_courses import course_gap_days
from cards.pharmacology.infusion.infusion_schedule import InfusionSchedule

LONGEST = 366  # days laid out at most; what lasts longer counts as without an end


class PlannedCourse(NamedTuple):
    """One course, in the unit of the amounts that were given. `total` and `days` None: no end is told.

    `interval_days` from its start to that of the next; None: there is no next one.
    """

    total: float | None
    days: int | None
    least_a_day: float
    most_a_day: float
    most_in_a_week: float
    interval_days: float | None = None


class _Part(NamedTuple):
    """A line in the calendar: its days from its first one on, and the amount on each."""

    days: tuple[int, ...]
    a_day: float
    first: int | None = None
    sequence: int | None = None
    interval_days: float | None = None
    repeats: int | None = None
    is_open: bool = False


def planned_courses(lines: Iterable[tuple[InfusionSchedule | None, float]]) -> tuple[PlannedCourse, ...]:
    """The courses of lines: schedule (None: the order does not say when) and amount a day; single courses first."""
    parts = [_part(schedule, a_day) for schedule, a_day in lines]
    single = [part for part in parts if part.interval_days is None]
    repeated = [part for part in parts if part.interval_days is not None]
    return (*_single_courses(single), *_repeated_courses(repeated))


# -- one line ---------------------------------------------------------------------------------------------------------


def _part(schedule: InfusionSchedule | None, a_day: float) -> _Part:
    if schedule is None:  # no more than one day is known
        return _Part((0,), a_day, is_open=True)
    days, is_open = _days(schedule)
    first = None if schedule.starts_on is None else schedule.starts_on.toordinal()
    part = _Part(days, a_day, first, schedule.sequence, schedule.interval_days, schedule.repeats, is_open)
    if part.interval_days is not None and part.interval_days - days[-1] <= course_gap_days():
        part = _run_together(part, part.interval_days)
    return part if len(part.days) <= LONGEST else part._replace(days=part.days[:LONGEST], is_open=True)


def _days(schedule: InfusionSchedule) -> tuple[tuple[int, ...], bool]:
    """(infusion days of one course, is it without an end?)."""
    if schedule.on_days:
        return schedule.on_days, False
    length = schedule.over_days if schedule.is_one_time else schedule.days
    if length is None:
        return tuple(range(DAYS_PER_WEEK)), True
    return tuple(range(max(min(length, LONGEST + 1), 1))), False


def _run_together(part: _Part, interval: float) -> _Part:
    """Courses so close that they are one, such as an infusion every other day."""
    times = range(DAYS_PER_WEEK if part.repeats is None else min(part.repeats, LONGEST + 1))
    days = sorted({int(time * interval) + day for time in times for day in part.days})
    return part._replace(days=tuple(days), interval_days=None, is_open=part.repeats is None)


# -- several lines ----------------------------------------------------------------------------------------------------


def _single_courses(parts: Sequence[_Part]) -> Iterable[PlannedCourse]:
    """Courses of the lines that are not repeated; dated far apart they are several."""
    calendar: dict[int, float] = defaultdict(float)
    for start, part in _placed(parts):
        for day in part.days:
            calendar[start + day] += part.a_day
    if any(part.is_open for part in parts):
        yield _course(calendar, calendar)._replace(total=None, days=None)
        return
    courses = _split(calendar)
    interval = min((min(later) - min(earlier) for earlier, later in pairwise(courses)), default=None)
    for course in courses:
        yield _course(course, calendar)._replace(interval_days=None if interval is None else float(interval))


def _placed(parts: Sequence[_Part]) -> Iterable[tuple[int, _Part]]:
    """Each line with its first day: by its date, one after another where they are numbered, else side by side."""
    if all(part.first is not None for part in parts):
        yield from ((part.first or 0, part) for part in parts)
        return
    start, in_turn = 0, _are_in_turn(parts)
    for part in sorted(parts, key=lambda part: part.sequence or 0):
        yield start, part
        start += part.days[-1] + 1 if in_turn else 0


def _repeated_courses(parts: Sequence[_Part]) -> Iterable[PlannedCourse]:
    """Courses of the lines that are repeated; lines of one interval belong together unless numbered."""
    in_turn = _are_in_turn(parts)
    groups: dict[tuple[float, int | None], list[_Part]] = defaultdict(list)
    for part in parts:
        groups[part.interval_days or 0.0, part.sequence if in_turn else None].append(part)
    for (interval, _), together in groups.items():
        course: dict[int, float] = defaultdict(float)
        calendar: dict[int, float] = defaultdict(float)
        for part in together:
            for day in part.days:
                course[day] += part.a_day
                for time in range(_times_in_a_week(interval, part)):
                    calendar[int(time * interval) + day] += part.a_day
        yield _course(course, calendar)._replace(interval_days=interval)


def _are_in_turn(parts: Sequence[_Part]) -> bool:
    """Do the numbers of the lines make them follow one another (book 1.5.4)?"""
    numbers = {part.sequence for part in parts}
    return None not in numbers and len(numbers) == len(parts) > 1


def _times_in_a_week(interval: float, part: _Part) -> int:
    """How many of the courses can touch a week that begins on a day of the first one."""
    most = int((part.days[-1] + DAYS_PER_WEEK) / interval) + 1
    return most if part.repeats is None else min(most, part.repeats)


def _course(course: Mapping[int, float], calendar: Mapping[int, float]) -> PlannedCourse:
    in_a_week = (sum(calendar.get(day, 0.0) for day in range(first, first + DAYS_PER_WEEK)) for first in course)
    return PlannedCourse(sum(course.values()), len(course), min(course.values()), max(course.values()), max(in_a_week))


def _split(calendar: Mapping[int, float]) -> list[dict[int, float]]:
    """The calendar in parts with more than a gap between them."""
    courses: list[dict[int, float]] = []
    gap, last = course_gap_days(), None
    for day in sorted(calendar):
        if last is None or day - last > gap:
            courses.append({})
        courses[-1][day] = calendar[day]
        last = day
    return courses
