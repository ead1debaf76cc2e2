"""A laboratory test is recent, ordered, missing, or could not be checked (book 5.3)."""

from __future__ import annotations

import pytest

from cards.facts import Facts, Measurement, State, Supplied
from cards.orders import Basket, ServiceOrder
from cards.pharmacology.baseline_test import BaselineTest, OnFile, look_for
from tests.cards.pharmacology.charts import ago, chart, measured, present

LEVELS = BaselineTest("immunoglobulins", "immunoglobulin_levels", {"igg": "IgG", "igm": "IgM"}, "immunoglobulin_panel")
UNKNOWN = Supplied(State.UNKNOWN, why="refused")


def level(concept: str, days: int = 20, **details: object) -> Measurement:
    """A level of 9 g/L."""
    return measured(concept, 9.0, days, **details)


def levels(*found: Measurement, **details: Basket | Supplied) -> Facts:
    """A chart with these results."""
    supplied = {"immunoglobulin_levels": present(*found), **details}
    return chart(**supplied)  # type: ignore[arg-type]


def state(facts: Facts) -> tuple[OnFile, str]:
    """(state, line) with a window of 90 days."""
    looked = look_for(LEVELS, facts, 90, 14)
    return looked.state, looked.line


def test_all_parts_or_the_panel_are_the_test_dated_by_the_oldest() -> None:
    parts = levels(level("igg", 90), level("igm", 20))
    assert state(parts) == (OnFile.RECENT, f"immunoglobulins: {ago(90)}")
    assert state(levels(level("immunoglobulin_panel", unreadable="not sent")))[0] is OnFile.RECENT


def test_a_part_that_is_old_or_missing_is_named() -> None:
    looked = look_for(LEVELS, levels(level("igg", 91)), 90, 14)
    assert (looked.state, looked.missing) == (OnFile.MISSING, ("igg", "igm"))
    assert looked.line == f"immunoglobulins: IgG {ago(91)}, IgM none found"


def test_an_old_panel_is_dated_and_nothing_at_all_is_said() -> None:
    old = levels(level("igg", 200), level("immunoglobulin_panel", 100, unreadable="not sent"))
    assert state(old) == (OnFile.MISSING, f"immunoglobulins: last on {ago(100)}")
    assert state(levels()) == (OnFile.MISSING, "immunoglobulins: searched, none found")


def test_undated_results_count_for_nothing() -> None:
    undated = Measurement("igg", value=9.0), Measurement("igm", value=9.0)
    assert state(levels(*undated))[0] is OnFile.MISSING


@pytest.mark.parametrize("ordered", [("immunoglobulin_panel",), ("igg", "igm")])
def test_a_test_in_the_basket_is_pending(ordered: tuple[str, ...]) -> None:
    basket = Basket(services=tuple(ServiceOrder(f"ServiceRequest/{name}", frozenset({name})) for name in ordered))
    assert state(levels(basket=basket)) == (OnFile.PENDING, "immunoglobulins: ordered, no result yet")
    assert state(chart(immunoglobulin_levels=UNKNOWN, basket=basket))[0] is OnFile.PENDING


def test_half_a_test_in_the_basket_is_not_the_test() -> None:
    basket = Basket(services=(ServiceOrder("ServiceRequest/1", frozenset({"igg"})),))
    looked = look_for(LEVELS, levels(basket=basket), 90, 14)
    assert (looked.state, looked.missing) == (OnFile.MISSING, ("igm",))


@pytest.mark.parametrize(("days", "expected"), [(90, OnFile.PENDING), (91, OnFile.MISSING)])
def test_one_part_on_file_and_the_other_ordered_are_the_test(days: int, expected: OnFile) -> None:
    basket = Basket(services=(ServiceOrder("ServiceRequest/1", frozenset({"igg"})),))
    assert state(levels(level("igm", days), basket=basket))[0] is expected


@pytest.mark.parametrize(("days", "expected"), [(14, OnFile.PENDING), (15, OnFile.MISSING)])
def test_a_registered_test_is_pending_for_a_while(days: int, expected: OnFile) -> None:
    assert state(levels(level("immunoglobulin_panel", days, is_pending=True)))[0] is expected


def test_a_panel_on_a_first_page_is_the_test_whatever_its_parts() -> None:
    page = present(level("immunoglobulin_panel"), is_complete=False)
    assert state(chart(immunoglobulin_levels=page)) == (OnFile.RECENT, f"immunoglobulins: {ago(20)}")


def test_a_search_without_an_answer_is_unknown() -> None:
    assert state(chart(immunoglobulin_levels=UNKNOWN)) == (
        OnFile.UNKNOWN,
        "immunoglobulins: could not be checked (refused)",
    )
