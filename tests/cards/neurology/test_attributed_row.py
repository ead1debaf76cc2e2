"""The rows about a checkpoint inhibitor at a grade of neuropathy (book 5.6); the card's cases hold their words."""

from __future__ import annotations

from typing import Any

import pytest

from cards.catalogue import load_catalogue
from cards.facts import Diagnosis, Facts
from cards.neurology.attributed_row import STEROID, AttributedRow, row_by_grade, row_of_suspicion
from cards.neurology.attribution import attributed
from cards.opinion import NothingToAdd
from cards.orders import Drug
from tests.cards.neurology.charts import PEMBROLIZUMAB, diagnosis, given, graded, patient
from tests.cards.pharmacology.charts import a_day, ago, line, mg, order, present

PREDNISONE = Drug("prednisone", frozenset({"systemic_corticosteroid"}))
[KNOWLEDGE] = [card.knowledge for card in load_catalogue().cards if card.rule == "ici-order-with-neuropathy"]


def on_drug(*problems: Diagnosis, **supplied: Any) -> Facts:
    """A patient with these problems who had the first dose 150 days ago."""
    return patient(*problems, medication_administrations=given(PEMBROLIZUMAB, 150, 21), **supplied)


def by_grade(facts: Facts) -> AttributedRow | NothingToAdd:
    """The row of the confirmed neuropathies."""
    return row_by_grade(facts, attributed(facts), KNOWLEDGE)


@pytest.mark.parametrize(
    ("problem", "row", "is_severe"),
    [
        (diagnosis("G62.9", 20, grade=3), "3-4", True),
        (diagnosis("G61.0", 90, is_current=False), "ever 3-4", True),
        (diagnosis("G62.9", 20, grade=2), "2", False),
        (diagnosis("G62.9", 60, grade=1), "1, new", False),
        (diagnosis("G62.9", 61, grade=1), "1, stable", False),
        (diagnosis("G62.9", 90), "unknown grade, new", False),
        (diagnosis("G62.9", 91), "unknown grade", False),
    ],
)
def test_each_grade_has_its_row(problem: Diagnosis, row: str, is_severe: bool) -> None:
    found = by_grade(on_drug(problem))
    assert isinstance(found, AttributedRow)
    assert (found.name, found.is_severe) == (row, is_severe)
    assert found.diagnoses == (problem,)


def test_after_grade_2_a_tapered_patient_may_resume() -> None:
    observed = present(graded(2, 100), graded(0, 5))
    facts = on_drug(diagnosis("G62.0", 110), toxicity_grades=observed)
    assert by_grade(facts) == NothingToAdd(
        "back at grade 1 or less after grade 2, steroid tapered: resumption allowed", "resumption"
    )


@pytest.mark.parametrize(
    ("problem", "grades", "grade_line"),
    [
        (diagnosis("G62.0", 110, grade=2, is_current=False), [], "Grade: no neuropathy now"),
        (diagnosis("G62.0", 110), [graded(2, 100), graded(1, 5)], "Grade 1: graded observation, 2026-06-10"),
    ],
)
def test_after_grade_2_the_card_names_the_neuropathy_and_its_grade_now(
    problem: Diagnosis, grades: list[Any], grade_line: str
) -> None:
    steroid = order(line(mg(20), a_day(1)), drug=PREDNISONE, status="active", authored_on=ago(10))
    observed = {"toxicity_grades": present(*grades)} if grades else {}
    found = by_grade(on_drug(problem, medication_orders=present(steroid), **observed))
    assert isinstance(found, AttributedRow)
    assert (found.name, found.finding) == ("resumption, steroid", "earlier grade 2 neuropathy (G62.0, 2026-02-25)")
    assert grade_line in found.facts


def test_without_any_neuropathy_there_is_no_row_and_no_suspicion() -> None:
    facts = on_drug(diagnosis("C34.90", 300))
    assert isinstance(by_grade(facts), NothingToAdd)
    assert row_of_suspicion(facts, attributed(facts)) is None


@pytest.mark.parametrize(
    ("code", "row", "is_severe"), [("G61.0", "suspected, severe", True), ("G62.9", "suspected", False)]
)
def test_a_suspicion_has_a_row_by_its_weight(code: str, row: str, is_severe: bool) -> None:
    facts = on_drug(diagnosis(code, 5, is_suspected=True))
    found = row_of_suspicion(facts, attributed(facts))
    assert found is not None
    assert (found.name, found.is_severe) == (row, is_severe)


def test_no_steroid_is_offered_for_myasthenia() -> None:
    neuropathy, myasthenia = (by_grade(on_drug(diagnosis(code, 10, grade=3))) for code in ("G62.9", "G70.00"))
    assert isinstance(neuropathy, AttributedRow)
    assert isinstance(myasthenia, AttributedRow)
    assert STEROID in neuropathy.offers
    assert STEROID not in myasthenia.offers


def test_a_steroid_is_offered_for_a_severe_observation_without_a_code() -> None:
    found = by_grade(on_drug(toxicity_grades=present(graded(3, 5))))
    assert isinstance(found, AttributedRow)
    assert STEROID in found.offers
