"""The dose of an order, step by step, for each way in which doses are worked out (books 1.5, 4.4, 5.5)."""

from __future__ import annotations

import pytest

from cards.facts import Facts
from cards.orders import Amount, DoseLine, Drug, Route, Timing
from cards.pharmacology.dose_working import DoseWorking, dose_working
from cards.pharmacology.timing_wording import timing_words
from tests.cards.pharmacology.charts import (
    CAPSULE_75,
    a_day,
    chart,
    kidneys,
    line,
    mg,
    order,
    present,
    signed,
    weight,
)

CHART = kidneys(60, None, 80, 178)
IVIG = Drug("immunoglobulin", frozenset({"ivig"}))
RITUXIMAB = Drug("rituximab", frozenset({"rituximab"}))
STEROID = Drug("prednisone", frozenset({"systemic_corticosteroid"}))
WEEKLY = Timing(frequency=1, period=1, period_unit="wk", count=4)


def steps(working: DoseWorking) -> list[tuple[str, str, str]]:
    """The steps as plain tuples."""
    return [tuple(step) for step in working.steps]


def worked(*lines: DoseLine, drug: Drug = CAPSULE_75, facts: Facts = CHART, **details: object) -> DoseWorking:
    """The working of one draft."""
    return dose_working(signed(order(*lines, drug=drug, **details)), facts)


# -- mg a day -------------------------------------------------------------------------------------------------------


def test_capsules_times_a_day_make_the_daily_dose() -> None:
    working = worked(line(Amount(2, 2, "count"), a_day(2), text="2 capsules twice daily"))
    assert working.written == ("2 capsules twice daily",)
    assert steps(working) == [
        ("One dose", "150 mg", "2 capsules × 75 mg"),
        ("Times a day", "2", "2 times every day"),
        ("Daily dose", "300 mg/day", "2 capsules × 75 mg × 2/day = 300 mg/day"),
    ]
    assert (working.result, working.why) == ("300 mg/day", "")


def test_a_range_counts_with_its_high_end() -> None:
    working = worked(line(mg(75, 150), a_day(2, frequency_max=3)))
    assert steps(working)[:2] == [
        ("One dose", "75–150 mg", ""),
        ("Times a day", "2 to 3", "2 to 3 times every day"),
    ]
    assert working.result == "450 mg/day"


@pytest.mark.parametrize(("most", "often"), [(1, "0.667"), (2, "0.667 to 1.333")])
def test_times_a_day_that_are_no_whole_number_have_three_digits(most: int, often: str) -> None:
    timing = Timing(frequency=1, frequency_max=most, period=36, period_unit="h")
    assert steps(worked(line(mg(75), timing)))[1][:2] == ("Times a day", often)


def test_lines_that_follow_each_other_are_phases() -> None:
    working = worked(
        line(mg(75), a_day(1, lasts_days=7), sequence=1), line(mg(75), a_day(2), sequence=2), drug=CAPSULE_75
    )
    assert [step.what for step in working.steps] == [
        *("Line 1: one dose", "Line 1: times a day", "Line 1: daily dose"),
        *("Line 2: one dose", "Line 2: times a day", "Line 2: daily dose"),
        *("Together", "Together"),
    ]
    assert working.steps[-2].value == "phase 1: 75 mg × 1/day = 75 mg/day for 7 days"
    assert working.result == "75 then 150 mg/day; highest 150 mg/day"


def test_a_draft_that_another_one_replaces_is_no_step() -> None:
    one = order(line(mg(150), a_day(2)), id="MedicationRequest/1")
    other = order(line(mg(100), a_day(3)), id="MedicationRequest/2", replaces=frozenset({"MedicationRequest/1"}))
    assert [step.value for step in dose_working(signed(one, other), CHART).steps] == ["100 mg", "3", "300 mg/day"]


def test_two_drafts_add_up() -> None:
    one, other = (order(line(mg(75), a_day(2)), id=f"MedicationRequest/{number}") for number in (1, 2))
    working = dose_working(signed(one, other), CHART)
    assert working.steps[-1].value == "together 300 mg/day"
    assert working.result == "300 mg/day"


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        ([line(mg(75), a_day(2), as_needed=True)], "as needed, up to 150 mg/day"),
        ([line(mg(75), Timing(count=1, once_by_code=True))], "75 mg once"),
        ([line(mg(75), a_day(2), from_text=True)], "150 mg/day (read from free text)"),
        ([line(mg(75), None, after_dialysis=True)], "75 mg after each dialysis"),
        (
            [line(mg(75), a_day(1)), line(mg(50), None, after_dialysis=True)],
            "75 mg/day, and 50 mg after each dialysis",
        ),
    ],
)
def test_the_result_says_what_kind_of_dose_it_is(lines: list[DoseLine], result: str) -> None:
    assert worked(*lines).result == result


def test_a_single_dose_and_one_after_dialysis_say_when() -> None:
    assert steps(worked(line(mg(75), Timing(once_by_code=True))))[-1] == ("How often", "once", "")
    assert steps(worked(line(mg(75), None, after_dialysis=True)))[-1] == (
        *("When", "after each dialysis", "apart from the daily dose"),
    )


def test_what_cannot_be_worked_out_says_why_and_keeps_the_steps_before_it() -> None:
    working = worked(line(mg(75), None, text="as directed"))
    assert (working.result, working.why) == ("", "no timing given")
    assert [step.what for step in working.steps] == ["One dose"]
    assert worked().why == "no dosage given"


def test_a_dose_per_kg_takes_the_weight_for_dosing() -> None:
    amount, drug = Amount(1, 1, "mg/kg"), STEROID
    working = worked(line(amount, a_day(1)), drug=drug)
    assert steps(working)[:2] == [("Weight", "80 kg (2026-05-26, actual)", ""), ("One dose", "80 mg", "")]
    assert working.result == "80 mg/day"
    unknown = worked(line(amount, a_day(1)), drug=drug, facts=chart(body_size=present(weight(80, 400))))
    assert unknown.why == "last weight is 400 days old: the dose per kg is not known"
    assert steps(unknown) == [("Weight", "80 kg of 2025-05-11, 400 days old", "")]


# -- courses per kg -------------------------------------------------------------------------------------------------


def test_a_course_of_infusions_is_related_to_the_weight() -> None:
    working = worked(line(Amount(30, 30, "g"), a_day(1, lasts_days=5)), drug=IVIG)
    assert [step.what for step in working.steps] == ["One infusion", "Weight", "Below it", "Course"]
    assert working.steps[0].value == "30 g"
    assert working.steps[-1].value.startswith("Course of 5 days: 150 g ÷ 80 kg = 1.88 g/kg")
    assert working.result == "1.88 g/kg a course"


def test_a_dose_per_kg_of_a_day_needs_no_weight() -> None:
    working = worked(
        line(Amount(0.4, 0.4, "g/kg/d"), a_day(1, lasts_days=5), from_text=True),
        line(Amount(0.4, 0.4, "g/kg/d"), a_day(1, lasts_days=5)),
        drug=IVIG,
        facts=chart(),
    )
    assert steps(working)[:2] == [("Line 1", "0.4 g/kg a day", "read from free text"), ("Line 2", "0.4 g/kg a day", "")]
    assert working.result.endswith("g/kg a course")


def test_grams_without_a_weight_are_no_dose_per_kg() -> None:
    working = worked(line(Amount(30, 30, "g"), a_day(1, lasts_days=5)), drug=IVIG, facts=chart())
    assert working.why == "no weight on file: the dose per kg is not known"


def test_weights_that_contradict_each_other_are_shown_whole() -> None:
    facts = chart(body_size=present(weight(60), weight(70, 24)))
    working = worked(line(Amount(30, 30, "g"), a_day(1, lasts_days=5)), drug=IVIG, facts=facts)
    said = "conflicting weights: 60 kg on 2026-05-26 and 70 kg on 2026-05-22"
    assert steps(working)[-1] == ("Weight", said, "")


def test_infusions_without_an_end_have_a_dose_a_day() -> None:
    working = worked(line(Amount(0.4, 0.4, "g/kg"), a_day(1)), drug=IVIG)
    assert working.result == "0.4 g/kg a day, no end is told"


# -- single doses ---------------------------------------------------------------------------------------------------


def test_a_dose_by_body_surface_shows_the_surface() -> None:
    working = worked(line(Amount(375, 375, "mg/m2"), WEEKLY), drug=RITUXIMAB)
    assert steps(working) == [
        ("One dose", "375 mg/m2 every 7 days, 4 times", ""),
        ("Body surface", "1.99 m2 (Mosteller; 80 kg on 2026-05-26, 178 cm on 2026-05-26)", ""),
        ("Dose", "745.8 mg", "375 mg/m2 × 1.99 m2"),
    ]
    assert working.result == "745.8 mg every 7 days, 4 times"


def test_a_dose_by_body_surface_is_unknown_without_a_height() -> None:
    working = worked(
        line(Amount(375, 375, "mg/m2"), WEEKLY), drug=RITUXIMAB, facts=chart(body_size=present(weight(80)))
    )
    assert working.why == "no height"


def test_infusions_apart_are_single_doses_and_no_daily_dose() -> None:
    timing = Timing(frequency=1, period=2, period_unit="wk", count=2)
    working = worked(line(mg(1000), timing), drug=RITUXIMAB, route=Route.INTRAVENOUS)
    assert steps(working) == [("One dose", "1000 mg every 14 days, 2 times", "")]
    assert working.result == "1000 mg every 14 days, 2 times"


def test_an_infusion_every_other_day_is_no_daily_dose() -> None:
    timing = Timing(frequency=1, period=2, period_unit="d", count=3)
    working = worked(line(mg(1000), timing), drug=STEROID, route=Route.INTRAVENOUS)
    assert working.result == "1000 mg every 2 days, 3 times"


def test_an_infusion_a_day_is_a_daily_dose() -> None:
    working = worked(line(mg(1000), a_day(1, lasts_days=3)), drug=STEROID, route=Route.INTRAVENOUS)
    assert working.result == "1000 mg/day"


def test_doses_of_different_days_stand_beside_each_other() -> None:
    working = worked(
        line(Amount(375, 375, "mg/m2"), Timing(once_by_code=True), sequence=1, from_text=True),
        line(Amount(500, 500, "mg/m2"), None, sequence=2),
        line(Amount(1, 1, "[IU]/m2"), WEEKLY, sequence=3),
        drug=RITUXIMAB,
    )
    assert steps(working)[:3] == [
        ("Dose ordered", "375 mg/m2, once", "read from free text"),
        ("Dose ordered", "500 mg/m2", ""),
        ("Not read", "another line", "a dose of 1 [IU]/m2"),
    ]
    assert working.result == "745.8 mg, once and 994.4 mg"


def test_a_surface_dose_for_another_route_is_no_infusion() -> None:
    working = worked(line(Amount(375, 375, "mg/m2"), WEEKLY), drug=RITUXIMAB, route=Route.ORAL)
    assert working.why == "no intravenous dose"


# -- when -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timing", "text"),
    [
        (None, ""),
        (Timing(), ""),
        (Timing(code="BID", per_day_by_code=2), "timing code BID"),
        (Timing(frequency=1, period=8, period_unit="h"), "1 time every 8 hours"),
        (Timing(frequency=3), "3 times"),
        (Timing(period=1, period_unit="d", times_of_day=("08:00", "20:00")), "1 time every day, at 08:00 and 20:00"),
        (Timing(when=("HS",), days_of_week=("mon", "thu")), "at HS, on mon and thu"),
    ],
)
def test_the_timing_in_words(timing: Timing | None, text: str) -> None:
    assert timing_words(timing) == text
