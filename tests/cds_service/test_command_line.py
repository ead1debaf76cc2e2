"""The command line: the same story without HTTP, and a server that starts, answers and stops."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from http.client import HTTPConnection
from io import BytesIO, TextIOWrapper
from pathlib import Path
from socket import SO_REUSEPORT, SOL_SOCKET, socket
from typing import Any, NamedTuple

import pytest
import requests
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
    assert "No rule asks about an order of this drug; its name or code is not known here." in shown.output


@pytest.mark.parametrize("kind", ["MedicationOrder", "NutritionOrder", None])
def test_check_of_drafts_of_another_kind_says_that_none_is_read(run: Run, tmp_path: Path, kind: str | None) -> None:
    path = Path(saved(tmp_path, {"age": 52}, "rituximab 1000 mg IV once"))
    body = json.loads(path.read_text(encoding="utf-8"))
    [entry] = body["context"]["draftOrders"]["entry"]
    entry["resource"]["resourceType"] = kind
    body["context"]["draftOrders"]["entry"] = [entry] if kind else []
    path.write_text(json.dumps(body), encoding="utf-8")
    shown = run("check", str(path)).output
    assert "No order that is read here came: MedicationRequest or ServiceRequest of FHIR R4." in shown


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


@pytest.mark.parametrize("is_searched", [False, True], ids=["alone", "as a search brings it, with the Patient"])
@responses.activate
def test_try_takes_a_saved_order_and_drafts_it_for_this_patient(run: Run, tmp_path: Path, is_searched: bool) -> None:
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
    entries = [{"resource": order}, {"resource": {"resourceType": "Patient", "id": "somebody-else"}}]
    found = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    path.write_text(json.dumps(found if is_searched else order), encoding="utf-8")
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


def test_serve_refuses_a_port_that_another_program_listens_on() -> None:
    with socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        _refuses_port(other.getsockname()[1])


def test_serve_refuses_a_port_that_another_service_would_share() -> None:
    with socket() as other:
        other.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        _refuses_port(other.getsockname()[1])


def _refuses_port(port: int) -> None:
    process = _serve("--port", str(port), "--workers", "1")
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert said.decode() == f"cannot start: port {port} is in use; CDS_SERVICE_PORT or --port names another\n"


@pytest.mark.parametrize("address", ["off", "mysql://ledger", "sqlite://"])
def test_serve_refuses_a_database_that_no_worker_could_open(
    run: Run, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("CDS_SERVICE_DATABASE", address)
    failed = run("serve")
    assert failed.exit_code == 2
    assert failed.output.startswith("cannot start: CDS_SERVICE_DATABASE: ")


def test_serve_names_an_address_that_is_none(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text("allow_open = true\n", encoding="utf-8")
    monkeypatch.setenv("CDS_SERVICE_SITE", str(site))
    monkeypatch.setenv("CDS_SERVICE_HOST", "nosuch.invalid")
    failed = run("serve")
    assert failed.exit_code == 2
    assert "cannot start: nosuch.invalid, port 8000" in failed.output


# -- try and check: what went wrong is said ---------------------------------------------------------------------------


@responses.activate
@pytest.mark.parametrize("status", [404, 410])
def test_try_knows_a_patient_that_the_server_does_not_have(run: Run, status: int) -> None:
    _serve_patient()
    responses.replace(responses.GET, f"{SERVER}/Patient/np-1", status=status)
    failed = run(*_try("rituximab 1000 mg IV once"))
    assert (failed.exit_code, failed.output) == (2, f"no patient np-1 at {SERVER}\n")


@responses.activate
def test_a_patient_who_may_not_be_read_is_no_patient_who_is_not_there(run: Run) -> None:
    _serve_patient()
    responses.replace(responses.GET, f"{SERVER}/Patient/np-1", status=403)
    assert "rituximabHbvSerology" in run(*_try("rituximab 1000 mg IV once")).output


@responses.activate
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"status": 401}, "the FHIR server refused access"),
        ({"status": 404}, "does not have it (is there a FHIR server, and this patient on it?)"),
        ({"status": 500}, "the FHIR server failed"),
        ({"status": 302}, "the FHIR server points elsewhere"),
        ({"body": "<html>", "content_type": "text/html"}, "could not be read"),
        ({"body": requests.ConnectionError()}, "could not be reached"),
        ({"body": requests.ReadTimeout()}, "did not answer in time"),
    ],
)
def test_try_says_why_the_server_gave_nothing(run: Run, answer: dict[str, Any], says: str) -> None:
    responses.get(re.compile(rf"{SERVER}/.*"), **answer)
    failed = run(*_try("rituximab 1000 mg IV once"))
    assert failed.exit_code == 2
    assert f"{SERVER}: " in failed.output
    assert says in failed.output


def test_try_without_time_for_a_single_read_says_that_it_was_late(run: Run) -> None:
    assert "did not answer in time" in run(*_try("rituximab 1000 mg IV once"), "--seconds", "0.001").output


@pytest.mark.parametrize(
    "address",
    ["fhir.example.org", "ftp://fhir.example.org", "http://fhir.example.org", "https://10.0.0.1/fhir",
     "https://user:secret@fhir.example.org", "https://fhir.example.org/r4?x=1", ""],
)  # fmt: skip
def test_try_looks_at_the_address_first(run: Run, address: str) -> None:
    failed = run("try", "--fhir-server", address, "--patient", "np-1", "--order", "rituximab 1000 mg IV once")
    assert failed.exit_code == 2
    assert failed.output.startswith("--fhir-server: expected the base address")


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e400", "soon"])
def test_try_takes_a_time_that_can_pass(run: Run, seconds: str) -> None:
    failed = run(*_try("rituximab 1000 mg IV once"), "--seconds", seconds)
    assert failed.exit_code == 2
    assert "--seconds: expected a number above 0" in failed.output


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("no-such-order.json", "no-such-order.json: No such file"),
        ("tests", "tests: Is a directory"),
        ("x" * 300, "not understood in the order"),
        ("", "not understood in the order"),
        ("pregabalin " + "9" * 400 + " mg daily", "too large"),
    ],
)
def test_try_names_an_order_that_it_cannot_take(run: Run, order: str, says: str) -> None:
    failed = run(*_try(order))
    assert failed.exit_code == 2
    assert says in failed.output


_IN_A_BUNDLE = '{"resourceType":"Bundle","entry":[{"resource":{"id":"no-type"}}]}'
_NO_ORDERS = ["[" * 100_000, "[" * 300 + "]" * 300, "", "5", '{"cards":[]}', '{"resourceType":"Patient"}', _IN_A_BUNDLE]


@pytest.mark.parametrize("saved", _NO_ORDERS)
def test_try_names_a_file_that_holds_no_order(run: Run, tmp_path: Path, saved: str) -> None:
    path = tmp_path / "order.json"
    path.write_text(saved, encoding="utf-8")
    failed = run(*_try(str(path)), "--hook", "order-select")
    assert failed.exit_code == 2
    assert "expected a MedicationRequest or a Bundle of orders" in failed.output


@responses.activate
def test_an_order_about_which_no_rule_asks_says_so(run: Run) -> None:
    _serve_patient()
    misspelt = run(*_try("pregablin 75 mg twice daily")).output
    assert "No cards" in misspelt
    assert "No rule asks about an order of this drug; its name or code is not known here." in misspelt
    assert "No rule asks" not in run(*_try("pregabalin 75 mg twice daily")).output


def test_check_says_who_calls_servers(run: Run, tmp_path: Path) -> None:
    path = saved(tmp_path, {"age": 52}, "rituximab 1000 mg IV once", prefetch={}, fhirServer=SERVER)
    assert "`check` calls no FHIR server, `cds-service try` does" in run("check", path).output
    path = saved(tmp_path, {"age": 52}, "rituximab 1000 mg IV once", prefetch={})
    assert "cds-service try" not in run("check", path).output


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"resourceType": "Bundle"}, "a FHIR resource; expected a hook request"),
        ({"resourceType": "MedicationRequest"}, "`cds-service try --order` takes orders"),
        ({"cards": []}, "an answer with cards; expected the hook request"),
        ({}, "hook: expected"),
        ([], "body: expected"),
    ],
)
def test_check_knows_what_was_saved_in_place_of_a_request(run: Run, body: object, says: str) -> None:
    failed = run("check", "-", input=json.dumps(body).encode())
    assert failed.exit_code == 2
    assert says in failed.output


def test_check_of_no_file_says_so(run: Run) -> None:
    failed = run("check", "")
    assert (failed.exit_code, failed.output) == (2, "expected the name of a file\n")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_check_reads_what_other_programs_save(run: Run, tmp_path: Path, encoding: str) -> None:
    path = Path(saved(tmp_path, {"age": 52}, "rituximab 1000 mg IV once"))
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert "rituximabHbvSerology" in run("check", str(path), "--as-of", "2026-06-15").output
    path.write_bytes(b'{"hook":"\xe4"}')
    assert "body: expected one JSON value" in run("check", str(path)).output


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
