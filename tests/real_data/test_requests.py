"""Requests of other projects and of running clients: each answered as reviewed, quickly, and without naming anyone."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.hooks import connections
from tests.real_data.identifiers import identifiers, named_in
from tests.real_data.records import REQUESTS, folder, names, reviewed

EXPECTED = reviewed("expected_answers.yaml")
SECONDS = 2.0  # clients wait no longer
UNCHECKED = "could not be checked"
NOTE = "couldNotCheck"  # of the service: no card of a rule
OUR_KEYS = {"creatinine": "renal_function", "weight": "body_size", "meds": "medication_orders"}
OF_ITS_OWN = ("time", "ms", "cards", "hook_instance")  # of a line of the log: moments and random numbers


class Answer(NamedTuple):
    """What came back, how long it took, and the one line that was logged."""

    status: int
    body: dict[str, Any]
    seconds: float
    line: dict[str, Any]


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The FHIR servers that the requests name are not there."""

    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(connections, "create_connection", refuse)


@cache
def client_on(day: date) -> FlaskClient:
    """Someone who calls the service at noon of that day."""
    noon = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return create_app(Settings(), SiteConfig(), clock=lambda: noon).test_client()


def ask(file: str, capsys: pytest.CaptureFixture[str]) -> Answer:
    """The answer to one request, sent byte by byte as it lies in its file."""
    expected = EXPECTED[file]
    client, body = client_on(expected["on"]), (folder() / REQUESTS / file).read_bytes()
    capsys.readouterr()
    started = time.perf_counter()
    answer = client.post(f"/cds-services/neuropathy-{expected['to']}", data=body, content_type="application/json")
    seconds = time.perf_counter() - started
    *errors, line = capsys.readouterr().out.splitlines()
    assert all('"event":"another patient"' in error for error in errors)
    assert answer.content_type == "application/json"
    return Answer(answer.status_code, json.loads(answer.data), seconds, json.loads(line))


def words(value: Any) -> Iterator[str]:
    """Everything a card says to its reader; what an action sends back belongs to the sender."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("uuid", "resource", "resourceId"):
                yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)


def test_every_request_was_reviewed() -> None:
    assert sorted(EXPECTED) == names(REQUESTS)
    assert len(EXPECTED) == 53


@pytest.mark.parametrize("file", EXPECTED)
def test_a_request_gets_the_answer_that_was_reviewed(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    expected, answer = EXPECTED[file], ask(file, capsys)
    assert answer.status == expected["status"]
    if answer.status == 200:
        shown = {card["source"]["topic"]["code"]: card["indicator"] for card in answer.body["cards"]}
        assert list(shown.items()) == list(expected["cards"].items())
        assert len(shown) == len(answer.body["cards"])
    else:
        assert answer.body["resourceType"] == "OperationOutcome"
        (issue,) = answer.body["issue"]
        assert "".join(issue.get("expression", [])) == expected["field"]
    assert answer.seconds < SECONDS


@pytest.mark.parametrize("file", EXPECTED)
def test_what_could_not_be_had_is_never_taken_for_an_answer(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(file, capsys)
    opinions = answer.line.get("opinions", {})
    assert "failed" not in opinions
    said = UNCHECKED in " ".join(text for card in answer.body.get("cards", ()) for text in words(card))
    if answer.status == 200:
        assert (said or "cannot tell" in opinions) is EXPECTED[file].get("unchecked", False)


@pytest.mark.parametrize("file", EXPECTED)
def test_no_card_no_error_and_no_log_line_names_the_patient(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(file, capsys)
    who = identifiers((folder() / REQUESTS / file).read_text(encoding="utf-8"))
    assert who, "every request names its patient"
    logged = {name: value for name, value in answer.line.items() if name not in OF_ITS_OWN}
    told = [text for card in answer.body["cards"] for text in words(card)] if answer.status == 200 else [answer.body]
    assert not named_in(f"{json.dumps(told)} {json.dumps(logged)}", who)


@pytest.mark.parametrize("file", [file for file, expected in EXPECTED.items() if "own_keys" in expected])
def test_with_prefetch_of_our_own_the_sandbox_gets_the_answer_that_was_reviewed(file: str) -> None:
    expected, sent = EXPECTED[file], json.loads((folder() / REQUESTS / file).read_bytes())
    sent["prefetch"] = {OUR_KEYS.get(name, name): value for name, value in sent["prefetch"].items()}
    answer = client_on(expected["own_keys"]["on"]).post(f"/cds-services/neuropathy-{expected['to']}", json=sent)
    assert answer.json is not None
    shown = {card["source"]["topic"]["code"]: card["indicator"] for card in answer.json["cards"]}
    assert shown == expected["own_keys"]["cards"]


@pytest.mark.parametrize("file", [file for file, expected in EXPECTED.items() if expected.get("cards")])
def test_a_card_on_a_dose_says_what_the_order_amounts_to(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The sandbox sends a count, and the strength only in the name: the arithmetic of the test is its own."""
    draft = json.loads((folder() / REQUESTS / file).read_bytes())["context"]["draftOrders"]["entry"][0]["resource"]
    (line,) = draft["dosageInstruction"]
    strength = int(re.findall(r"(\d+) MG", draft["medicationCodeableConcept"]["text"])[0])
    mg = strength * line["doseAndRate"][0]["doseQuantity"]["value"] * line["timing"]["repeat"]["frequency"]
    for card in ask(file, capsys).body["cards"]:
        if card["source"]["topic"]["code"] != NOTE:
            assert f" {mg} mg/day" in card["summary"]


def test_the_search_for_identifiers_finds_what_is_planted() -> None:
    who = identifiers(
        '{"context": {"patientId": "Patient/p-17"}, "prefetch": {"patient": {"resourceType": "Patient",'
        '"id": "p-17", "birthDate": "1950-02-03", "name": [{"family": "Surname", "given": ["Forename", "M"]}]}}}'
    )
    assert who == {"Patient/p-17", "p-17", "1950-02-03", "Surname", "Forename"}
    assert named_in("order of Forename, born 1950-02-03 (Forenames)", who) == {"Forename", "1950-02-03"}
