"""Browser pages: who may read our answers (NET-02, NET-03, DSC-14, DSC-15)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

SANDBOX = "https://sandbox.cds-hooks.org"
DISCOVERY = "/cds-services"
SERVICE = "/cds-services/neuropathy-order-sign"
FEEDBACK = f"{SERVICE}/feedback"
ALLOW = "Access-Control-Allow-Origin"


@pytest.mark.parametrize("path", [DISCOVERY, SERVICE, FEEDBACK])
def test_net_02_dsc_14_a_preflight_needs_no_token_and_names_methods_and_headers(client: FlaskClient, path: str):
    answer = client.options(
        path,
        headers={
            "Origin": SANDBOX,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers[ALLOW] == SANDBOX
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, Accept"


@pytest.mark.parametrize(
    "origin",
    [SANDBOX, "http://localhost:8080", "http://127.0.0.1:3000", "https://127.9.9.9", "http://[::1]:5173"],
)
def test_net_03_open_mode_lets_the_sandbox_and_pages_of_this_machine_in(client: FlaskClient, origin: str):
    answer = client.get(DISCOVERY, headers={"Origin": origin})
    assert answer.headers[ALLOW] == origin
    assert "Access-Control-Allow-Methods" not in answer.headers, "nobody asked what may be sent"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://sandbox.cds-hooks.org.evil.example",
        "http://sandbox.cds-hooks.org",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "null",
        "http://[::1",
        "",
    ],
)
def test_net_03_an_unknown_origin_gets_no_cors_headers(client: FlaskClient, origin: str):
    for answer in (
        client.get(DISCOVERY, headers={"Origin": origin}),
        client.options(SERVICE, headers={"Origin": origin}),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_net_03_an_origin_that_the_site_lists_is_let_in(client_of: Callable[..., FlaskClient]):
    client = client_of(cors={"origins": ["https://ehr.example.org"]})
    assert (
        client.get(DISCOVERY, headers={"Origin": "https://ehr.example.org"}).headers[ALLOW] == "https://ehr.example.org"
    )
    assert ALLOW not in client.get(DISCOVERY, headers={"Origin": "https://other.example.org"}).headers


def test_net_03_credentials_and_the_star_are_never_offered(client: FlaskClient):
    for answer in (
        client.get(DISCOVERY, headers={"Origin": SANDBOX}),
        client.options(SERVICE, headers={"Origin": SANDBOX}),
    ):
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "*" not in answer.headers[ALLOW]


@pytest.mark.parametrize(
    ("path", "status"), [(SERVICE, 400), (FEEDBACK, 400), ("/cds-services/unknown", 404), (DISCOVERY, 405)]
)
def test_dsc_15_errors_can_be_read_by_the_page_too(client: FlaskClient, path: str, status: int):
    answer = client.post(path, data=b"{", content_type="application/json", headers={"Origin": SANDBOX})
    assert (answer.status_code, answer.headers[ALLOW]) == (status, SANDBOX)


@pytest.mark.parametrize(("path", "status"), [(f"/{DISCOVERY}", 200), (f"/{DISCOVERY}/unknown", 404)])
def test_dsc_15_a_base_address_that_ends_in_a_slash_is_no_other_address_to_a_page(
    client: FlaskClient, path: str, status: int
):
    answer = client.get("/", headers={"Origin": SANDBOX}, environ_overrides={"PATH_INFO": path})
    assert (answer.status_code, answer.headers[ALLOW], answer.headers["Vary"]) == (status, SANDBOX, "Origin")


def test_caches_keep_answers_for_different_origins_apart(client: FlaskClient):
    assert client.get(DISCOVERY).headers["Vary"] == "Origin"
    assert client.get(DISCOVERY, headers={"Origin": SANDBOX}).headers["Vary"] == "Origin"


def test_a_public_page_may_call_a_service_on_the_users_own_machine_if_it_asks(client: FlaskClient):
    asking = {"Origin": SANDBOX, "Access-Control-Request-Private-Network": "true"}
    name = "Access-Control-Allow-Private-Network"
    assert client.options(SERVICE, headers=asking).headers[name] == "true"
    assert name not in client.options(SERVICE, headers={"Origin": SANDBOX}).headers
    assert name not in client.options(SERVICE, headers={**asking, "Origin": "https://evil.example"}).headers
