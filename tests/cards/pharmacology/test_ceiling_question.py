"""When there is no question about a ceiling (book 2.3); the answers are held by the cases of the card."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue
from cards.facts import Facts, Sex, State, Supplied
from cards.opinion import CannotTell, NothingToAdd
from cards.orders import DoseLine, Drug, Formulation
from cards.pharmacology.ceiling_question import ceiling_question
from tests.cards.pharmacology.charts import PREGABALIN, a_day, creatinine, kidneys, line, mg, order, signed

[CARD] = [card for card in load_catalogue().cards if card.rule == "pregabalin-above-indication-ceiling"]
KNOWLEDGE = CARD.knowledge
EXTENDED = Drug("pregabalin", PREGABALIN.concepts, formulation=Formulation.EXTENDED)


def patient_a(**supplied: Supplied) -> Facts:
    """Normal clearance; the target is 300 mg/day."""
    return kidneys(60, Sex.MALE, 80, 178, creatinine(1.0), **supplied)


def rising_to(mg_per_day: float) -> list[DoseLine]:
    """A week on half of the dose, then the dose."""
    half = line(mg(mg_per_day / 2), a_day(1, lasts_days=7), sequence=1)
    return [half, line(mg(mg_per_day), a_day(1), sequence=2)]


def test_a_dose_that_cannot_be_read_is_silent_by_the_book() -> None:
    found = ceiling_question(signed(order(line(mg(300), None))), patient_a(), KNOWLEDGE)
    assert found == CannotTell("daily dose: no timing given", ("order",), book_is_silent=True)


def test_a_dose_that_rises_to_the_target_is_within_it_whatever_came_before() -> None:
    facts = patient_a(medication_orders=Supplied(State.UNKNOWN, why="the search failed"))
    found = ceiling_question(signed(order(*rising_to(300))), facts, KNOWLEDGE)
    assert found == NothingToAdd("within the target of 300 mg/day")


@pytest.mark.parametrize("stated", ["target", "maximum"])
def test_extended_release_needs_a_target_and_a_maximum(stated: str) -> None:
    tables = {**KNOWLEDGE.thresholds, f"{stated}_extended_release": KNOWLEDGE.threshold(stated)}
    knowledge = KNOWLEDGE.model_copy(update={"thresholds": tables})
    low = kidneys(75, Sex.MALE, 60, 170, creatinine(2.5))
    found = ceiling_question(signed(order(line(mg(165), a_day(1)), drug=EXTENDED)), low, knowledge)
    assert found == NothingToAdd("extended release has no target at this clearance")
