"""Does an order ask for several courses of immunoglobulin, or continue several? (book 4.3)"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from cards.errors import NotKnown
from cards.orders import DoseLine, MedicationOrder, Timing
from cards.pharmacology.dose_line import is_one_time
from cards.pharmacology.infusion.infusion_courses import planned_courses
from cards.pharmacology.infusion.infusion_schedule import InfusionSchedule, infusion_schedule
from cards.pharmacology.infusion.infusion_timing import bounds_days

NOT_SAID = InfusionSchedule(1, 1, is_one_time=True)  # an order that does not say when plans nothing more than one


class Plan(NamedTuple):
    """What an order plans. `intervals`: days from course to course; `refills`; `bounds_days`: the longest bounds.

    `days`: infusion days of the single course, None when there is not one or it has no told end.
    """

    intervals: tuple[float, ...]
    refills: int
    bounds_days: float
    days: int | None


def plan_of(drafts: Sequence[MedicationOrder], today: date) -> Plan:
    """What the drafts plan together. Raises NotKnown when a line is not understood and no other tells of courses."""
    schedules: list[InfusionSchedule] = []
    unread: NotKnown | None = None
    for draft in drafts:
        for line in draft.lines:
            try:
                schedules.append(infusion_schedule(line, today, draft.ended_on) or NOT_SAID)
            except NotKnown as unknown:
                unread = unknown
    courses = planned_courses([(schedule, 1.0) for schedule in schedules])
    intervals = {course.interval_days for course in courses} | {_endless(schedule) for schedule in schedules}
    if unread is not None and intervals <= {None}:
        raise unread
    return Plan(
        tuple(sorted(days for days in intervals if days is not None)),
        max(draft.refills or 0 for draft in drafts),
        max((_bounds_days(line) or 0.0 for draft in drafts for line in draft.lines), default=0.0),
        courses[0].days if courses else None,
    )


def _endless(schedule: InfusionSchedule) -> float | None:
    """The interval of infusions that run together, such as every other day, without an end."""
    return schedule.interval_days if schedule.repeats is None else None


def _bounds_days(line: DoseLine) -> float | None:
    """Length of the bounds of a line; none where a number of infusions limits it."""
    timing = line.timing or Timing()
    if timing.count is not None or is_one_time(timing):
        return None
    return bounds_days(timing)
