"""Levels of immunoglobulins: the newest, bounds, units (book 1.3)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Facts, Measurement, State, Supplied
from cards.pharmacology.infusion.immunoglobulin_level import in_g_per_dl, latest_level, level_in_units
from tests.cards.pharmacology.charts import chart, measured, present


def igm(value: float | None = 40.0, days: int = 20, **details: object) -> Measurement:
    """An IgM in g/L."""
    return measured("igm", value, days, unit="g/L", **details)


def levels(*found: Measurement) -> Facts:
    """A chart with these results."""
    return chart(immunoglobulin_levels=present(*found))


def panel(days: int, unreadable: str = "the results of the panel were not sent") -> Measurement:
    """A panel without its members."""
    return measured("immunoglobulin_panel", None, days, unreadable=unreadable)


def test_the_newest_level_in_the_window_counts() -> None:
    assert latest_level(levels(igm(20, 10), igm(50, 30)), "igm", 60) == igm(20, 10)
    assert latest_level(levels(igm(20, 60)), "igm", 60) == igm(20, 60)
    assert latest_level(levels(igm(20, 61)), "igm", 60) is None


def test_a_level_to_come_is_skipped() -> None:
    facts = levels(igm(None, 1, is_pending=True), igm(20, 10))
    assert latest_level(facts, "igm", 60) == igm(20, 10)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (levels(igm(None, 5, unreadable="no unit"), igm(20, 10)), "no unit"),
        (levels(igm(None, 5)), "no number"),
        (levels(panel(20)), "the results of the panel were not sent"),
        (chart(immunoglobulin_levels=Supplied(State.UNKNOWN, why="refused")), "refused"),
    ],
)
def test_a_level_that_cannot_be_had_or_read_is_not_known(facts: Facts, why: str) -> None:
    with pytest.raises(NotKnown, match=why):
        latest_level(facts, "igm", 60)


def test_a_panel_beside_the_level_or_of_long_ago_hides_nothing() -> None:
    assert latest_level(levels(panel(20), igm(20, 30)), "igm", 60) == igm(20, 30)
    assert latest_level(levels(panel(61)), "igm", 60) is None
    assert latest_level(levels(panel(20, unreadable="")), "igm", 60) is None


def test_a_level_is_shown_in_three_units() -> None:
    assert level_in_units(igm()) == "4 g/dL = 40 g/L = 4000 mg/dL"
    assert level_in_units(igm(50, comparator=">")) == "above 5 g/dL = 50 g/L = 5000 mg/dL"
    assert level_in_units(igm(0)) == "0 g/dL = 0 g/L = 0 mg/dL"
    assert level_in_units(igm(4.1234)) == "0.41 g/dL = 4.1 g/L = 412 mg/dL"
    assert in_g_per_dl(igm(20, comparator="<")) == "below 2 g/dL"
    assert in_g_per_dl(igm(41.5)) == "4.15 g/dL"
