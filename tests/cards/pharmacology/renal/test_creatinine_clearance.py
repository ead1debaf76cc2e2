"""Four sources of a clearance, with what makes them doubtful (book 1.4, vectors of 1.11)."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from cards.errors import NotKnown
from cards.facts import Measurement, Sex, State, Supplied
from cards.pharmacology.body_size import NoUsableValue
from cards.pharmacology.renal.cockcroft_gault import cockcroft_gault_ml_min
from cards.pharmacology.renal.creatinine_clearance import (
    About,
    Clearance,
    Source,
    WeightMissing,
    calculated,
    measured,
    reported,
    stand_in,
)
from tests.cards.pharmacology.charts import chart, creatinine, kidneys, present, tall, weight
from tests.cards.pharmacology.charts import measured as a_result

MALE, FEMALE = Sex.MALE, Sex.FEMALE


def known(found: Clearance | None) -> Clearance:
    """The clearance, which must be there."""
    assert found is not None
    return found


def doubt(found: Clearance | None, about: About) -> tuple[float, float]:
    """The two ends of one doubt."""
    [(_, low, high)] = [doubt for doubt in known(found).doubts if doubt.about is about]
    return low, high


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ((60, MALE, 80, 178, 1.0), 88.9),
        ((70, FEMALE, 70, 165, 1.2), 42.8),
        ((75, MALE, 60, 170, 221 / 88.4), 21.7),
        ((68, MALE, 60, 165, 1.01), 59.4),
        ((66, FEMALE, 95, 160, 1.1), 55.1),
    ],
)
def test_the_patients_of_the_book(patient: tuple[Any, ...], expected: float) -> None:
    *who, value = patient
    found = known(calculated(kidneys(*who, creatinine(value))))
    assert found.ml_min == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(("value", "expected"), [(1.0, 60.0), (2.0, 30.0), (4.0, 15.0)])
def test_the_patients_on_an_edge_are_exactly_there(value: float, expected: float) -> None:
    assert known(calculated(kidneys(68, MALE, 60, 165, creatinine(value)))).ml_min == expected


def test_the_formula() -> None:
    assert cockcroft_gault_ml_min(40, 72, 1.0, MALE) == 100
    assert cockcroft_gault_ml_min(40, 72, 1.0, FEMALE) == pytest.approx(85)


def test_obesity_leaves_two_values_and_takes_the_adjusted_one() -> None:
    found = calculated(kidneys(66, FEMALE, 95, 160, creatinine(1.1)))
    low, high = doubt(found, About.WEIGHT)
    assert (low, high) == (pytest.approx(55.1, abs=0.05), pytest.approx(75.4, abs=0.05))
    assert "adjusted weight 69.4 kg (actual 95 kg on 2026-05-26, 160 cm)" in known(found).text


def test_patient_b_by_actual_weight() -> None:
    _, high = doubt(calculated(kidneys(70, FEMALE, 70, 165, creatinine(1.2))), About.WEIGHT)
    assert high == pytest.approx(48.2, abs=0.05)


@pytest.mark.parametrize("cm", [None, 150])
def test_without_a_usable_height_the_actual_weight_counts(cm: float | None) -> None:
    found = known(calculated(kidneys(66, FEMALE, 95, cm, creatinine(1.1))))
    assert found.ml_min == pytest.approx(75.4, abs=0.05)
    assert not found.doubts


def test_a_height_that_could_not_be_had_counts_as_missing() -> None:
    facts = chart(body_size=present(weight(80), is_complete=False), renal_function=present(creatinine(1.0)))
    assert "no usable height" in known(calculated(facts)).text


def test_without_sex_both_are_worked_out_and_the_lower_one_used() -> None:
    found = calculated(kidneys(60, None, 80, 178, creatinine(1.0)))
    low, high = doubt(found, About.SEX)
    assert (low, high) == (pytest.approx(0.85 * 88.9, abs=0.05), pytest.approx(88.9, abs=0.05))
    assert known(found).ml_min == low
    assert "sex not known, the female estimate used" in known(found).text


@pytest.mark.parametrize(
    ("comparator", "ends"), [("<", (88.9, inf)), ("<=", (88.9, inf)), (">", (0, 88.9)), (">=", (0, 88.9))]
)
def test_a_creatinine_given_as_a_bound_bounds_the_clearance(comparator: str, ends: tuple[float, float]) -> None:
    found = calculated(kidneys(60, MALE, 80, 178, creatinine(1.0, comparator=comparator)))
    assert doubt(found, About.BOUND) == (pytest.approx(ends[0], abs=0.05), pytest.approx(ends[1], abs=0.05))


@pytest.mark.parametrize(("value", "is_low"), [(0.39, True), (0.4, False)])
def test_a_low_creatinine_is_marked(value: float, is_low: bool) -> None:
    assert known(calculated(kidneys(60, MALE, 80, 178, creatinine(value)))).is_low_creatinine is is_low


def test_the_unit_received_is_shown_beside_the_converted_one() -> None:
    found = known(calculated(kidneys(75, MALE, 60, 170, creatinine(2.5, received="221 umol/L"))))
    assert "creatinine 221 umol/L = 2.5 mg/dL on 2026-05-26" in found.text
    same = known(calculated(kidneys(75, MALE, 60, 170, creatinine(2.5, received="2.5 mg/dL"))))
    assert "creatinine 2.5 mg/dL on 2026-05-26" in same.text


@pytest.mark.parametrize(
    ("mg_dl", "shown"),
    [(1.0, "CrCl 60 mL/min by"), (60 / 59.958, "CrCl 59.9 mL/min by"), (1.4, "CrCl 43 mL/min by"), (0.3, "CrCl >150 ")],
)
def test_the_clearance_is_shown_as_in_the_summary(mg_dl: float, shown: str) -> None:
    assert known(calculated(kidneys(68, MALE, 60, 165, creatinine(mg_dl)))).text.startswith(shown)


@pytest.mark.parametrize(
    ("value", "comparator", "shown"),
    [(29.96, "", "29.9 mL/min"), (200, "", ">150 mL/min"), (200, ">", ">200 mL/min"), (60, ">=", ">=60 mL/min")],
)
def test_a_measured_clearance_is_shown_in_the_same_way_and_a_bound_as_it_came(
    value: float, comparator: str, shown: str
) -> None:
    result = a_result("creatinine_clearance", value, unit="mL/min", code="2164-2", comparator=comparator)
    found = known(measured(chart(renal_function=present(result))))
    assert found.text == f"24-hour measured clearance {shown} on 2026-05-26"


@pytest.mark.parametrize("by_text", [True, False])
def test_a_result_known_by_name_only_is_passed_on(by_text: bool) -> None:
    assert known(calculated(kidneys(68, MALE, 60, 165, creatinine(1.0, by_text=by_text)))).by_text is by_text
    sent = a_result("creatinine_clearance", 50, unit="mL/min", code="2164-2", by_text=by_text)
    assert known(measured(chart(renal_function=present(sent)))).by_text is by_text
    egfr = a_result("egfr", 50, unit="mL/min/{1.73_m2}", by_text=by_text)
    assert known(stand_in(chart(renal_function=present(egfr)))).by_text is by_text


def test_a_stated_weight_is_flagged() -> None:
    facts = chart(body_size=present(weight(80, is_stated=True), tall(178)), renal_function=present(creatinine(1.0)))
    assert "80 kg (stated) on" in known(calculated(facts)).text


def test_what_is_missing_is_told_apart() -> None:
    assert calculated(kidneys(60, MALE, 80, 178)) is None
    with pytest.raises(WeightMissing):
        calculated(chart(renal_function=present(creatinine(1.0))))
    with pytest.raises(NotKnown, match="no birth date"):
        calculated(chart(age=None, body_size=present(weight(80)), renal_function=present(creatinine(1.0))))
    with pytest.raises(NotKnown):
        calculated(chart(renal_function=Supplied(State.UNKNOWN, why="failed")))


def test_an_age_at_which_nothing_would_be_cleared_is_not_plausible() -> None:
    assert known(calculated(kidneys(139, MALE, 72, 178, creatinine(1.0)))).ml_min == pytest.approx(1)
    for age in (140, 176):
        with pytest.raises(NoUsableValue, match="birth date not plausible"):
            calculated(kidneys(age, MALE, 72, 178, creatinine(1.0)))


@pytest.mark.parametrize(
    "newest",
    [creatinine(None, 10, unreadable="no unit"), creatinine(None, 10), creatinine(0, 10), creatinine(-1, 10)],
)
def test_an_unreadable_creatinine_does_not_give_way_to_an_older_one(newest: Measurement) -> None:
    with pytest.raises(NoUsableValue):
        calculated(kidneys(60, MALE, 80, 178, newest, creatinine(1.0, 40)))


def test_a_pending_creatinine_does() -> None:
    facts = kidneys(60, MALE, 80, 178, creatinine(None, 0, is_pending=True), creatinine(1.0, 40))
    assert known(calculated(facts)).ml_min == pytest.approx(88.9, abs=0.05)


def test_measured_and_reported_clearances_are_told_apart_by_their_codes() -> None:
    facts = chart(
        renal_function=present(
            a_result("creatinine_clearance", 50, unit="mL/min", code="2164-2"),
            a_result("creatinine_clearance", 70, unit="mL/min", code="35591-7"),
        )
    )
    assert (known(measured(facts)).ml_min, known(measured(facts)).source) == (50, Source.MEASURED)
    assert (known(reported(facts)).ml_min, known(reported(facts)).source) == (70, Source.REPORTED)
    assert measured(chart()) is None


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("48642-3", "48643-1"), 45),  # MDRD, not Black and Black: the lower one
        (("98979-8", "48642-3"), 45),
        (("48643-1", "98979-8"), 55),  # CKD-EPI 2021, without race, goes before either
    ],
)
def test_of_two_equations_on_one_report_the_one_without_race_counts_else_the_lower(
    codes: tuple[str, str], expected: float
) -> None:
    results = [a_result("egfr", value, code=code) for value, code in zip((45, 55), codes, strict=True)]
    results.append(a_result("egfr", 40, comparator=">", code=codes[0]))
    for sent in (results, results[::-1]):
        found = stand_in(chart(renal_function=present(*sent)))
        assert found is not None
        assert found.ml_min == expected


def test_an_egfr_stands_in_with_a_fifth_on_both_sides() -> None:
    facts = chart(renal_function=present(a_result("egfr", 50, unit="mL/min/{1.73_m2}")))
    assert doubt(stand_in(facts), About.STAND_IN) == (40, 60)
    assert known(stand_in(facts)).text == "eGFR 50 mL/min/1.73 m2 on 2026-05-26"
    assert stand_in(chart()) is None


@pytest.mark.parametrize(("comparator", "ends"), [(">", (60, inf)), ("<", (0, 60))])
def test_a_reported_bound_is_a_bound(comparator: str, ends: tuple[float, float]) -> None:
    facts = chart(renal_function=present(a_result("egfr", 60, comparator=comparator)))
    assert doubt(stand_in(facts), About.BOUND) == ends


@pytest.mark.parametrize(
    "newest", [a_result("egfr", None, unreadable="no unit"), a_result("egfr", None), a_result("egfr", 0)]
)
def test_a_reported_value_that_cannot_be_read_is_no_value(newest: Measurement) -> None:
    with pytest.raises(NoUsableValue):
        stand_in(chart(renal_function=present(newest, a_result("egfr", 50, 40))))


def test_a_reported_value_of_one_is_a_value() -> None:
    assert known(stand_in(chart(renal_function=present(a_result("egfr", 1))))).ml_min == 1
