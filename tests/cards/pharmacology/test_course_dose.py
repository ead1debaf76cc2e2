"""Grams per kg of one course."""

from __future__ import annotations

import pytest

from cards.orders import Amount, DoseLine, Drug, Hook, MedicationOrder, OrderedDrug, Timing
from cards.pharmacology.course_dose import course_g_per_kg
from tests.cards.pharmacology.charts import chart, present, weight

IVIG = Drug("immunoglobulin", frozenset({"ivig"}))
FIVE_DAYS = Timing(frequency=1, period=1, period_unit="d", lasts_days=5)


def line(value: float, unit: str, timing: Timing | None = FIVE_DAYS) -> DoseLine:
    return DoseLine(amount=Amount(value, value, unit), timing=timing)


@pytest.mark.parametrize(
    ("lines", "g_per_kg"),
    [
        ([line(0.4, "g/kg")], 2.0),
        ([line(400, "mg/kg")], 2.0),
        ([line(32, "g")], 2.0),
        ([line(16, "g"), line(16, "g")], 2.0),
        ([line(0.4, "g/kg", Timing(frequency=1, period=1, period_unit="d"))], None),
        ([line(0.4, "g/kg", None)], None),
        ([line(300, "mL")], None),
        ([DoseLine(text="as discussed")], None),
        ([DoseLine(timing=FIVE_DAYS)], None),
        ([], None),
    ],
)
def test_the_dose_of_a_course(lines: list[DoseLine], g_per_kg: float | None) -> None:
    order = OrderedDrug(Hook.ORDER_SIGN, (MedicationOrder("o1", IVIG, tuple(lines)),))
    found = course_g_per_kg(order, chart(body_size=present(weight(80))))
    assert found == (None if g_per_kg is None else pytest.approx(g_per_kg))


def test_a_dose_in_grams_needs_a_weight() -> None:
    order = OrderedDrug(Hook.ORDER_SIGN, (MedicationOrder("o1", IVIG, (line(32, "g"),)),))
    assert course_g_per_kg(order, chart()) is None
