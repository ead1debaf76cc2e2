"""When are infusions given: how many a day, how many days in a row, how far apart are the courses? (book 4.2-4.4)

Structured timing decides; what it leaves open is looked for in the words of the order.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from cards.errors import NotKnown
from cards.orders import DoseLine, Timing
from cards.pharmacology.dose_line import DAYS_PER_WEEK, is_one_time
from cards.pharmacology.infusion.infusion_clauses import words_of
from cards.pharmacology.infusion.infusion_timing import (
    A_DAY,
    WEEK,
    interval_of_weekdays,
    period_days,
    times_in_all,
    times_in_period,
)


@dataclass(frozen=True, slots=True)
class InfusionSchedule:
    """Of one dose line: infusions on an infusion day, days in a row, days from the start of a course to the next.

    `days` None: no end, or an end that is not told in days (`has_end`). `interval_days` None: no repeated courses.
    `on_days`: days of the interval, counted from 0, where they are not all in a row. `repeats`: how many intervals,
    None when that is not told. `over_days`: days over which one dose is spread. `by_words`: the words told some of it.
    """

    per_day: float
    days: int | None
    interval_days: float | None = None
    has_end: bool = True
    is_one_time: bool = False
    starts_on: date | None = None
    sequence: int | None = None
    on_days: tuple[int, ...] = ()
    repeats: int | None = None
    over_days: int = 1
    by_words: bool = False

    @property
    def is_daily(self) -> bool:
        """Every day, without courses?"""
        return self.interval_days is None and not self.is_one_time

    @property
    def courses_overlap(self) -> bool:
        """Does the next course begin before, or on the day after, the last one ends?"""
        return self.interval_days is not None and self.days is not None and self.interval_days <= self.days


def infusion_schedule(line: DoseLine, today: date, ends_on: date | None = None) -> InfusionSchedule | None:
    """The schedule of one dose line; None when it states none. `ends_on` is the end of the whole order.

    Raises NotKnown when what it states is not understood. Impossible values: ask `impossible_values` first.
    """
    timing = line.timing
    if timing is not None and is_one_time(timing):
        over_days = words_of(line).spread_over(line.amount)
        once = InfusionSchedule(1, 1, is_one_time=True, starts_on=_first_day(timing), sequence=line.sequence)
        if over_days is None:
            return replace(once, over_days=math.ceil(timing.duration_days or 1))
        return replace(once, over_days=over_days, by_words=True)
    found = None if timing is None else _by_timing(timing, today, ends_on)
    if timing is None or found is None:
        told = _by_words(line)
        return None if told is None else replace(told, by_words=True)
    return _completed(found, line, timing)


def days_in_a_row(schedules: Sequence[InfusionSchedule]) -> int | None:
    """Most infusion days in a row of lines that belong together; None when none of them tells."""
    known = [schedule for schedule in schedules if schedule.days is not None]
    if not known:
        return None
    if len(known) > 1 and all(schedule.starts_on is not None for schedule in known):
        return _longest_together([_course_days(schedule) for schedule in known])
    longest = max(schedule.days or 0 for schedule in known)
    in_turn = [schedule for schedule in known if schedule.interval_days is None and schedule.sequence is not None]
    if len({schedule.sequence for schedule in known}) == len(known) > 1:  # one after another (book 1.5.4)
        return max(longest, sum(schedule.days or 0 for schedule in in_turn))
    return longest


def moments_of_day(line: DoseLine) -> set[str]:
    """The moments of the day that a line names, by its timing or else its words."""
    timed = {*line.timing.when, *line.timing.times_of_day} if line.timing else set()
    return timed or words_of(line).moments


def share_a_day(one: InfusionSchedule | None, other: InfusionSchedule | None) -> bool:
    """Is there a day on which two lines of one draft are given? Yes where nothing sets them apart."""
    if one is None or other is None:
        return True
    if one.starts_on and other.starts_on:
        first, second = _course_days(one), _course_days(other)
        return max(first.start, second.start) < min(first.stop, second.stop)
    return one.sequence is None or one.sequence == other.sequence


def is_spread(line: DoseLine) -> bool:
    """Is the dose of the line, by its words, that of several days together?"""
    return (words_of(line).spread_over(line.amount) or 1) > 1


# -- structured -------------------------------------------------------------------------------------------------------


def _by_timing(timing: Timing, today: date, ends_on: date | None) -> InfusionSchedule | None:
    period = period_days(timing)
    if period is None and not (timing.times_of_day or timing.when or timing.days_of_week or len(timing.events) > 1):
        return None
    if timing.events and period is None:
        infusions = Counter(day.toordinal() for day in timing.events)
        days = sorted(infusions)
        most = max(infusions.values())
        return InfusionSchedule(most, _longest_run(days), on_days=tuple(day - days[0] for day in days))
    length = _length_days(timing, today, ends_on)
    interval = interval_of_weekdays(timing)
    if interval is not None:
        return _on_weekdays(timing, interval, length)
    if period is None or period <= A_DAY:
        return _daily(timing, period or A_DAY, length)
    return _recurring(timing, period, length)


def _length_days(timing: Timing, today: date, ends_on: date | None) -> float | None:
    """Days from the first to the last, both counted; None without an end."""
    lengths = [] if timing.lasts_days is None else [timing.lasts_days]
    ends = (timing.ends_on, ends_on if timing.lasts_days is None else None)
    lengths += [(end - (timing.starts_on or today)).days + 1 for end in ends if end is not None]
    return min(lengths, default=None)


def _daily(timing: Timing, period: float, length: float | None) -> InfusionSchedule:
    per_day = max(times_in_period(timing) / period, len(timing.times_of_day), len(timing.when), 1)
    count = times_in_all(timing)
    lengths = [n for n in (length, None if count is None else count / per_day) if n is not None]
    days = math.ceil(min(lengths)) if lengths else None
    return InfusionSchedule(per_day, days, has_end=bool(lengths))


def _on_weekdays(timing: Timing, interval: float, length: float | None) -> InfusionSchedule:
    """On named days of a week, of every week or of one in so many."""
    days = [place for place, name in enumerate(WEEK) if name in timing.days_of_week]
    if len(days) == interval:
        return _daily(timing, A_DAY, length)
    in_two_weeks = [*days, *(day + DAYS_PER_WEEK for day in days)]
    run = min(_longest_run(in_two_weeks), max(len(days), 1))
    count = times_in_all(timing)
    repeats = _repeats(length, interval, count, len(days))
    per_day = max(len(timing.times_of_day), 1)
    return InfusionSchedule(
        per_day,
        run,
        None if repeats == 1 else interval,
        on_days=tuple(days) if run < len(days) else (),
        repeats=repeats,
    )


def _recurring(timing: Timing, period: float, length: float | None) -> InfusionSchedule:
    """So many in every period of several days: a course of as many days, one infusion a day where they fit."""
    times, count = times_in_period(timing), times_in_all(timing)
    lasts = timing.duration_days
    if lasts is not None and lasts > A_DAY:  # a course written as one long administration
        days, over_days, per_day, in_course, interval = math.ceil(lasts), math.ceil(lasts), 1.0, 1.0, period / times
    else:
        most = [days for days in (length, count) if days is not None]  # "7 a week for 5 days" are 5 days
        days, over_days, per_day = math.ceil(max(min(times, period, *most), 1)), 1, max(times / period, 1)
        in_course, interval = times, period
    repeats = _repeats(length, interval, count, in_course)
    return InfusionSchedule(per_day, days, None if repeats == 1 else interval, repeats=repeats, over_days=over_days)


def _repeats(length: float | None, interval: float, count: float | None, in_course: float) -> int | None:
    """How many intervals, by the length of the order or the number of infusions; None when neither is told."""
    told = [] if length is None else [math.ceil(length / interval)]
    if count is not None and in_course:
        told.append(math.ceil(count / in_course))
    return max(min(told), 1) if told else None


def _completed(found: InfusionSchedule, line: DoseLine, timing: Timing) -> InfusionSchedule:
    """What timing leaves open, an end or a repetition, completed by the words: "daily x5, every 4 weeks"."""
    words = words_of(line)
    if found.is_daily and not found.has_end:
        found = replace(found, days=words.days, has_end=words.has_end, by_words=words.has_end)
    days, interval = found.days, found.interval_days
    if interval is None and found.has_end:
        stated = words.interval_days
        interval = stated if stated is not None and stated > A_DAY else None
    over_days = found.over_days
    if found.interval_days is not None and days == 1 and not found.on_days:
        days, over_days = words.days or 1, words.spread_over(line.amount) or 1
    return replace(
        found,
        days=days,
        interval_days=interval,
        starts_on=_first_day(timing),
        sequence=line.sequence,
        repeats=found.repeats or (words.repeats if found.interval_days is not None else None),
        over_days=over_days,
        by_words=found.by_words or (days, over_days) != (found.days, found.over_days),
    )


def _first_day(timing: Timing) -> date | None:
    return timing.starts_on or min(timing.events, default=None)


def _course_days(schedule: InfusionSchedule) -> range:
    """The days of the calendar, never laid out one by one: an end of 9999-12-31 makes millions."""
    start = schedule.starts_on.toordinal() if schedule.starts_on else 0
    return range(start, start + (schedule.days or 0))


def _longest_together(courses: Sequence[range]) -> int:
    """Most days in a row of courses that touch or overlap."""
    longest = begin = end = 0
    for course in sorted(courses, key=lambda course: course.start):
        if course.start > end:
            begin = course.start
        end = max(end, course.stop)
        longest = max(longest, end - begin)
    return longest


def _longest_run(days: Sequence[int]) -> int:
    longest = run = 1
    for before, after in pairwise(days):
        run = run + 1 if after == before + 1 else 1
        longest = max(longest, run)
    return longest


# -- words ------------------------------------------------------------------------------------------------------------


def _by_words(line: DoseLine) -> InfusionSchedule | None:
    words = words_of(line)
    interval, days, per_day = words.interval_days, words.days, words.times_a_day
    over_days = words.spread_over(line.amount) or 1
    if interval is not None and interval > A_DAY:
        repeats = words.repeats
        return InfusionSchedule(
            per_day,
            days or 1,
            None if repeats == 1 else interval,
            sequence=line.sequence,
            repeats=repeats,
            over_days=over_days,
        )
    if words.is_once or (days == 1 and per_day == 1):
        return InfusionSchedule(1, 1, is_one_time=True, sequence=line.sequence, over_days=over_days)
    if per_day > 1 or words.is_daily or days is not None or interval is not None:
        return InfusionSchedule(per_day, days, has_end=words.has_end, sequence=line.sequence, over_days=over_days)
    if words or line.unreadable:
        raise NotKnown("order", line.unreadable or "the instructions are free text that is not understood")
    return None
