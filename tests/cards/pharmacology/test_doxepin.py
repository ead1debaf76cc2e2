"""Where doxepin is a sleeping aid."""

from __future__ import annotations

import pytest

from cards.orders import Drug
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.doxepin import is_sleeping_aid
from cards.value_set_parts import Strength
from tests.cards.pharmacology.charts import a_day, line, mg, order

DOXEPIN = Drug("doxepin", frozenset({"doxepin", "tricyclic"}))


def answer(drug, *lines):
    return is_sleeping_aid(drug, order_dose(order(*lines, drug=drug)))


@pytest.mark.parametrize(("dose", "expected"), [(3, True), (6, True), (6.5, False), (25, False)])
def test_by_its_daily_dose(dose, expected):
    assert answer(DOXEPIN, line(mg(dose), a_day(1))) is expected


@pytest.mark.parametrize(("strength", "expected"), [(6, True), (10, False)])
def test_without_a_dose_by_its_strength(strength, expected):
    assert answer(DOXEPIN._replace(strength=Strength(strength, "mg", "tablet"))) is expected


def test_without_dose_and_strength_it_is_not_known():
    assert answer(DOXEPIN) is None


def test_no_other_tricyclic_is_one():
    assert answer(Drug("nortriptyline", frozenset({"nortriptyline", "tricyclic"})), line(mg(5), a_day(1))) is False
