"""Which neuropathies are, or may be, of the checkpoint inhibitor (book 5.6, attribution)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.errors import NotKnown
from cards.facts import Diagnosis
from cards.neurology.attribution import Link, attributed, new_symptoms, suspicious_signs
from tests.cards.neurology.charts import PEMBROLIZUMAB, UNKNOWN, ago, diagnosis, given, graded, patient
from tests.cards.pharmacology.charts import present

ON_DRUG = {"medication_administrations": given(PEMBROLIZUMAB, 100, 20)}
NO_DOSES_READ = {"medication_administrations": UNKNOWN, "medication_orders": UNKNOWN}


def link_of(*problems: Diagnosis, **supplied: Any) -> Link | None:
    """What links the first of these with the drug."""
    found = attributed(patient(*problems, **{**ON_DRUG, **supplied}))
    return next((c.link for c in (*found.known, *found.suspected) if c.diagnosis == problems[0]), None)


@pytest.mark.parametrize(
    ("days", "link"),
    [(10, Link.AFTER_FIRST_DOSE), (99, Link.AFTER_FIRST_DOSE), (100, Link.NEW), (130, Link.NEW), (131, None)],
)
def test_the_onset_against_the_first_dose(days: int, link: Link | None) -> None:
    assert link_of(diagnosis("G62.9", days)) is link


@pytest.mark.parametrize(("days", "link"), [(99, Link.AFTER_FIRST_DOSE), (140, Link.NEW), (180, Link.NEW), (181, None)])
def test_recorded_lately_without_an_onset_is_new(days: int, link: Link | None) -> None:
    assert link_of(diagnosis("G62.9", recorded_on=ago(days))) is link


def test_an_onset_goes_before_the_day_of_recording() -> None:
    assert link_of(diagnosis("G62.9", 400, recorded_on=ago(50))) is None


@pytest.mark.parametrize(
    ("code", "days", "link"),
    [
        ("G62.9", 20, Link.UNDATED),
        ("E11.42", 20, None),
        ("G62.9", 110, Link.NEW),
        ("G62.9", 200, None),
    ],
)
def test_an_onset_that_cannot_be_read_may_be_long_before_the_day_of_recording(
    code: str, days: int, link: Link | None
) -> None:
    assert link_of(diagnosis(code, recorded_on=ago(days), has_unread_onset=True)) is link


def test_a_coded_adverse_effect_links_one_whose_onset_cannot_be_read() -> None:
    unread = diagnosis("E11.42", recorded_on=ago(20), has_unread_onset=True)
    assert link_of(unread, diagnosis("T45.AX5A")) is Link.CODED


@pytest.mark.parametrize(("days", "link"), [(30, Link.NEW), (31, None)])
def test_without_any_dose_the_first_is_still_to_come(days: int, link: Link | None) -> None:
    assert link_of(diagnosis("G62.9", days), medication_administrations=given(PEMBROLIZUMAB)) is link


@pytest.mark.parametrize(
    ("code", "link"),
    [
        ("G62.9", Link.UNDATED),
        ("G61.0", Link.UNDATED),
        ("E11.42", None),
        ("E11.40", None),
        ("G62.1", None),
        ("G60.0", None),
        ("G60.3", Link.UNDATED),
        ("G60.9", Link.UNDATED),
    ],
)
def test_an_undated_neuropathy_counts_unless_it_names_another_cause(code: str, link: Link | None) -> None:
    assert link_of(diagnosis(code)) is link
    assert link_of(diagnosis(code), medication_administrations=given(PEMBROLIZUMAB)) is None


@pytest.mark.parametrize("effect", ["T45.AX5A", "T45.1X5A"])
def test_a_coded_adverse_effect_links_what_is_not_from_long_before(effect: str) -> None:
    coded = diagnosis(effect)
    assert link_of(diagnosis("G62.9", 50), coded) is Link.CODED
    assert link_of(diagnosis("G62.9", 120), coded) is Link.CODED
    assert link_of(diagnosis("E11.42"), coded) is Link.CODED
    assert link_of(diagnosis("E11.42", 4000), coded) is None
    assert attributed(patient(diagnosis("G62.9", 50), coded, **ON_DRUG)).is_coded
    assert not attributed(patient(diagnosis("E11.42", 4000), coded, **ON_DRUG)).is_coded


def test_a_coded_adverse_effect_of_a_checkpoint_inhibitor_needs_no_record_of_it() -> None:
    coded = diagnosis("T45.AX5A")
    assert link_of(diagnosis("G62.9", 500), coded, medication_administrations=given(PEMBROLIZUMAB)) is Link.CODED
    assert link_of(diagnosis("G62.9", 500), coded, **NO_DOSES_READ) is Link.CODED


def test_a_suspected_adverse_effect_links_nothing() -> None:
    assert link_of(diagnosis("E11.42"), diagnosis("T45.AX5A", is_suspected=True)) is None


def test_a_resolved_adverse_effect_links_what_is_past_or_began_with_it() -> None:
    over = diagnosis("T45.AX5A", 80, is_current=False, ended_on=ago(60))
    assert link_of(diagnosis("E11.42"), over) is None
    assert link_of(diagnosis("E11.42", is_current=False), over) is Link.CODED
    began = [link_of(diagnosis("G62.9", days), over) for days in (81, 80, 60, 59)]
    assert began == [Link.AFTER_FIRST_DOSE, Link.CODED, Link.CODED, Link.AFTER_FIRST_DOSE]
    assert not attributed(patient(diagnosis("G62.9", 59), over, **ON_DRUG)).is_coded


@pytest.mark.parametrize(("days", "link"), [(80, Link.CODED), (79, Link.AFTER_FIRST_DOSE)])
def test_a_resolved_adverse_effect_without_an_end_is_of_its_day(days: int, link: Link) -> None:
    assert link_of(diagnosis("G62.9", days), diagnosis("T45.AX5A", 80, is_current=False)) is link
    assert link_of(diagnosis("G62.9", days), diagnosis("T45.AX5A", is_current=False)) is Link.AFTER_FIRST_DOSE


def test_myasthenia_counts_only_after_the_first_dose_or_coded() -> None:
    assert link_of(diagnosis("G70.00", 50)) is Link.AFTER_FIRST_DOSE
    assert link_of(diagnosis("G70.00", 110)) is None
    assert link_of(diagnosis("G70.00")) is None
    assert link_of(diagnosis("G70.00"), diagnosis("T45.AX5A")) is Link.CODED


@pytest.mark.parametrize(
    ("grades", "link"),
    [
        ([(2, 10), (1, 200)], Link.WORSENED),
        ([(2, 10), (2, 100)], None),
        ([(1, 10), (2, 200)], None),
        ([(2, 10), (1, 100), (2, 200)], Link.WORSENED),
        ([(3, 10), (3, 100)], None),
        ([(3, 10)], Link.SEVERE_SINCE),
        ([(2, 10)], None),
        ([(3, 200)], None),
        ([], None),
    ],
)
def test_one_from_before_counts_when_it_has_worsened(grades: list[tuple[int, int]], link: Link | None) -> None:
    seen = present(*(graded(value, days) for value, days in grades))
    assert link_of(diagnosis("E11.42", 4000), toxicity_grades=seen) is link
    assert link_of(diagnosis("E11.42"), toxicity_grades=seen) is link


def test_an_undated_one_of_another_cause_is_none_where_no_dose_could_be_had() -> None:
    found = attributed(patient(diagnosis("E11.42"), **NO_DOSES_READ))
    assert not found.is_any
    assert found.unknown is None


def test_a_pending_grade_is_no_worsening() -> None:
    seen = present(graded(3, 10, is_pending=True))
    assert link_of(diagnosis("E11.42", 4000), toxicity_grades=seen) is None


def test_a_diabetic_neuropathy_recorded_again_is_judged_by_its_first_record() -> None:
    again = diagnosis("E11.42", recorded_on=ago(10))
    assert link_of(again) is Link.AFTER_FIRST_DOSE
    assert link_of(again, diagnosis("E11.42", 4000)) is None
    since = diagnosis("E11.42", 60), again
    assert [c.diagnosis for c in attributed(patient(*since, **ON_DRUG)).known] == [since[0]]


def test_a_recurrence_is_a_worsening() -> None:
    assert link_of(diagnosis("G62.9", 4000, clinical_status="relapse")) is Link.WORSENED


def test_current_past_and_suspected_are_kept_apart_newest_first() -> None:
    current, newer = diagnosis("G62.9", 40), diagnosis("G51.0", 10)
    past, suspected = diagnosis("G62.0", 60, is_current=False), diagnosis("G61.0", 5, is_suspected=True)
    found = attributed(patient(current, past, suspected, newer, **ON_DRUG))
    assert [c.diagnosis for c in found.current] == [newer, current]
    assert [c.diagnosis for c in found.past] == [past]
    assert [c.diagnosis for c in found.suspected] == [suspected]


def test_observations_count_after_the_first_dose_unless_a_neuropathy_from_before_explains_them() -> None:
    seen = {"toxicity_grades": present(graded(2, 10), graded(0, 30), graded(1, 100)), **ON_DRUG}
    assert [m.value for m in attributed(patient(**seen)).observed] == [2]
    assert [m.value for m in attributed(patient(diagnosis("G62.9", 50), **seen)).observed] == [2]
    explained = {"toxicity_grades": present(graded(2, 10), graded(2, 150)), **ON_DRUG}
    assert attributed(patient(diagnosis("E11.42", 4000), **explained)).observed == ()
    assert attributed(patient(toxicity_grades=present(graded(2, 10)))).observed == ()


def test_what_could_not_be_read_is_kept_for_the_caller() -> None:
    assert attributed(patient(diagnosis("G62.9", 400), **NO_DOSES_READ)).unknown is not None
    assert attributed(patient(diagnosis("G62.9", 20), **NO_DOSES_READ)).unknown is None
    assert attributed(patient(toxicity_grades=UNKNOWN)).unknown is not None
    assert attributed(patient(diagnosis("E11.42", 400), toxicity_grades=UNKNOWN, **ON_DRUG)).unknown is not None
    with pytest.raises(NotKnown):
        attributed(patient(conditions=UNKNOWN))


def test_one_that_cannot_be_placed_hides_no_other() -> None:
    unplaced, undated = diagnosis("G51.0", 4000), diagnosis("G62.9")
    found = attributed(patient(unplaced, undated, toxicity_grades=UNKNOWN, **ON_DRUG))
    assert [c.diagnosis for c in found.current] == [undated]


def test_a_new_neuropathy_and_a_severe_one_without_comparison_are_uncertain() -> None:
    assert attributed(patient(diagnosis("G62.9", 20), **ON_DRUG)).is_certain
    assert not attributed(patient(diagnosis("G62.9", 120), **ON_DRUG)).is_certain
    assert attributed(patient(diagnosis("G62.9", 120), diagnosis("G51.0", 20), **ON_DRUG)).is_certain
    assert attributed(patient(toxicity_grades=present(graded(3, 10)), **ON_DRUG)).is_certain


# -- signs and symptoms -------------------------------------------------------------


@pytest.mark.parametrize(("code", "days", "expected"), [
    ("M21.372", 90, True), ("M21.372", 91, False), ("R26.2", 10, True), ("Z99.3", 10, True), ("J96.01", 10, False),
    ("R20.2", 10, False), ("R26.2", 101, False),
])  # fmt: skip
def test_a_new_sign_without_a_neuropathy_is_suspicious(code: str, days: int, expected: bool) -> None:
    assert bool(suspicious_signs(patient(diagnosis(code, days), **ON_DRUG))) is expected


@pytest.mark.parametrize(("days", "expected"), [(95, True), (99, True), (100, False), (200, False)])
def test_a_suspected_sign_counts_from_the_first_dose_whatever_its_age(days: int, expected: bool) -> None:
    assert bool(suspicious_signs(patient(diagnosis("R26.2", days, is_suspected=True), **ON_DRUG))) is expected


def test_signs_come_newest_first_and_one_that_does_not_count_hides_no_other() -> None:
    old, suspected = diagnosis("M21.372", 92), diagnosis("R26.2", 95, is_suspected=True)
    new, newer = diagnosis("Z99.3", 20), diagnosis("R26.2", 10)
    assert suspicious_signs(patient(old, suspected, new, newer, **ON_DRUG)) == (newer, new, suspected)


def test_beside_a_suspected_neuropathy_every_sign_on_the_drug_counts() -> None:
    suspected = diagnosis("G62.9", 5, is_suspected=True)
    assert suspicious_signs(patient(suspected, diagnosis("J96.01", 2), **ON_DRUG))
    assert suspicious_signs(patient(suspected, diagnosis("R26.2", 95), **ON_DRUG))


def test_a_past_or_undated_sign_and_one_without_the_drug_are_none() -> None:
    assert not suspicious_signs(patient(diagnosis("R26.2", 10, is_current=False), **ON_DRUG))
    assert not suspicious_signs(patient(diagnosis("R26.2"), **ON_DRUG))
    assert not suspicious_signs(patient(diagnosis("R26.2", 10)))


def test_a_sign_cannot_be_placed_when_no_dose_could_be_read() -> None:
    with pytest.raises(NotKnown):
        suspicious_signs(patient(diagnosis("R26.2", 10), **NO_DOSES_READ))


@pytest.mark.parametrize(("code", "days", "expected"), [("R20.2", 90, True), ("R20.2", 91, False), ("M62.81", 5, True)])
def test_new_symptoms_on_the_drug(code: str, days: int, expected: bool) -> None:
    assert bool(new_symptoms(patient(diagnosis(code, days), **ON_DRUG))) is expected
