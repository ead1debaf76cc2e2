"""Mistakes that other CDS services were reported for: the data of a call (1–4, 13, 20, 27 of the list)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.cds_service.hooks.loopback_server import Call, LoopbackServer
from tests.cds_service.test_hook_endpoints import LISINOPRIL, MALE, RITUXIMAB, ask, call, order, topics

SEROLOGY = "rituximabHbvSerology"
NONE = {"resourceType": "Bundle", "type": "searchset", "total": 0}
FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
AUTHORIZATION = {"access_token": "t0ken", "token_type": "Bearer", "expires_in": 60, "scope": "s", "subject": "s"}


@pytest.fixture
def empty_ehr() -> Iterator[LoopbackServer]:
    """A FHIR server that has nothing on file."""
    server = LoopbackServer(lambda call: call.json(MALE if "/Patient/" in call.path else NONE))
    yield server
    server.stop()


def supplied(**more: Any) -> dict[str, Any]:
    return {"patient": MALE, "conditions": None, "hbv_markers": None, "medication_orders": None, **more}


def serology_card(client: FlaskClient, **prefetch: Any) -> str:
    """What the card on hepatitis B says; empty when there is none."""
    answer = ask(client, call(order(RITUXIMAB), prefetch=prefetch))
    assert answer.json is not None
    cards = [card for card in answer.json["cards"] if card["source"]["topic"]["code"] == SEROLOGY]
    return json.dumps(cards[0]) if cards else ""


def test_mistake_01_a_prefetch_that_is_there_in_part_is_completed(client: FlaskClient, empty_ehr: LoopbackServer):
    """1: prefetch is not taken for complete because it is there; only what is missing is fetched."""
    prefetch = {"patient": MALE, "conditions": NONE}
    asked = call(
        order(RITUXIMAB), prefetch=prefetch, fhirServer=empty_ehr.base, fhirAuthorization=AUTHORIZATION
    )  # fmt: skip
    assert SEROLOGY in topics(client, asked)
    kinds = {path.removeprefix("/fhir/").partition("?")[0].partition("/")[0] for path in empty_ehr.paths}
    assert "Observation" in kinds
    assert kinds.isdisjoint({"Patient", "Condition"})


@pytest.mark.parametrize(
    "failed", [FAILED, {"resourceType": "Bundle", "entry": [{"resource": FAILED, "search": {"mode": "outcome"}}]}]
)
def test_mistake_02_an_operation_outcome_is_not_read_as_no_findings(client: FlaskClient, failed: dict[str, Any]):
    """2: the client's query failed; that proves nothing."""
    assert "could not be checked" in serology_card(client, **supplied(hbv_markers=failed))


@pytest.mark.parametrize(
    ("value", "is_known"), [(None, True), (NONE, True), ({**NONE, "entry": []}, True), ("", False)]
)
def test_mistake_03_null_and_an_empty_bundle_are_none_a_missing_key_is_not(
    client: FlaskClient, value: Any, is_known: bool
):
    """3: absent, null and empty are three things."""
    card = serology_card(client, **supplied(hbv_markers=value))
    assert ("could not be checked" not in card) is is_known
    without = supplied()
    del without["hbv_markers"]
    assert "could not be checked" in serology_card(client, **without)


def test_mistake_04_one_page_is_not_taken_for_everything(client: FlaskClient):
    """4: deadly for "no serology on file"."""
    first_page = {**NONE, "total": 40, "link": [{"relation": "next", "url": "https://ehr.example.org/r4?page=2"}]}
    assert "could not be checked" in serology_card(client, **supplied(hbv_markers=first_page))


def test_mistake_13_drafts_that_are_not_selected_are_context_only(client: FlaskClient):
    """13: the faulty order is not the one that is chosen."""
    orders = order(RITUXIMAB, "risky"), order(LISINOPRIL, "harmless")
    selected = call(*orders, hook="order-select", selections=["MedicationRequest/harmless"], prefetch=supplied())
    assert topics(client, selected) == []
    selected = call(*orders, hook="order-select", selections=["MedicationRequest/risky"], prefetch=supplied())
    assert SEROLOGY in topics(client, selected)


@pytest.mark.parametrize("lacking", ["encounterId", "type", "intent", "dosageInstruction", "status", "subject", "id"])
def test_mistake_20_no_field_is_required_that_a_client_may_lack(client: FlaskClient, lacking: str):
    """20: the same card with and without it."""
    draft = order(RITUXIMAB, dosageInstruction=[{"text": "375 mg/m2 once weekly"}])
    whole = call(draft, prefetch=supplied())
    whole["context"]["encounterId"] = "e-1"
    whole["context"]["draftOrders"]["type"] = "collection"
    for holder in (whole["context"], whole["context"]["draftOrders"], draft):
        holder.pop(lacking, None)
    assert SEROLOGY in topics(client, whole)


def test_mistake_20_the_first_call_of_the_sandbox_has_no_medication_at_all(client: FlaskClient):
    """20: and is no error."""
    bare = order(RITUXIMAB)
    del bare["medicationCodeableConcept"]
    assert topics(client, call(bare, hook="order-select", selections=["MedicationRequest/draft-1"])) == []


def test_mistake_27_no_fhir_server_is_called_after_the_answer(client_of: Callable[..., FlaskClient]):
    """27: the client revokes the token when the exchange ends; pages that were not read in time stay unread."""

    def slowly(call: Call) -> None:
        call.wait(0.15)
        following = f"{call.server.base}/Observation?page={len(call.server.seen)}"
        call.json({**NONE, "link": [{"relation": "next", "url": following}]})

    server = LoopbackServer(slowly)
    try:
        in_a_hurry = client_of(limits={"fhir_seconds": 0.3})
        answer = ask(
            in_a_hurry, call(order(RITUXIMAB), fhirServer=server.base, fhirAuthorization=AUTHORIZATION)
        )  # fmt: skip
        assert answer.status_code == 412
        asked = len(server.seen)
        time.sleep(0.5)
        assert len(server.seen) == asked
    finally:
        server.stop()
