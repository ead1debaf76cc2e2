"""OpenTelemetry: a span for each call and each request to a FHIR server, without addresses or patients (LOG-03)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig, load_settings
from cds_service.errors import InvalidConfiguration
from cds_service.hooks.fhir_reply import FhirRead
from cds_service.log import Call
from cds_service.traces import Traces
from tests.cds_service.canary import seeded
from tests.cds_service.test_hook_endpoints import NOTHING_ON_FILE, RITUXIMAB, call, order

SERVER = "https://fhir.example.org/r4"
GRANTED = {"access_token": "TOKEN-MARKER", "token_type": "Bearer"}
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def client(exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A service that sends its traces into memory."""
    traces = Traces(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(Traces, "to_collector", classmethod(lambda _: traces))
    return create_app(Settings(tracing="on"), SiteConfig()).test_client()


def ask(client: FlaskClient, body: Mapping[str, Any], **headers: str) -> None:
    client.post("/cds-services/neuropathy-order-sign", json=body, headers=headers)


def test_a_call_is_one_span_with_what_the_log_says_of_it(client: FlaskClient, exporter: InMemorySpanExporter) -> None:
    ask(client, call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE))
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.kind) == ("neuropathy-order-sign", SpanKind.SERVER)
    attributes = dict(span.attributes or {})
    assert attributes["cds.status"] == 200
    assert attributes["cds.rules.rituximab-hbv-serology"] == "critical"
    assert attributes["cds.hook_instance"] == "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93"
    assert span.start_time is not None
    assert span.end_time is not None
    assert 0 < span.end_time - span.start_time < 10_000_000_000


@responses.activate
def test_each_request_to_a_fhir_server_is_a_span_below_it_without_its_address(
    client: FlaskClient, exporter: InMemorySpanExporter
) -> None:
    responses.get(f"{SERVER}/Patient/np-2002", json={"resourceType": "Patient", "id": "np-2002"})
    ask(client, call(order(RITUXIMAB), fhirServer=SERVER, fhirAuthorization=GRANTED))
    *reads, whole = exporter.get_finished_spans()
    assert len(reads) == len(responses.calls) > 1
    assert {span.parent.span_id for span in reads if span.parent} == {whole.context.span_id}
    assert {span.name for span in reads} == {"FHIR"}
    assert [dict(span.attributes or {}) for span in reads].count({}) == 1
    assert {span.attributes["cds.failure"] for span in reads if span.attributes} == {"unreachable"}
    written = "".join(span.to_json() for span in (*reads, whole))
    assert not any(word in written for word in ("np-2002", "example.org", "TOKEN-MARKER"))


def test_a_request_that_is_not_over_ends_with_the_call(exporter: InMemorySpanExporter) -> None:
    line = Call(reads=[FhirRead(0)])
    Traces(SimpleSpanProcessor(exporter)).record(line, 200)
    read, whole = exporter.get_finished_spans()
    assert (dict(read.attributes or {}), read.end_time) == ({"cds.failure": "late"}, whole.end_time)


def test_only_a_failure_of_ours_is_an_error(exporter: InMemorySpanExporter) -> None:
    for status in (200, 400, 412, 500):
        Traces(SimpleSpanProcessor(exporter)).record(Call(), status)
    codes = [span.status.status_code for span in exporter.get_finished_spans()]
    assert codes == [StatusCode.UNSET, StatusCode.UNSET, StatusCode.UNSET, StatusCode.ERROR]


def test_the_trace_of_the_caller_is_continued_by_its_ids_alone(
    client: FlaskClient, exporter: InMemorySpanExporter
) -> None:
    ask(client, {}, traceparent=CALLER, tracestate="vendor=MARKER", baggage="patient=MARKER")
    (span,) = exporter.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == CALLER.split("-")[1]
    assert "MARKER" not in span.to_json()


def test_what_is_no_trace_begins_one(client: FlaskClient, exporter: InMemorySpanExporter) -> None:
    ask(client, {}, traceparent="MARKER")
    (span,) = exporter.get_finished_spans()
    assert span.parent is None
    assert "MARKER" not in span.to_json()


def test_log_03_nothing_that_a_caller_sent_is_in_a_span(client: FlaskClient, exporter: InMemorySpanExporter) -> None:
    ask(client, seeded(call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE), "MARKER"))
    assert exporter.get_finished_spans()
    assert "MARKER" not in "".join(span.to_json() for span in exporter.get_finished_spans())


def test_switched_off_nothing_of_the_library_is_loaded() -> None:
    program = (
        "import json, sys\nfrom cds_service.app import create_app\n"
        "from cds_service.config import Settings, SiteConfig\n"
        "create_app(Settings(), SiteConfig()).test_client().post('/cds-services/neuropathy-order-sign', json={})\n"
        "json.dump([name for name in sys.modules if name.startswith('opentelemetry')], sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=True)
    assert json.loads(ended.stderr) == []


def test_where_the_extra_is_not_installed_the_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds_service.config.find_spec", lambda name: None)
    assert load_settings({"CDS_SERVICE_TRACING": "off"}).tracing == "off"
    with pytest.raises(InvalidConfiguration, match=r"CDS_SERVICE_TRACING: install neuropathy-cds\[tracing\]"):
        load_settings({"CDS_SERVICE_TRACING": "on"})
