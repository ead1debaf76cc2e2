"""How the renal function is worked out, step by step: the same numbers as the rules use (book 1.4)."""

from __future__ import annotations

import pytest

from cards.facts import Encounter, Facts, Measurement, Procedure, Sex, State, Supplied
from cards.pharmacology.renal.creatinine_clearance import Source
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_working import RenalWorking, renal_working
from cards.records import Diagnosis
from tests.cards.pharmacology.charts import ago, chart, creatinine, kidneys, measured, present, tall, weight

FEMALE, MALE = Sex.FEMALE, Sex.MALE
EGFR = measured("egfr", 38, 100, unit="mL/min/{1.73_m2}")


def found(working: RenalWorking, what: str) -> tuple[str, str]:
    """(value, how) of one step."""
    [step] = [step for step in working.steps if step.what == what]
    return step.value, step.how


def sources(facts: Facts) -> dict[str, tuple[str, str]]:
    """Where it was looked for, and what came of it."""
    return {step.what: (step.value, step.how) for step in renal_working(facts).sources}


def test_patient_b_step_by_step() -> None:
    facts = kidneys(70, FEMALE, 70, 165, creatinine(1.2, received="106 umol/L"))
    working = renal_working(facts)
    assert [tuple(step) for step in working.steps] == [
        ("Creatinine", "1.2 mg/dL on 2026-05-26", "received as 106 umol/L"),
        ("Age", "70 years", "completed on 2026-06-15"),
        ("Sex", "female", "factor 0.85"),
        ("Actual weight", "70 kg on 2026-05-26", "the newest on file"),
        ("Ideal weight", "56.9 kg", "by Devine, from a height of 165 cm"),
        (
            "Weight that counts",
            "62.1 kg",
            "adjusted, for 70 kg is above 1.2 × ideal (68.3 kg): 56.9 + 0.4 × (70 − 56.9)",
        ),
        ("Clearance", "42.8 mL/min", "(140 − 70) × 62.1 ÷ (72 × 1.2) × 0.85"),
    ]
    assert working.result == "42.8 mL/min by Cockcroft-Gault (fresh, 20 days old)"
    assert renal_function(facts).clearance is not None
    assert working.remarks == (
        "A value is fresh for 180 days here: at risk (age, CKD, diabetes or a last clearance below 60 mL/min)",
        "adjusted or actual weight: 42.8 or 48.2 mL/min",
    )


@pytest.mark.parametrize("received", ["", "1.2 mg/dL", "1.2 mg/dl"])
def test_a_creatinine_that_needed_no_conversion_is_the_newest_on_file(received: str) -> None:
    working = renal_working(kidneys(70, FEMALE, 70, 165, creatinine(1.2, received=received)))
    assert found(working, "Creatinine") == ("1.2 mg/dL on 2026-05-26", "the newest on file")


def test_the_actual_weight_counts_where_it_is_not_far_above_the_ideal_one() -> None:
    working = renal_working(kidneys(60, MALE, 80, 178, creatinine(1.0)))
    assert found(working, "Weight that counts")[1].startswith("the actual weight, for it is not above 1.2 × ideal (87")
    assert found(working, "Sex") == ("male", "no factor")
    assert working.remarks == ("A value is fresh for 365 days here: no risk on file",)


@pytest.mark.parametrize(
    ("cm", "height"),
    [
        (None, ("not on file", "so the actual weight counts")),
        (150, ("150 cm", "below 152.4 cm no ideal weight is defined")),
    ],
)
def test_without_an_ideal_weight_the_actual_one_counts(cm: float | None, height: tuple[str, str]) -> None:
    working = renal_working(kidneys(60, MALE, 80, cm, creatinine(1.0)))
    assert found(working, "Height") == height
    assert found(working, "Weight that counts") == ("80 kg", "the actual weight")


def test_an_unknown_sex_leaves_two_clearances_of_which_the_lower_counts() -> None:
    size = present(weight(80, is_stated=True), tall(178))
    working = renal_working(chart(age=60, sex=None, body_size=size, renal_function=present(creatinine(1.0))))
    assert found(working, "Sex") == ("not known", "worked out for both; the lower clearance counts")
    assert found(working, "Actual weight")[1] == "stated by the patient"
    assert "the lower one counts" in found(working, "Clearance, if female")[1]
    assert found(working, "Clearance, if male") == ("88.9 mL/min", "(140 − 60) × 80 ÷ (72 × 1.0)")


def test_the_sources_are_told_in_order_and_which_one_counts() -> None:
    collected = measured("creatinine_clearance", 50, 20, unit="mL/min", code="2164-2")
    facts = kidneys(60, MALE, 80, 178, collected, creatinine(1.0), EGFR)
    assert list(sources(facts)) == list(Source)
    assert sources(facts) == {
        Source.MEASURED: ("50 mL/min on 2026-05-26", "this one counts"),
        Source.CALCULATED: ("88.9 mL/min on 2026-05-26", "another one goes before it"),
        Source.REPORTED: ("none on file", ""),
        Source.STAND_IN: ("38 mL/min on 2026-03-07", "another one goes before it"),
    }


def test_a_source_that_is_too_old_says_so() -> None:
    facts = kidneys(60, MALE, 80, 178, creatinine(1.0, 400), EGFR)
    assert sources(facts)[Source.CALCULATED][1] == "stale, and another one is fresh"
    assert sources(facts)[Source.STAND_IN][1] == "this one counts"
    very_old = kidneys(60, MALE, 80, 178, creatinine(1.0, 800))
    assert sources(very_old)[Source.CALCULATED][1] == "older than 730 days"
    assert renal_working(very_old).result.startswith("Not known: ")


def test_a_source_on_the_last_day_of_its_window_is_still_within_it() -> None:
    oldest = kidneys(60, MALE, 80, 178, creatinine(1.0, 730), EGFR)
    assert sources(oldest)[Source.CALCULATED][1] == "stale, and another one is fresh"
    collected = measured("creatinine_clearance", 70, 20, unit="mL/min", code="2164-2")
    for days, place in ((365, "another one goes before it"), (366, "stale, and another one is fresh")):
        facts = kidneys(60, MALE, 80, 178, collected, creatinine(1.0, days))
        assert sources(facts)[Source.CALCULATED][1] == place


def test_a_stale_value_is_called_stale() -> None:
    working = renal_working(kidneys(70, MALE, 80, 178, creatinine(1.0, 200)))
    assert working.result == "77.8 mL/min by Cockcroft-Gault (stale, 200 days old)"


def test_an_inpatient_has_a_week() -> None:
    facts = kidneys(60, MALE, 80, 178, creatinine(1.0, 3), encounter=present(Encounter(is_inpatient=True)))
    assert renal_working(facts).remarks == ("A value is fresh for 7 days here: inpatient",)


@pytest.mark.parametrize(
    ("supplied", "why"),
    [
        (present(creatinine(None, unreadable="no unit")), "creatinine of 2026-05-26: no unit"),
        (Supplied(State.UNKNOWN, why="the search failed"), "the search failed"),
    ],
)
def test_what_cannot_be_worked_out_says_why(supplied: Supplied, why: str) -> None:
    facts = chart(body_size=present(weight(80)), renal_function=supplied)
    working = renal_working(facts)
    assert [tuple(step) for step in working.steps] == [("Cockcroft-Gault", "cannot be worked out", why)]
    assert working.result.startswith("Not known: ")
    assert sources(facts)[Source.CALCULATED] == ("cannot be used", why)


def test_without_a_weight_there_is_no_formula() -> None:
    working = renal_working(chart(renal_function=present(creatinine(1.0))))
    assert working.result == "Not known: no weight within 365 days"


def test_without_a_creatinine_there_are_no_steps() -> None:
    working = renal_working(chart(renal_function=present(EGFR)))
    assert working.steps == ()
    assert working.result == "38 mL/min by eGFR (fresh, 100 days old)"
    assert working.remarks[-1] == "eGFR in place of clearance: 30.4 or 45.6 mL/min"


def test_dialysis_and_end_stage_disease_need_no_number() -> None:
    dialysis = Procedure(frozenset({"hemodialysis"}), display="Hemodialysis", done_on=ago(3))
    on_dialysis = kidneys(60, MALE, 80, 178, creatinine(1.0), procedures=present(dialysis))
    assert renal_working(on_dialysis).result.endswith("the lowest band of every table counts")
    assert sources(on_dialysis)[Source.CALCULATED][1] == "not needed"
    coded = Diagnosis(frozenset({"end_stage_renal_disease"}), "N18.6")
    end_stage = renal_working(chart(conditions=present(coded)))
    assert end_stage.result.startswith("End-stage renal disease is coded")


def results(*found: Measurement) -> tuple[str, ...]:
    """The remarks about these results of patient A."""
    return renal_working(kidneys(60, MALE, 80, 178, *found)).remarks[1:]


def test_what_makes_the_clearance_doubtful_is_said() -> None:
    assert results(creatinine(0.3)) == (
        "Low creatinine: the clearance may be overestimated where there is little muscle",
    )
    assert results(creatinine(2.0, 1), creatinine(1.0, 3)) == (
        "Renal function unstable (creatinine 1.0 to 2.0 mg/dL in 2 days): Cockcroft-Gault is not valid",
    )
    assert results(creatinine(1.0, comparator="<")) == ("creatinine given as a bound: 88.9 mL/min or more",)
    assert results(creatinine(1.0, comparator=">")) == ("creatinine given as a bound: 88.9 mL/min or less",)
