"""When is an ordered infusion given for the last time before some day? (book 4.8)"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta

from cards.errors import NotKnown
from cards.orders import DoseLine, MedicationOrder
from cards.pharmacology.infusion.infusion_schedule import InfusionSchedule, infusion_schedule


def first_infusion_day(order: MedicationOrder, today: date) -> date | None:
    """The first day of the order: as its lines say, else today for a draft, else the day it was written.

    None: the order is undated.
    """
    timings = [line.timing for line in order.lines if line.timing is not None]
    starts = [day for timing in timings for day in (*timing.events, timing.starts_on) if day is not None]
    return min(starts) if starts else today if order.is_draft else order.authored_on


def last_infusion_day(order: MedicationOrder, today: date, until: date) -> date | None:
    """The last infusion day up to and including `until`, by the schedule of the order; its first day without one.

    None: it begins later, or is undated. An order that has ended is infused up to its end.
    """
    first = first_infusion_day(order, today)
    if first is None or first > until:
        return None
    through = until if order.ended_on is None else min(until, order.ended_on)
    days = [day for line in order.lines for day in _days_of(line, first, order.ended_on, through)]
    return max(days, default=first)


def _days_of(line: DoseLine, first: date, ends_on: date | None, until: date) -> Iterator[date]:
    if line.timing is not None and line.timing.events:
        yield from (day for day in line.timing.events if day <= until)
        return
    try:
        schedule = infusion_schedule(line, first, ends_on)
    except NotKnown:
        return
    start = (line.timing.starts_on if line.timing is not None else None) or first
    if schedule is None or start > until:
        return
    begun = start + timedelta(days=_courses_before(schedule, (until - start).days))
    left = (until - begun).days  # compared before it is a date: a count may reach beyond the calendar
    length = left + 1 if schedule.days is None and schedule.is_daily else schedule.days or 1
    yield begun + timedelta(days=min(max(length, 1) - 1, left))


def _courses_before(schedule: InfusionSchedule, days: int) -> int:
    """Days from the first course to the start of the last one that begins within so many days."""
    interval = schedule.interval_days
    if interval is None or interval <= 0:
        return 0
    return math.floor(math.floor(days / interval) * interval)
