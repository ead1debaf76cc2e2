"""What triggers a review, and whom it asks: drugs and services of the basket, chosen or not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.catalogue import Catalogue
from cards.opinion import NothingToAdd, Opinion
from cards.orders import Hook, OrderedService
from cds_service.config import SiteConfig
from cds_service.rule_base import load_rule_base
from tests.cards.test_consult import REQUESTS, advice, asking, card
from tests.situations.asking import of_rule, review
from tests.situations.reading import Situation, patient_of
from tests.situations.request import hook_request

AS_OF = date(2026, 6, 15)


def situation(*services: Any, orders: tuple[Any, ...] = ()) -> Situation:
    """Patient A, with these services and orders in the basket."""
    return Situation(AS_OF, patient_of("A"), orders, services)


def asked_about(said: Situation, hook: Hook = Hook.ORDER_SIGN) -> list[tuple[str, ...]]:
    """The references of the drafts that a card on plasma exchange is asked about."""
    orders: list[tuple[str, ...]] = []

    def advise(order: OrderedService, *_: Any) -> Opinion:
        orders.append(order.ids)
        return NothingToAdd("asked")

    exchange = asking("exchange", advise, triggers=("plasma_exchange",))
    review(hook_request(said, hook), said.as_of, catalogue=Catalogue([exchange], REQUESTS))
    return orders


def test_a_drafted_plasma_exchange_triggers_its_cards() -> None:
    assert asked_about(situation("plasma_exchange, in 3 days")) == [("ServiceRequest/service-draft-1",)]
    assert asked_about(situation({"service": "plasma_exchange", "text": "Plasmapheresis"})) == [
        ("ServiceRequest/service-draft-1",)
    ]


@pytest.mark.parametrize("said", [{"status": "completed"}, {"intent": "proposal"}])
def test_one_that_is_no_order_triggers_nothing(said: dict[str, str]) -> None:
    assert asked_about(situation({"service": "plasma_exchange", **said})) == []


def test_while_choosing_only_what_is_selected_triggers() -> None:
    unselected = {"service": "plasma_exchange", "selected": False}
    assert asked_about(situation("hbsag", unselected), Hook.ORDER_SELECT) == []
    assert asked_about(situation("hbsag", "plasma_exchange"), Hook.ORDER_SELECT) == [
        ("ServiceRequest/service-draft-2",)
    ]


def test_a_site_that_uses_signing_only_hears_the_rules_of_choosing_too() -> None:
    choosing = card("choosing", advice(), hooks={"order-select": "always", "order-sign": "never"})
    for switch, rules in ((False, ()), (True, ("choosing",))):
        site = SiteConfig.model_validate({"cards": {"info_at_signing": switch}})
        chosen = load_rule_base(site, Catalogue([choosing], REQUESTS)).catalogue
        assert tuple(c.rule for c in chosen.triggered_by({"pregabalin"}, Hook.ORDER_SIGN)) == rules


def signed_again(body: dict[str, Any], need: str, **stored: Any) -> dict[str, Any]:
    """The request, its first draft being on record already, with another day or another id."""
    draft = body["context"]["draftOrders"]["entry"][0]["resource"]
    body["prefetch"][need] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": {**draft, **stored}}],
    }
    return body


@pytest.mark.parametrize(
    ("ordered_on", "counts"),
    [
        ({"authoredOn": "2026-06-14"}, True),
        ({"authoredOn": "2026-06-14T23:59:59Z"}, True),
        ({"authoredOn": "2026-06-15"}, False),
        ({"authoredOn": None}, False),
    ],
)
def test_a_drug_order_of_an_earlier_day_that_is_signed_again_is_history(
    ordered_on: dict[str, str | None], counts: bool
) -> None:
    body = hook_request(situation(orders=("pregabalin 75 mg twice daily",)), Hook.ORDER_SIGN)
    facts = review(signed_again(body, "medication_orders", status="active", **ordered_on), AS_OF).facts
    assert facts is not None
    assert bool(facts.medication_orders()) is counts


@pytest.mark.parametrize(
    ("stored", "counts"),
    [({}, False), ({"id": "another"}, True)],
    ids=["the draft itself", "another order"],
)
def test_a_draft_that_is_stored_already_is_not_its_own_history(stored: dict[str, str], counts: bool) -> None:
    of_service = hook_request(situation("plasma_exchange, in 3 days"), Hook.ORDER_SIGN)
    of_drug = hook_request(situation(orders=("pregabalin 75 mg twice daily",)), Hook.ORDER_SIGN)
    services = review(signed_again(of_service, "service_requests", status="active", **stored), AS_OF).facts
    drugs = review(signed_again(of_drug, "medication_orders", status="active", **stored), AS_OF).facts
    assert services is not None
    assert drugs is not None
    assert bool(services.service_orders()) is counts
    assert bool(drugs.medication_orders()) is counts


def test_a_record_of_another_type_under_the_id_of_a_draft_stays() -> None:
    body = hook_request(situation("plasma_exchange", orders=("pregabalin 75 mg twice daily",)), Hook.ORDER_SIGN)
    drug, service = (entry["resource"] for entry in body["context"]["draftOrders"]["entry"])
    stored = {**drug, "id": service["id"], "status": "active"}
    body["prefetch"]["medication_orders"] = {"resourceType": "Bundle", "entry": [{"resource": stored}]}
    facts = review(body, AS_OF).facts
    assert facts is not None
    assert facts.medication_orders("pregabalin")


@pytest.mark.parametrize(
    ("reference", "row"),
    [
        ("Condition/condition-2", "1"),
        ("https://ehr.example.org/fhir/Condition/condition-2", "1"),
        ("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "1"),
        ("urn:uuid:00000000-0000-4000-8000-000000000000", None),
    ],
)
def test_the_reason_may_be_a_problem_by_its_id_or_by_the_full_url_of_its_entry(reference: str, row: str | None) -> None:
    patient = patient_of({"age": 60, "sex": "male", "conditions": ["E11.42", {"code": "D83.9", "status": "inactive"}]})
    order = {"order": "IVIG 30 g daily for 5 days", "reason": {"reference": reference}}
    body = hook_request(Situation(AS_OF, patient, (order,), ()), Hook.ORDER_SIGN)
    body["prefetch"]["conditions"]["entry"][1]["fullUrl"] = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    found = of_rule(review(body, AS_OF, rule="ivig-indication").considered, "ivig-indication")
    assert found is not None
    assert getattr(found.opinion, "row", None) == row
