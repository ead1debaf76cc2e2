"""Ranges of doses per kg with a tolerance (book 3.8)."""

from __future__ import annotations

import pytest

from cards.pharmacology.dose_range import DoseRange, per_kg

MODERATE = DoseRange(0.5, 1, 25)


@pytest.mark.parametrize(
    ("mg", "is_below", "is_above"), [(29, True, False), (30, False, False), (100, False, False), (101, False, True)]
)
def test_the_ends_of_a_range_have_a_tolerance(mg: float, is_below: bool, is_above: bool) -> None:
    assert (MODERATE.is_below(mg, 80), MODERATE.is_above(mg, 80)) == (is_below, is_above)


def test_ranges_and_doses_per_kg_are_written_short() -> None:
    assert (str(MODERATE), per_kg(10, 80), per_kg(160, 80)) == ("0.5-1", "0.125", "2")
