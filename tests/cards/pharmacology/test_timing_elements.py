"""Which elements of a timing cannot be, and how a timing is shown as it came (book 1.5.6, 4.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.orders import Timing
from cards.pharmacology.timing_elements import impossible_values, timing_as_sent

FIVE_DAYS: dict[str, Any] = {"frequency": 1, "period": 1, "period_unit": "d", "lasts_days": 5}


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        ({"period": 0, "period_unit": "wk"}, ("period 0 wk",)),
        ({"period": -1, "period_unit": "d"}, ("period -1 d",)),
        ({"period": 0}, ("period 0",)),
        ({"frequency": 0, "count": -5}, ("frequency 0", "count -5")),
        ({"frequency_max": 0, "period_max": 0, "period_unit": "d"}, ("frequency max 0", "period max 0 d")),
        ({"duration": 0}, ("duration 0",)),
        ({"lasts_days": 0.0}, ("bounds 0 d",)),
        ({"lasts_days": 1}, ()),
        ({**FIVE_DAYS, "count": 5, "duration": 4}, ()),
        ({}, ()),
    ],
)
def test_impossible_values_are_named(timing: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert impossible_values(Timing(**timing)) == expected


def test_a_timing_is_shown_as_it_came() -> None:
    timing = Timing(
        frequency=1,
        period=0,
        when=("MORN",),
        count=5,
        code="QD",
        starts_on=date(2026, 6, 16),
        lasts_days=5,
        times_of_day=("08:00",),
    )
    assert timing_as_sent(timing) == (
        'frequency 1; period 0 (no unit); count 5; bounds 5 d; from 2026-06-16 to undated; MORN; 08:00; code "QD"'
    )
    assert timing_as_sent(None) == "none"


def test_days_by_their_dates_are_shown() -> None:
    assert timing_as_sent(Timing(events=(date(2026, 6, 16), date(2026, 6, 17)))) == "on 2026-06-16 and 2026-06-17"
