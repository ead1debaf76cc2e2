"""A service with trusted clients: browser pages, FHIR servers, addresses (NET-02, NET-03, OUT-02…04, REQ-5, AUT)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from tests.cds_service.hooks.loopback_server import Call, LoopbackServer
from tests.cds_service.hooks.tokens import DISCOVERY, FEEDBACK, PUBLIC_URL, QUIET, SERVICE, bearer, key_file, token

LISTED = "https://ehr.example.org"
ALLOW = "Access-Control-Allow-Origin"
FIXTURES = Path(__file__).parents[3] / "fhir_fixtures"
REQUEST = FIXTURES / "rituximab_hbv_serology" / "first-dose-without-any-screen.request.json"


def searchset(call: Call) -> None:
    call.json({"resourceType": "Bundle", "type": "searchset", "total": 0})


@pytest.fixture(scope="module")
def fhir() -> Iterator[LoopbackServer]:
    server = LoopbackServer(searchset)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def production(fhir: LoopbackServer, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Two clients; the first may have the FHIR server on this machine called, the second none."""
    keys = key_file(tmp_path_factory.mktemp("keys"))
    choices = {
        "clients": [
            {"issuer": "https://a.example", "name": "a", "keys": keys, "fhir_servers": [fhir.base]},
            {"issuer": "https://b.example", "name": "b", "keys": keys},
        ],
        "cors": {"origins": [LISTED]},
    }
    return create_app(Settings(public_url=PUBLIC_URL), SiteConfig.model_validate(choices)).test_client()


# -- browser pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [DISCOVERY, SERVICE, FEEDBACK])
def test_net_02_a_preflight_needs_no_token(production: FlaskClient, path: str):
    asking = {"Origin": LISTED, "Access-Control-Request-Headers": "authorization,content-type"}
    answer = production.options(path, headers=asking)
    assert (answer.status_code, answer.data, answer.headers[ALLOW]) == (204, b"", LISTED)
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, Accept"


@pytest.mark.parametrize("path", [SERVICE, FEEDBACK])
def test_net_02_dsc_15_a_page_can_read_a_401(production: FlaskClient, path: str):
    answer = production.post(path, json={}, headers={"Origin": LISTED})
    assert (answer.status_code, answer.headers[ALLOW], answer.headers["WWW-Authenticate"]) == (401, LISTED, "Bearer")


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:8080", "http://127.0.0.1:3000", "https://sandbox.cds-hooks.org", "https://evil.example"],
)
def test_net_03_with_clients_only_listed_origins_are_let_in(production: FlaskClient, origin: str):
    for answer in (
        production.options(SERVICE, headers={"Origin": origin}),
        production.get(DISCOVERY, headers={"Origin": origin}),
        production.post(SERVICE, json=QUIET, headers={"Origin": origin}),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


# -- FHIR servers -----------------------------------------------------------------------------------------------------


def answered(caller: FlaskClient, name: str, fhir_server: str, authorization: dict[str, Any] | None = None) -> Any:
    """The answer to a call about a first dose of which nothing was prefetched but what the chart is asked about."""
    body = json.loads(REQUEST.read_text(encoding="utf-8"))
    body["prefetch"] = {"patient": body["prefetch"]["patient"]}
    body["fhirServer"] = fhir_server
    if authorization is not None:
        body["fhirAuthorization"] = authorization
    return caller.post(SERVICE, json=body, headers=bearer(token(iss=f"https://{name}.example")))


GRANTED = {"access_token": "opaque-7", "token_type": "Bearer", "expires_in": 300, "scope": "", "subject": "cds"}


@pytest.fixture(autouse=True)
def nobody_called(fhir: LoopbackServer) -> None:
    fhir.seen.clear()


def test_out_02_out_04_a_listed_fhir_server_is_called_with_the_token_given(
    production: FlaskClient, fhir: LoopbackServer
):
    assert answered(production, "a", fhir.base, GRANTED).status_code == 200
    assert {call.headers["Authorization"] for call in fhir.seen} == {"Bearer opaque-7"}


def test_out_02_a_server_that_is_listed_for_another_client_is_not_called(production: FlaskClient, fhir: LoopbackServer):
    assert answered(production, "b", fhir.base.replace("http:", "https:"), GRANTED).status_code == 200
    assert fhir.seen == []


@pytest.mark.parametrize("authorization", [None, {**GRANTED, "access_token": ""}, {**GRANTED, "expires_in": 0}])
def test_aut_3_out_02_without_a_token_that_holds_no_server_is_called(
    production: FlaskClient, fhir: LoopbackServer, authorization: dict[str, Any] | None
):
    assert answered(production, "a", fhir.base, authorization).status_code == 200
    assert fhir.seen == []


@pytest.mark.parametrize(
    "address", ["http://ehr.example.org/fhir", "http://169.254.169.254/latest", "http://10.0.0.1/fhir"]
)
def test_req_5_in_production_a_fhir_server_in_plain_http_is_400(
    production: FlaskClient, fhir: LoopbackServer, address: str
):
    answer = answered(production, "a", address, GRANTED)
    assert answer.status_code == 400
    assert answer.json["issue"][0]["expression"] == ["fhirServer"]
    assert address not in answer.text
    assert fhir.seen == []
