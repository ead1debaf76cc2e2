"""Doses that act in the night (book 3.10)."""

from __future__ import annotations

import pytest

from cards.orders import DoseLine, Timing
from cards.pharmacology.bedtime import late_doses
from tests.cards.pharmacology.charts import a_day, line, mg, order, signed


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (line(mg(10), Timing(times_of_day=("08:30", "12:59", "18:00"))), ()),
        (line(mg(10), Timing(times_of_day=("08:00", "18:01"))), ("at 18:01",)),
        (line(mg(10), Timing(times_of_day=("20:00",))), ("at 20:00",)),
        (line(mg(10), Timing(times_of_day=("20:00", "23:45"))), ("at 20:00", "at 23:45")),
        (line(mg(10), Timing(times_of_day=("00:00", "08:00", "16:00"))), ("at 00:00",)),
        (line(mg(10), Timing(times_of_day=("06:00:00", "12:00:00"))), ()),
        (line(mg(10), a_day(2, when=("MORN", "HS"))), ("at bedtime",)),
        (line(mg(10), a_day(1, when=("EVE",))), ()),
        (line(mg(10), a_day(3), as_needed=True, text="10 mg at night as needed"), ("as needed at night",)),
        (line(mg(10), None), ()),
    ],
)
def test_a_dose_at_bedtime_or_after_six_is_late(one: DoseLine, expected: tuple[str, ...]) -> None:
    assert late_doses(signed(order(one)), after_hour=18) == expected
