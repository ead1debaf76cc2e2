"""Mistakes that other CDS services were reported for: the protocol (5, 6, 14–19, 21, 25, 26, 28, 29, 31)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.log import configure_logging
from tests.cds_service.hooks.test_feedback import accepted, overridden
from tests.cds_service.hooks.tokens import (
    FEEDBACK,
    ISSUER,
    PUBLIC_URL,
    QUIET,
    SERVICE,
    bearer,
    key_file,
    private_key,
    public_jwk,
    token,
)  # fmt: skip
from tests.cds_service.test_hook_endpoints import NOTHING_ON_FILE, RITUXIMAB, ask, call, order, topics


@pytest.fixture
def production(tmp_path: Path) -> FlaskClient:
    """The service of two trusted clients; one of them is a test kit."""
    keys = key_file(tmp_path, public_jwk(private_key("ES384"), "ES384"))
    clients: list[dict[str, Any]] = [
        {"issuer": ISSUER, "name": "ehr", "keys": keys},
        {"issuer": "https://kit.example.org", "name": "kit", "keys": keys, "replay_check": False},
    ]
    site = SiteConfig.model_validate({"clients": clients})
    return create_app(Settings(public_url=PUBLIC_URL, workers=1), site).test_client()


def status(service: FlaskClient, address: str = SERVICE, body: Any = QUIET, **claims: Any) -> int:
    return service.post(address, json=body, headers=bearer(token(**claims))).status_code


@pytest.mark.parametrize("field", ["hook", "hookInstance", "context"])
def test_mistake_05_a_missing_field_is_400_and_not_404(client: FlaskClient, field: str):
    """5: suspected of breaking a vendor's simulator."""
    body = call(order(RITUXIMAB))
    del body[field]
    assert client.post(SERVICE, json=body).status_code == 400


def test_mistake_05_a_hook_that_is_not_offered_is_400_and_not_404(client: FlaskClient):
    """5: the address exists."""
    assert client.post(SERVICE, json={**QUIET, "hook": "patient-view"}).status_code == 400


@pytest.mark.parametrize(
    "extension", [{}, {"org.example.x": {"a": 1}}, [{"url": "x", "valueString": "y"}], "text", None, 7]
)
def test_mistake_06_a_request_may_have_extensions_of_any_type(client: FlaskClient, extension: Any):
    """6: at the root, in the context, and in fhirAuthorization."""
    body = call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE, extension=extension)
    body["context"]["extension"] = extension
    assert "rituximabHbvSerology" in topics(client, body)


def test_mistake_14_prefetch_tokens_are_those_that_2_0_allows(client: FlaskClient):
    """14: no context.draftOrders, and no Practitioner/{{context.userId}}."""
    for service in client.get("/cds-services").get_json()["services"]:
        for template in service["prefetch"].values():
            assert set(re.findall(r"\{\{(.*?)\}\}", template)) <= {"context.patientId", "context.encounterId"}


def test_mistake_15_a_fhir_server_in_plain_http_is_refused_in_production(production: FlaskClient):
    """15: the token would travel for all to read."""
    assert status(production, body={**QUIET, "fhirServer": "http://ehr.example.org/fhir"}) == 400


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (PUBLIC_URL + SERVICE, 200),
        ([PUBLIC_URL + SERVICE, "https://other.example"], 200),
        (PUBLIC_URL, 401),
        (PUBLIC_URL + "/cds-services", 401),
        (PUBLIC_URL + "/cds-services/neuropathy-order-select", 401),
        ("http://127.0.0.1:8000" + SERVICE, 401),
        ("cds-client", 401),
    ],
)
def test_mistake_16_the_audience_is_the_public_address_that_is_called(
    production: FlaskClient, audience: Any, expected: int
):
    """16: not an address inside, not a fixed word."""
    assert status(production, aud=audience) == expected


@pytest.mark.parametrize("path", ["/cds-services", SERVICE, FEEDBACK])
def test_mistake_17_a_preflight_needs_no_token_and_opens_nothing_to_everybody(production: FlaskClient, path: str):
    """17: `*` and credentials are never sent."""
    asked = {"Origin": "https://x.example", "Access-Control-Request-Method": "POST"}
    answer = production.options(path, headers=asked)
    assert 200 <= answer.status_code < 300
    assert answer.headers.get("Access-Control-Allow-Origin") != "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "media_type", "expected"),
    [
        ("GET", "/nowhere", "application/json", 404),
        ("GET", SERVICE, "application/json", 405),
        ("POST", SERVICE, "text/html", 415),
        ("POST", SERVICE, "application/json", 500),
    ],
)
def test_mistake_18_no_error_is_a_page_of_the_web_framework(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, method: str, path: str, media_type: str, expected: int
):
    """18: 404, 405, 415 and 500 are OperationOutcomes."""

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("Traceback of a patient")

    monkeypatch.setattr("cds_service.hook_endpoints.parse_request", fails)
    answer = client.open(path, method=method, data=b"{}", content_type=media_type, headers={"Accept": "text/html"})
    assert answer.status_code == expected
    assert answer.get_json()["resourceType"] == "OperationOutcome"
    assert "<" not in answer.text
    assert "Traceback" not in answer.text


def test_mistake_19_a_token_is_taken_once_but_from_a_test_kit_that_signs_one_for_all(production: FlaskClient):
    """19: strict by default, a switch for each client; hookInstance may repeat for all of them."""
    for issuer, expected in ((ISSUER, [200, 401]), ("https://kit.example.org", [200, 200])):
        once = bearer(token(iss=issuer))
        assert [production.post(SERVICE, json=QUIET, headers=once).status_code for _ in range(2)] == expected
    assert [status(production) for _ in range(2)] == [200, 200]


def test_mistake_21_the_order_of_json_members_is_kept(client: FlaskClient):
    """21: prefetch is in the order in which it is asked for, as 3.0 wants it; sorted, it would not be."""
    body = client.get("/cds-services").get_data()
    keys = list(json.loads(body)["services"][0]["prefetch"])
    assert keys != sorted(keys)
    assert keys[0] == "patient"


@pytest.mark.parametrize("reason", [{"code": "c"}, {"reason": {"code": "c", "system": "https://x.example"}}])
def test_mistake_25_feedback_is_read_as_old_and_new_clients_send_it(client: FlaskClient, reason: dict[str, Any]):
    """25: a bare Coding as overrideReason came from an early sandbox."""
    answer = client.post(FEEDBACK, json={"feedback": [overridden(overrideReason=reason)]})
    assert answer.status_code == 200


def test_mistake_25_accepted_suggestions_as_texts_are_named_not_guessed(client: FlaskClient):
    """25: they are objects with an id."""
    answer = client.post(FEEDBACK, json={"feedback": [accepted(acceptedSuggestions=["9b7a1a58"])]})
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == ["feedback[0].acceptedSuggestions[0].id"]


def test_mistake_26_feedback_that_comes_twice_or_about_an_unknown_card_is_taken(client: FlaskClient):
    """26: several instances, restarts and retries are normal."""
    body = {"feedback": [accepted(card="00000000-0000-4000-8000-000000000000"), accepted(), accepted()]}
    assert [client.post(FEEDBACK, json=body).status_code for _ in range(2)] == [200, 200]


def test_mistake_28_nothing_of_a_request_is_logged(client: FlaskClient, capsys: pytest.CaptureFixture[str]):
    """28: neither the token nor the patient, at the most talkative level."""
    configure_logging("debug")
    authorization = {"access_token": "s3cret-token", "token_type": "Bearer", "expires_in": 60}
    body = call(
        order(RITUXIMAB), prefetch=NOTHING_ON_FILE, fhirServer="http://127.0.0.1:9", fhirAuthorization=authorization
    )
    ask(client, body)
    written = capsys.readouterr()
    configure_logging("info")
    assert '"event":"call"' in written.out
    for secret in ("s3cret-token", "np-2002", "1957-11-20", "127.0.0.1:9", "Practitioner"):
        assert secret not in written.out + written.err


@pytest.mark.parametrize(
    "scope", ["patient/Observation.read", "patient/Observation.rs?category=laboratory", "a [b] c", ""]
)
def test_mistake_29_scopes_of_any_grammar_are_accepted(client: FlaskClient, scope: str):
    """AUT-4: 29: version 1, version 2 and a vendor's own."""
    authorization = {"access_token": "t", "token_type": "Bearer", "expires_in": 60, "scope": scope, "subject": "s"}
    body = call(
        order(RITUXIMAB), prefetch=NOTHING_ON_FILE, fhirServer="http://127.0.0.1:9", fhirAuthorization=authorization
    )
    assert "rituximabHbvSerology" in topics(client, body)


@pytest.mark.parametrize(
    "path", [SERVICE + "/", FEEDBACK + "/", "/cds-services/", "/cds-services//neuropathy-order-sign"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_mistake_31_nothing_is_redirected(client: FlaskClient, method: str, path: str):
    """31: a client that follows loses its body or its token."""
    answer = client.open(path, method=method, json=QUIET)
    assert answer.status_code == 404
    assert "Location" not in answer.headers
