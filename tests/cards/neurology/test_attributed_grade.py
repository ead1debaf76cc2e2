"""How severe the neuropathies that may be of a checkpoint inhibitor are and were (book 1.7, 5.6)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.facts import Diagnosis, Facts
from cards.neurology.attributed_grade import began_on, ever_severe, grade_now, was_moderate
from cards.neurology.attribution import attributed
from tests.cards.neurology.charts import PEMBROLIZUMAB, ago, diagnosis, given, graded, patient
from tests.cards.pharmacology.charts import present

ON_DRUG = {"medication_administrations": given(PEMBROLIZUMAB, 40)}


def now(facts: Facts) -> int | str | None:
    """The grade now, "none" where there is no neuropathy now."""
    grade = grade_now(facts, attributed(facts))
    return "none" if grade is None else grade.value


# -- now ----------------------------------------------------------------------------


def test_the_grade_of_current_neuropathies() -> None:
    assert now(patient(diagnosis("G62.9", 20, grade=2), **ON_DRUG)) == 2
    assert now(patient(diagnosis("G62.9", 20), **ON_DRUG)) is None
    assert now(patient(diagnosis("G62.9", 20, grade=2, is_current=False), **ON_DRUG)) == "none"


@pytest.mark.parametrize(("days", "expected"), [(30, 2), (31, "none")])
def test_observations_alone_count_while_new(days: int, expected: int | str) -> None:
    assert now(patient(toxicity_grades=present(graded(2, days)), **ON_DRUG)) == expected


def test_a_sign_begun_on_the_drug_raises_an_observation() -> None:
    seen = present(graded(2, 5))
    assert now(patient(diagnosis("R26.2", 10), toxicity_grades=seen, **ON_DRUG)) == 3
    assert now(patient(diagnosis("R26.2", 900), toxicity_grades=seen, **ON_DRUG)) == 2


@pytest.mark.parametrize(("ended", "expected"), [(10, "none"), (11, 2)])
def test_a_neuropathy_that_ended_since_the_observation_is_over(ended: int, expected: int | str) -> None:
    past = diagnosis("G62.9", 35, is_current=False, ended_on=ago(ended))
    assert now(patient(past, toxicity_grades=present(graded(2, 10)), **ON_DRUG)) == expected


# -- ever ---------------------------------------------------------------------------


def test_guillain_barre_syndrome_on_a_checkpoint_inhibitor_was_severe_although_resolved() -> None:
    doses = {"medication_administrations": given(PEMBROLIZUMAB, 900)}
    resolved = diagnosis("G61.0", 800, is_current=False)
    assert ever_severe(patient(resolved, **doses))
    assert not ever_severe(patient(diagnosis("G61.0", 1000, is_current=False), **doses))


@pytest.mark.parametrize(("grade", "expected"), [(2, False), (3, True)])
def test_a_severity_after_the_first_dose_counts_for_ever(grade: int, expected: bool) -> None:
    assert ever_severe(patient(diagnosis("G62.9", 20, grade=grade, is_current=False), **ON_DRUG)) is expected


def test_the_coded_adverse_effect_counts_without_a_drug_record() -> None:
    problems = diagnosis("T45.AX5A", is_current=False), diagnosis("G62.9", 300, grade=3, is_current=False)
    assert ever_severe(patient(*problems))


@pytest.mark.parametrize(("days", "expected"), [(20, True), (60, False)])
def test_a_graded_observation_after_the_first_dose_counts(days: int, expected: bool) -> None:
    assert ever_severe(patient(toxicity_grades=present(graded(3, days)), **ON_DRUG)) is expected


def test_a_current_floor_counts() -> None:
    assert ever_severe(patient(diagnosis("G62.9", 20), diagnosis("M21.372", 10), **ON_DRUG))
    assert not ever_severe(patient(diagnosis("G62.9", 20), **ON_DRUG))


def test_a_severe_neuropathy_without_any_checkpoint_inhibitor_is_another_matter() -> None:
    assert not ever_severe(patient(diagnosis("G61.0", 20, grade=4)))


def test_a_weak_link_with_the_drug_is_not_enough_for_ever() -> None:
    assert not ever_severe(patient(diagnosis("G61.0", 60), **ON_DRUG))


@pytest.mark.parametrize(
    ("problems", "observed", "expected"),
    [
        ([diagnosis("G62.9", 20, grade=2)], [], True),
        ([diagnosis("G62.9", 20, grade=1)], [], False),
        ([diagnosis("G51.0", 20, is_current=False)], [], True),
        ([diagnosis("G51.0", 20)], [], False),
        ([], [graded(2, 20)], True),
        ([], [graded(1, 20)], False),
    ],
)
def test_grade_2_was_written_down_or_is_the_floor_of_what_is_past(
    problems: list[Diagnosis], observed: list[Any], expected: bool
) -> None:
    facts = patient(*problems, **({"toxicity_grades": present(*observed)} if observed else {}), **ON_DRUG)
    assert was_moderate(attributed(facts)) is expected


def test_the_newest_current_neuropathy_or_the_first_observation_tells_the_beginning() -> None:
    assert began_on(attributed(patient(diagnosis("G62.9", 20), diagnosis("G51.0", 9), **ON_DRUG))) == ago(9)
    seen = present(graded(2, 5), graded(1, 15))
    assert began_on(attributed(patient(toxicity_grades=seen, **ON_DRUG))) == ago(15)
    assert began_on(attributed(patient(**ON_DRUG))) is None
