"""Another daily dose for a drafted steroid, where nothing of the draft is lost (book 3.8)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.concepts import Strength
from cards.orders import Amount, Cap, Drug
from cards.pharmacology.steroid.steroid_offer import offer_daily_dose, rounded_within
from tests.cards.pharmacology.charts import AS_OF, a_day, line, mg, order, signed

PREDNISONE = Drug("prednisone", frozenset({"systemic_corticosteroid"}))
TABLET = Drug("prednisone", PREDNISONE.concepts, strength=Strength(20, "mg", "tablet"))


def offered(*lines: Any, drug: Drug = PREDNISONE, dose_mg: float = 80) -> list[tuple[float, int, int | None]]:
    """The lines offered: mg, times a day, days."""
    found = offer_daily_dose(signed(order(*lines, drug=drug)), dose_mg, "1 mg/kg/day")
    return [] if found is None else [(one.dose_mg, one.per_day, one.days) for one in found.lines]


def test_the_length_of_the_draft_is_kept() -> None:
    assert offered(line(mg(10), a_day(1))) == [(80, 1, None)]
    assert offered(line(mg(10), a_day(1, lasts_days=5))) == [(80, 1, 5)]
    assert offered(line(mg(5), a_day(1, lasts_days=5)), line(mg(5), a_day(1, lasts_days=5))) == [(80, 1, 5)]


@pytest.mark.parametrize(
    "lines",
    [
        [line(mg(10), None)],
        [line(Amount(1, 1, "mg/kg"), a_day(1))],
        [line(mg(10), a_day(1), as_needed=True)],
        [line(mg(10), a_day(1), cap=Cap(mg(20), 1))],
        [line(mg(10), a_day(1, count=5))],
        [line(mg(10), a_day(1, starts_on=AS_OF))],
        [line(mg(10), a_day(1, days_of_week=("mon",)))],
        [line(mg(10), a_day(1, lasts_days=5), sequence=1), line(mg(5), a_day(1, lasts_days=5), sequence=2)],
        [line(mg(10), a_day(1, lasts_days=5), sequence=1), line(mg(5), a_day(1), sequence=1)],
    ],
)
def test_what_a_new_dose_would_wipe_out_is_left_alone(lines: list[Any]) -> None:
    assert offered(*lines) == []


def test_several_drafts_are_left_alone() -> None:
    drafts = [order(line(mg(10), a_day(1)), drug=PREDNISONE, id=f"MedicationRequest/{n}") for n in (1, 2)]
    assert offer_daily_dose(signed(*drafts), 80, "1 mg/kg/day") is None


def test_the_ordered_product_gives_the_dose_or_there_is_no_offer() -> None:
    assert offered(line(mg(20), a_day(1)), drug=TABLET) == [(80, 1, None)]
    assert offered(line(mg(20), a_day(1)), drug=TABLET, dose_mg=70) == []


@pytest.mark.parametrize(
    ("target", "low", "high", "rounded"),
    [
        (160, 120, 400, 125),
        (160, 125, 400, 125),
        (186, 139.5, 465, 250),
        (186, 139.5, 250, 250),
        (200, 150, 500, 250),
        (230, 120, 500, 250),
    ],
)
def test_rounding_stays_within_the_range(target: float, low: float, high: float, rounded: float) -> None:
    assert rounded_within(target, 125, low, high) == rounded


def test_no_multiple_in_the_range_is_no_offer() -> None:
    assert rounded_within(30, 125, 20, 60) is None
