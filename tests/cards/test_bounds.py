"""Results against an edge, bounds included."""

from __future__ import annotations

import pytest

from cards.bounds import is_above, is_at_least
from cards.errors import NotKnown
from cards.records import Measurement


def qtc(value: float | None, comparator: str = "") -> Measurement:
    """A QTc in ms."""
    return Measurement("qtc", value=value, comparator=comparator)


@pytest.mark.parametrize(
    ("value", "comparator", "above", "at_least"),
    [
        (499, "", False, False),
        (500, "", False, True),
        (501, "", True, True),
        (500, ">", True, True),
        (600, ">", True, True),
        (600, ">=", True, True),
        (500, "<", False, False),
        (450, "<", False, False),
        (450, "<=", False, False),
    ],
)
def test_a_value_or_a_bound_that_decides(value: float, comparator: str, above: bool, at_least: bool) -> None:
    assert is_above(qtc(value, comparator), 500, need="qtc") is above
    assert is_at_least(qtc(value, comparator), 500, need="qtc") is at_least


@pytest.mark.parametrize(("value", "comparator"), [(499, ">"), (499, ">="), (501, "<"), (501, "<="), (None, "")])
def test_a_bound_that_leaves_it_open_is_not_known(value: float | None, comparator: str) -> None:
    for compare in (is_above, is_at_least):
        with pytest.raises(NotKnown):
            compare(qtc(value, comparator), 500, need="qtc")


def test_on_the_edge_a_bound_decides_one_question_and_not_the_other() -> None:
    assert is_at_least(qtc(500, ">="), 500, need="qtc")
    with pytest.raises(NotKnown, match="may be more or less than 500"):
        is_above(qtc(500, ">="), 500, need="qtc")
    assert not is_above(qtc(500, "<="), 500, need="qtc")
    with pytest.raises(NotKnown, match="may be more or less than 500"):
        is_at_least(qtc(500, "<="), 500, need="qtc")


def test_the_noise_of_a_conversion_is_no_difference() -> None:
    assert is_at_least(qtc(500 - 1e-10), 500, need="qtc")
    assert not is_above(qtc(500 + 1e-10), 500, need="qtc")
