"""Somebody else's service, and what can go wrong with the command itself."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cds_service.command_line import main
from cds_service.conformance.exchange import Exchange
from cds_service.conformance.fhir_double import FhirDouble
from cds_service.conformance.page import as_html
from cds_service.conformance.runner import GROUPS, Report, Result, chosen, run
from cds_service.conformance.target import Options, Target
from cds_service.conformance.tokens import new_key

GREETING: dict[str, Any] = {
    "hook": "patient-view",
    "hookInstance": "0b6f1c0e-6d0e-4a57-9f0c-2f6a3c1d9e41",
    "context": {"userId": "Practitioner/1", "patientId": "awake"},
}
ASLEEP = {**GREETING, "context": {"userId": "Practitioner/1", "patientId": "asleep"}}
SERVICE = {"hook": "patient-view", "id": "greeter", "title": "Greeter", "description": "Greets who is awake."}
CARD = {"summary": "Good morning", "indicator": "info", "source": {"label": "Good manners"}}


class Greeter(BaseHTTPRequestHandler):
    """A service of another hook, without prefetch, feedback, suggestions or health checks."""

    def do_GET(self) -> None:
        self._answer(200, {"services": [SERVICE]}) if self.path == "/cds-services" else self._answer(404, {})

    def do_POST(self) -> None:
        try:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            patient = call["context"]["patientId"] if call["hookInstance"] else ""
            status = 200 if call["hook"] == "patient-view" else 400
        except (ValueError, KeyError, TypeError, RecursionError):
            status, patient = 400, ""
        if self.path != "/cds-services/greeter":
            status = 404
        self._answer(status, {"cards": [CARD] if patient == "awake" else []} if status == 200 else {})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        written = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def greeter() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Greeter)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def results(greeter: str) -> dict[str, Result]:
    double = FhirDouble()
    try:
        target = Target(greeter, Options(good=(GREETING,), quiet=(ASLEEP,)), (), double)
        return {result.row.id: result for result in run(target, chosen(["A1", "A2", "A4", "A5", "A6", "A8"]))}
    finally:
        double.close()


def test_a_small_service_passes_what_it_does_and_is_not_judged_by_what_it_does_not(results: dict[str, Result]) -> None:
    for row in ("DIS-01", "DIS-02", "DIS-05", "DIS-14", "REQ-01", "REQ-02", "REQ-03", "REQ-04", "CRD-01", "CRD-03"):
        assert results[row].status == "pass", row
    for row, why in {
        "DIS-07": "no prefetch template",
        "PRE-03": "does not call the FHIR server",
        "PRE-12": "no Patient in prefetch",
        "SUG-01": "no card came with suggestions",
        "FBK-01": "takes no feedback",
    }.items():
        assert results[row].status == "not applicable", row
        assert why in results[row].reason


def test_a_small_service_fails_what_it_does_wrongly(results: dict[str, Result]) -> None:
    assert results["REQ-07"].status == "fail", "it reads a token without its server"
    assert results["REQ-11"].status == "fail", "its errors are no OperationOutcomes"


def test_a_service_of_other_hooks_is_not_sent_our_orders(greeter: str) -> None:
    (result,) = run(Target(greeter, Options()), chosen(["REQ-01"]))
    assert (result.status, "--good" in result.reason) == ("not applicable", True)


def test_a_service_that_cannot_reach_us_is_not_judged_by_its_reads(greeter: str) -> None:
    (result,) = run(Target(greeter, Options(good=(GREETING,))), chosen(["PRE-09"]))
    assert (result.status, "--fhir-double-url" in result.reason) == ("not applicable", True)


def test_the_command_says_what_cannot_be_done(tmp_path: Path, capsys: pytest.CaptureFixture[str], greeter: str) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"issuer": "https://x.example.org", "keys": [{"kty": "EC", "kid": "1"}]}), "utf-8")
    request = tmp_path / "request.json"
    request.write_text("[]", encoding="utf-8")
    for arguments, message in (
        (["http://127.0.0.1:9"], "cannot be reached"),
        (["cds.example.org"], "expected an absolute address"),
        ([greeter, "--rows", "XYZ-01"], "XYZ-01: no such row"),
        ([greeter, "--client", str(keys)], "private JWKs"),
        ([greeter, "--client", str(tmp_path / "none.json")], "No such file"),
        ([greeter, "--good", str(request)], "expected a hook request"),
        ([greeter, "--fhir-double-listen", "here:x"], "expected HOST:PORT"),
        ([greeter, "--rows", "DIS-01", "--json", str(tmp_path / "no" / "report.json")], "No such file"),
    ):
        with pytest.raises(SystemExit) as end:
            main(["conformance", *arguments])
        assert end.value.code == 2, arguments
        assert message in capsys.readouterr().err


def test_a_key_file_with_a_mistake_gives_no_key_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = new_key("1")
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"issuer": "https://x.example.org", "keys": [key], "kid": key["d"]}), encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["conformance", "http://127.0.0.1:9", "--client", str(path)])
    said = capsys.readouterr().err
    assert "kid" in said
    assert key["d"] not in said


def test_a_report_on_standard_output_is_nothing_but_the_report(
    greeter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["conformance", greeter, "--rows", "DIS-01,DIS-02", "--json", "-"])
    report = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in report["rows"]] == ["DIS-01", "DIS-02"]
    assert report["exchanges"][0]["answer"]["status"] == 200


def test_the_page_runs_and_loads_nothing_whatever_a_service_answers() -> None:
    """The report of a hostile service is read in a browser: what it sent is shown, never run."""
    hostile = Exchange(
        "GET", "http://x.example.org/<script>", {}, b"", 200, (("X-<b>", "<img>"),), b"<script>1</script>"
    )
    group = GROUPS[0]
    result = Result(group.rows[0], "fail", "<script>alert(1)</script>", (0,), 0.1)
    at = datetime(2026, 6, 15, 12, tzinfo=UTC)
    page = as_html(Report("http://x.example.org", "2.0.1", at, ((group, (result,)),), (replace(hostile, number=0),)))
    assert "&lt;script&gt;" in page
    assert not re.search(r"<(script|img|iframe|object|embed)\b", page)
    assert not re.search(r"(src|href)=\"(?!#|data:,)", page)
    assert "prefers-color-scheme: dark" in page
