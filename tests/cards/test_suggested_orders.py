"""Tests and referrals that cards suggest have one preferred code each."""

from __future__ import annotations

import pytest

from cards.errors import InvalidKnowledge
from cards.facts import Diagnosis, Measurement, State, Supplied
from cards.orders import Basket, ServiceOrder
from cards.suggested_orders import drug_code, is_result_awaited, order_test, ordered_lately, state_reason
from tests.cards.pharmacology.charts import ago, chart, present


def test_a_test_comes_with_its_preferred_code() -> None:
    suggestion = order_test("hbsag", "Order HBsAg", urgent=True)
    assert suggestion.code is not None
    assert (suggestion.code.code, suggestion.urgent) == ("5195-3", True)


def test_a_misspelt_test_is_a_mistake_in_the_card_and_named() -> None:
    with pytest.raises(InvalidKnowledge, match="no test under the key 'hbsagg'"):
        order_test("hbsagg", "Order HBsAg")


def test_a_drug_is_known_by_its_confirmed_code() -> None:
    code = drug_code("corticosteroid_ingredients", "methylprednisolone")
    assert code is not None
    assert (code.system, code.code) == ("http://www.nlm.nih.gov/research/umls/rxnorm", "6902")
    assert drug_code("corticosteroid_ingredients", "aspirin") is None


def test_a_reason_is_stated_by_the_code_of_the_diagnosis_where_a_value_set_lists_it_else_by_words() -> None:
    cidp = Diagnosis(frozenset({"cidp"}), code="G61.81", display="Chronic inflammatory polyneuropathy")
    reason = state_reason("MedicationRequest/1", cidp, "State CIDP as the reason")
    assert reason.code is not None
    assert (reason.code.code, reason.text, reason.recommended) == ("G61.81", cidp.display, True)
    unlisted = cidp._replace(code="LOCAL-1", display="")
    assert state_reason("MedicationRequest/1", unlisted, "State it")[2:4] == ("LOCAL-1", None)


IGM = frozenset({"igm"})


@pytest.mark.parametrize(
    ("order", "counts"),
    [
        (ServiceOrder("ServiceRequest/1", IGM, authored_on=ago(14)), True),
        (ServiceOrder("ServiceRequest/1", IGM, authored_on=ago(15)), False),
        (ServiceOrder("ServiceRequest/1", IGM, authored_on=ago(1), status="completed"), False),
        (ServiceOrder("ServiceRequest/1", IGM), False),
        (ServiceOrder("ServiceRequest/1", frozenset({"igg"}), authored_on=ago(1)), False),
    ],
)
def test_a_test_counts_as_ordered_while_its_order_is_young_and_runs(order: ServiceOrder, counts: bool) -> None:
    assert ordered_lately(chart(service_requests=present(order)), ("igm",), 14) is counts


def test_a_test_in_the_basket_counts_as_ordered_and_an_unread_record_does_not() -> None:
    drafted = Basket(services=(ServiceOrder("ServiceRequest/1", IGM),))
    unread = Supplied(State.UNKNOWN)
    assert ordered_lately(chart(service_requests=unread, basket=drafted), ("igm",), 14)
    assert not ordered_lately(chart(service_requests=unread), ("igm",), 14)


@pytest.mark.parametrize(
    ("result", "is_awaited", "is_awaited_by_date"),
    [
        (Measurement("igm", on=ago(14), is_pending=True), True, True),
        (Measurement("igm", on=ago(15), is_pending=True), False, False),
        (Measurement("igm", is_pending=True), True, False),
        (Measurement("igm", on=ago(1), value=1.0), False, False),
        (Measurement("igg", on=ago(1), is_pending=True), False, False),
    ],
)
def test_a_result_is_awaited_while_its_registration_is_young(
    result: Measurement, is_awaited: bool, is_awaited_by_date: bool
) -> None:
    facts = chart(immunoglobulin_levels=present(result))
    assert is_result_awaited(facts, "igm", 14) is is_awaited
    assert is_result_awaited(facts, "igm", 14, undated=False) is is_awaited_by_date


def test_unread_results_are_no_awaited_ones() -> None:
    assert not is_result_awaited(chart(immunoglobulin_levels=Supplied(State.UNKNOWN)), "igm", 14)
