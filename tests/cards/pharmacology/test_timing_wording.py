"""Timings in words."""

from __future__ import annotations

from typing import Any

import pytest

from cards.orders import Timing
from cards.pharmacology.timing_wording import timing_words


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        ({"code": "BID", "per_day_by_code": 2}, "timing code BID"),
        ({"code": "after meals"}, ""),
        ({"frequency": 2}, "2 times"),
        ({"frequency": 2, "period_unit": "d"}, "2 times"),
        ({"frequency": 1, "period": 8, "period_unit": "h"}, "1 time every 8 hours"),
    ],
)
def test_a_timing_is_told_as_far_as_it_is_stated(timing: dict[str, Any], expected: str) -> None:
    assert timing_words(Timing(**timing)) == expected
