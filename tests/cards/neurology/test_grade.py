"""The grade that governs today, its floors, and whether it was ever severe (book 1.7)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Measurement
from cards.neurology.grade import NeuropathyGrade, neuropathy_grade
from tests.cards.neurology.charts import PEMBROLIZUMAB, UNKNOWN, ago, diagnosis, given, graded, named, patient
from tests.cards.pharmacology.charts import present

ON_DRUG = {"medication_administrations": given(PEMBROLIZUMAB, 40)}


def grade_of(facts: Facts, *diagnoses: Diagnosis, on_drug: bool = False) -> NeuropathyGrade:
    """The grade of these diagnoses."""
    return neuropathy_grade(facts, diagnoses, on_checkpoint_inhibitor=on_drug)


# -- what was written down ----------------------------------------------------------


@pytest.mark.parametrize(("days", "value"), [(0, 2), (30, 2), (31, None)])
def test_a_graded_observation_governs_for_30_days(days: int, value: int | None) -> None:
    assert grade_of(patient(toxicity_grades=present(graded(2, days)))).value == value


def test_the_newest_observation_governs_and_on_one_day_the_higher() -> None:
    assert grade_of(patient(toxicity_grades=present(graded(3, 20), graded(1, 5)))).value == 1
    assert grade_of(patient(toxicity_grades=present(graded(1, 5), graded(3, 5), graded(4, 20)))).value == 3


def test_a_pending_observation_is_no_grade() -> None:
    assert grade_of(patient(toxicity_grades=present(graded(None, 1, is_pending=True), graded(2, 5)))).value == 2


@pytest.mark.parametrize(
    "newest",
    [graded(None, 1, unreadable="not a grade"), graded(3, 1, unreadable="grade 1-5 expected"), graded(None, 1)],
)
def test_an_unreadable_newest_observation_never_gives_way_to_an_older_one(newest: Measurement) -> None:
    found = grade_of(patient(toxicity_grades=present(newest, graded(2, 5))))
    assert found.value is None
    assert "could not be read" in found.line


def test_no_grade_and_no_answer_are_told_apart() -> None:
    none, refused = grade_of(patient()), grade_of(patient(toxicity_grades=UNKNOWN))
    assert (none.line, none.is_unread) == ("Grade: unknown (none recorded lately)", False)
    assert (refused.line, refused.is_unread) == ("Grade: unknown (the search was refused)", True)


def test_the_severity_of_a_current_diagnosis_is_a_current_grade_whatever_its_date() -> None:
    assert grade_of(patient(), diagnosis("G62.0", 400, grade=3)).value == 3
    assert grade_of(patient(), diagnosis("G62.0", grade=3)).line == "Grade 3: severity of G62.0, undated"
    assert grade_of(patient(), diagnosis("G62.0", 5, grade=3)).line == "Grade 3: severity of G62.0, 2026-06-10"
    recorded = diagnosis("G62.0", 400, grade=3, recorded_on=ago(2))
    assert grade_of(patient(), recorded).line == "Grade 3: severity of G62.0, 2026-06-13"


@pytest.mark.parametrize("details", [{"is_current": False}, {"is_suspected": True}])
def test_the_severity_of_history_or_suspicion_is_none(details: dict[str, bool]) -> None:
    assert grade_of(patient(), diagnosis("G62.0", grade=3, **details)).value is None


def test_observation_and_severity_the_newer_governs() -> None:
    seen = {"toxicity_grades": present(graded(1, 10))}
    assert grade_of(patient(**seen), diagnosis("G62.0", 400, grade=3)).value == 1
    assert grade_of(patient(**seen), diagnosis("G62.0", 5, grade=3)).value == 3
    assert grade_of(patient(**seen), diagnosis("G62.0", 10, grade=2)).value == 2
    recorded = diagnosis("G62.0", 400, grade=3, recorded_on=ago(2))
    assert grade_of(patient(**seen), recorded).value == 3


def test_a_severity_stands_where_observations_could_not_be_had() -> None:
    assert grade_of(patient(toxicity_grades=UNKNOWN), diagnosis("G62.0", grade=2)).value == 2


@pytest.mark.parametrize(("value", "is_severe"), [(2, False), (3, True), (4, True)])
def test_severe_is_grade_3_and_up(value: int, is_severe: bool) -> None:
    assert grade_of(patient(toxicity_grades=present(graded(value)))).is_severe is is_severe
    assert not grade_of(patient()).is_severe


# -- floors ----------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "on_drug", "floor"),
    [
        ("G51.0", False, 2),
        ("J96.01", False, 4),
        ("Z99.3", False, 3),
        ("Z74.01", False, 3),
        ("M21.372", True, 3),
        ("R26.2", True, 3),
        ("G83.11", True, 3),
        ("G61.0", True, 3),
        ("M21.372", False, None),
        ("G61.0", False, None),
    ],
)
def test_signs_are_floors(code: str, on_drug: bool, floor: int | None) -> None:
    assert grade_of(patient(diagnosis(code, 10), **ON_DRUG), on_drug=on_drug).value == floor


def test_floors_only_raise() -> None:
    facial_palsy = diagnosis("G51.0", 10)
    raised = grade_of(patient(facial_palsy, toxicity_grades=present(graded(1))))
    assert (raised.value, "raised from 1" in raised.source) == (2, True)
    assert grade_of(patient(facial_palsy, toxicity_grades=present(graded(3)))).value == 3
    assert grade_of(patient(facial_palsy, diagnosis("J96.00"))).value == 4


def test_a_sign_from_before_the_drug_is_no_sign_of_it() -> None:
    assert grade_of(patient(diagnosis("R26.2", 900), **ON_DRUG), on_drug=True).value is None
    assert grade_of(patient(diagnosis("R26.2"), **ON_DRUG), on_drug=True).value == 3


@pytest.mark.parametrize(("days", "grade"), [(10, 3), (900, None)])
def test_a_sign_whose_onset_cannot_be_read_counts_unless_recorded_before_the_drug(days: int, grade: int | None) -> None:
    limp = diagnosis("R26.2", recorded_on=ago(days), has_unread_onset=True)
    assert grade_of(patient(limp, **ON_DRUG), on_drug=True).value == grade


@pytest.mark.parametrize("code", ["G51.0", "J96.11", "Z99.3"])
def test_other_signs_from_before_the_drug_are_no_sign_of_it_either(code: str) -> None:
    assert grade_of(patient(diagnosis(code, 900), **ON_DRUG), on_drug=True).value is None
    assert grade_of(patient(diagnosis(code, 900), **ON_DRUG)).value is not None


def test_a_sign_that_is_the_graded_diagnosis_needs_no_record_of_the_drug() -> None:
    syndrome = diagnosis("G61.0", 10)
    assert grade_of(patient(syndrome), syndrome, on_drug=True).value == 3


def test_signs_on_the_first_page_of_a_problem_list_count() -> None:
    assert grade_of(patient(diagnosis("G51.0", 10), is_complete=False)).value == 2


def test_a_grade_0_of_before_the_neuropathy_is_no_grade_of_it() -> None:
    seen = {"toxicity_grades": present(graded(0, 20))}
    assert grade_of(patient(**seen), diagnosis("G62.9", 5)).value is None
    assert grade_of(patient(**seen), diagnosis("G62.9", 20)).value == 0


def test_a_grade_above_0_of_before_the_recorded_onset_counts() -> None:
    assert grade_of(patient(toxicity_grades=present(graded(2, 20))), diagnosis("G62.9", 5)).value == 2


def test_a_suspected_or_past_sign_is_none() -> None:
    signs = diagnosis("J96.01", is_suspected=True), diagnosis("Z99.3", is_current=False)
    assert grade_of(patient(*signs)).value is None


def test_a_problem_list_that_could_not_be_had_leaves_the_floors_unknown() -> None:
    with pytest.raises(NotKnown):
        grade_of(patient(conditions=UNKNOWN))


# -- known by words only ------------------------------------------------------------


def test_a_floor_by_words_says_so_unless_a_code_sets_it_too() -> None:
    in_words, coded = named("Guillain-Barre syndrome"), diagnosis("G62.9")
    assert grade_of(patient(coded, in_words, **ON_DRUG), coded, in_words, on_drug=True).by_words
    foot_drop = diagnosis("M21.371")
    found = grade_of(patient(coded, in_words, foot_drop, **ON_DRUG), coded, in_words, on_drug=True)
    assert (found.value, found.by_words) == (3, False)


def test_a_severity_of_a_diagnosis_in_words_says_so_unless_a_code_is_as_severe() -> None:
    in_words = named("peripheral neuropathy")._replace(grade=3)
    assert grade_of(patient(in_words), in_words).by_words
    coded = diagnosis("G62.9")._replace(grade=3)
    assert not grade_of(patient(in_words, coded), in_words, coded).by_words
    foot_drop = diagnosis("M21.371")
    assert not grade_of(patient(in_words, foot_drop, **ON_DRUG), in_words, on_drug=True).by_words
