"""Renewals: what was long unchanged, and the history of one form of release (book 1.6)."""

from __future__ import annotations

import pytest

from cards.orders import Formulation, MedicationOrder
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.therapy_history import ingredient_history, is_long_renewal
from tests.cards.pharmacology.charts import PREGABALIN, a_day, chart, line, mg, order, present, signed
from tests.cards.pharmacology.test_therapy_history import DRAFT, history, taken


def test_the_history_of_an_ingredient_is_that_of_its_form_of_release() -> None:
    extended = PREGABALIN._replace(formulation=Formulation.EXTENDED)
    facts = chart(medication_orders=present(taken(165, 60, drug=extended), taken(75, 20)))
    found = [ingredient_history(facts, signed(DRAFT), drug, "pregabalin") for drug in (PREGABALIN, extended)]
    assert [(one.current_mg, one.days_on) for one in found] == [(75, 20), (165, 60)]


@pytest.mark.parametrize(
    ("orders", "mg_a_day", "expected"),
    [
        ([taken(150, 91)], 150, True),
        ([taken(150, 90)], 150, False),
        ([taken(150, 91)], 75, True),
        ([taken(150, 91)], 300, False),
        ([taken(150, 91)], None, True),
        ([taken(150, 120), taken(None, 20)], 300, True),
    ],
)
def test_a_renewal_at_no_higher_dose_of_what_was_long_unchanged(
    orders: list[MedicationOrder], mg_a_day: float | None, expected: bool
) -> None:
    dose = order_dose(order(*([line(mg(mg_a_day), a_day(1))] if mg_a_day else [])))
    assert is_long_renewal(history(*orders), dose, longer_than_days=90) is expected
