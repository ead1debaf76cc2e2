"""What is offered to tell the pattern of a neuropathy, less what is ordered already."""

from __future__ import annotations

import pytest

from cards.neurology.workup import BREATHING_TEST, EMG, GRADE, IMMUNE_LABORATORY, LABORATORY, NEUROLOGY, named, workup
from cards.orders import Basket, ServiceOrder
from tests.cards.neurology.charts import UNKNOWN, ago, patient
from tests.cards.pharmacology.charts import chart, present


def ordered(concept: str, days: int | None = 5, status: str = "active") -> ServiceOrder:
    """An order on record."""
    return ServiceOrder("s", frozenset({concept}), status=status, authored_on=None if days is None else ago(days))


def test_every_step_is_offered_in_the_order_asked_for() -> None:
    steps = (EMG, NEUROLOGY, *LABORATORY)
    offered = list(workup(patient(), steps))
    assert [offer.label for offer in offered[:3]] == ["Order EMG/NCS", "Refer to neurology", "Order vitamin B12"]
    assert len(offered) == len(steps)
    assert all(offer.code is not None for offer in offered[1:]), "all but EMG have a code"
    assert offered[0].code is None


@pytest.mark.parametrize(("days", "is_offered"), [(0, False), (14, False), (15, True), (None, True)])
def test_what_was_ordered_lately_is_not_offered(days: int | None, is_offered: bool) -> None:
    facts = patient(service_requests=present(ordered("vitamin_b12", days)))
    assert bool(list(workup(facts, ("vitamin_b12",)))) is is_offered


def test_what_was_done_with_is_offered_again() -> None:
    facts = patient(service_requests=present(ordered("vitamin_b12", 5, "completed")))
    assert list(workup(facts, ("vitamin_b12",)))


def test_what_is_in_the_basket_is_not_offered() -> None:
    basket = Basket(services=(ServiceOrder("s", frozenset({"emg_ncs"}), is_draft=True),))
    assert not list(workup(chart(basket=basket), (EMG,)))


def test_orders_that_could_not_be_had_hide_nothing() -> None:
    assert list(workup(patient(service_requests=UNKNOWN), (EMG,)))


def test_a_referral_asks_the_question_of_the_card() -> None:
    [asked] = workup(patient(), (NEUROLOGY,), question="neuropathy on a checkpoint inhibitor")
    assert asked.text == "Referral to neurology: neuropathy on a checkpoint inhibitor"


@pytest.mark.parametrize(("step", "code"), [(GRADE, "75691-6"), (BREATHING_TEST, "23426006")])
def test_grade_and_breathing_have_codes(step: str, code: str) -> None:
    [offered] = workup(patient(), (step,))
    assert offered.code is not None
    assert offered.code.code == code


def test_the_laboratory_of_an_immune_neuropathy_has_codes_too() -> None:
    offered = list(workup(patient(), IMMUNE_LABORATORY))
    assert [offer.label for offer in offered[:3]] == ["Order creatine kinase", "Order TSH", "Order HbA1c"]
    assert all(offer.code is not None for offer in offered)


def test_offers_are_named_without_their_verbs() -> None:
    offers = workup(patient(), (NEUROLOGY, EMG, GRADE))
    assert named(offers) == "neurology, EMG/NCS and CTCAE grade of the neuropathy"
