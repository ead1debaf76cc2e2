"""Which courses of intravenous immunoglobulin came before? (book 4.1, 4.3)

Needs: medication_administrations, medication_dispenses, medication_orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import load_thresholds
from cards.pharmacology.exposure import (
    Exposure,
    exposures,
    exposures_dispensed,
    exposures_given,
    exposures_ordered,
)
from cards.wording import joined, on

TABLE = Path(__file__).with_suffix(".yaml")
IVIG = "ivig"
SOURCES = ("medication_administrations", "medication_orders")
NAMED = 2  # courses whose days are shown on a card


class Course(NamedTuple):
    """Infusion days that belong together."""

    first_on: date
    last_on: date

    def __str__(self) -> str:
        return on(self.first_on) if self.first_on == self.last_on else f"{on(self.first_on)} to {on(self.last_on)}"


def immunoglobulin_courses(facts: Facts) -> tuple[Course, ...]:
    """All courses on record, newest first; what is being ordered now is none.

    Raises NotKnown when nothing was found and one of the records could not be had.
    """
    return tuple(reversed(_together(exposures(facts, IVIG), course_gap_days())))


def course_gap_days() -> int:
    """Infusion days at most so far apart are one course."""
    return int(load_thresholds(TABLE).value("course_gap"))


def prior_courses(facts: Facts) -> tuple[Course, ...]:
    """Courses that ended in the look-back of 4.1: not so lately that they are the present one, not too long ago.

    Raises NotKnown when none was found and one of the records could not be had or is incomplete.
    """
    found = tuple(course for course in immunoglobulin_courses(facts) if _is_prior(course, facts))
    if not found:
        require_known_courses(facts)
    return found


def courses_before(facts: Facts, within_days: int) -> tuple[Course, ...]:
    """Courses of the last so many days, newest first, without the one that may still be running.

    By the doses given; where none is on record by those handed out, else by the orders, because the day of an order is
    not that of its infusions.
    What could not be had adds none: ask `require_known_courses` where that matters.
    """
    gap = course_gap_days()
    courses = reversed(_together(_given_else_ordered(facts), gap))
    return tuple(course for course in courses if gap < facts.days_since(course.last_on) <= within_days)


def is_course_running(facts: Facts) -> bool:
    """Was a dose given so lately that an order goes on with that course? What could not be had shows none."""
    try:
        given = exposures_given(facts, (IVIG,))
    except NotKnown:
        return False
    return any(facts.is_within(exposure.on, course_gap_days()) for exposure in given)


def require_known_courses(facts: Facts) -> None:
    """Raises NotKnown when doses given or orders could not be had, or are incomplete: there may be more courses."""
    for source in SOURCES:
        if not facts.is_complete(source):
            raise NotKnown(source, facts.why_unknown(source) or "only part of the record was sent")


def prior_courses_line(facts: Facts) -> str:
    """The earlier courses in one line for a card: those of the look-back of 4.1, then those outside it."""
    earliest, latest = _look_back()
    try:
        found = _named(prior_courses(facts)) or "none found"
    except NotKnown as unknown:
        found = f"could not be checked ({unknown.why}); a documented response would count"
    try:
        outside = _named([course for course in immunoglobulin_courses(facts) if not _is_prior(course, facts)])
    except NotKnown:
        outside = ""
    line = f"Earlier IVIG, {latest}-{earliest} days ago: {found}"
    return f"{line}; outside these days: {outside}" if outside else line


def _look_back() -> tuple[int, int]:
    """(most, least) days since the end of an earlier course."""
    known = load_thresholds(TABLE)
    return int(known.value("prior_at_most")), int(known.value("prior_at_least"))


def _is_prior(course: Course, facts: Facts) -> bool:
    earliest, latest = _look_back()
    return latest <= facts.days_since(course.last_on) <= earliest


def _named(courses: Sequence[Course]) -> str:
    """The newest courses with their days, the others counted."""
    shown = [str(course) for course in courses[:NAMED]]
    further = len(courses) - len(shown)
    return joined([*shown, f"{further} before"] if further else shown)


def _given_else_ordered(facts: Facts) -> list[Exposure]:
    for read in (exposures_given, exposures_dispensed, exposures_ordered):
        try:
            if found := read(facts, (IVIG,)):
                return found
        except NotKnown:
            continue
    return []


def _together(found: Sequence[Exposure], gap: int) -> list[Course]:
    """Courses, oldest first. One record of several days is one course, however far its ends are apart."""
    courses: list[Course] = []
    for course in sorted(Course(one.since or one.on, one.on) for one in found):
        if courses and (course.first_on - courses[-1].last_on).days <= gap:
            courses[-1] = Course(courses[-1].first_on, max(courses[-1].last_on, course.last_on))
        else:
            courses.append(course)
    return courses
