"""Who called, as log and metrics say it: names of ours, keyed hashes of theirs (LOG-01, LOG-02, LOG-05)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from tests.cds_service.hooks.tokens import ISSUER, PUBLIC_URL, QUIET, SERVICE, bearer, key_file, token
from tests.cds_service.test_metrics import value

JTI = "jti-MARKER"
OPERATOR = {"Authorization": "Bearer operator"}


def client_of(folder: Path, hash_key: str = "one key", **choices: Any) -> FlaskClient:
    """A service that trusts one client with these choices."""
    keys = key_file(folder)
    client = {"issuer": ISSUER, "name": "ehr", "keys": keys, "replay_check": False, **choices}
    settings = {"public_url": PUBLIC_URL, "hash_key": hash_key, "operator_token": "operator", "database": ""}
    return create_app(Settings.model_validate(settings), SiteConfig.model_validate({"clients": [client]})).test_client()


def logged(client: FlaskClient, capsys: pytest.CaptureFixture[str], **claims: Any) -> dict[str, Any]:
    """The line of a call with a token of these claims."""
    capsys.readouterr()
    client.post(SERVICE, json=QUIET, headers=bearer(token(jti=JTI, **claims)))
    (line,) = capsys.readouterr().out.splitlines()
    written: dict[str, Any] = json.loads(line)
    return written


def test_log_01_a_call_names_its_client_and_tells_its_token_by_a_keyed_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = logged(client_of(tmp_path), capsys)
    assert (line["status"], line["client"]) == (200, "ehr")
    assert len(line["token"]) == 32
    assert "MARKER" not in json.dumps(line)


def test_log_02_the_hash_is_the_same_under_the_same_key_and_another_one_under_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again, other = (
        logged(client_of(tmp_path, hash_key), capsys)["token"] for hash_key in ("one key", "one key", "another key")
    )
    assert first == again != other


def test_log_01_a_tenant_that_the_site_lists_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert logged(client_of(tmp_path, tenants=["north"]), capsys, tenant="north")["tenant"] == "north"


def test_log_02_a_tenant_that_only_the_token_names_is_a_keyed_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = logged(client_of(tmp_path), capsys, tenant="Ward of John Smith")
    assert len(line["tenant"]) == 32
    assert "Smith" not in json.dumps(line)


def test_log_01_without_a_tenant_none_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "tenant" not in logged(client_of(tmp_path), capsys)


@pytest.mark.parametrize("claim", ["jti", "tenant"])
def test_half_a_character_in_a_claim_is_no_failure_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], claim: str
) -> None:
    client = client_of(tmp_path)
    answer = client.post(SERVICE, json=QUIET, headers=bearer(token(**{"jti": JTI, claim: "\ud800"})))
    assert answer.status_code in (200, 401)


def test_log_05_a_refused_token_is_logged_and_counted_by_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = client_of(tmp_path)
    line = logged(client, capsys, exp=1, iat=0)
    assert (line["status"], line["client"], line["auth_failure"]) == (401, "ehr", "expired")
    text = client.get("/metrics", headers=OPERATOR).text
    assert value(text, "auth_failures_total", reason="expired") == 1


def test_calls_beyond_what_a_client_may_make_are_counted_by_its_name(tmp_path: Path) -> None:
    client = client_of(tmp_path, calls_per_minute=1)
    statuses = [client.post(SERVICE, json=QUIET, headers=bearer(token())).status_code for _ in range(40)]
    refused = statuses.count(429)
    assert refused > 30
    text = client.get("/metrics", headers=OPERATOR).text
    assert value(text, "rate_limited_calls_total", client="ehr") == refused
