"""The systemic corticosteroid that is taken today, in prednisone (book 1.3, 5.6)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.errors import NotKnown
from cards.orders import DoseLine, Drug, MedicationOrder, Route
from cards.pharmacology.steroid.current_steroid import steroid_today
from tests.cards.pharmacology.charts import EMPTY, a_day, ago, chart, line, mg, order, present

SYSTEMIC = frozenset({"systemic_corticosteroid"})


def steroid(*lines: DoseLine, name: str = "prednisone", days: int | None = 10, **details: Any) -> MedicationOrder:
    """An order on record of so many days ago."""
    authored = None if days is None else ago(days)
    return order(*lines, drug=Drug(name, SYSTEMIC), **{"status": "active", "authored_on": authored, **details})


def today(*orders: MedicationOrder) -> float:
    """mg of prednisone a day."""
    return steroid_today(chart(medication_orders=present(*orders) if orders else EMPTY))


def test_active_orders_add_up_in_prednisone() -> None:
    assert today() == 0
    assert today(steroid(line(mg(20), a_day(1)))) == 20
    dexamethasone = steroid(line(mg(2), a_day(1)), name="dexamethasone")
    assert today(steroid(line(mg(5), a_day(2))), dexamethasone) == pytest.approx(23.34)


@pytest.mark.parametrize("status", ["stopped", "completed", "on-hold"])
def test_an_order_that_is_not_active_is_not_taken(status: str) -> None:
    assert today(steroid(line(mg(20), a_day(1)), status=status)) == 0


def test_a_cream_is_not_systemic() -> None:
    assert today(steroid(line(mg(20), a_day(1)), name="hydrocortisone", route=Route.TOPICAL)) == 0


@pytest.mark.parametrize(("days", "expected"), [(0, 40), (13, 40), (14, 20), (20, 20), (21, 0)])
def test_the_stage_of_a_taper_that_today_falls_into(days: int, expected: float) -> None:
    taper = line(mg(40), a_day(1, lasts_days=14)), line(mg(20), a_day(1, lasts_days=7))
    assert today(steroid(*taper, days=days)) == expected


def test_lines_with_dates_start_on_them() -> None:
    later = line(mg(40), a_day(1, starts_on=ago(3), lasts_days=5))
    assert today(steroid(later, days=30)) == 40


def test_an_open_start_counts_with_the_highest_dose() -> None:
    assert today(steroid(line(mg(40), a_day(1, lasts_days=14)), line(mg(20), a_day(1)), days=None)) == 40


def test_a_single_dose_is_left_out() -> None:
    assert today(steroid(line(mg(100), a_day(1, count=1)), days=0)) == 0


def test_a_dose_that_cannot_be_read_is_unknown() -> None:
    with pytest.raises(NotKnown):
        today(steroid(line(mg(20), None)))
