"""The command line: the same story without HTTP, and a server that starts, answers and stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from http.client import HTTPConnection
from io import BytesIO, TextIOWrapper
from pathlib import Path
from socket import socket
from typing import Any, NamedTuple

import pytest
import responses

from cards.orders import Hook
from cds_service.command_line import main
from tests.situations.reading import Situation
from tests.situations.request import hook_request

AS_OF = date(2026, 6, 15)
SERVER = "https://fhir.example.org/r4"

Run = Callable[..., "Ran"]


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def saved(folder: Path, patient: Mapping[str, Any], order: str, **changes: Any) -> str:
    """A hook request on disk."""
    request = hook_request(Situation(AS_OF, patient, (order,)), Hook.ORDER_SIGN)
    path = folder / "request.json"
    path.write_text(json.dumps(request | changes), encoding="utf-8")
    return str(path)


class Ran(NamedTuple):
    """What a command left behind."""

    exit_code: int
    output: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command as the shell would."""

    def command(*arguments: str, input: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(input)))
        exit_code = 0
        try:
            main(arguments)
        except SystemExit as end:
            exit_code = int(end.code or 0)
        captured = capsys.readouterr()
        return Ran(exit_code, captured.out + captured.err)

    return command


def test_check_shows_the_card_as_a_person_reads_it(run: Run, tmp_path: Path) -> None:
    shown = run("check", saved(tmp_path, {"age": 52}, "rituximab 1000 mg IV once"), "--as-of", "2026-06-15")
    assert shown.exit_code == 0
    for words in ("critical rituximabHbvSerology", "HBsAg and anti-HBc not on file", "Order HBsAg", "to override"):
        assert words in shown.output


def test_check_as_json_is_the_answer_of_the_endpoint(run: Run, tmp_path: Path) -> None:
    shown = run("check", saved(tmp_path, {"age": 52}, "rituximab 1000 mg IV once"), "--as-of", "2026-06-15", "--json")
    (card,) = json.loads(shown.output)["cards"]
    assert card["indicator"] == "critical"


def test_check_says_why_also_for_rules_that_are_silent(run: Run, tmp_path: Path) -> None:
    shown = run("check", saved(tmp_path, {"age": 52}, "rituximab 1000 mg IV once"), "--why", "--as-of", "2026-06-15")
    assert "rituximab-hbv-positive-prophylaxis" in shown.output
    assert "no marker is positive" in shown.output


def test_check_names_what_could_not_be_told(run: Run, tmp_path: Path) -> None:
    patient = {"age": 52, "hbsag": "positive, 30 days ago", "medication_orders": "unknown"}
    shown = run("check", saved(tmp_path, patient, "rituximab 1000 mg IV once"), "--why", "--as-of", "2026-06-15")
    assert "cannot tell" in shown.output
    assert "medication orders" in shown.output


def test_check_of_an_order_that_triggers_nothing_says_so(run: Run, tmp_path: Path) -> None:
    shown = run("check", saved(tmp_path, {"age": 52}, "amoxicillin 500 mg three times daily"), "--why")
    assert shown.exit_code == 0
    assert "No cards" in shown.output
    assert "No rule was asked" in shown.output


def test_check_reads_standard_input(run: Run, tmp_path: Path) -> None:
    body = Path(saved(tmp_path, {"age": 52}, "rituximab 1000 mg IV once")).read_bytes()
    assert "rituximabHbvSerology" in run("check", "-", "--as-of", "2026-06-15", input=body).output


@responses.activate
def test_check_is_offline_even_when_the_request_names_a_server(run: Run, tmp_path: Path) -> None:
    path = saved(tmp_path, {"age": 52}, "rituximab 1000 mg IV once", prefetch={}, fhirServer=SERVER)
    shown = run("check", path)
    assert shown.exit_code == 2
    assert "None of the data needed" in shown.output
    assert not responses.calls


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "no-such-file.json"], "no-such-file.json"),
        (["check", "-"], "body: expected one JSON value"),
        (["check", "-", "--as-of", "yesterday"], "YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_read_is_named(run: Run, arguments: list[str], says: str) -> None:
    good = json.dumps(hook_request(Situation(AS_OF, {"age": 52}, ("rituximab 1000 mg IV once",)), Hook.ORDER_SIGN))
    failed = run(*arguments, input=good.encode() if "--as-of" in arguments else b"{")
    assert failed.exit_code == 2
    assert says in failed.output


def test_a_wrong_key_in_the_site_file_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site.toml"
    site.write_text("carts = 1\n", encoding="utf-8")
    monkeypatch.setenv("CDS_SERVICE_SITE", str(site))
    failed = run("rules")
    assert failed.exit_code == 2
    assert "carts: no such key" in failed.output


@responses.activate
def test_try_drafts_the_order_and_reads_the_patient_from_the_server(run: Run) -> None:
    _serve_patient()
    shown = run(*_try("rituximab 1000 mg IV once"), "--why", "--as-of", "2026-06-15")
    assert shown.exit_code == 0, shown.output
    assert "HBsAg and anti-HBc not on file" in shown.output


@responses.activate
def test_try_takes_a_saved_order_and_drafts_it_for_this_patient(run: Run, tmp_path: Path) -> None:
    _serve_patient()
    order = {
        "resourceType": "MedicationRequest",
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "121191"}]
        },
        "subject": {"reference": "Patient/somebody-else"},
    }
    path = tmp_path / "order.json"
    path.write_text(json.dumps(order), encoding="utf-8")
    shown = run(*_try(str(path)), "--hook", "order-select", "--as-of", "2026-06-15", "--json")
    first, *_ = json.loads(shown.output)["cards"]
    assert (first["indicator"], first["source"]["topic"]["code"]) == ("warning", "rituximabHbvSerology")


def test_try_says_what_it_understands_when_it_does_not_understand(run: Run) -> None:
    failed = run(*_try("a little pregabalin now and then"))
    assert failed.exit_code == 2
    assert "not understood in the order" in failed.output
    assert "twice daily" in failed.output


def test_rules_lists_every_card_with_its_review_date(run: Run) -> None:
    listed = run("rules").output
    assert "rituximab-hbv-serology (book 5.1, at most critical)" in listed
    assert "review    due 2027-" in listed


def test_serve_answers_and_stops_gracefully() -> None:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = _serve("--port", str(port), "--workers", "1")
    try:
        assert _ready(port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_serve_refuses_to_be_open_to_everybody() -> None:
    process = _serve("--host", "0.0.0.0")  # noqa: S104 - it must refuse
    _, message = process.communicate(timeout=20)
    assert process.returncode == 2
    assert b"allow_open" in message


def _try(order: str) -> list[str]:
    return ["try", "--fhir-server", SERVER, "--patient", "np-1", "--order", order]


def _serve_patient() -> None:
    responses.get(f"{SERVER}/Patient/np-1", json={"resourceType": "Patient", "id": "np-1", "birthDate": "1974-01-01"})
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    doses = ("MedicationAdministration", "MedicationDispense")
    for kind in ("Condition", "Observation", "MedicationRequest", *doses, "ServiceRequest"):
        responses.get(f"{SERVER}/{kind}", json=empty)


def _serve(*options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cds_service.command_line", "serve", *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ)


def _ready(port: int) -> bool:
    for _ in range(400):
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    return False
