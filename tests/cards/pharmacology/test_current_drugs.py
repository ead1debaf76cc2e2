"""Drugs taken now, by drafts and by active orders."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.orders import Basket, Drug, MedicationOrder
from cards.pharmacology.current_drugs import current_orders, drug_line
from tests.cards.neurology.charts import UNKNOWN, ordered, patient

INSULIN = Drug("insulin glargine", frozenset({"insulin"}))
DRAFT = Basket((MedicationOrder("d1", INSULIN, is_draft=True), MedicationOrder("d2", Drug("metformin"))))


def test_drafts_and_active_orders_count() -> None:
    found = current_orders(patient(basket=DRAFT, medication_orders=ordered(INSULIN, 60)), "insulin", "sulfonylurea")
    assert [drug_line(order) for order in found] == [
        "insulin glargine (drafted)",
        "insulin glargine (active order of 2026-04-16)",
    ]


@pytest.mark.parametrize("status", ["stopped", "completed", "on-hold"])
def test_what_is_no_longer_taken_does_not_count(status: str) -> None:
    assert current_orders(patient(medication_orders=ordered(INSULIN, 60, status=status)), "insulin") == ()


def test_orders_that_could_not_be_had_leave_it_open_only_where_nothing_is_drafted() -> None:
    assert current_orders(patient(basket=DRAFT, medication_orders=UNKNOWN), "insulin") == DRAFT.medications[:1]
    with pytest.raises(NotKnown, match="refused"):
        current_orders(patient(medication_orders=UNKNOWN), "insulin")
