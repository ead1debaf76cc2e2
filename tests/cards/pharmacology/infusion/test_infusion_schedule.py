"""How an infusion order is laid out: infusions a day, days in a row, interval of courses (book 4.2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cards.errors import NotKnown
from cards.orders import DoseLine, Timing
from cards.pharmacology.infusion.infusion_schedule import (
    InfusionSchedule,
    days_in_a_row,
    infusion_schedule,
    share_a_day,
)
from cards.pharmacology.infusion.infusion_timing import WEEK
from tests.cards.pharmacology.charts import AS_OF

Layout = tuple[float, int | None, float | None]


def layout(line: DoseLine, **details: Any) -> Layout | None:
    """(infusions a day, days in a row, days from course to course)."""
    found = infusion_schedule(line, AS_OF, **details)
    return None if found is None else (found.per_day, found.days, found.interval_days)


def timed(**timing: Any) -> DoseLine:
    """A line with this timing and no words."""
    return DoseLine(timing=Timing(**timing))


DAILY: dict[str, Any] = {"frequency": 1, "period": 1, "period_unit": "d"}
FIVE_DAYS: dict[str, Any] = {**DAILY, "lasts_days": 5}


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        (FIVE_DAYS, (1, 5, None)),
        ({**DAILY, "count": 5}, (1, 5, None)),
        ({**DAILY, "count": 3, "count_max": 5}, (1, 5, None)),
        ({**DAILY, "lasts_days": 7, "count": 5}, (1, 5, None)),
        (DAILY, (1, None, None)),
        ({**DAILY, "starts_on": date(2026, 6, 16), "ends_on": date(2026, 6, 20)}, (1, 5, None)),
        ({**DAILY, "ends_on": date(2026, 6, 19)}, (1, 5, None)),
        ({"frequency": 2, "period": 1, "period_unit": "d", "count": 10}, (2, 5, None)),
        ({"frequency": 1, "frequency_max": 2, "period": 1, "period_unit": "d", "lasts_days": 5}, (2, 5, None)),
        ({"frequency": 1, "period": 12, "period_unit": "h", "count": 4}, (2, 2, None)),
        ({"times_of_day": ("08:00", "20:00"), "count": 4}, (2, 2, None)),
        ({"when": ("MORN",), "lasts_days": 5}, (1, 5, None)),
        ({"per_day_by_code": 1.0}, (1, None, None)),
        ({"per_day_by_code": 2.0, "frequency": 2, "count": 4}, (2, 2, None)),
        ({**DAILY, "per_day_by_code": 2.0, "frequency": 2, "count": 4}, (2, 2, None)),
        ({"per_day_by_code": 1 / 7}, (1, 1, 7)),
        ({"frequency": 1, "period": 3, "period_unit": "wk"}, (1, 1, 21)),
        ({"frequency": 5, "period": 21, "period_unit": "d"}, (1, 5, 21)),
        ({"frequency": 5, "period": 3, "period_unit": "d"}, (5 / 3, 3, 3)),
        ({"frequency": 5, "period": 5, "period_unit": "d", "lasts_days": 5}, (1, 5, None)),
        ({"frequency": 5, "period": 5, "period_unit": "d", "count": 5}, (1, 5, None)),
        ({"frequency": 7, "period": 1, "period_unit": "wk", "lasts_days": 5}, (1, 5, None)),
        ({"frequency": 7, "period": 1, "period_unit": "wk", "count": 5}, (1, 5, None)),
        ({"frequency": 7, "period": 1, "period_unit": "wk", "count": 7}, (1, 7, None)),
        ({"frequency": 7, "period": 1, "period_unit": "wk", "lasts_days": 28}, (1, 7, 7)),
        ({"frequency": 1, "period": 3, "period_unit": "wk", "lasts_days": 0.5}, (1, 1, None)),
        ({"frequency": 1, "period": 5, "period_unit": "d", "duration": 5, "duration_days": 5.0}, (1, 5, 5)),
        ({"frequency": 1, "period": 5, "period_unit": "d", "duration": 5, "duration_days": 5 / 24}, (1, 1, 5)),
        ({"frequency": 5, "period": 28, "period_unit": "d", "duration_days": 1.0}, (1, 5, 28)),
        ({"frequency": 2, "period": 56, "period_unit": "d", "duration_days": 2.0}, (1, 2, 28)),
        ({"code": "daily x5"}, (1, 5, None)),
        ({"days_of_week": ("mon", "tue", "thu")}, (1, 2, 7)),
        ({"frequency": 1, "period": 1, "period_unit": "wk", "days_of_week": ("mon", "tue")}, (1, 2, 7)),
        ({"frequency": 1, "period": 2, "period_unit": "wk", "days_of_week": ("mon",)}, (1, 1, 14)),
        ({"frequency": 1, "period": 4, "period_unit": "wk", "days_of_week": ("mon", "tue")}, (1, 2, 28)),
        ({"period": 4, "period_unit": "wk", "days_of_week": WEEK}, (1, 7, 28)),
        ({"frequency": 1, "period": 2, "period_unit": "d", "days_of_week": ("mon", "tue")}, (1, 1, 2)),
        ({"days_of_week": ("someday",)}, (1, 1, 7)),
        ({"days_of_week": ("sat", "sun", "mon")}, (1, 3, 7)),
        ({"days_of_week": ("mon", "tue"), "lasts_days": 7}, (1, 2, None)),
        ({**FIVE_DAYS, "days_of_week": ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}, (1, 5, None)),
        ({"events": (date(2026, 6, 16), date(2026, 6, 17), date(2026, 6, 20))}, (1, 2, None)),
        ({"events": (date(2026, 6, 16), date(2026, 6, 16), date(2026, 6, 17))}, (2, 2, None)),
    ],
)
def test_structured_timing(timing: dict[str, Any], expected: Layout) -> None:
    found = layout(timed(**timing))
    assert found == (pytest.approx(expected[0]), *expected[1:])


def test_one_time_orders() -> None:
    for line in (timed(count=1), timed(once_by_code=True), DoseLine(text="30 g once"), DoseLine(text="30 g x1")):
        found = infusion_schedule(line, AS_OF)
        assert found is not None
        assert found.is_one_time
        assert not found.is_daily


def test_the_end_of_the_whole_order_is_an_end() -> None:
    assert layout(timed(**DAILY), ends_on=date(2026, 6, 19)) == (1, 5, None)
    assert layout(timed(**FIVE_DAYS), ends_on=date(2026, 6, 16)) == (1, 5, None)
    open_ended = infusion_schedule(timed(**DAILY), AS_OF)
    assert open_ended is not None
    assert not open_ended.has_end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 g daily until 6/19", True),
        ("30 g daily until June 19", True),
        ("30 g daily until discharge", False),
        ("30 g daily until discharge. Check CBC in 2 days", False),
    ],
)
def test_a_date_that_is_not_read_is_an_end(text: str, expected: bool) -> None:
    for line in (DoseLine(text=text), timed(**DAILY)._replace(text=text)):
        found = infusion_schedule(line, AS_OF)
        assert found is not None
        assert (found.days, found.has_end) == (None, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 g every other day x 5", 5),
        ("30 g every 48 hours, 5 doses", 5),
        ("30 g x 5 every 48 hours", 5),
        ("30 g x 5 doses every other day", 5),
        ("30 g x 5 every 4 weeks", None),
        ("30 g x 5 days every 5 days", None),
        ("30 g every other day", None),
        ("30 g every other day for 60 days", None),
        ("30 g daily x 5 every 4 weeks", None),
    ],
)
def test_a_number_of_doses_beside_an_interval_ends_it(text: str, expected: int | None) -> None:
    found = infusion_schedule(DoseLine(text=text), AS_OF)
    assert found is not None
    assert found.repeats == expected


def test_a_number_of_doses_in_words_ends_the_interval_of_a_timing() -> None:
    found = infusion_schedule(timed(frequency=1, period=2, period_unit="d")._replace(text="q48h x 5 doses"), AS_OF)
    assert found is not None
    assert (found.interval_days, found.repeats) == (2, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.4 g/kg daily x 5 days", (1, 5, None)),
        ("0.4 g/kg daily x5", (1, 5, None)),
        ("0.4 g/kg/day for 5 consecutive days", (1, 5, None)),
        ("30 g IV over 4-6 hours daily x5", (1, 5, None)),
        ("30 g daily for 2 weeks", (1, 14, None)),
        ("30 g every day", (1, None, None)),
        ("30 g every 1 day", (1, None, None)),
        ("30 g every 1 day for 5 days", (1, 5, None)),
        ("30 g every 1 day x 5", (1, 5, None)),
        ("30 g q1d x5, every 4 weeks", (1, 5, 28)),
        ("30 g every 14 days, premedicate a day before", (1, 1, 14)),
        ("30 g once", (1, 1, None)),
        ("1 g/kg every 3 weeks", (1, 1, 21)),
        ("1 g/kg q21d", (1, 1, 21)),
        ("30 g weekly", (1, 1, 7)),
        ("30 g monthly", (1, 1, 30.4375)),
        ("2 g/kg over 2-5 days every 4 weeks x 6", (1, 5, 28)),
        ("30 g every 4 weeks x 6", (1, 1, 28)),
        ("1 g/kg every 3 weeks for 90 days", (1, 1, 21)),
        ("1 g/kg q3w for 12 weeks", (1, 1, 21)),
        ("30 g daily for 5 days every 5 days", (1, 5, 5)),
        ("30 g daily x 5 doses q28d", (1, 5, 28)),
        ("30 g daily for five days", (1, 5, None)),
        ("30 g daily times 5", (1, 5, None)),
        ("30 g daily for 5 doses", (1, 5, None)),
        ("30 g daily x 2 weeks", (1, 14, None)),
        ("30 g every one day", (1, None, None)),
        ("30 g every one week", (1, 1, 7)),
        ("30 g daily every 4 weeks, 3 infusions", (1, 1, 28)),
        ("30 g daily, 5 infusions", (1, 5, None)),
        ("30 g every 24h x 5 doses", (1, 5, None)),
        ("0.4 g/kg on days 1-5", (1, 5, None)),
        ("0.4 g/kg on days 1 to 5, every 28 days", (1, 5, 28)),
        ("0.4 g/kg day 5 to 1, daily", (1, None, None)),
        ("1 g/kg every 28 days 2-3 vials", (1, 1, 28)),
        ("30 g every 3 weeks for 6 doses", (1, 1, 21)),
        ("1 g/kg, one dose", (1, 1, None)),
        ("1 g/kg, one dose every 3 weeks", (1, 1, 21)),
        ("30 g daily 5 days", (1, 5, None)),
        ("0.4 g/kg on five consecutive days", (1, 5, None)),
        ("2 g/kg over five days", (1, 5, None)),
        ("1 g/kg day 1/day 2, daily", (1, 2, None)),
        ("40 g on days 1, 2, 3 and 4.", (1, 4, None)),
        ("1 g/kg day 1 and 8, daily", (1, None, None)),
        ("0.4 g/kg daily D1-D5", (1, 5, None)),
        ("0.4 g/kg OD 5/7", (1, 5, None)),
        ("30 g daily for up to 5 days", (1, 5, None)),
        ("30 g daily for 4 more days", (1, 4, None)),
        ("30 g daily. Duration: 5 days", (1, 5, None)),
        ("30 g daily for five (5) days", (1, 5, None)),
        ("80 g three-weekly", (1, 1, 21)),
        ("80 g 3 weekly", (1, 1, 21)),
        ("80 g weekly, 3 weekly doses", (1, 1, 7)),
        ("80 g x 3 weekly", (1, 1, 7)),
        ("30 g IV daily x 5 for Guillain-Barre syndrome", (1, 5, None)),
        ("30 g IV daily x5 starting today", (1, 5, None)),
        ("30 g IV daily x 5-day course", (1, 5, None)),
        ("30 g IV daily x 2 vials", (1, None, None)),
        ("30 g IV daily x 6 months", (1, None, None)),
        ("0.4 g/kg q.d. x 5", (1, 5, None)),
        ("0.4 g/kg/day, 5 days", (1, 5, None)),
        ("30 g daily (5 days)", (1, 5, None)),
        ("30 g daily 5 days a week", (1, None, None)),
        ("30 g daily. 7 days supply", (1, None, None)),
        ("5-day course of 0.4 g/kg/day", (1, 5, None)),
        ("5 days of 0.4 g/kg/day every 4 weeks", (1, 5, 28)),
        ("40 g on 2 consecutive days every 3 weeks", (1, 2, 21)),
        ("2 g/kg divided in 5 daily doses", (1, 5, None)),
        ("2 g/kg as 2-5 daily infusions", (1, 5, None)),
        ("2 g/kg in 10 divided doses BID", (2, 5, None)),
        ("2 g/kg divided into 2 doses every 4 weeks", (1, 2, 28)),
        ("30 g every 48 hours x 5", (1, 1, 2)),
        ("30 g q48h", (1, 1, 2)),
        ("30 g q72h x 5", (1, 1, 3)),
        ("30 g q24h, 5 days", (1, 5, None)),
        ("30 g daily x 2-3 days", (1, 3, None)),
        ("0.4 g/kg/day 5 infusions", (1, 5, None)),
        ("30 g once a week for 8 weeks", (1, 1, 7)),
        ("30 g every week x 6", (1, 1, 7)),
        ("30 g every two weeks x 6", (1, 1, 14)),
        ("30 g every other week", (1, 1, 14)),
        ("30 g fortnightly", (1, 1, 14)),
        ("30 g every other day x 6", (1, 1, 2)),
        ("30 g twice weekly", (1, 1, 3.5)),
        ("30 g three times a week for 2 weeks", (1, 1, 7 / 3)),
        ("30 g 2x/week", (1, 1, 3.5)),
        ("30 g 4 times weekly", (1, 1, 1.75)),
        ("30 g x 5 doses every other day", (1, 1, 2)),
        ("30 g x 5 days every 5 days", (1, 5, 5)),
        ("30 g daily x 5 every 5 days", (1, 5, 5)),
        ("30 g daily, total of 5 days", (1, 5, None)),
        ("30 g daily, course of 5 days", (1, 5, None)),
        ("30 g daily [5 days]", (1, 5, None)),
        ("30 g daily, last course 20 days ago", (1, None, None)),
        ("1 g/kg every 3-4 weeks x 6", (1, 1, 21)),
        ("1 g/kg q3-4w", (1, 1, 21)),
        ("1 g/kg each 28-day cycle", (1, 1, 28)),
        ("1 g/kg every month", (1, 1, 30.4375)),
        ("one-time dose of 30 g", (1, 1, None)),
        ("0.4 g/kg daily x5 every 4 weeks", (1, 5, 28)),
        ("0.4 g/kg daily x 5 q4w x 6", (1, 5, 28)),
        ("0.4 g/kg daily x 5 courses every 4 weeks", (1, 1, 28)),
        ("20 g IV BID x 2 days", (2, 2, None)),
        ("20 g IV b.i.d. x 2 days", (2, 2, None)),
        ("20 g twice a day", (2, None, None)),
        ("20 g two times daily, 4 doses", (2, 2, None)),
        ("20 g twice daily x 10 doses", (2, 5, None)),
        ("20 g BID for a total of 2 days", (2, 2, None)),
        ("20 g BID, one day", (2, 1, None)),
        ("20 g BID for 1 day", (2, 1, None)),
        ("20 g TID x 2 days", (3, 2, None)),
        ("20 g 3 times a day for 2 days", (3, 2, None)),
        ("20 g 2x/day for 2 days", (2, 2, None)),
        ("20 g q12h x 2 days", (2, 2, None)),
        ("20 g 0 times daily", (1, None, None)),
        ("20 g in the morning and 20 g in the evening for 2 days", (2, 2, None)),
        ("20 g AM, PM x 2 days", (2, 2, None)),
        ("20 g daily for 5 days. Premedication: cetirizine 10 mg once", (1, 5, None)),
        ("20 g daily for 5 days. Check IgA first, repeat CBC weekly x 2.", (1, 5, None)),
        ("Premedicate with paracetamol 1 g q8h. 20 g daily for 5 days", (1, 5, None)),
        ("20 g daily for 5 days with premedication. Infuse slowly.", (1, 5, None)),
        ("Premedicate, then 20 g daily for 5 days", (1, 5, None)),
        ("Premedicate, then 0.4 g/kg daily for 5 days. Repeat every 4 weeks.", (1, 5, 28)),
        ("Labs today, then 20 g daily for 5 days. Repeat every 4 weeks.", (1, 5, 28)),
        ("20 g daily for 5 days. Methylprednisolone 1 g once.", (1, 5, None)),
        ("20 g daily for 5 days. Last course 2 g/kg daily for 2 days every 4 weeks.", (1, 5, None)),
        ("Premedicate 20 g daily for 5 days. Infuse slowly.", (1, 5, None)),
        ("20 g every 8 hours for 2 days every 4 weeks", (3, 2, 28)),
        ("20 g daily for 5 days, vitals every 8 hours", (1, 5, None)),
        ("20 g for 5 days; paracetamol 1 g TID", (1, 5, None)),
        ("20 g for 5 days. Prednisone 20 mg BID", (1, 5, None)),
        ("20 g for 5 days, vitals every 4 hours", (1, 5, None)),
    ],
)
def test_words(text: str, expected: Layout) -> None:
    assert layout(DoseLine(text=text)) == expected
    assert layout(DoseLine(patient_instruction=text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "infuse as in the protocol",
        "every 0.5 weeks",
        "per pharmacy",
        "biweekly",
        "1 g/kg day 1/day 8",
        "30 g, 5 doses",
        "30 g. Check creatinine daily",
        "Infuse per protocol. Vitals daily.",
        "days 3-3",
    ],
)
def test_words_that_are_not_understood_are_not_known(text: str) -> None:
    with pytest.raises(NotKnown, match="free text"):
        infusion_schedule(DoseLine(text=text), AS_OF)


def test_a_line_says_why_it_cannot_be_read() -> None:
    with pytest.raises(NotKnown, match="the timing code is not understood"):
        infusion_schedule(DoseLine(timing=Timing(code="XYZ"), unreadable="the timing code is not understood"), AS_OF)


def test_a_line_that_says_nothing_has_no_schedule() -> None:
    assert layout(DoseLine()) is None
    assert layout(timed(lasts_days=5)) is None
    assert layout(timed(frequency=1, period=3, lasts_days=5)) is None  # of what?


@pytest.mark.parametrize(
    ("timing", "text", "expected"),
    [
        (FIVE_DAYS, "daily for 5 days, every 4 weeks", (1, 5, 28)),
        (FIVE_DAYS, "once every 1 day for 5 days", (1, 5, None)),
        (DAILY, "daily, blood count weekly", (1, None, None)),
        (DAILY, "daily for 5 days", (1, 5, None)),
        (DAILY, "daily x5 every 4 weeks", (1, 5, 28)),
        ({"per_day_by_code": 1.0}, "for 3 days", (1, 3, None)),
        (FIVE_DAYS, "daily for 7 days", (1, 5, None)),
        ({"frequency": 1, "period": 5, "period_unit": "d"}, "0.4 g/kg daily x5", (1, 5, 5)),
        ({"frequency": 1, "period": 7, "period_unit": "d"}, "once weekly for 28 days", (1, 1, 7)),
        ({"frequency": 5, "period": 21, "period_unit": "d"}, "daily x4", (1, 5, 21)),
        ({"frequency": 1, "events": (date(2026, 6, 16),)}, "daily x5", (1, 5, None)),
    ],
)
def test_words_complete_what_timing_cannot_say(timing: dict[str, Any], text: str, expected: Layout) -> None:
    assert layout(DoseLine(timing=Timing(**timing), text=text)) == expected


@pytest.mark.parametrize(("days", "interval", "overlap"), [(5, 5, True), (5, 6, False), (6, 5, True), (5, None, False)])
def test_courses_overlap_where_the_next_begins_before_a_day_is_free(
    days: int, interval: float | None, overlap: bool
) -> None:
    assert InfusionSchedule(1, days, interval).courses_overlap is overlap


# -- several lines ----------------------------------------------------------


def test_dated_lines_are_laid_out_in_the_calendar() -> None:
    first = InfusionSchedule(1, 3, starts_on=date(2026, 6, 16))
    assert days_in_a_row([first, InfusionSchedule(1, 3, starts_on=date(2026, 6, 19))]) == 6
    assert days_in_a_row([first, InfusionSchedule(1, 3, starts_on=date(2026, 6, 18))]) == 5
    assert days_in_a_row([first, InfusionSchedule(1, 2, starts_on=date(2026, 6, 25))]) == 3


def test_numbered_lines_follow_one_another_others_run_side_by_side() -> None:
    numbered = [InfusionSchedule(1, 3, sequence=1), InfusionSchedule(1, 4, sequence=2)]
    assert days_in_a_row(numbered) == 7
    assert days_in_a_row([InfusionSchedule(1, 3, sequence=1), InfusionSchedule(1, 4, sequence=1)]) == 4
    assert days_in_a_row([InfusionSchedule(1, 3), InfusionSchedule(1, 4)]) == 4


def test_maintenance_that_follows_an_induction_does_not_prolong_it() -> None:
    induction = InfusionSchedule(1, 5, sequence=1)
    assert days_in_a_row([induction, InfusionSchedule(1, 1, 21, sequence=2)]) == 5
    assert days_in_a_row([induction, InfusionSchedule(1, 7, 28, sequence=2)]) == 7


def test_lines_without_an_end_tell_nothing() -> None:
    assert days_in_a_row([]) is None
    assert days_in_a_row([InfusionSchedule(1, None)]) is None


# -- what a dose needs to know ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timing", "repeats"),
    [
        ({"frequency": 1, "period": 3, "period_unit": "wk"}, None),
        ({"frequency": 1, "period": 3, "period_unit": "wk", "count": 4}, 4),
        ({"frequency": 5, "period": 28, "period_unit": "d", "count": 12}, 3),
        ({"frequency": 1, "period": 28, "period_unit": "d", "lasts_days": 57}, 3),
        ({"frequency": 1, "period": 28, "period_unit": "d", "lasts_days": 57, "count": 2}, 2),
        ({"frequency": 1, "period": 28, "period_unit": "d", "duration_days": 5.0, "count": 4}, 4),
        ({"days_of_week": ("mon", "wed"), "count": 6}, 3),
        (FIVE_DAYS, None),
    ],
)
def test_how_often_courses_are_repeated(timing: dict[str, Any], repeats: int | None) -> None:
    found = infusion_schedule(timed(**timing), AS_OF)
    assert found is not None
    assert found.repeats == repeats


@pytest.mark.parametrize(
    ("timing", "on_days"),
    [
        ({"days_of_week": ("mon", "wed", "fri")}, (0, 2, 4)),
        ({"days_of_week": ("mon", "tue")}, ()),
        ({"events": (date(2026, 6, 20), date(2026, 6, 16))}, (0, 4)),
    ],
)
def test_days_that_are_not_in_a_row(timing: dict[str, Any], on_days: tuple[int, ...]) -> None:
    found = infusion_schedule(timed(**timing), AS_OF)
    assert found is not None
    assert found.on_days == on_days


@pytest.mark.parametrize(
    ("line", "over_days"),
    [
        (timed(**FIVE_DAYS), 1),
        (timed(frequency=1, period=21, period_unit="d", duration=2, duration_days=2.0), 2),
        (timed(count=1, duration=5, duration_days=5.0), 5),
        (timed(count=1, duration=5, duration_days=5 / 24), 1),
        (DoseLine(timing=Timing(count=1), text="2 g/kg over 5 days"), 5),
        (DoseLine(timing=Timing(frequency=1, period=4, period_unit="wk"), text="2 g/kg over 2 days"), 2),
        (DoseLine(timing=Timing(frequency=1, period=4, period_unit="wk"), text="1 g/kg x 2 days"), 1),
        (DoseLine(timing=Timing(**FIVE_DAYS), text="2 g/kg over 5 days"), 1),
        (DoseLine(text="2 g/kg over 2 days every 4 weeks"), 2),
        (DoseLine(text="2 g/kg over 5 days"), 5),
        (DoseLine(text="0.4 g/kg daily over 5 days"), 1),
        (DoseLine(text="20 g BID over 2 days"), 1),
        (DoseLine(text="2 g/kg once over 5 days"), 5),
    ],
)
def test_days_over_which_one_dose_is_spread(line: DoseLine, over_days: int) -> None:
    found = infusion_schedule(line, AS_OF)
    assert found is not None
    assert found.over_days == over_days


@pytest.mark.parametrize(
    ("timing", "text", "by_words"),
    [
        (None, "daily for 5 days", True),
        (FIVE_DAYS, "daily for 5 days", False),
        (FIVE_DAYS, "daily for 5 days, every 4 weeks", False),
        (DAILY, "daily for 5 days", True),
        (DAILY, "daily", False),
        ({"frequency": 1, "period": 21, "period_unit": "d"}, "over 2 days", True),
        ({"frequency": 1, "period": 21, "period_unit": "d"}, "daily x2", True),
        ({"frequency": 1, "period": 21, "period_unit": "d"}, "slowly", False),
        ({"count": 1}, "over 2 days", True),
        ({"count": 1}, "over 2 hours", False),
    ],
)
def test_days_that_only_the_words_tell_are_marked(timing: dict[str, Any] | None, text: str, by_words: bool) -> None:
    found = infusion_schedule(DoseLine(timing=None if timing is None else Timing(**timing), text=text), AS_OF)
    assert found is not None
    assert found.by_words is by_words


def test_lines_share_a_day_where_nothing_sets_them_apart() -> None:
    first = InfusionSchedule(1, 2, starts_on=date(2026, 6, 16))
    assert share_a_day(first, InfusionSchedule(1, 1, starts_on=date(2026, 6, 17)))
    assert not share_a_day(first, InfusionSchedule(1, 1, starts_on=date(2026, 6, 18)))
    assert share_a_day(first, InfusionSchedule(1, 1))
    assert share_a_day(InfusionSchedule(1, 1), first)
    assert share_a_day(first, None)
    assert share_a_day(InfusionSchedule(1, 1), InfusionSchedule(1, 1, sequence=2))
    assert share_a_day(InfusionSchedule(1, 1, sequence=1), InfusionSchedule(1, 1, sequence=1))
    assert not share_a_day(InfusionSchedule(1, 1, sequence=1), InfusionSchedule(1, 1, sequence=2))
    assert share_a_day(None, first)


def test_days_without_a_near_end_are_not_laid_out_one_by_one() -> None:
    endless = InfusionSchedule(1, 2_147_483_647, starts_on=AS_OF)
    week = InfusionSchedule(1, 7, starts_on=AS_OF - timedelta(days=7))
    assert days_in_a_row([endless, week]) == 2_147_483_654
    assert share_a_day(endless, endless)
    assert not share_a_day(week, endless)


def test_days_in_a_row_of_courses_that_overlap_touch_or_lie_apart() -> None:
    def course(first: int, days: int) -> InfusionSchedule:
        return InfusionSchedule(1, days, starts_on=AS_OF + timedelta(days=first))

    assert days_in_a_row([course(0, 3), course(3, 2)]) == 5
    assert days_in_a_row([course(2, 5), course(0, 3), course(1, 1)]) == 7
    assert days_in_a_row([course(0, 5), course(6, 4)]) == 5
    assert days_in_a_row([course(8, 1), course(0, 2), course(4, 3)]) == 3
