"""Calls of trusted clients over HTTP, with their tokens: each is served in its own way (certification.md C, D1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from tests.cds_service.hooks.test_feedback import accepted
from tests.cds_service.hooks.tokens import FEEDBACK, PUBLIC_URL, SERVICE, bearer, key_file, token
from tests.cds_service.test_hook_endpoints import NOTHING_ON_FILE, RITUXIMAB, call, order
from tests.cds_service.trusted import NOON

UNSCREENED = call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE)
Service = Any


@pytest.fixture
def serving(tmp_path: Path) -> Service:
    """A service for clients with these choices; each issuer is called after its client."""
    keys = key_file(tmp_path)

    def serving(workers: int = 1, **choices: dict[str, Any]) -> FlaskClient:
        clients = [
            {"issuer": f"https://{name}.example", "name": name, "keys": keys, **more} for name, more in choices.items()
        ]
        site = SiteConfig.model_validate({"clients": clients})
        settings = Settings(public_url=PUBLIC_URL, workers=workers)
        return create_app(settings, site, clock=lambda: NOON).test_client()

    return serving


def post(service: FlaskClient, client: str, body: Any, address: str = SERVICE, **more: Any) -> TestResponse:
    return service.post(address, json=body, headers=bearer(token(address, iss=f"https://{client}.example")), **more)


def answer(response: TestResponse) -> dict[str, Any]:
    assert response.json is not None
    return dict(response.json)


def test_two_clients_of_one_service_are_each_answered_in_their_own_way(serving: Service) -> None:
    service = serving(
        plain={},
        picky={"answers": {"selection_behavior": "at-most-one"}, "cards": {"only": ["rituximab-hbv-serology"]}},
        silent={"cards": {"off": ["rituximab-hbv-serology"]}},
    )
    cards = {name: answer(post(service, name, UNSCREENED))["cards"] for name in ("plain", "picky", "silent")}
    assert [card["selectionBehavior"] for card in cards["plain"]] == ["any"]
    assert [card["selectionBehavior"] for card in cards["picky"]] == ["at-most-one"]
    assert cards["silent"] == []


def test_dis_01_discovery_is_the_same_whatever_the_clients_choose(serving: Service) -> None:
    plain, choosing = (
        serving(a={}),
        serving(a={"cards": {"only": ["ivig-indication"]}, "prefetch_keys": {"p": "patient"}}),
    )
    assert plain.get("/cds-services").json == choosing.get("/cds-services").json


@pytest.mark.parametrize("address", [SERVICE, FEEDBACK])
def test_api4_calls_and_feedback_over_the_limit_are_429_with_retry_after(serving: Service, address: str) -> None:
    service = serving(busy={"calls_per_minute": 2}, other={"calls_per_minute": 2})
    statuses = [post(service, "busy", UNSCREENED).status_code for _ in range(2)]
    refused = post(service, "busy", {"feedback": []}, address)
    assert (statuses, refused.status_code, answer(refused)["issue"][0]["code"]) == ([200, 200], 429, "throttled")
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    assert post(service, "other", UNSCREENED).status_code == 200


def test_api4_a_limit_is_shared_by_the_workers(serving: Service) -> None:
    service = serving(workers=2, busy={"calls_per_minute": 2})
    assert [post(service, "busy", UNSCREENED).status_code for _ in range(2)] == [200, 429]


def test_sts_4_the_token_comes_before_the_limit_and_the_limit_before_the_body(serving: Service) -> None:
    service = serving(busy={"calls_per_minute": 1})
    assert service.post(SERVICE, json={}).status_code == 401
    assert post(service, "busy", {}).status_code == 400, "refused tokens use up nobody's calls"
    assert service.post(SERVICE, json={}).status_code == 401
    text = {"data": b"{", "content_type": "text/plain"}
    headers = bearer(token(SERVICE, iss="https://busy.example"))
    assert service.post(SERVICE, **text, headers=headers).status_code == 429


def test_req_3_fbk_a_strict_client_is_refused_what_another_may_send(serving: Service) -> None:
    service = serving(strict={"strict": True}, lenient={})
    body, batch = {**UNSCREENED, "hookInstance": "i-1"}, {"feedback": [accepted(card="never-issued")]}
    found = {
        name: (post(service, name, body).status_code, post(service, name, batch, FEEDBACK).status_code)
        for name in ("strict", "lenient")
    }
    assert found == {"strict": (400, 400), "lenient": (200, 200)}


@pytest.mark.parametrize(("called", "status"), [(UNSCREENED, 200), (call(order(RITUXIMAB)), 412)])
def test_out_02_log_01_the_log_says_why_a_fhir_server_was_not_called_and_never_which(
    serving: Service, called: dict[str, Any], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {**called, "fhirServer": "https://elsewhere.example/fhir"}
    granted = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "", "subject": "us"}
    assert post(serving(ehr={}), "ehr", {**body, "fhirAuthorization": granted}).status_code == status
    out = capsys.readouterr().out
    assert json.loads(out.splitlines()[-1])["fhir_access"] == "address not allowed"
    assert "elsewhere" not in out


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({**UNSCREENED, "hook": "order-select"}, "hook"),
        ({**UNSCREENED, "context": {"userId": "Practitioner/1", "patientId": "1"}, "prefetch": None}, "StrippedCall"),
        (call(order(RITUXIMAB)), "DataNotAvailable"),
    ],
)
def test_c1_log_01_the_log_says_what_was_refused(
    serving: Service, body: dict[str, Any], refused: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert post(serving(ehr={}), "ehr", body).status_code in (400, 412)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["refused"] == refused
