"""Which orders are being taken now, and which are on their way out."""

from __future__ import annotations

import pytest

from cards.concepts import Strength
from cards.errors import NotKnown
from cards.orders import Basket, Drug
from cards.pharmacology.current_orders import (
    active_on_record,
    drafted_or_active,
    drug_line,
    is_single_dose,
    is_stopped_in_basket,
    is_taper,
)
from cards.pharmacology.gabapentinoid import agent_name, agents
from tests.cards.neurology.charts import UNKNOWN
from tests.cards.pharmacology.charts import AS_OF, PREGABALIN, a_day, ago, chart, line, mg, order, present

ENACARBIL = Drug("gabapentin", frozenset({"gabapentin", "gabapentin_enacarbil", "gabapentinoid"}))
TWICE = line(mg(75), a_day(2))


@pytest.mark.parametrize(
    ("details", "is_current"),
    [
        ({}, True),
        ({"ended_on": AS_OF}, True),
        ({"ended_on": ago(1)}, False),
        ({"status": "on-hold"}, False),
        ({"status": "stopped"}, False),
        ({"status": "unknown"}, False),
    ],
)
def test_an_active_order_is_current_to_its_last_day(details, is_current):
    recorded = order(TWICE, authored_on=ago(60), **{"status": "active", **details})
    assert bool(active_on_record(chart(medication_orders=present(recorded)), "pregabalin")) is is_current


def test_a_single_dose_is_current_on_its_day_only():
    once = line(mg(75), a_day(1)._replace(count=1))
    today, before = (order(once, status="active", authored_on=ago(days)) for days in (0, 1))
    assert is_single_dose(before)
    assert not is_single_dose(order(status="active"))
    assert not is_single_dose(order(once, TWICE))
    undated = order(once, status="active")
    assert active_on_record(chart(medication_orders=present(undated)), "pregabalin") == (undated,)
    assert active_on_record(chart(medication_orders=present(today, before)), "pregabalin") == (today,)


INSULIN = Drug("insulin glargine", frozenset({"insulin"}))
BASKET = Basket((order(drug=INSULIN, is_draft=True), order(drug=Drug("metformin"), is_draft=True)))


def test_drafts_count_before_active_orders():
    recorded = order(drug=INSULIN, id="MedicationRequest/2", status="active", authored_on=ago(60))
    found = drafted_or_active(chart(basket=BASKET, medication_orders=present(recorded)), "insulin", "sulfonylurea")
    assert [drug_line(one) for one in found] == [
        "insulin glargine (drafted)",
        "insulin glargine (active order of 2026-04-16)",
    ]


def test_an_order_that_is_signed_again_counts_as_its_draft_only():
    recorded = order(drug=INSULIN, status="active", authored_on=ago(60))
    found = drafted_or_active(chart(basket=BASKET, medication_orders=present(recorded)), "insulin")
    assert [drug_line(one) for one in found] == ["insulin glargine (drafted)"]


def test_what_ended_on_record_is_no_longer_taken():
    recorded = order(drug=INSULIN, status="active", authored_on=ago(60), ended_on=ago(1))
    assert drafted_or_active(chart(medication_orders=present(recorded)), "insulin") == ()


def test_orders_that_could_not_be_had_leave_it_open_only_where_nothing_is_drafted():
    assert drafted_or_active(chart(basket=BASKET, medication_orders=UNKNOWN), "insulin") == BASKET.medications[:1]
    with pytest.raises(NotKnown, match="refused"):
        drafted_or_active(chart(medication_orders=UNKNOWN), "insulin")


def in_phases(*doses):
    """An order with a week on each dose."""
    lines = [line(mg(dose), a_day(1, lasts_days=7), sequence=at) for at, dose in enumerate(doses, start=1)]
    return order(*lines)


def test_descending_phases_are_a_taper():
    assert is_taper(in_phases(150, 75))
    assert not is_taper(in_phases(75, 150))
    assert not is_taper(order())


def test_an_order_is_stopped_by_reference_or_by_a_draft_that_ends_the_drug():
    recorded = order(TWICE, id="MedicationRequest/7", status="active")
    other = Drug("duloxetine", frozenset({"duloxetine"}))

    def stopped(*medications, ends=()):
        basket = Basket(medications=medications, stopped=ends)
        return is_stopped_in_basket(recorded, chart(basket=basket))

    link = frozenset({"MedicationRequest/7"})
    assert not stopped()
    assert stopped(order(drug=other, replaces=link))
    assert not stopped(order(drug=other))
    assert stopped(ends=(order(drug=other, replaces=link),))
    assert stopped(ends=(order(drug=other, id="MedicationRequest/7"),))
    assert stopped(ends=(order(drug=PREGABALIN, id="MedicationRequest/8"),))
    assert not stopped(ends=(order(drug=other),))


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ({"id": "MedicationRequest/7"}, True),
        ({"id": "draft", "replaces": frozenset({"MedicationRequest/7"})}, True),
        ({"id": "MedicationRequest/8"}, False),
        ({"id": "draft", "replaces": frozenset({"MedicationRequest/8"})}, False),
        ({"id": "draft"}, True),
        ({"id": ""}, True),
    ],
)
def test_of_two_orders_of_a_drug_the_one_that_is_named_is_stopped(ends, expected):
    two = [order(TWICE, id=f"MedicationRequest/{number}", status="active") for number in (7, 8)]
    facts = chart(basket=Basket(stopped=(order(**ends),)), medication_orders=present(*two))
    assert is_stopped_in_basket(two[0], facts) is expected


def test_which_order_is_stopped_is_not_known_without_the_record():
    stopped = order(id="MedicationRequest/8")
    facts = chart(basket=Basket(stopped=(stopped,)), medication_orders=UNKNOWN)
    assert is_stopped_in_basket(order(TWICE, id="MedicationRequest/7"), facts)


def test_enacarbil_is_an_agent_of_its_own():
    assert agents(PREGABALIN) == {"pregabalin"}
    assert agents(ENACARBIL) == {"gabapentin_enacarbil"}
    assert agent_name(ENACARBIL) == "gabapentin enacarbil"
    in_doubt = Drug(
        "lyrica or gabapentin", frozenset({"pregabalin", "gabapentin"}), strength=Strength(75, "mg", "capsule")
    )
    assert agents(in_doubt) == {"pregabalin", "gabapentin"}
    assert agent_name(in_doubt) == "lyrica or gabapentin"
