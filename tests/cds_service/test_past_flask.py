"""Hook calls take the short way past Flask; what they get is what Flask would give."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.past_flask import PastFlask
from tests.whole_requests import FIXTURES

ADDRESS = "/cds-services/neuropathy-order-sign"
STORY: dict[str, Any] = json.loads(
    (FIXTURES / "rituximab_hbv_serology" / "first-dose-without-any-screen.request.json").read_text(encoding="utf-8")
)


@pytest.fixture
def app() -> Flask:
    return create_app(Settings(), SiteConfig())


def test_a_call_is_answered_without_flask(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("this went through Flask")

    monkeypatch.setattr(app, "full_dispatch_request", refuse)
    assert app.test_client().post(ADDRESS, json=STORY).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"json": STORY | {"prefetch": {}, "context": STORY["context"] | {"draftOrders": {"entry": []}}}},
        {"json": STORY | {"hook": "patient-view"}},
        {"json": {}},
        {"data": b"{", "content_type": "application/json"},
        {"data": b"{}", "content_type": "text/plain"},
        {"data": b"{}", "content_type": "application/json", "headers": {"Content-Encoding": "gzip"}},
        {"data": b" " * 3_000_000, "content_type": "application/json"},
        {"json": {}, "headers": {"Accept": "application/fhir+json", "Origin": "http://localhost:4000"}},
    ],
)
def test_both_ways_answer_alike(app: Flask, sent: dict[str, Any]) -> None:
    straight, through_flask = (
        app.test_client().post("/", environ_overrides={"PATH_INFO": address}, **sent)
        for address in (ADDRESS, f"/{ADDRESS}")
    )
    assert straight.status_code == through_flask.status_code
    assert straight.data == through_flask.data
    assert sorted(straight.headers) == sorted(through_flask.headers)


@pytest.mark.parametrize(("method", "status"), [("GET", 405), ("PUT", 405), ("OPTIONS", 204)])
def test_other_methods_are_left_to_flask(app: Flask, method: str, status: int) -> None:
    answer = app.test_client().open(ADDRESS, method=method)
    assert answer.status_code == status
    assert "POST" in answer.headers["Allow"]


def test_an_error_that_nobody_foresaw_is_an_outcome_too(app: Flask) -> None:
    def fail(_: object) -> bytes:
        raise ZeroDivisionError

    app.wsgi_app = PastFlask(app, {ADDRESS: fail})  # type: ignore[method-assign]
    answer = app.test_client().post(ADDRESS, json=STORY)
    assert answer.status_code == 500
    assert answer.get_json()["resourceType"] == "OperationOutcome"
