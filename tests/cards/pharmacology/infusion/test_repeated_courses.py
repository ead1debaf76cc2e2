"""Whether an order plans more than one course (book 4.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.errors import NotKnown
from cards.orders import DoseLine, MedicationOrder, Timing
from cards.pharmacology.infusion.repeated_courses import Plan, plan_of
from tests.cards.pharmacology.charts import AS_OF, order


def plan(*lines: DoseLine, **details: Any) -> Plan:
    """What one draft of these lines plans."""
    return plan_of([order(*lines, **details)], AS_OF)


def timed(**timing: Any) -> DoseLine:
    """A line with this timing."""
    return DoseLine(timing=Timing(**timing))


def daily(**timing: Any) -> DoseLine:
    """A line for every day."""
    return timed(frequency=1, period=1, period_unit="d", **timing)


@pytest.mark.parametrize(
    ("line", "intervals", "days"),
    [
        (daily(lasts_days=5), (), 5),
        (timed(count=1), (), 1),
        (timed(frequency=1, period=3, period_unit="wk"), (21,), 1),
        (timed(frequency=5, period=28, period_unit="d"), (28,), 5),
        (timed(frequency=1, period=2, period_unit="d"), (2,), None),
        (timed(frequency=1, period=2, period_unit="d", count=5), (), 5),
        (daily(), (), None),
        (DoseLine(), (), 1),
    ],
)
def test_intervals_of_courses_and_days_of_one(line: DoseLine, intervals: tuple[float, ...], days: int | None) -> None:
    found = plan(line)
    assert (found.intervals, found.days) == (intervals, days)


@pytest.mark.parametrize(
    ("line", "bounds"),
    [
        (daily(lasts_days=30), 30),
        (daily(lasts_days=30, count=5), 0),
        (timed(count=1, lasts_days=30), 0),
        (timed(once_by_code=True, lasts_days=30), 0),
        (daily(starts_on=date(2026, 6, 16), ends_on=date(2026, 7, 14)), 29),
        (daily(ends_on=date(2026, 7, 14)), 0),
        (DoseLine(text="30 g daily for 5 days"), 0),
    ],
)
def test_bounds_that_no_number_of_infusions_limits(line: DoseLine, bounds: float) -> None:
    assert plan(line).bounds_days == bounds


def test_refills_are_those_of_the_draft_with_most() -> None:
    drafts = [order(daily(lasts_days=5), refills=refills) for refills in (None, 2, 1)]
    assert plan_of(drafts, AS_OF).refills == 2
    assert plan(daily(lasts_days=5)).refills == 0


def test_a_line_that_is_not_understood_leaves_what_others_tell() -> None:
    unread, repeated = DoseLine(text="as in the protocol"), timed(frequency=1, period=3, period_unit="wk")
    assert plan(unread, repeated).intervals == (21,)
    for line in (unread, daily(lasts_days=5)):
        with pytest.raises(NotKnown):
            plan(unread, line)


def test_no_lines_plan_nothing() -> None:
    empty: list[MedicationOrder] = [order()]
    assert plan_of(empty, AS_OF) == Plan((), 0, 0.0, None)
