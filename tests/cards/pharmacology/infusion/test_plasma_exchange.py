"""Exchanges to come, and the infusions before them."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.orders import Basket, Drug, MedicationOrder, ServiceOrder
from cards.pharmacology.infusion.plasma_exchange import (
    drafted_before,
    exchanges_to_come,
    immunoglobulin_before,
    is_immunoglobulin_to_come,
    rituximab_before,
)
from tests.cards.neurology.charts import IVIG, UNKNOWN, given, ordered, patient
from tests.cards.pharmacology.charts import AS_OF, EMPTY, ago, present

PEX = ServiceOrder("s1", frozenset({"plasma_exchange"}))
RITUXIMAB = Drug("rituximab", frozenset({"rituximab"}))


@pytest.mark.parametrize(
    ("recorded", "is_to_come"),
    [
        ({"planned_on": ago(0)}, True),
        ({"planned_on": ago(1)}, False),
        ({"authored_on": ago(14)}, True),
        ({"authored_on": ago(15)}, False),
        ({}, False),
        ({"planned_on": ago(-3), "status": "completed"}, False),
    ],
)
def test_which_exchanges_on_record_are_to_come(recorded: dict[str, object], is_to_come: bool) -> None:
    facts = patient(service_requests=present(PEX._replace(**recorded)))
    assert bool(exchanges_to_come(facts, 14)) is is_to_come


def test_a_drafted_exchange_counts_where_the_record_could_not_be_had() -> None:
    drafted = Basket(services=(PEX._replace(is_draft=True),))
    [found] = exchanges_to_come(patient(basket=drafted, service_requests=UNKNOWN), 14)
    assert (found.day, found.is_dated) == (AS_OF, False)
    with pytest.raises(NotKnown, match="refused"):
        exchanges_to_come(patient(service_requests=UNKNOWN), 14)


def test_the_later_of_doses_given_and_orders_counts() -> None:
    facts = patient(medication_administrations=given(IVIG, 9, 5), medication_orders=ordered(IVIG, 20))
    assert immunoglobulin_before(facts, AS_OF) == (ago(5), "given")
    assert immunoglobulin_before(facts, ago(7)) == (ago(9), "given")
    assert immunoglobulin_before(facts, ago(15)) == (ago(20), f"order of {ago(20)}")
    assert immunoglobulin_before(facts, ago(30)) is None


def test_one_record_that_could_not_be_had_leaves_it_open_only_where_nothing_was_found() -> None:
    assert immunoglobulin_before(patient(medication_administrations=UNKNOWN, medication_orders=ordered(IVIG, 3)), AS_OF)
    with pytest.raises(NotKnown, match="refused"):
        immunoglobulin_before(patient(medication_administrations=UNKNOWN, medication_orders=EMPTY), AS_OF)


def test_rituximab_by_doses_given_else_by_orders() -> None:
    both = {"medication_administrations": given(RITUXIMAB, 5), "medication_orders": ordered(RITUXIMAB, 2)}
    assert rituximab_before(patient(**both), AS_OF) == rituximab_before(patient(**both), ago(5)) == ago(5)
    assert rituximab_before(patient(**both), ago(6)) is None
    assert rituximab_before(patient(**{**both, "medication_administrations": UNKNOWN}), AS_OF) == ago(2)


def test_what_was_handed_out_counts_where_no_dose_is_recorded() -> None:
    both = {"medication_administrations": UNKNOWN, "medication_orders": EMPTY}
    handed_out = patient(**both, medication_dispenses=given(IVIG, 5, kind="dispense"))
    assert immunoglobulin_before(handed_out, AS_OF) == (ago(5), "handed out")
    assert immunoglobulin_before(handed_out, ago(4)) == (ago(5), "handed out")
    assert immunoglobulin_before(patient(medication_dispenses=given(IVIG, 5, kind="dispense")), ago(6)) is None
    rituximab = given(RITUXIMAB, 5, kind="dispense")
    assert rituximab_before(patient(medication_dispenses=rituximab), AS_OF) == ago(5)
    assert rituximab_before(patient(**both, medication_dispenses=rituximab), AS_OF) == ago(5)
    recorded = {"medication_administrations": given(RITUXIMAB, 9), "medication_dispenses": rituximab}
    assert rituximab_before(patient(**recorded), AS_OF) == ago(9)


def test_a_draft_of_the_same_day_is_not_before() -> None:
    draft = MedicationOrder("d1", IVIG, is_draft=True)
    assert drafted_before(draft, patient(), AS_OF) is None
    assert drafted_before(draft, patient(), ago(-1)) == (AS_OF, "drafted")


def test_an_active_order_that_is_over_is_not_to_come() -> None:
    assert not is_immunoglobulin_to_come(patient(medication_orders=ordered(IVIG, 3)), 14)
    assert is_immunoglobulin_to_come(patient(medication_orders=ordered(IVIG, 0)), 14)
    assert not is_immunoglobulin_to_come(patient(medication_orders=ordered(IVIG, 0, status="stopped")), 14)


@pytest.mark.parametrize(("drafted", "counts"), [("o0", False), ("another", True)])
def test_an_order_that_is_signed_again_counts_as_its_draft_only(drafted: str, counts: bool) -> None:
    basket = Basket((MedicationOrder(drafted, IVIG, is_draft=True),))
    facts = patient(basket=basket, medication_orders=ordered(IVIG, 0))
    assert (immunoglobulin_before(facts, AS_OF) is not None) is counts
    assert is_immunoglobulin_to_come(facts, 14) is counts


def test_what_was_infused_before_the_order_was_signed_again_counts() -> None:
    basket = Basket((MedicationOrder("o3", IVIG, is_draft=True),))
    facts = patient(basket=basket, medication_orders=ordered(IVIG, 3))
    assert immunoglobulin_before(facts, AS_OF) == (ago(3), f"order of {ago(3)}")
