"""Unsafe combinations of settings do not start, and say what to change (RUN-06, API2, API8, NET-01, JWT-19)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig, check_safe, load_site
from cds_service.errors import InvalidConfiguration

EVERYWHERE = "0.0.0.0"  # noqa: S104
HTTPS = "https://cds.example.org"
EHR = {"issuer": "https://ehr.example.org/fhir", "name": "ehr", "jku": ["https://ehr.example.org/jwks.json"]}
TEST_EHR = {**EHR, "name": "trial", "issuer": "https://trial.example.org", "test": True}
SANDBOX = {
    "issuer": "https://sandbox.cds-hooks.org",
    "name": "sandbox",
    "jku": ["https://sandbox.cds-hooks.org/.well-known/jwks.json"],
}
KIT = {"issuer": "https://inferno.healthit.gov/suites/custom/crd_server", "name": "kit", "jku": ["https://a.example/k"]}


def problem(settings: dict[str, Any], site: dict[str, Any]) -> str:
    """What stops the start; empty when nothing does."""
    try:
        check_safe(Settings.model_validate(settings), SiteConfig.model_validate(site))
    except InvalidConfiguration as stopped:
        return str(stopped)
    return ""


UNSAFE: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "open mode beyond loopback": ({"host": EVERYWHERE}, {}, "allow_open", "list clients, or set allow_open = true"),
    "open mode with discovery by token": (
        {},
        {"authentication": {"discovery": "token"}},
        "authentication.discovery",
        'list it, or write "open"',
    ),
    "clients and open mode": ({}, {"clients": [EHR], "allow_open": True}, "allow_open", "remove allow_open"),
    "clients beyond loopback without a public address": (
        {"host": EVERYWHERE},
        {"clients": [EHR]},
        "CDS_SERVICE_PUBLIC_URL",
        "set it to that address, such as https://cds.example.org",
    ),
    "clients at a public address in plain http": (
        {"host": EVERYWHERE, "public_url": "http://cds.example.org"},
        {"clients": [EHR]},
        "CDS_SERVICE_PUBLIC_URL",
        "put a proxy with TLS in front",
    ),
    "one trusted client beside one for tests in plain http": (
        {"public_url": "http://cds.example.org"},
        {"clients": [EHR, TEST_EHR], "allow_test_clients": True},
        "CDS_SERVICE_PUBLIC_URL",
        "put a proxy with TLS in front",
    ),
    "clients and an origin in plain http": (
        {"public_url": HTTPS},
        {"clients": [EHR], "cors": {"origins": ["http://ehr.example.org"]}},
        "cors.origins",
        "list https origins only",
    ),
    "a test client without the switch": (
        {"public_url": HTTPS},
        {"clients": [TEST_EHR]},
        "clients.trial.test",
        "set allow_test_clients = true",
    ),
    "the public sandbox as a trusted client": (
        {"public_url": HTTPS},
        {"clients": [SANDBOX]},
        "clients.sandbox.issuer",
        "set test = true",
    ),
    "the public sandbox as a trusted client beside the switch": (
        {"public_url": HTTPS},
        {"clients": [SANDBOX], "allow_test_clients": True},
        "clients.sandbox.issuer",
        "set test = true",
    ),
    "the public test kit as a trusted client": (
        {"public_url": HTTPS},
        {"clients": [KIT]},
        "clients.kit.issuer",
        "set test = true",
    ),
    "keys in plain http": (
        {"public_url": HTTPS},
        {"clients": [{**EHR, "jku": ["https://ehr.example.org/jwks.json", "http://ehr.example.org/jwks.json"]}]},
        "clients.ehr.jku",
        "write https addresses",
    ),
    "a FHIR server in plain http": (
        {"public_url": HTTPS},
        {"clients": [{**EHR, "fhir_servers": ["http://10.1.2.3/fhir"]}]},
        "clients.ehr.fhir_servers",
        "write https addresses",
    ),
    "a FHIR server on loopback of a service that others reach": (
        {"host": EVERYWHERE, "public_url": HTTPS},
        {"clients": [{**EHR, "fhir_servers": ["http://127.0.0.1:8080/fhir"]}]},
        "clients.ehr.fhir_servers",
        "write https addresses",
    ),
}


@pytest.mark.parametrize(("settings", "site", "key", "advice"), UNSAFE.values(), ids=UNSAFE)
def test_run_06_api8_an_unsafe_combination_names_the_key_and_says_what_to_change(
    settings: dict[str, Any], site: dict[str, Any], key: str, advice: str
):
    """RUN-06, NET-01."""
    said = problem(settings, site)
    assert said.startswith(f"{key}: ")
    assert advice in said
    with pytest.raises(InvalidConfiguration):
        create_app(Settings.model_validate(settings), SiteConfig.model_validate(site))


SAFE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "open mode on loopback": ({}, {}),
    "open mode where the site allows it": ({"host": EVERYWHERE}, {"allow_open": True}),
    "clients behind https": ({"host": EVERYWHERE, "public_url": HTTPS}, {"clients": [EHR]}),
    "clients behind a proxy on this machine": ({"public_url": HTTPS}, {"clients": [EHR]}),
    "clients on loopback": ({}, {"clients": [EHR]}),
    "clients on loopback, keys and FHIR server too": (
        {"public_url": "http://localhost:8000"},
        {"clients": [{**EHR, "jku": ["http://127.0.0.1:1/k"], "fhir_servers": ["http://[::1]:8080/fhir"]}]},
    ),
    "test clients alone in plain http": (
        {"host": EVERYWHERE, "public_url": "http://cds.example.org"},
        {
            "clients": [{**TEST_EHR, "jku": ["http://a.example/k"], "fhir_servers": ["http://a.example/fhir"]}],
            "allow_test_clients": True,
            "cors": {"origins": ["http://a.example"]},
        },
    ),
    "the public sandbox and test kit as test clients": (
        {"public_url": HTTPS},
        {"clients": [{**SANDBOX, "test": True}, {**KIT, "test": True}], "allow_test_clients": True},
    ),
    "a page on loopback beside clients": (
        {"public_url": HTTPS},
        {"clients": [EHR], "cors": {"origins": ["http://localhost:3000", "https://ehr.example.org"]}},
    ),
    "discovery by token": ({"public_url": HTTPS}, {"clients": [EHR], "authentication": {"discovery": "token"}}),
}


@pytest.mark.parametrize(("settings", "site"), SAFE.values(), ids=SAFE)
def test_run_06_a_safe_combination_starts(settings: dict[str, Any], site: dict[str, Any]):
    assert problem(settings, site) == ""


CLIENT = 'issuer = "https://{0}.example"\nname = "{1}"\nkeys = "keys.json"\n'


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("[cors]\norigins = ['*']", "cors.origins.0", "such as https://cds.example.org"),
        ("[[clients]]\nissuer = 'a'\nname = 'a'", "clients.0", "name its key set"),
        ("[[clients]]\nname = 'a'\nkeys = 'k'", "clients.0.issuer", "required"),
        (f"[[clients]]\n{CLIENT.format('a', 'open')}", "clients.0.name", "callers without a token"),
        (f"[[clients]]\n{CLIENT.format('a', 'Main EHR')}", "clients.0.name", "pattern"),
        (f"[[clients]]\n{CLIENT.format('a', 'a')}algorithms = []", "clients.0.algorithms", "at least 1 item"),
        (f"[[clients]]\n{CLIENT.format('a', 'a')}algorithms = ['HS256']", "clients.0.algorithms.0", "ES384"),
        (f"[[clients]]\n{CLIENT.format('a', 'a')}algorithms = ['none']", "clients.0.algorithms.0", "ES384"),
        (f"[[clients]]\n{CLIENT.format('a', 'a')}lifetime_seconds = 100000", "clients.0.lifetime_seconds", "86400"),
        (f"[[clients]]\n{CLIENT.format('a', 'a')}jku = ['keys']", "clients.0.jku.0", "absolute address"),
        (f"[[clients]]\n{CLIENT.format('a', 'a')}jku = ['https://a.example/k?x=1']", "clients.0.jku.0", "absolute"),
        (f"[[clients]]\n{CLIENT.format('a', 'a')}secret = 'k'", "clients.0.secret", "no such key"),
        (f"[[clients]]\n{CLIENT.format('a', 'a')}[[clients]]\n{CLIENT.format('a', 'b')}", "clients", "the same issuer"),
        (f"[[clients]]\n{CLIENT.format('a', 'a')}[[clients]]\n{CLIENT.format('b', 'a')}", "clients", "the same name"),
        ("[authentication]\nleeway_seconds = 3600", "authentication.leeway_seconds", "300"),
        ("[authentication]\ndiscovery = 'closed'", "authentication.discovery", "token"),
    ],
)
def test_run_06_api8_a_wrong_choice_for_clients_is_named(tmp_path: Path, text: str, key: str, says: str):
    path = tmp_path / "site.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidConfiguration) as stopped:
        load_site(path)
    assert str(stopped.value).startswith(f"{path}: {key}: ")
    assert says in str(stopped.value)


def test_a_key_file_is_looked_for_beside_the_site_file(tmp_path: Path):
    (tmp_path / "site.toml").write_text(f"[[clients]]\n{CLIENT.format('a', 'a')}", encoding="utf-8")
    assert load_site(tmp_path / "site.toml").clients[0].keys == tmp_path / "keys.json"


def test_api8_a_variable_of_the_web_framework_switches_no_debugging_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert create_app(Settings(), SiteConfig()).debug is False


@pytest.mark.parametrize(
    ("clients", "mode"),
    [
        ([], "open"),
        ([EHR], "1 trusted client"),
        ([EHR, TEST_EHR], "1 trusted client, 1 test client"),
        ([{**SANDBOX, "test": True}, TEST_EHR], "2 test clients"),
    ],
)
def test_the_mode_says_who_may_call(clients: list[dict[str, Any]], mode: str):
    assert SiteConfig.model_validate({"clients": clients}).mode == mode
