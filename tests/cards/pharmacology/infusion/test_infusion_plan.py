"""Which single doses an order of infusions gives, how far apart, how many (book 5.5)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.concepts import Strength
from cards.orders import Amount, DoseLine, Drug, Route, Timing
from cards.pharmacology.infusion.infusion_plan import InfusionPlan, PlannedDose, infusion_plan
from cards.pharmacology.infusion.infusion_words import InfusionWords
from tests.cards.pharmacology.charts import AS_OF, mg, order, signed

RITUXIMAB = Drug("rituximab", frozenset({"rituximab"}), strength=Strength(10, "mg", "mL"))
WEEKLY: dict[str, Any] = {"frequency": 1, "period": 1, "period_unit": "wk"}


def plan(*lines: DoseLine) -> InfusionPlan:
    """The plan of one draft with these lines."""
    return infusion_plan(signed(order(*lines, drug=RITUXIMAB)), AS_OF)


def timed(amount: Amount | None = None, text: str = "", **timing: Any) -> DoseLine:
    """A line with a dose of 500 mg unless said."""
    return DoseLine(amount=amount or mg(500), text=text, timing=Timing(**timing) if timing else None)


def spacing(line: DoseLine) -> tuple[float | None, int]:
    """(shortest interval, doses closer than two weeks)."""
    found = plan(line)
    return found.shortest_interval_days, found.times_closer_than(14)


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        ({**WEEKLY, "count": 4}, (7, 4)),
        ({**WEEKLY, "count": 4, "count_max": 6}, (7, 6)),
        ({**WEEKLY, "lasts_days": 28}, (7, 4)),
        ({**WEEKLY, "lasts_days": 30.4375}, (7, 4)),
        ({**WEEKLY, "lasts_days": 3}, (None, 1)),
        ({**WEEKLY, "starts_on": date(2026, 6, 16), "ends_on": date(2026, 7, 13)}, (7, 4)),
        ({**WEEKLY, "starts_on": date(2026, 6, 16), "ends_on": date(2026, 7, 14)}, (7, 4)),
        ({**WEEKLY, "starts_on": date(2026, 6, 16), "ends_on": date(2026, 7, 15)}, (7, 5)),
        ({**WEEKLY, "starts_on": date(2026, 6, 16), "ends_on": date(2026, 6, 23)}, (7, 2)),
        ({**WEEKLY, "starts_on": date(2026, 6, 16), "ends_on": date(2026, 6, 18)}, (None, 1)),
        ({**WEEKLY, "ends_on": date(2026, 7, 13)}, (7, 4)),
        ({**WEEKLY, "starts_on": date(2026, 6, 16)}, (7, 1)),
        ({**WEEKLY, "events": (date(2026, 6, 16),), "count": 4}, (7, 4)),
        (WEEKLY, (7, 1)),
        ({"period": 1, "period_unit": "wk", "count": 4}, (7, 4)),
        ({**WEEKLY, "frequency": 2, "count": 4}, (3.5, 4)),
        ({**WEEKLY, "frequency_max": 2}, (3.5, 1)),
        ({"per_day_by_code": 1 / 7, "count": 4}, (7, 4)),
        ({"per_day_by_code": 1 / 7, "frequency": 2, "count": 4}, (7, 4)),
        ({"code": "weekly x 6"}, (7, 6)),
        ({"frequency": 1, "period": 14, "period_unit": "d", "count": 2}, (14, 1)),
        ({"frequency": 1, "period": 336, "period_unit": "h", "count": 2}, (14, 1)),
        ({"frequency": 2, "period": 1, "period_unit": "d", "count": 4}, (0.5, 4)),
        ({"times_of_day": ("08:00", "20:00"), "count": 4}, (0.5, 4)),
        ({"frequency": 1, "period": 1, "period_unit": "d", "times_of_day": ("08:00", "20:00"), "count": 4}, (0.5, 4)),
        ({"when": ("MORN",), "count": 4}, (1, 4)),
        ({"days_of_week": ("mon",), "count": 4}, (7, 4)),
        ({"days_of_week": ("mon",), "times_of_day": ("08:00", "20:00"), "count": 4}, (3.5, 4)),
        ({"days_of_week": ("mon", "thu"), "count": 4}, (3, 4)),
        ({"days_of_week": ("someday",), "count": 4}, (7, 4)),
        ({**WEEKLY, "days_of_week": ("fri", "mon"), "count": 4}, (3, 4)),
        ({**WEEKLY, "period": 2, "days_of_week": ("mon",), "count": 4}, (14, 1)),
        ({**WEEKLY, "period": 2, "days_of_week": ("mon", "tue"), "count": 4}, (1, 4)),
        ({"events": (date(2026, 6, 16), date(2026, 6, 30))}, (14, 1)),
        ({"events": (date(2026, 6, 30), date(2026, 6, 16), date(2026, 6, 23))}, (7, 3)),
        ({"events": (date(2026, 6, 16),)}, (None, 1)),
        ({"events": (date(2026, 6, 16),), "starts_on": date(2026, 6, 9), "count": 1}, (None, 1)),
        ({"count": 1}, (None, 1)),
        ({"frequency": 1, "period": 0, "period_unit": "wk"}, (None, 1)),
        ({"frequency": 1, "period": 3}, (None, 1)),
        ({"starts_on": date(2026, 6, 16)}, (None, 1)),
        ({}, (None, 1)),
    ],
)
def test_spacing_by_timing(timing: dict[str, Any], expected: tuple[float | None, int]) -> None:
    assert spacing(timed(**timing)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1000 mg IV day 1 and 15", (14, 1)),
        ("1000 mg IV on days 1, 8, 15 and 22", (7, 4)),
        ("1000 mg IV D1, D8", (7, 2)),
        ("375 mg/m2 weekly x 6", (7, 6)),
        ("375 mg/m2 weekly x 6, then review.", (7, 6)),
        ("375 mg/m2 weekly times six", (7, 6)),
        ("375 mg/m2 every week for four weeks", (7, 4)),
        ("375 mg/m2 twice weekly for 4 doses", (3.5, 4)),
        ("375 mg/m2 x 4 every 7 days", (7, 4)),
        ("1000 mg every two weeks for two doses", (14, 1)),
        ("1000 mg on day 1, then on day 15", (14, 1)),
        ("375 mg/m2 weekly for 4 weeks", (7, 4)),
        ("every 2 weeks, 2 doses", (14, 1)),
        ("every 28 days 500 mg", (28, 1)),
        ("375 mg/m2 daily x 4", (1, 4)),
        ("375 mg/m2 BID", (1, 1)),
        ("375 mg/m2 every 1 day for 4 days", (1, 4)),
        ("375 mg/m2 weekly x 4, blood pressure daily", (7, 4)),
        ("375 mg/m2 once, blood count daily", (None, 1)),
        ("375 mg/m2, one dose daily for 4 days", (1, 4)),
        ("375 mg/m2, premedicate a day before", (None, 1)),
        ("one-time dose", (None, 1)),
        ("per protocol", (None, 1)),
    ],
)
def test_spacing_by_words(text: str, expected: tuple[float | None, int]) -> None:
    assert spacing(timed(text=text)) == expected


def test_words_complete_a_timing_that_gives_no_number() -> None:
    assert spacing(timed(text="weekly x6", **WEEKLY)) == (7, 6)


def test_a_single_dose_is_one_whatever_days_the_words_name() -> None:
    assert spacing(timed(text="day 1 and 15", count=1)) == (None, 1)


@pytest.mark.parametrize(
    ("line", "times"),
    [
        (timed(text="one-time dose"), 1),
        (timed(starts_on=date(2026, 6, 16)), 1),
        (timed(**WEEKLY, lasts_days=3), 1),
        (timed(events=(date(2026, 6, 16), date(2026, 6, 30))), 2),
        (timed(text="per protocol"), None),
    ],
)
def test_number_of_doses_of_a_line(line: DoseLine, times: int | None) -> None:
    assert [dose.rhythm.times for dose in plan(line).doses] == [times]


def test_day_one_is_the_day_of_the_call() -> None:
    (dose,) = plan(timed(text="1000 mg IV day 1 and 15")).doses
    assert [date.fromordinal(day) for day in dose.rhythm.days] == [date(2026, 6, 15), date(2026, 6, 29)]


def test_a_named_day_tells_when_a_single_dose_is_given() -> None:
    found = plan(timed(text="Day 1", count=1), timed(text="Day 15", count=1))
    assert found.shortest_interval_days == 14
    assert [dose.mg for dose in found.doses] == [500, 500]


@pytest.mark.parametrize(
    ("text", "interval", "expected"),
    [
        ("x 4", 7, 4), ("× 4 doses", 7, 4), ("for 28 days", 7, 4), ("for 4 weeks", 14, 2), ("4 infusions", 7, 4),
        ("for a total of 4 doses", 7, 4), ("x 4 hours", 7, None), ("over 4 hours", 7, None), ("daily", 1, None),
        ("for 5 days", 7, 1),
    ],
)  # fmt: skip
def test_number_of_doses_in_words(text: str, interval: float, expected: int | None) -> None:
    assert InfusionWords(text).doses(interval) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("day 1 and 15", [1, 15]), ("days 1 & 15", [1, 15]), ("d1/d15", [1, 15]), ("Day 1, Day 8", [1, 8]),
        ("day 15", [15]), ("day 1 and on day 15", [1, 15]), ("day 1; then day 8", [1, 8]), ("day 1 then 500 mg", [1]),
        ("every 21 days 375 mg", []), ("every other day", []), ("500 mg/d", []), ("day 1 and 15.", [1, 15]),
    ],
)  # fmt: skip
def test_named_days(text: str, expected: list[int]) -> None:
    assert InfusionWords(text).days_named == expected


@pytest.mark.parametrize("text", ["every 0 weeks for 28 days", "0-weekly for 28 days"])
def test_an_interval_of_nothing_is_none(text: str) -> None:
    assert InfusionWords(text).interval_days is None


def test_lines_of_one_moment_are_added_up_and_the_closer_and_longer_rhythm_counts() -> None:
    found = plan(timed(mg(500), **WEEKLY, count=4), timed(mg(246), **{**WEEKLY, "period": 2}, count=6))
    (dose,) = found.doses
    assert (dose.mg, dose.rhythm.interval_days, dose.rhythm.times) == (746, 7, 6)


@pytest.mark.parametrize(("start", "times"), [(date(2026, 7, 14), 8), (date(2026, 12, 16), 4), (None, 8)])
def test_dated_courses_run_on_only_where_their_days_do(start: date | None, times: int) -> None:
    first = timed(**WEEKLY, starts_on=date(2026, 6, 16), count=4)
    assert plan(first, timed(**WEEKLY, starts_on=start, count=4)).times_closer_than(14) == times


def test_a_single_dose_beside_doses_without_an_end_does_not_end_them() -> None:
    once, weekly = timed(starts_on=date(2026, 6, 16), count=1), timed(**WEEKLY, starts_on=date(2026, 6, 16))
    for lines in ((once, weekly), (weekly, once)):
        (dose,) = plan(*lines).doses
        assert (dose.mg, dose.rhythm.interval_days, dose.rhythm.times) == (1000, 7, None)
    (dose,) = plan(once, once).doses
    assert (dose.mg, dose.rhythm.times) == (1000, 1)


def test_numbered_lines_follow_one_another() -> None:
    lines = (timed(mg(746), **WEEKLY, count=4), timed(mg(500), count=1))
    found = plan(lines[0]._replace(sequence=1), lines[1]._replace(sequence=2))
    assert [dose.mg for dose in found.doses] == [746, 500]


def test_the_gap_between_a_course_and_the_next_dated_dose_counts() -> None:
    course = timed(**WEEKLY, count=4, starts_on=date(2026, 6, 16))
    after = timed(count=1, starts_on=date(2026, 7, 9))  # two days after the fourth dose
    assert plan(course, after).shortest_interval_days == 2


def test_doses_per_surface_are_kept_apart_from_doses_in_mg() -> None:
    found = plan(timed(Amount(375, 375, "mg/m2")), timed(mg(100)))
    assert found.doses == (PlannedDose(mg=100, mg_per_m2=375),)
    assert plan(timed(Amount(375, 375, "mg/m2")), timed(Amount(100, 100, "mg/m2"))).doses[0].mg_per_m2 == 475
    assert plan(timed(Amount(0.375, 0.5, "g/m2"))).doses == (PlannedDose(mg_per_m2=500),)


@pytest.mark.parametrize(
    ("line", "unread"),
    [
        (timed(Amount(375, 375, "[IU]/m2")), "a dose of 375 [IU]/m2"),
        (timed(Amount(0, 0, "mg/m2")), "a dose of 0 mg/m2"),
        (timed(Amount(10, 10, "mg/kg")), "dose in mg/kg"),
        (timed()._replace(unreadable="the text and the dose disagree"), "the text and the dose disagree"),
        (DoseLine(text="as discussed"), "no dose given"),
        (DoseLine(), "no dose given"),
    ],
)
def test_a_dose_that_cannot_be_read_says_why(line: DoseLine, unread: str) -> None:
    assert plan(line) == InfusionPlan((), unread)


def test_a_line_without_any_dose_beside_one_with_a_dose_says_nothing() -> None:
    without = DoseLine(route=Route.INTRAVENOUS)
    assert plan(timed(), without) == plan(without, timed()) == plan(timed())


@pytest.mark.parametrize("line", [DoseLine(text="and as discussed"), DoseLine(unreadable="no dose given")])
def test_a_line_that_cannot_be_read_is_named_beside_the_dose_of_another(line: DoseLine) -> None:
    for lines in ((line, timed()), (timed(), line)):
        assert plan(*lines) == plan(timed())._replace(unread="no dose given")


def test_a_sum_counts_as_read_from_text_where_one_of_its_doses_is() -> None:
    for lines in ((timed(), timed()._replace(from_text=True)), (timed()._replace(from_text=True), timed())):
        assert plan(*lines).doses[0].from_text


def test_a_timing_that_is_not_understood_leaves_the_dose() -> None:
    line = timed()._replace(unreadable="the timing code is not understood", only_timing_unreadable=True)
    assert [dose.mg for dose in plan(line).doses] == [500]


def test_lines_of_another_route_are_left_out() -> None:
    elsewhere = timed()._replace(route=Route.SUBCUTANEOUS)
    assert plan(elsewhere) == InfusionPlan(())
    assert plan(elsewhere, timed()) == plan(timed())


def test_a_draft_without_lines_states_no_dose() -> None:
    assert plan() == InfusionPlan((), "no dose given")


def test_millilitres_are_read_by_the_strength() -> None:
    assert plan(timed(Amount(50, 50, "mL"))).doses[0].mg == 500
