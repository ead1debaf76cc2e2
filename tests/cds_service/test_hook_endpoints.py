"""Whole calls over HTTP: what a hook call is answered, and what the log says of it (certification.md A2 to A4, D3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cards.catalogue import load_catalogue
from cards.orders import Hook

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
RITUXIMAB = {"system": RXNORM, "code": "121191", "display": "rituximab"}
LISINOPRIL = {"system": RXNORM, "code": "314076", "display": "lisinopril 10 MG Oral Tablet"}
MALE = {"resourceType": "Patient", "id": "np-2002", "gender": "male", "birthDate": "1957-11-20"}
NOTHING_ON_FILE = {"patient": MALE, "conditions": None, "hbv_markers": None, "medication_orders": None}


def order(coding: dict[str, str], number: str = "draft-1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": number,
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [coding]},
        "subject": {"reference": "Patient/np-2002"},
        **more,
    }


def call(
    *orders: dict[str, Any], hook: str = "order-sign", selections: list[str] | None = None, **root: Any
) -> dict[str, Any]:
    context: dict[str, Any] = {"userId": "Practitioner/dr-1", "patientId": "np-2002"}
    context["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": one} for one in orders]}
    if selections is not None:
        context["selections"] = selections
    return {"hook": hook, "hookInstance": "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93", "context": context, **root}


def ask(client: FlaskClient, body: dict[str, Any]) -> TestResponse:
    return client.post(f"/cds-services/neuropathy-{body['hook']}", json=body)


def topics(client: FlaskClient, body: dict[str, Any]) -> list[str]:
    """Topic codes of the cards; fails when the call is not answered with cards."""
    answer = ask(client, body)
    assert answer.status_code == 200
    assert answer.json is not None
    return [card["source"]["topic"]["code"] for card in answer.json["cards"]]


# -- answers ------------------------------------------------------------------------------------------------------


def test_req_01_rsp_1_a_call_about_a_risky_order_gets_cards(client: FlaskClient):
    answer = ask(client, call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE))
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json is not None
    assert answer.json["cards"][0]["indicator"] == "critical"


def test_req_02_rsp_2_pre_29_an_unrelated_order_gets_no_cards_even_without_any_data(client: FlaskClient):
    """PRE-05."""
    answer = ask(client, call(order(LISINOPRIL)))
    assert (answer.status_code, answer.json) == (200, {"cards": []})


def test_ctx_09_the_first_call_of_the_sandbox_before_a_drug_is_chosen_gets_no_cards(client: FlaskClient):
    draft = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft"}
    for hook in ("order-select", "order-sign"):
        assert ask(client, call(draft, hook=hook)).json == {"cards": []}


def test_req_12_req_3_the_same_call_twice_gets_the_same_guidance(client: FlaskClient):
    def without_uuids(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without_uuids(inner) for key, inner in value.items() if key != "uuid"}
        return [without_uuids(inner) for inner in value] if isinstance(value, list) else value

    body = call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE)
    first, second = ask(client, body).json, ask(client, body).json
    assert without_uuids(first) == without_uuids(second)
    assert first != second


# -- which orders are meant ---------------------------------------------------------------------------------------


def test_ctx_06_hk_1_a_risky_order_that_is_not_selected_gets_no_card(client: FlaskClient):
    drafts = order(RITUXIMAB, "risky"), order(LISINOPRIL, "harmless")
    of = {
        name: call(*drafts, hook="order-select", selections=[f"MedicationRequest/{name}"], prefetch=NOTHING_ON_FILE)
        for name in ("risky", "harmless")
    }
    assert topics(client, of["risky"]) == ["rituximabHbvSerology"]
    assert topics(client, of["harmless"]) == []


def test_ctx_07_hk_3_an_order_signed_again_is_reviewed_whatever_its_status(client: FlaskClient):
    assert topics(client, call(order(RITUXIMAB, status="active"), prefetch=NOTHING_ON_FILE)) == ["rituximabHbvSerology"]


@pytest.mark.parametrize("lacking", ["encounterId", "type", "intent", "dosageInstruction", "status", "subject", "id"])
def test_no_field_is_required_that_a_client_may_lack(client: FlaskClient, lacking: str):
    draft = order(RITUXIMAB, dosageInstruction=[{"text": "375 mg/m2 once weekly"}])
    whole = call(draft, prefetch=NOTHING_ON_FILE)
    whole["context"]["encounterId"] = "e-1"
    whole["context"]["draftOrders"]["type"] = "collection"
    for holder in (whole["context"], whole["context"]["draftOrders"], draft):
        holder.pop(lacking, None)
    assert "rituximabHbvSerology" in topics(client, whole)


@pytest.mark.parametrize(
    "more",
    [
        {"doNotPerform": True},
        {"intent": "proposal"},
        {"intent": "plan"},
        {"status": "cancelled"},
        {"status": "entered-in-error"},
    ],
)
def test_hk_8_orders_that_are_no_longer_or_not_yet_orders_trigger_nothing(client: FlaskClient, more: dict[str, Any]):
    assert topics(client, call(order(RITUXIMAB, **more))) == []


def test_ctx_08_hk_4_other_resources_in_the_basket_do_not_disturb(client: FlaskClient):
    others = [
        {"resourceType": kind, "id": "1", "status": "draft", "subject": {"reference": "Patient/np-2002"}}
        for kind in (
            "ServiceRequest",
            "NutritionOrder",
            "DeviceRequest",
            "VisionPrescription",
            "ProcedureRequest",
            "Odd",
        )
    ]
    assert topics(client, call(*others, order(RITUXIMAB), prefetch=NOTHING_ON_FILE)) == ["rituximabHbvSerology"]


def pregabalin(number: str, mg: int) -> dict[str, Any]:
    line = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": mg, "unit": "mg", "system": UCUM, "code": "mg"}}],
    }
    return order({"system": RXNORM, "code": "187832", "display": "pregabalin"}, number, dosageInstruction=[line])


def test_ctx_06_unselected_drafts_of_the_selected_drug_count_towards_its_dose(client: FlaskClient):
    selected, other = pregabalin("selected", 300), pregabalin("other", 400)
    about = {"hook": "order-select", "selections": ["MedicationRequest/selected"], "prefetch": {"patient": MALE}}
    assert "pregabalinDoseExceedsRenalMax" not in topics(client, call(selected, **about))
    assert "pregabalinDoseExceedsRenalMax" in topics(client, call(selected, other, **about))


def observed(loinc: str, value: float, unit: str) -> dict[str, Any]:
    resource = {
        "resourceType": "Observation",
        "id": loinc,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "subject": {"reference": "Patient/np-2002"},
        "effectiveDateTime": "2026-06-01",
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource}]}


def test_jsn_10_an_update_sends_the_numbers_of_the_draft_back_as_they_came(client: FlaskClient):
    draft = pregabalin("draft-1", 600) | {"dispenseRequest": {"quantity": {"value": 41.5}}}
    prefetch = NOTHING_ON_FILE | {
        "renal_function": observed("2160-0", 2.5, "mg/dL"),
        "body_size": observed("29463-7", 80, "kg"),
    }
    body = json.dumps(call(draft, prefetch=prefetch)).replace("41.5", "41.50")
    answer = client.post("/cds-services/neuropathy-order-sign", data=body, content_type="application/json")
    assert '"type":"update"' in answer.text
    assert '"dispenseRequest":{"quantity":{"value":41.50}}' in answer.text


# -- data ---------------------------------------------------------------------------------------------------------


def test_pre_04_pre_20_pre_30_when_nothing_could_be_had_the_answer_is_412(client: FlaskClient):
    answer = ask(client, call(order(RITUXIMAB)))
    assert answer.status_code == 412
    assert answer.json is not None
    assert answer.json["issue"][0]["code"] == "processing"
    assert "hbv_markers" in answer.json["issue"][0]["diagnostics"]


def test_pre_04_pre_30_when_part_could_be_had_a_card_names_what_could_not(client: FlaskClient):
    """PRE-14."""
    answer = ask(client, call(order(RITUXIMAB), prefetch={"patient": MALE, "conditions": None}))
    assert answer.status_code == 200
    assert answer.json is not None
    assert "could not be checked" in json.dumps(answer.json)


@pytest.mark.parametrize(
    "scope", ["patient/Observation.read", "patient/Observation.rs?category=laboratory", "a [b] c", ""]
)
def test_aut_4_scopes_of_any_grammar_are_accepted(client: FlaskClient, scope: str):
    granted = {"access_token": "t", "token_type": "Bearer", "expires_in": 60, "scope": scope, "subject": "s"}
    body = call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE, fhirServer="http://127.0.0.1:9", fhirAuthorization=granted)
    assert "rituximabHbvSerology" in topics(client, body)


@responses.activate
def test_a_drug_that_only_the_server_can_name_is_reviewed_beside_one_that_is_named(client: FlaskClient):
    server = "https://ehr.example.org/r4"
    medication = {"resourceType": "Medication", "id": "m1", "code": {"coding": [RITUXIMAB]}}
    responses.get(f"{server}/Medication/m1", json=medication)
    by_reference = order(RITUXIMAB, "referred", medicationReference={"reference": "Medication/m1"})
    del by_reference["medicationCodeableConcept"]
    body = call(pregabalin("named", 300), by_reference, prefetch=NOTHING_ON_FILE, fhirServer=server)
    assert "rituximabHbvSerology" in topics(client, body)


@responses.activate
def test_pre_29_nothing_is_fetched_for_an_order_that_triggers_nothing(client: FlaskClient):
    assert topics(client, call(order(LISINOPRIL), fhirServer="https://ehr.example.org/r4")) == []
    assert len(responses.calls) == 0


def test_pre_12_another_patients_order_or_record_is_refused(client: FlaskClient):
    someone_else = {**MALE, "id": "someone-else"}
    answers = [
        ask(client, call(order(RITUXIMAB, subject={"reference": "Patient/someone-else"}), prefetch=NOTHING_ON_FILE)),
        ask(client, call(order(RITUXIMAB), prefetch={**NOTHING_ON_FILE, "patient": someone_else})),
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert all(answer.json is not None and "cards" not in answer.json for answer in answers)
    assert all("someone-else" not in answer.text for answer in answers)


@responses.activate
def test_pre_12_a_server_that_gives_another_patient_refuses_the_call(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
):
    """Book 0.7.2: refused, with an error in the log."""
    responses.get("https://ehr.example.org/r4/Patient/np-2002", json={**MALE, "id": "someone-else"})
    prefetch = {key: value for key, value in NOTHING_ON_FILE.items() if key != "patient"}
    answer = ask(client, call(order(RITUXIMAB), prefetch=prefetch, fhirServer="https://ehr.example.org/r4"))
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["issue"][0]["expression"] == ["fhirServer"]
    assert "someone-else" not in answer.text
    logged = capsys.readouterr().out
    assert '"level":"error","event":"another patient","at":"fhirServer"' in logged
    assert "someone-else" not in logged


def test_a_split_service_speaks_for_its_own_family_only(client_of: Callable[..., FlaskClient]):
    client = client_of(services={"split_by": "family"})
    body = call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE)
    own = client.post("/cds-services/immunotherapy-order-sign", json=body)
    other = client.post("/cds-services/neuropathic-pain-order-sign", json=body)
    assert own.json is not None
    assert len(own.json["cards"]) == 1
    assert (other.status_code, other.json) == (200, {"cards": []})


def test_a_card_that_the_site_switched_off_is_silent(client_of: Callable[..., FlaskClient]):
    rules = [card.rule for card in load_catalogue().triggered_by({"rituximab", "anti_cd20"}, Hook.ORDER_SIGN)]
    assert topics(client_of(cards={"off": rules}), call(order(RITUXIMAB))) == []


# -- the log ------------------------------------------------------------------------------------------------------


def logged(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (line,) = capsys.readouterr().out.splitlines()
    written: dict[str, Any] = json.loads(line)
    return written


def test_log_01_a_call_is_logged_with_rules_opinions_and_prefetch(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
):
    answer = ask(client, call(order(RITUXIMAB), prefetch={**NOTHING_ON_FILE, "foreign key": None}))
    assert answer.json is not None
    line = logged(capsys)
    assert (line["event"], line["status"], line["service"]) == ("call", 200, "neuropathy-order-sign")
    assert line["hook_instance"] == "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93"
    assert line["rules"] == {"rituximab-hbv-serology": "critical"}
    assert line["cards"] == [card["uuid"] for card in answer.json["cards"]]
    assert line["opinions"]["shown"] == 1
    assert set(line["prefetch"]) == {"patient", "conditions", "hbv_markers", "medication_orders"}
    assert "fhir_calls" not in line


def test_log_01_a_refused_call_is_logged_too(client: FlaskClient, capsys: pytest.CaptureFixture[str]):
    client.post("/cds-services/neuropathy-order-sign", json={"hook": "order-sign"})
    line = logged(capsys)
    assert (line["status"], line["service"], line["hook"]) == (400, "neuropathy-order-sign", "order-sign")


def test_log_01_orders_that_are_passed_over_leave_a_trace(client: FlaskClient, capsys: pytest.CaptureFixture[str]):
    dstu2 = {**order(RITUXIMAB), "resourceType": "MedicationOrder"}
    odd = [{"resourceType": "Odd Smith"}, {"resourceType": ["NutritionOrder"]}]
    assert topics(client, call(dstu2, *odd, prefetch=NOTHING_ON_FILE)) == []
    assert logged(capsys)["other_orders"] == {"MedicationOrder": 1}


def test_hk_7_selections_that_lead_nowhere_are_counted_in_the_log(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
):
    body = call(order(RITUXIMAB), hook="order-select", selections=["MedicationRequest/Smith"], prefetch=NOTHING_ON_FILE)
    assert topics(client, body)
    assert logged(capsys)["dangling_selections"] == 1


def test_log_03_a_failure_of_our_own_gives_no_marker_away(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    def fails(*_: Any, **__: Any) -> None:
        raise ValueError("MARKER")

    monkeypatch.setattr("cds_service.review.read_facts", fails)
    answer = ask(client, call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE))
    written = capfd.readouterr()
    assert answer.status_code == 500
    assert "MARKER" not in written.out + written.err + answer.text


def test_log_02_the_order_of_a_call_is_not_in_the_log_even_when_a_card_names_it(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
):
    ask(client, call(order(RITUXIMAB, "draft-rtx-77"), prefetch=NOTHING_ON_FILE))
    written = capsys.readouterr().out
    assert "draft-rtx-77" not in written
    assert "np-2002" not in written
