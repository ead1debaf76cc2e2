"""/openapi.json says what there is: valid OpenAPI 3.1, every route, answers that are as described."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from cds_service.app import LEDGER, create_app
from cds_service.config import Settings, SiteConfig
from cds_service.hooks.wire import Answer, Discovery, OperationOutcome, OrderSelectCall, OrderSignCall
from tests.conftest import NOON

FIXTURES = sorted((Path(__file__).parents[2] / "fhir_fixtures").glob("*/*.request.json"))
CLIENT = {"issuer": "https://ehr.example.org", "name": "ehr", "jku": ["https://ehr.example.org/jwks.json"]}
OURS = {"GET", "POST", "PUT", "PATCH", "DELETE"}

OPERATIONS = [
    ("GET", "/cds-services"),
    ("POST", "/cds-services/neuropathy-order-select"),
    ("POST", "/cds-services/neuropathy-order-select/feedback"),
    ("POST", "/cds-services/neuropathy-order-sign"),
    ("POST", "/cds-services/neuropathy-order-sign/feedback"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
]
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="module")
def document(app: Flask) -> Any:
    """The document as it is served."""
    return app.test_client().get("/openapi.json").json


@pytest.fixture(scope="module")
def made_up(app: Flask) -> Any:
    """What schemathesis makes of the document."""
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


def described(document: Any) -> set[tuple[str, str]]:
    """Path and method of each operation."""
    return {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}


def routed(app: Flask) -> set[tuple[str, str]]:
    """Path and method of each route, as OpenAPI spells paths."""
    return {
        (rule.rule.replace("<path:", "{").replace("<", "{").replace(">", "}"), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & OURS
    }


def test_the_document_is_openapi_3_1(document: Any) -> None:
    OPENAPI_31_VALIDATOR.validate(document)
    assert document["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    "choices", [{}, {"services": {"split_by": "family"}}, {"clients": [CLIENT]}], ids=["open", "split", "authenticated"]
)
def test_every_route_is_described_and_nothing_else(choices: dict[str, Any], tmp_path: Path) -> None:
    """API9: routes equal the document. A new endpoint gets a line in cds_service/openapi.py."""
    settings = Settings(database=SecretStr(f"sqlite:///{tmp_path}/ledger.sqlite3"))
    app = create_app(settings, SiteConfig.model_validate(choices), clock=lambda: NOON)
    try:
        document = app.test_client().get("/openapi.json").json
    finally:
        app.extensions[LEDGER].close()
    assert described(document) == routed(app)
    assert ("/ledger/export", "GET") in routed(app)
    OPENAPI_31_VALIDATOR.validate(document)
    calls = [operations["post"] for operations in document["paths"].values() if "post" in operations]
    assert [call.get("security") for call in calls] == [[{"client": []}] if "clients" in choices else None] * len(calls)


def test_a_route_that_nobody_described_is_left_out() -> None:
    """So the test above fails for it."""
    app = create_app(Settings(), SiteConfig(), clock=lambda: NOON)
    app.add_url_rule("/cds-services/<name>/secret", "secret", lambda name: name)
    assert described(app.test_client().get("/openapi.json").json) < routed(app)


def test_every_reference_inside_the_document_is_found(document: Any) -> None:
    references = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                references.add(value["$ref"])
            value = list(value.values())
        for inner in value if isinstance(value, list) else ():
            collect(inner)

    collect(document)
    for reference in references:
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    assert len(references) > 10


def test_a_client_that_has_the_document_is_told_so(client: FlaskClient) -> None:
    etag = client.get("/openapi.json").headers["ETag"]
    assert client.get("/openapi.json", headers={"If-None-Match": etag}).status_code == 304


def test_discovery_and_our_refusals_have_the_shapes_described(client: FlaskClient) -> None:
    Discovery.model_validate(client.get("/cds-services").json)
    refused = client.post("/cds-services/neuropathy-order-sign", data="{", content_type="application/json")
    OperationOutcome.model_validate(refused.json)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.parent.name + "/" + path.name.partition(".")[0])
def test_every_answer_to_a_shipped_request_has_the_shape_described(path: Path, client: FlaskClient) -> None:
    hook = json.loads(path.read_bytes())["hook"]
    answered = client.post(f"/cds-services/neuropathy-{hook}", data=path.read_bytes(), content_type="application/json")
    Answer.model_validate(answered.json)


@pytest.mark.parametrize(
    "path",
    [path for path in FIXTURES if path.parent.name != "senders"],
    ids=lambda path: path.parent.name + "/" + path.name.partition(".")[0],
)
def test_every_shipped_request_that_keeps_to_the_specification_has_the_shape_described(path: Path) -> None:
    request = json.loads(path.read_text(encoding="utf-8"))
    model = OrderSignCall if request["hook"] == "order-sign" else OrderSelectCall
    model.model_validate(request)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_calls_made_up_from_the_document_are_answered_as_it_says(method: str, path: str, made_up: Any) -> None:
    """No 5xx, no status, media type or body that is not described: schemathesis makes the calls up."""

    @settings(
        max_examples=25, derandomize=True, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=made_up[path][method].as_strategy())
    def calls(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    calls()
