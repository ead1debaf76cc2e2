"""One dose line: milligrams per administration, administrations per day (book 1.5.1-1.5.3, 1.5.6)."""

from __future__ import annotations

from datetime import date

import pytest

from cards.concepts import Strength
from cards.errors import NotKnown
from cards.orders import Amount, Cap, Drug, Timing
from cards.pharmacology.dose_line import dose_mg, is_one_time, line_dose, per_day
from tests.cards.pharmacology.charts import CAPSULE_75, PREGABALIN, a_day, line, mg

SOLUTION = PREGABALIN._replace(strength=Strength(20, "mg", "mL"))


def milligrams(amount: Amount, drug: Drug = PREGABALIN) -> float:
    """Milligrams of one administration."""
    return dose_mg(line(amount, None), drug)[1]


@pytest.mark.parametrize(
    ("amount", "drug", "expected"),
    [
        (mg(75), PREGABALIN, 75),
        (Amount(0.3, 0.3, "g"), PREGABALIN, 300),
        (Amount(75_000, 75_000, "ug"), PREGABALIN, 75),
        (Amount(75_000, 75_000, "mcg"), PREGABALIN, 75),
        (Amount(2, 2, "count"), CAPSULE_75, 150),
        (Amount(2, 2, "count"), CAPSULE_75._replace(strength=Strength(0.1, "g", "tablet")), 200),
        (Amount(5, 5, "mL"), SOLUTION, 100),
        (Amount(5, 5, "mL"), SOLUTION._replace(strength=Strength(0.02, "g", "mL")), 100),
        (mg(75), CAPSULE_75._replace(strength_conflict=True), 75),
        (mg(150, 75), PREGABALIN, 150),
        (mg(0, 75), PREGABALIN, 75),
    ],
)
def test_a_dose_becomes_milligrams(amount: Amount, drug: Drug, expected: float) -> None:
    assert milligrams(amount, drug) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("amount", "drug", "why"),
    [
        (mg(0), PREGABALIN, "zero or negative"),
        (mg(-75), PREGABALIN, "zero or negative"),
        (mg(-75, 75), PREGABALIN, "zero or negative"),
        (Amount(1, 1, "mg/kg"), PREGABALIN, "dose in mg/kg"),
        (Amount(1, 1, ""), PREGABALIN, "without a unit"),
        (Amount(1, 1, "count"), PREGABALIN, "strength of the product is not stated"),
        (Amount(1, 1, "count"), CAPSULE_75._replace(strength_conflict=True), "different strengths"),
        (Amount(1, 1, "count"), SOLUTION, "does not fit"),
        (Amount(5, 5, "mL"), CAPSULE_75, "does not fit"),
        (mg(75, -75), PREGABALIN, "zero or negative"),
        (Amount(1, 1, "count"), CAPSULE_75._replace(strength=Strength(100, "[IU]", "capsule")), "does not fit"),
    ],
)
def test_a_dose_that_cannot_be_read_says_why(amount: Amount, drug: Drug, why: str) -> None:
    with pytest.raises(NotKnown, match=why):
        milligrams(amount, drug)


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        (a_day(3), 3),
        (Timing(period=12, period_unit="h"), 2),
        (Timing(frequency=1, period=6, period_unit="h"), 4),
        (Timing(frequency=1, period=2, period_unit="d"), 0.5),
        (Timing(frequency=3, period=1, period_unit="wk"), 3 / 7),
        (Timing(frequency=1, period=1, period_unit="mo"), 1 / 30.4375),
        (Timing(frequency=365.25, period=1, period_unit="a"), 1),
        (Timing(frequency=1, period=720, period_unit="min"), 2),
        (Timing(frequency=1, period=43_200, period_unit="s"), 2),
        (Timing(frequency=1, period=6, period_max=8, period_unit="h"), 4),
        (Timing(times_of_day=("08:00", "20:00")), 2),
        (a_day(1, times_of_day=("08:00", "20:00")), 2),
        (a_day(3, times_of_day=("08:00", "20:00")), 2),
        (Timing(frequency=1, period=2, period_unit="d", times_of_day=("08:00",)), 0.5),
        (Timing(frequency=3, period=1, period_unit="wk", times_of_day=("08:00",)), 3 / 7),
        (Timing(when=("MORN", "HS")), 2),
        (Timing(frequency=3, when=("PC",)), 3),
        (a_day(1, when=("MORN", "HS")), 2),
        (a_day(1, when=("MORN", "PC")), 1),
        (Timing(period=1, period_unit="d", when=("MORN", "ACM")), 1),
        (Timing(when=("MORN", "EVE", "C")), 2),
        (Timing(when=("MORN", "CV")), 2),
        (Timing(when=("CM", "HS")), 2),
        (Timing(when=("C", "HS")), 2),
        (Timing(when=("ACM", "PCM")), 2),
        (a_day(3, when=("PC",)), 3),
        (Timing(period=1, period_unit="d", when=("HS",)), 1),
        (Timing(frequency=3, period=1, period_unit="wk", when=("PC",)), 3 / 7),
        (Timing(frequency=1, period=12, period_unit="h", when=("MORN",)), 2),
        (Timing(frequency=1, period=2, period_unit="d", when=("HS",)), 0.5),
        (Timing(per_day_by_code=3), 3),
        (Timing(per_day_by_code=0.5), 0.5),
        (a_day(2, per_day_by_code=2), 2),
        (Timing(frequency=2, per_day_by_code=2), 2),
        (a_day(2, days_of_week=("mon", "wed", "fri")), 6 / 7),
        (Timing(days_of_week=("mon", "thu")), 2 / 7),
        (Timing(frequency=1, period=1, period_unit="wk", days_of_week=("mon",)), 1 / 7),
        (Timing(frequency=1, period=1, period_unit="wk", days_of_week=("mon", "fri")), 2 / 7),
        (Timing(per_day_by_code=1 / 7, days_of_week=("mon",)), 1 / 7),
        (Timing(per_day_by_code=3 / 7, days_of_week=("mon", "wed", "fri")), 3 / 7),
        (Timing(per_day_by_code=2, days_of_week=("mon", "wed", "fri")), 6 / 7),
        (Timing(frequency=1, period=1, period_unit="wk", days_of_week=("mon", "fri"), when=("MORN", "HS")), 4 / 7),
        (Timing(period=1, period_unit="wk", days_of_week=("mon", "fri"), times_of_day=("08:00", "20:00")), 4 / 7),
        (Timing(frequency=6, period=1, period_unit="wk", days_of_week=("mon",), times_of_day=("08:00",)), 6 / 7),
        (Timing(count=1), 1),
        (Timing(once_by_code=True), 1),
        (Timing(events=(date(2026, 6, 15),)), 1),
        (Timing(events=(date(2026, 6, 15),), per_day_by_code=2), 2),
        (Timing(events=(date(2026, 6, 15),), times_of_day=("08:00", "20:00")), 2),
    ],
)
def test_timing_becomes_administrations_per_day(timing: Timing, expected: float) -> None:
    assert per_day(timing) == pytest.approx((expected, expected))


@pytest.mark.parametrize(
    ("period", "expected"),
    [(0.3333, 3), (0.333, 3), (0.1667, 6), (0.167, 6), (0.25, 4), (0.33, 1 / 0.33), (0.7, 1 / 0.7)],
)
def test_a_part_of_a_day_that_was_cut_off_is_a_whole_number_of_times(period: float, expected: float) -> None:
    assert per_day(Timing(period=period, period_unit="d")).high == expected


def test_a_highest_frequency_counts_and_the_lowest_is_shown() -> None:
    assert per_day(a_day(1, frequency_max=3)) == (1, 3)


@pytest.mark.parametrize(
    ("timing", "why"),
    [
        (None, "no timing"),
        (Timing(), "no frequency"),
        (Timing(frequency=2), "a frequency without a period"),
        (Timing(frequency=2, period=1), "without a readable unit"),
        (Timing(frequency=2, period=1, period_unit="fortnight"), "without a readable unit"),
        (Timing(frequency=0, period=1, period_unit="d"), "zero or negative frequency"),
        (Timing(frequency=1, period=0, period_unit="wk"), "zero or negative period"),
        (Timing(frequency=1, period=-1, period_unit="d"), "zero or negative period"),
        (a_day(1, frequency_max=-1), "zero or negative frequency$"),
        (a_day(1, count=0), "zero or negative count"),
        (a_day(3, per_day_by_code=2), "conflicting sig"),
        (Timing(per_day_by_code=0), "zero or negative frequency"),
        (a_day(3, per_day_by_code=0), "zero or negative frequency"),
        (Timing(events=(date(2026, 6, 15),), count=5), "no frequency"),
        (Timing(events=(date(2026, 6, 15), date(2026, 6, 20))), "no frequency"),
    ],
)
def test_timing_that_cannot_be_read_says_why(timing: Timing | None, why: str) -> None:
    with pytest.raises(NotKnown, match=why):
        per_day(timing)


@pytest.mark.parametrize(
    ("by_repeat", "is_fine"), [(1.0, True), (0.9, True), (1.111, True), (0.89, False), (1.12, False)]
)
def test_code_and_frequency_may_differ_by_a_tenth(by_repeat: float, is_fine: bool) -> None:
    timing = Timing(frequency=by_repeat, period=1, period_unit="d", per_day_by_code=1)
    if is_fine:
        assert per_day(timing).high == by_repeat
    else:
        with pytest.raises(NotKnown):
            per_day(timing)


def test_a_code_inside_the_range_of_frequencies_is_no_conflict() -> None:
    assert per_day(a_day(1, frequency_max=3, per_day_by_code=2)) == (1, 3)


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        (None, False),
        (Timing(count=1), True),
        (Timing(count=1, count_max=1), True),
        (Timing(count=1, count_max=2), False),
        (a_day(1, count=14), False),
        (a_day(1, events=(date(2026, 6, 15),)), False),
        (Timing(events=(date(2026, 6, 15),)), True),
        # a first day beside what says how often
        (Timing(events=(date(2026, 6, 15),), per_day_by_code=1, count=90), False),
        (Timing(events=(date(2026, 6, 15),), times_of_day=("08:00",)), False),
        (Timing(events=(date(2026, 6, 15),), days_of_week=("mon",)), False),
        (Timing(events=(date(2026, 6, 15),), count=5), False),
    ],
)
def test_a_single_administration(timing: Timing | None, expected: bool) -> None:
    assert is_one_time(timing) is expected


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        (Cap(mg(300), 1), 300),
        (Cap(mg(150), 0.5), 300),
        (Cap(mg(500), 1), 400),
        (Cap(Amount(0.3, 0.3, "g"), 1), 300),
        (Cap(mg(300), 0), 400),
        (Cap(mg(300), 2), 400),
        (Cap(mg(0), 1), 400),
        (Cap(Amount(4, 4, "count"), 1), 400),
        (Cap(Amount(3, 3, "dose"), 1), 300),
        (Cap(Amount(8, 8, "{dose}"), 1), 400),
    ],
)
def test_a_daily_limit_caps_what_may_be_taken(cap: Cap, expected: float) -> None:
    needed = line(mg(100), Timing(period=6, period_unit="h"), as_needed=True, cap=cap)
    assert line_dose(needed, PREGABALIN)[:2] == (0, expected)


def test_a_limit_caps_a_range_but_not_a_plain_schedule() -> None:
    cap = Cap(mg(300), 1)
    assert line_dose(line(mg(50, 150), a_day(3), cap=cap), PREGABALIN)[:2] == (150, 300)
    assert line_dose(line(mg(100), a_day(2, frequency_max=4), cap=cap), PREGABALIN)[:2] == (200, 300)
    every_four_to_six_hours = Timing(frequency=1, period=4, period_max=6, period_unit="h")
    assert line_dose(line(mg(100), every_four_to_six_hours, cap=cap), PREGABALIN)[:2] == (300, 300)
    assert line_dose(line(mg(150), a_day(3), cap=cap), PREGABALIN)[:2] == (450, 450)


def test_the_arithmetic_is_shown() -> None:
    assert line_dose(line(Amount(1, 1, "count"), a_day(2)), CAPSULE_75).step == "1 capsule × 75 mg × 2/day = 150 mg/day"
    assert (
        line_dose(line(Amount(2, 2, "count"), a_day(1)), CAPSULE_75).step == "2 capsules × 75 mg × 1/day = 150 mg/day"
    )
    assert line_dose(line(Amount(5, 5, "mL"), a_day(2)), SOLUTION).step == "5 mL × 20 mg/mL × 2/day = 200 mg/day"
    assert line_dose(line(Amount(0.3, 0.3, "g"), a_day(2)), PREGABALIN).step == "0.3 g × 2/day = 600 mg/day"
    grams = line(Amount(0.0375, 0.075, "g"), a_day(2))
    assert line_dose(grams, PREGABALIN).step == "0.0375–0.075 g × 2/day = 75–150 mg/day"
    assert line_dose(line(mg(75, 50), a_day(1)), PREGABALIN).step == "50–75 mg × 1/day = 50–75 mg/day"


def test_the_arithmetic_is_shown_with_two_decimals_at_most() -> None:
    weekly = Timing(frequency=1, period=1, period_unit="wk")
    assert line_dose(line(mg(50, 75), weekly), PREGABALIN).step == "50–75 mg × 0.14/day = 7.14–10.71 mg/day"


@pytest.mark.parametrize(("most", "words"), [(300, ", at most 300 mg/day by the order"), (400, "")])
def test_a_limit_is_shown_only_where_it_lowers_the_dose(most: float, words: str) -> None:
    needed = line(mg(100), a_day(4), as_needed=True, cap=Cap(mg(most), 1))
    assert line_dose(needed, PREGABALIN).step == f"as needed: 100 mg × 4/day = 400 mg/day{words}"


def test_numbers_that_leave_all_bounds_are_no_dose() -> None:
    with pytest.raises(NotKnown, match="impossible numbers"):
        line_dose(line(mg(1e300), Timing(frequency=1, period=1e-20, period_unit="d")), PREGABALIN)
