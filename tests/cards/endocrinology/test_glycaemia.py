"""HbA1c in both units, bounds, what lowers glucose, what is ordered (book 1.3, 3.6, 3.7)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.endocrinology.glycaemia import (
    hba1c_words,
    is_hba1c_awaited,
    is_ordered_lately,
    lowering_drugs,
    newest_hba1c,
    reaches,
)
from cards.errors import NotKnown
from cards.facts import Facts, Supplied
from cards.orders import Basket, Drug, MedicationOrder, ServiceOrder
from tests.cards.neurology.charts import UNKNOWN
from tests.cards.pharmacology.charts import EMPTY, ago, chart, measured, present

GLIMEPIRIDE = Drug("glimepiride", frozenset({"sulfonylurea"}))


def sugar(*results: Any, **supplied: Any) -> Facts:
    """A chart with these results."""
    return chart(**{"glycaemia": present(*results) if results else EMPTY, **supplied})


def hba1c(percent: float | None, days: int = 20, **details: Any) -> Any:
    """An HbA1c."""
    return measured("hba1c", percent, days, unit="%", **details)


@pytest.mark.parametrize(
    ("percent", "comparator", "words"),
    [(8.1, "", "8.1 % (65 mmol/mol)"), (9, "", "9 % (75 mmol/mol)"), (14, ">", ">14 % (>130 mmol/mol)")],
)
def test_hba1c_is_shown_in_both_units(percent: float, comparator: str, words: str) -> None:
    assert hba1c_words(hba1c(percent, comparator=comparator)) == words


def test_hba1c_that_is_missing_old_or_unread_says_so() -> None:
    assert newest_hba1c(sugar()).in_short == newest_hba1c(sugar()).in_percent == "no HbA1c on file"
    assert newest_hba1c(sugar(glycaemia=UNKNOWN)).in_short == "HbA1c could not be checked"
    assert newest_hba1c(sugar(hba1c(7, 90))).is_recent
    assert not newest_hba1c(sugar(hba1c(7, 91))).is_recent


@pytest.mark.parametrize(
    ("value", "comparator", "expected"),
    [
        (7.0, "", True),
        (6.9, "", False),
        (6.995, "", True),
        (6.99, "", False),
        (7.0, ">", True),
        (8.0, ">=", True),
        (6.5, ">", None),
        (7.0, "<", False),
        (7.0, "<=", None),
        (6.5, "<=", False),
        (8.0, "<", None),
    ],
)
def test_a_bound_counts_where_it_decides(value: float, comparator: str, expected: bool | None) -> None:
    result = hba1c(value, comparator=comparator)
    if expected is None:
        with pytest.raises(NotKnown, match="does not tell"):
            reaches(result, 7.0)
    else:
        assert reaches(result, 7.0) is expected


@pytest.mark.parametrize("comparator", [">", "<="])
@pytest.mark.parametrize(
    ("received", "words"), [("", "hba1c does not tell"), ("about 6.9 %", "about 6.9 % does not tell")]
)
def test_a_bound_that_does_not_decide_is_named(comparator: str, received: str, words: str) -> None:
    limit = 7.0 if comparator == ">" else 6.5
    with pytest.raises(NotKnown) as unknown:
        reaches(hba1c(6.9, comparator=comparator, received=received), limit)
    assert unknown.value.why == words


def test_drugs_that_lower_glucose_are_drafted_or_running() -> None:
    def taken(**details: Any) -> Supplied:
        return present(MedicationOrder("MedicationRequest/1", GLIMEPIRIDE, **{"status": "active", **details}))

    drafted = Basket((MedicationOrder("MedicationRequest/2", GLIMEPIRIDE, is_draft=True),))
    assert lowering_drugs(chart()) == ()
    assert lowering_drugs(chart(medication_orders=taken())) == ("glimepiride",)
    assert lowering_drugs(chart(medication_orders=taken(status="stopped"))) == ()
    assert lowering_drugs(chart(medication_orders=taken(ended_on=ago(1)))) == ()
    assert lowering_drugs(chart(medication_orders=taken(ended_on=ago(0)))) == ("glimepiride",)
    assert lowering_drugs(chart(basket=drafted, medication_orders=UNKNOWN)) == ("glimepiride",)
    with pytest.raises(NotKnown):
        lowering_drugs(chart(medication_orders=UNKNOWN))


def test_a_test_is_ordered_lately_in_the_basket_or_for_two_weeks_on_record() -> None:
    def ordered(days: int | None, **details: Any) -> Supplied:
        day = None if days is None else ago(days)
        return present(ServiceOrder("ServiceRequest/1", frozenset({"hba1c"}), authored_on=day, **details))

    drafted = Basket((), (ServiceOrder("ServiceRequest/2", frozenset({"hba1c"}), is_draft=True),))
    assert is_ordered_lately(chart(basket=drafted), "hba1c")
    assert is_ordered_lately(chart(service_requests=ordered(14)), "hba1c")
    assert not is_ordered_lately(chart(service_requests=ordered(15)), "hba1c")
    assert not is_ordered_lately(chart(service_requests=ordered(None)), "hba1c")
    assert not is_ordered_lately(chart(service_requests=ordered(1, status="completed")), "hba1c")
    assert not is_ordered_lately(chart(service_requests=UNKNOWN), "hba1c")


@pytest.mark.parametrize(("days", "expected"), [(0, True), (14, True), (15, False)])
def test_a_pending_hba1c_is_awaited_for_two_weeks(days: int, expected: bool) -> None:
    assert is_hba1c_awaited(sugar(hba1c(None, days, is_pending=True))) is expected


def test_unknown_results_are_no_awaited_ones() -> None:
    assert not is_hba1c_awaited(sugar(glycaemia=UNKNOWN))
