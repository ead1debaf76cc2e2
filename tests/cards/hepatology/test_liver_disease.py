"""ALT against its limit of normal (book 3.1)."""

from __future__ import annotations

from datetime import date

import pytest

from cards.errors import NotKnown
from cards.hepatology.liver_disease import Transaminase
from cards.records import Measurement


def alt(value: float, comparator: str = "", *, limit: float = 40, is_assumed: bool = False) -> Transaminase:
    """A result of late May."""
    result = Measurement("alt", date(2026, 5, 26), value=value, unit="U/L", comparator=comparator)
    return Transaminase(result, limit, is_assumed)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (alt(120), False),
        (alt(121), True),
        (alt(500, ">"), True),
        (alt(120, limit=39), True),
    ],
)
def test_above_three_times_the_limit(result: Transaminase, expected: bool) -> None:
    assert result.is_above(3) is expected


def test_a_bound_that_leaves_it_open_is_not_known() -> None:
    with pytest.raises(NotKnown, match="bound"):
        alt(100, ">").is_above(3)


def test_an_assumed_limit_is_named_as_such() -> None:
    assert alt(150).text == "ALT 150 U/L on 2026-05-26 (upper limit 40 U/L)"
    assert "assumed" in alt(150, is_assumed=True).text
