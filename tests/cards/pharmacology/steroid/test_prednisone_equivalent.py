"""Prednisone equivalents (book 1.3)."""

from __future__ import annotations

import pytest

from cards.pharmacology.steroid.prednisone_equivalent import prednisone_equivalent


@pytest.mark.parametrize(
    ("drug", "mg_prednisone"),
    [
        ("prednisone", 100),
        ("prednisolone sodium phosphate", 100),
        ("methylprednisolone", 125),
        ("dexamethasone", 667),
        ("hydrocortisone", 25),
        ("betamethasone", 667),
        ("triamcinolone", 125),
        ("deflazacort", 83),
        ("cortisone", 20),
        ("budesonide", None),
    ],
)
def test_100_mg_of_a_steroid_in_prednisone(drug: str, mg_prednisone: float | None) -> None:
    found = prednisone_equivalent(drug, 100)
    assert found == (None if mg_prednisone is None else pytest.approx(mg_prednisone))
