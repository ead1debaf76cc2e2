"""How numbers are written on a card, also beside a limit."""

from __future__ import annotations

import pytest

from cards.wording import number, number_beside


@pytest.mark.parametrize(("value", "shown"), [(300.0, "300"), (42.84, "42.8"), (0.04, "0")])
def test_a_number_without_superfluous_zeros(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        (2.004, 2, "2.004"),
        (1.9967, 2, "1.997"),
        (2.0, 2, "2"),
        (2.17, 2, "2.17"),
        (269.84, 269.833, "269.84"),
        (2.0000000001, 2, "2"),  # noise of the arithmetic
    ],
)
def test_a_number_near_a_limit_does_not_read_as_the_limit(value: float, limit: float, shown: str) -> None:
    assert number_beside(value, [limit], 2) == shown
