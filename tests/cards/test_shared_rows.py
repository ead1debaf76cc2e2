"""Rows of the label tables (book 2, PGB and GBP) that several cards state say the same in each of them."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue
from cards.knowledge import Band, Threshold

KNOWLEDGE = {card.rule: card.knowledge for card in load_catalogue().cards}
PREGABALIN_LOW, PREGABALIN_CEILING, PREGABALIN_MAX = (
    "pregabalin-dose-subtherapeutic",
    "pregabalin-above-indication-ceiling",
    "pregabalin-dose-exceeds-renal-max",
)
GABAPENTIN_LOW, GABAPENTIN_MAX = "gabapentin-dose-subtherapeutic", "gabapentin-dose-exceeds-renal-max"
RENAL_UNKNOWN = "gabapentinoid-renal-function-unknown"


def row(rule: str, name: str) -> Threshold:
    """A row as one card states it."""
    return KNOWLEDGE[rule].threshold(name)


def ends(band: Band) -> tuple[float, bool, float | None, float | None]:
    """A band without what its note says."""
    low, high = (band.lower, band.upper) if band.is_stated else (None, None)
    return band.edge, band.above is None, low, high


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("maximum", (PREGABALIN_MAX, PREGABALIN_CEILING)),
        ("maximum", (GABAPENTIN_MAX, GABAPENTIN_LOW)),
        ("start_extended_release", (PREGABALIN_LOW, PREGABALIN_CEILING)),
        ("target_extended_release", (PREGABALIN_LOW, PREGABALIN_CEILING)),
    ],
)
def test_a_row_that_two_cards_state_is_one(name: str, rules: tuple[str, str]) -> None:
    one, other = (list(map(ends, row(rule, name).bands)) for rule in rules)
    assert one == other


@pytest.mark.parametrize("name", ["start", "target"])
def test_below_tests_take_the_lower_end_and_above_tests_the_upper(name: str) -> None:
    low, high = row(PREGABALIN_LOW, name).bands, row(PREGABALIN_CEILING, name).bands
    assert [band.edge for band in low] == [band.edge for band in high]
    assert all(one.lower <= other.upper for one, other in zip(low, high, strict=True))


@pytest.mark.parametrize(
    "name",
    ["start_regimen", "target_regimen", "start_regimen_extended_release", "target_regimen_extended_release"],
)
def test_both_pregabalin_cards_offer_the_same_steps(name: str) -> None:
    assert row(PREGABALIN_LOW, name).bands == row(PREGABALIN_CEILING, name).bands


def test_gabapentin_starts_with_the_same_steps_and_falls_below_the_same_clearance() -> None:
    start, floor = row(GABAPENTIN_MAX, "start_regimen").bands, row(GABAPENTIN_LOW, "floor_regimen").bands
    assert [band.doses for band in start[:-1]] == [band.doses for band in floor[:-1]]
    assert row(GABAPENTIN_MAX, "scales_below").value == row(GABAPENTIN_LOW, "scales_below").value


def test_the_card_on_unknown_renal_function_has_the_numbers_of_the_tables() -> None:
    unknown = KNOWLEDGE[RENAL_UNKNOWN]
    assert unknown.value("pregabalin_lowest_maximum") == row(PREGABALIN_MAX, "maximum").lowest.upper
    assert unknown.value("gabapentin_lowest_maximum") == row(GABAPENTIN_MAX, "maximum").lowest.upper
    assert unknown.value("pregabalin_start") == row(PREGABALIN_CEILING, "start").highest.upper
    assert (
        unknown.value("pregabalin_extended_release_start")
        == row(PREGABALIN_CEILING, "start_extended_release").highest.upper
    )
    assert unknown.value("gabapentin_start") == row(GABAPENTIN_LOW, "floor").highest.upper
