"""Doses in the words of an order (book 4.4)."""

from __future__ import annotations

import pytest

from cards.orders import Amount
from cards.pharmacology.infusion.stated_doses import StatedDose, in_grams, is_near, stated_doses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.4 g/kg/day x 5", [StatedDose(0.4, is_per_kg=True, is_of_day=True)]),
        ("400 mg/kg once daily", [StatedDose(0.4, is_per_kg=True, is_of_day=True)]),
        ("0,4 g per kg", [StatedDose(0.4, is_per_kg=True, is_of_day=False)]),
        ("2,000 mg/kg", [StatedDose(2, is_per_kg=True, is_of_day=False)]),
        ("30 grams IV daily", [StatedDose(30, is_per_kg=False, is_of_day=True)]),
        ("30 gm", [StatedDose(30, is_per_kg=False, is_of_day=False)]),
        ("total dose: 150 g", [StatedDose(150, is_per_kg=False, is_of_day=False, is_total=True)]),
        ("300 mL at 30 mL/h", []),
        ("x 5 days", []),
    ],
)
def test_doses_are_read_with_their_day_and_weight(text: str, expected: list[StatedDose]) -> None:
    assert stated_doses(text) == expected


def test_an_amount_in_grams() -> None:
    assert in_grams(Amount(300, 400, "mg/kg")) == StatedDose(0.4, is_per_kg=True, is_of_day=False)
    assert in_grams(Amount(30, 30, "g/d")) == StatedDose(30, is_per_kg=False, is_of_day=True)
    assert in_grams(Amount(300, 300, "mL")) is None
    assert in_grams(Amount(30, 30, "g/h")) is None


def test_rounded_doses_are_near() -> None:
    assert is_near(30, 32)
    assert not is_near(0.4, 0.5)
