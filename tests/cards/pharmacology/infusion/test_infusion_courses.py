"""Which courses the lines of an order make (book 4.3, 4.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.pharmacology.infusion.infusion_courses import LONGEST, PlannedCourse, planned_courses
from cards.pharmacology.infusion.infusion_schedule import InfusionSchedule

ONCE = InfusionSchedule(1, 1, is_one_time=True)
FIVE_DAYS = InfusionSchedule(1, 5)


def course(total: float | None, days: int | None, week: float, interval: float | None = None) -> PlannedCourse:
    """A course of 1 a day."""
    return PlannedCourse(total, days, 1, 1, week, interval)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (FIVE_DAYS, course(5, 5, 5)),
        (ONCE, course(1, 1, 1)),
        (InfusionSchedule(1, 1, is_one_time=True, over_days=5), course(5, 5, 5)),
        (InfusionSchedule(1, None, has_end=False), course(None, None, 7)),
        (None, course(None, None, 1)),
        (InfusionSchedule(1, 10), course(10, 10, 7)),
        (InfusionSchedule(1, 1, 21.0), course(1, 1, 1, 21)),
        (InfusionSchedule(1, 2, 28.0), course(2, 2, 2, 28)),
        (InfusionSchedule(1, 1, 4.0), course(1, 1, 2, 4)),
        (InfusionSchedule(1, 1, 4.0, repeats=1), course(1, 1, 1, 4)),
        (InfusionSchedule(1, 2, 6.0), course(2, 2, 3, 6)),
        (InfusionSchedule(1, 1, 28.0, on_days=(0, 23)), course(2, 2, 2, 28)),
        (InfusionSchedule(1, 1, 2.0, repeats=5), course(5, 5, 4)),
        (InfusionSchedule(1, 1, 2.0), course(None, None, 4)),
        (InfusionSchedule(1, 1, 7.0, on_days=(0, 2, 4)), course(None, None, 3)),
        (InfusionSchedule(1, 1, 7.0, on_days=(0, 2, 4), repeats=2), course(6, 6, 3)),
        (InfusionSchedule(1, 1, on_days=(0, 2, 4)), course(3, 3, 3)),
        (InfusionSchedule(1, 1, 30.4375), course(1, 1, 1, 30.4375)),
    ],
)
def test_one_line(schedule: InfusionSchedule | None, expected: PlannedCourse) -> None:
    assert planned_courses([(schedule, 1)]) == (expected,)


def test_what_lasts_longer_than_a_year_has_no_end() -> None:
    (course,) = planned_courses([(InfusionSchedule(1, 10**9), 1)])
    assert (course.total, course.most_in_a_week) == (None, 7)
    (course,) = planned_courses([(InfusionSchedule(1, LONGEST), 1)])
    assert course.total == LONGEST
    (course,) = planned_courses([(InfusionSchedule(1, 1, 2, repeats=10**9), 1)])
    assert course.total is None
    (course,) = planned_courses([(InfusionSchedule(1, 1, 2, repeats=30), 1)])
    assert course.total == 30


# -- several lines ----------------------------------------------------------------------------------------------------


def test_lines_side_by_side_add_up() -> None:
    assert planned_courses([(FIVE_DAYS, 2), (FIVE_DAYS, 1)]) == (PlannedCourse(15, 5, 3, 3, 15),)
    (course,) = planned_courses([(FIVE_DAYS, 2), (InfusionSchedule(1, 2), 1)])
    assert course == PlannedCourse(12, 5, 2, 3, 12)


def test_a_line_that_does_not_say_when_begins_with_the_others() -> None:
    assert planned_courses([(None, 1), (ONCE, 2)]) == (PlannedCourse(None, None, 3, 3, 3),)


def test_days_of_the_week_and_days_in_a_row_are_laid_over_one_another() -> None:
    on_three_days = InfusionSchedule(1, 1, 7.0, on_days=(0, 2, 4), repeats=2)
    assert planned_courses([(on_three_days, 1), (FIVE_DAYS, 1)]) == (PlannedCourse(11, 8, 1, 2, 8),)


def test_numbered_lines_follow_one_another() -> None:
    lines: list[Any] = [(InfusionSchedule(1, 2, sequence=2), 3), (InfusionSchedule(1, 3, sequence=1), 1)]
    assert planned_courses(lines) == (PlannedCourse(9, 5, 1, 3, 9),)


def test_numbers_of_lines_may_begin_with_zero() -> None:
    """Five days of 3, two of 1, five of 3: no week has seven days of 3."""
    lines: list[Any] = [
        (InfusionSchedule(1, 2, sequence=1), 1),
        (InfusionSchedule(1, 5, sequence=0), 3),
        (InfusionSchedule(1, 5, sequence=2), 3),
    ]
    assert planned_courses(lines) == (PlannedCourse(32, 12, 1, 3, 17),)


def test_lines_of_one_number_are_side_by_side() -> None:
    lines: list[Any] = [(InfusionSchedule(1, 2, sequence=1), 3), (InfusionSchedule(1, 3, sequence=1), 1)]
    assert planned_courses(lines) == (PlannedCourse(9, 3, 1, 4, 9),)


def test_dated_lines_are_laid_out_in_the_calendar() -> None:
    first = InfusionSchedule(1, 2, starts_on=date(2026, 6, 16))
    then = InfusionSchedule(1, 3, starts_on=date(2026, 6, 18))
    assert planned_courses([(then, 1), (first, 1)]) == (PlannedCourse(5, 5, 1, 1, 5),)


def test_dated_lines_far_apart_are_several_courses() -> None:
    first = InfusionSchedule(1, 2, starts_on=date(2026, 6, 16))
    then = InfusionSchedule(1, 3, starts_on=date(2026, 7, 14))
    found = planned_courses([(first, 1), (then, 2)])
    assert found == (PlannedCourse(2, 2, 1, 1, 2, 28), PlannedCourse(6, 3, 2, 2, 6, 28))


@pytest.mark.parametrize(("day", "courses"), [(20, 1), (21, 2)])
def test_infusion_days_three_days_apart_are_one_course(day: int, courses: int) -> None:
    lines: list[Any] = [
        (InfusionSchedule(1, 2, starts_on=date(2026, 6, 16)), 1),
        (InfusionSchedule(1, 2, starts_on=date(2026, 6, day)), 1),
    ]
    assert len(planned_courses(lines)) == courses


def test_a_line_without_an_end_leaves_the_course_open() -> None:
    (course,) = planned_courses([(FIVE_DAYS, 1), (InfusionSchedule(1, None, has_end=False), 1)])
    assert course == PlannedCourse(None, None, 1, 2, 12)


def test_an_induction_and_its_maintenance_are_two_kinds_of_courses() -> None:
    induction, maintenance = InfusionSchedule(1, 5, sequence=1), InfusionSchedule(1, 1, 21.0, sequence=2)
    assert planned_courses([(maintenance, 3), (induction, 1)]) == (
        PlannedCourse(5, 5, 1, 1, 5),
        PlannedCourse(3, 1, 3, 3, 3, 21),
    )


def test_repeated_lines_of_one_interval_add_up_unless_numbered() -> None:
    every = InfusionSchedule(1, 1, 28.0)
    assert planned_courses([(every, 1), (every, 2)]) == (PlannedCourse(3, 1, 3, 3, 3, 28),)
    partly: list[Any] = [(InfusionSchedule(1, 1, 28.0, sequence=1), 1), (every, 2)]
    assert planned_courses(partly) == (PlannedCourse(3, 1, 3, 3, 3, 28),)
    numbered: list[Any] = [(InfusionSchedule(1, 1, 28.0, sequence=n), n) for n in (1, 2)]
    assert [course.total for course in planned_courses(numbered)] == [1, 2]
    assert [course.interval_days for course in planned_courses([(every, 1), (InfusionSchedule(1, 1, 21.0), 2)])] == [
        28,
        21,
    ]
