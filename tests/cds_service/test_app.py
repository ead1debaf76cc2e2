"""The service as a whole: status codes, probes, headers, start (cds-hooks.md 1, 3.3; certification.md A2, A10, D3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from gzip import compress
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cards.catalogue import HERE
from cards.errors import InvalidKnowledge
from cds_service import rule_base
from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.errors import InvalidConfiguration
from cds_service.operator_endpoints import version
from cds_service.rule_base import rule_base_version

SERVICE = "/cds-services/neuropathy-order-sign"


def issue(answer: TestResponse) -> dict[str, Any]:
    """The one issue of an OperationOutcome; fails when the answer is none."""
    assert answer.json is not None
    assert answer.json["resourceType"] == "OperationOutcome"
    (found,) = answer.json["issue"]
    return found


# -- status codes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/cds-services/unknown", 404),
        ("POST", "/cds-services/unknown/feedback", 404),
        ("POST", "/cds-services/neuropathy-order-sign/other", 404),
        ("GET", "/unknown", 404),
        ("PUT", "/cds-services", 405),
        ("POST", "/cds-services", 405),
        ("GET", SERVICE, 405),
        ("DELETE", SERVICE, 405),
        ("GET", f"{SERVICE}/feedback", 405),
        ("POST", "/", 405),
    ],
)
def test_req_03_req_09_dsc_17_sts_1_unknown_paths_and_methods_get_an_operation_outcome(
    client: FlaskClient, method: str, path: str, status: int
):
    answer = client.open(path, method=method, data=b"{}", content_type="application/json")
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert issue(answer)["code"] in ("not-found", "not-supported")


@pytest.mark.parametrize(
    ("path", "allowed"), [("/cds-services", {"GET", "HEAD", "OPTIONS"}), (SERVICE, {"POST", "OPTIONS"})]
)
def test_req_09_a_wrong_method_is_told_the_right_ones(client: FlaskClient, path: str, allowed: set[str]):
    assert set(client.patch(path).headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path",
    ["/cds-services/", f"{SERVICE}/", f"{SERVICE}/feedback/", "//cds-services", "/cds-services//neuropathy-order-sign"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_dsc_1_nothing_is_ever_redirected(client: FlaskClient, path: str, method: str):
    answer = client.open("/", method=method, json={}, environ_overrides={"PATH_INFO": path})
    assert answer.status_code in (200, 400, 404, 405)


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "", "json"]
)
def test_req_09_what_does_not_claim_to_be_json_is_415(client: FlaskClient, media_type: str):
    answer = client.post(SERVICE, data=b"{}", content_type=media_type)
    assert answer.status_code == 415
    assert issue(answer)["code"] == "not-supported"
    assert "Accept-Encoding" not in answer.headers, "the encoding was not what was wrong"


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=UTF-8",
        "application/fhir+json",
        "APPLICATION/JSON;x=y",
        "application/cds+json",
    ],
)
def test_req_09_json_of_any_kind_is_read(client: FlaskClient, media_type: str):
    answer = client.post(SERVICE, data=b"{}", content_type=media_type)
    assert issue(answer)["expression"] == ["hook"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP, identity"])
def test_req_09_a_packed_body_is_415_whatever_is_in_it(client: FlaskClient, encoding: str):
    for body in (b"{}", compress(b"{}")):
        sent: dict[str, Any] = {"data": body, "content_type": "application/json"}
        answer = client.post(SERVICE, **sent, headers={"Content-Encoding": encoding})
        assert answer.status_code == 415
        assert "Content-Encoding" in issue(answer)["details"]["text"]
        assert answer.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_req_09_a_body_that_says_that_it_is_not_packed_is_read(client: FlaskClient, encoding: str):
    sent: dict[str, Any] = {"data": b"{}", "content_type": "application/json"}
    assert issue(client.post(SERVICE, **sent, headers={"Content-Encoding": encoding}))["expression"] == ["hook"]


@pytest.mark.parametrize(
    ("accept", "is_fhir"),
    [
        ("application/fhir+json", True),
        ("application/fhir+json; fhirVersion=4.0, application/json", True),
        ("application/json;q=0.5, application/fhir+json;q=0.9", True),
        ("application/fhir+json;q=0, application/json", False),
        ("application/fhir+json;q=0.1, application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_sts_1_errors_are_of_the_media_type_that_is_asked_for(client: FlaskClient, accept: str, is_fhir: bool):
    answer = client.post(SERVICE, json={}, headers={"Accept": accept})
    assert (answer.content_type == "application/fhir+json") is is_fhir


def test_sts_4_media_type_comes_before_json_and_json_before_fields(client: FlaskClient):
    assert client.post(SERVICE, data=b"{", content_type="text/plain").status_code == 415
    assert issue(client.post(SERVICE, data=b"{", content_type="application/json"))["expression"] == ["body"]
    assert client.post("/cds-services/unknown", data=b"{", content_type="text/plain").status_code == 404
    assert client.get(SERVICE, content_type="text/plain").status_code == 405


def test_req_10_a_body_above_the_limit_is_413(client: FlaskClient):
    answer = client.post(SERVICE, data=b" " * (5 * 1024 * 1024), content_type="application/json")
    assert answer.status_code == 413
    assert issue(answer)["code"] == "too-long"


def test_req_10_a_body_above_the_limit_that_comes_in_chunks_is_413_too(client: FlaskClient):
    chunked = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    sent = {"data": b" " * (5 * 1024 * 1024), "content_type": "application/json"}
    assert client.post(SERVICE, **sent, environ_overrides=chunked).status_code == 413
    assert issue(client.post(SERVICE, data=b"{}", content_type="application/json", environ_overrides=chunked))[
        "expression"
    ] == ["hook"]


def test_req_10_a_body_below_the_limit_is_read(client_of: Callable[..., FlaskClient]):
    client = client_of(limits={"body_mb": 0.001})
    small, large = b"{}", json.dumps({"hook": "x" * 2000}).encode()
    assert [
        client.post(SERVICE, data=body, content_type="application/json").status_code for body in (small, large)
    ] == [
        400,
        413,
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"[1]", b"nonsense", b"[" * 10_000, b'{"a": NaN}', b"\xff\xfe", b"<xml/>"],
    ids=["empty", "list", "text", "10,000 deep", "NaN", "no UTF-8", "XML"],
)
def test_req_04_req_10_a_malformed_body_is_400(client: FlaskClient, body: bytes):
    answer = client.post(SERVICE, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert issue(answer)["expression"] == ["body"]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/fhir+json", "application/fhir+json"),
        ("text/html", "application/json"),
        ("text/html, application/fhir+json;q=0.9", "application/fhir+json"),
    ],
)
def test_sts_2_an_operation_outcome_is_fhir_json_for_those_who_name_it(
    client: FlaskClient, accept: str, content_type: str
):
    answer = client.post("/cds-services/unknown", json={}, headers={"Accept": accept})
    assert answer.content_type == content_type


def test_req_05_a_hook_sent_to_the_service_of_another_hook_is_400(client: FlaskClient):
    answer = client.post(SERVICE, json={"hook": "order-select", "hookInstance": "i", "context": {}})
    assert (answer.status_code, issue(answer)["expression"]) == (400, ["hook"])


@pytest.fixture
def failing() -> FlaskClient:
    app = create_app(Settings(), SiteConfig())

    @app.post("/fails")
    def fails() -> str:
        raise RuntimeError("MARKER")

    return app.test_client()


def test_req_11_sts_1_an_unforeseen_failure_is_a_500_without_trace_or_html(failing: FlaskClient):
    answer = failing.post("/fails", json={})
    assert (answer.status_code, answer.content_type) == (500, "application/json")
    assert issue(answer)["code"] == "exception"
    assert "MARKER" not in answer.text
    assert "Traceback" not in answer.text


def test_an_unforeseen_failure_is_named_in_the_log_by_type_and_place_only(
    failing: FlaskClient, capsys: pytest.CaptureFixture[str]
):
    failing.post("/fails", json={})
    written = capsys.readouterr()
    failed, call = (json.loads(line) for line in written.out.splitlines())
    assert (failed["event"], failed["error"], failed["at"].partition(":")[0]) == (
        "failed",
        "RuntimeError",
        "test_app.py",
    )
    assert (call["event"], call["status"]) == ("call", 500)
    assert "MARKER" not in written.out + written.err


# -- headers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/cds-services", "/healthz", "/unknown"])
def test_run_05_no_answer_is_to_be_sniffed(client: FlaskClient, path: str):
    assert client.get(path).headers["X-Content-Type-Options"] == "nosniff"


def test_run_05_every_page_has_a_content_security_policy(app: Flask):
    client = app.test_client()
    paths = [str(rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    pages = [page for page in map(client.get, paths) if page.mimetype == "text/html"]
    assert pages
    assert all("default-src 'none'" in page.headers["Content-Security-Policy"] for page in pages)


@pytest.mark.parametrize("path", ["/", "/cds-services", "/healthz", "/unknown"])
def test_run_05_behind_https_every_answer_says_to_come_back_by_https_only(path: str):
    served = create_app(Settings(public_url="https://cds.example.org"), SiteConfig()).test_client()
    assert served.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_run_05_where_clients_come_over_http_nothing_is_said_of_https(client: FlaskClient):
    assert "Strict-Transport-Security" not in client.get("/").headers


@pytest.mark.parametrize("path", [SERVICE, f"{SERVICE}/feedback", "/unknown"])
def test_run_05_no_answer_to_a_post_is_to_be_stored(client: FlaskClient, path: str):
    assert client.post(path, json={}).headers["Cache-Control"] == "no-store"


# -- probes and start ---------------------------------------------------------------------------------------------


def test_net_07_probes_need_no_token_and_say_that_callers_need_none(client: FlaskClient):
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "mode": "open",
        "version": version(),
        "ledger": "off",
        "rule_base": rule_base_version(),
    }


def test_run_03_the_checksum_of_the_rule_base_follows_every_byte_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = copytree(HERE, tmp_path / "cards", ignore=ignore_patterns("__pycache__"))
    monkeypatch.setattr(rule_base, "HERE", folder)
    version_of_files = rule_base_version.__wrapped__
    assert version_of_files() == rule_base_version()
    knowledge = folder / "immunotherapy" / "rituximab_hbv_serology" / "knowledge.yaml"
    knowledge.write_bytes(knowledge.read_bytes() + b"#")
    assert version_of_files() != rule_base_version()


@pytest.fixture
def unready(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    def invalid() -> None:
        raise InvalidKnowledge("ivig_indication/knowledge.yaml: threshold 'window' has no unit")

    monkeypatch.setattr(rule_base, "load_catalogue", invalid)
    return create_app(Settings(), SiteConfig()).test_client()


def test_net_07_with_an_invalid_rule_base_the_service_is_alive_but_not_ready(unready: FlaskClient):
    assert unready.get("/healthz").status_code == 200
    answer = unready.get("/readyz")
    assert answer.status_code == 503
    assert "knowledge.yaml" not in answer.text


def test_with_an_invalid_rule_base_no_call_is_answered_as_if_all_were_well(unready: FlaskClient):
    answers = [
        unready.get("/cds-services"),
        unready.post(SERVICE, json={}),
        unready.post(f"{SERVICE}/feedback", json={}),
    ]
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert issue(answers[1])["code"] == "transient"


def test_an_invalid_rule_base_is_named_in_the_log(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def invalid() -> None:
        raise InvalidKnowledge("ivig_indication/knowledge.yaml: threshold 'window' has no unit")

    monkeypatch.setattr(rule_base, "load_catalogue", invalid)
    create_app(Settings(), SiteConfig())
    assert "ivig_indication/knowledge.yaml" in json.loads(capsys.readouterr().out)["why"]


def test_open_mode_on_an_address_that_others_reach_does_not_start():
    with pytest.raises(InvalidConfiguration, match="allow_open"):
        create_app(Settings(host="0.0.0.0"), SiteConfig())  # noqa: S104


@pytest.mark.parametrize("key", ["on", "off"])
def test_a_rule_that_does_not_exist_cannot_be_switched(key: str):
    with pytest.raises(InvalidConfiguration, match=rf"cards\.{key}: no rule no-such-rule"):
        create_app(Settings(), SiteConfig.model_validate({"cards": {key: ["no-such-rule"]}}))


# -- the page about the service -------------------------------------------------------------------------------------


def test_the_landing_page_names_endpoints_and_cards(client: FlaskClient):
    page = client.get("/service")
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert "http://127.0.0.1:8000/cds-services/neuropathy-order-sign/feedback" in page.text
    assert "rituximab-hbv-serology" in page.text
    with client.get("/static/page.css") as style:
        assert (style.status_code, style.mimetype) == (200, "text/css")


def test_run_05_the_landing_page_runs_nothing_and_loads_nothing_from_elsewhere(client: FlaskClient):
    page = client.get("/service")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_the_landing_page_believes_the_settings_not_the_host_header(client: FlaskClient):
    for path in ("/", "/service"):
        assert "evil.example" not in client.get(path, headers={"Host": "evil.example"}).text
