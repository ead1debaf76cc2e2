"""Faults in how requests are read and refused, by the row that must find each."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests

from tests.cds_service.conformance.wrong_service import (
    Ask,
    Got,
    Planted,
    Sent,
    answering,
    cards,
    discovery,
    page,
    reading,
    reading_bytes,
    status,
    turned,
    where,
)


def drugs(sent: Sent) -> str:
    """The names of the drugs in a call."""
    return sent.body.decode(errors="replace")


def quiet(sent: Sent) -> bool:
    return sent.is_call and "acetaminophen" in drugs(sent)


def with_access(sent: Sent) -> bool:
    return sent.is_call and b'"fhirAuthorization"' in sent.body


def without_prefetch(sent: Sent) -> bool:
    return sent.is_call and sent.json is not None and not sent.json.get("prefetch")


def resent(change: Callable[[dict[str, Any]], Any]) -> Planted:
    """Entries of feedback are read wrongly."""

    def planted(sent: Sent, ask: Ask) -> Got:
        value = sent.json
        if not sent.is_feedback or value is None or not isinstance(value.get("feedback"), list):
            return ask(sent)
        for entry in value["feedback"]:
            change(entry)
        return ask(replace(sent, body=json.dumps(value).encode()))

    return planted


def strays(sent: Sent, ask: Ask) -> Got:
    """Follows a next link wherever it leads."""
    if with_access(sent) and sent.json:
        first = requests.get(f"{sent.json['fhirServer']}/Condition?patient=1", timeout=5).json()
        for link in first.get("link", ()):
            requests.get(link["url"], timeout=5)
    return ask(sent)


def asks_without_token(sent: Sent, ask: Ask) -> Got:
    if with_access(sent) and sent.json:
        requests.get(f"{sent.json['fhirServer']}/Condition?patient=1", timeout=5)
    return ask(sent)


class KeepsTokens:
    """Uses the token of an earlier call."""

    def __init__(self) -> None:
        self._kept: Any = None

    def __call__(self, sent: Sent, ask: Ask) -> Got:
        value = sent.json
        if sent.is_call and value and "fhirServer" in value:
            self._kept = value.setdefault("fhirAuthorization", self._kept) or self._kept
            if value["fhirAuthorization"] is None:
                del value["fhirAuthorization"]
        return ask(replace(sent, body=json.dumps(value).encode()) if value else sent)


class RefusesRepeats:
    """Takes no feedback twice."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def __call__(self, sent: Sent, ask: Ask) -> Got:
        if sent.is_feedback and sent.body in self._seen:
            return ask(sent).with_json({}, 409)
        self._seen.add(sent.body)
        return ask(sent)


class KnowsItsCards:
    """Tells which cards it has issued."""

    def __init__(self) -> None:
        self._issued: set[str] = set()

    def __call__(self, sent: Sent, ask: Ask) -> Got:
        got = ask(sent)
        if sent.is_call and got.status == 200:
            self._issued |= {card["uuid"] for card in got.json["cards"]}
        if sent.is_feedback and sent.json and got.status == 200:
            known = all(entry["card"] in self._issued for entry in sent.json["feedback"])
            return got if known else got.with_json({}, 404)
        return got


class OneAtATime:
    """Lets a call wait while another one reads from its FHIR server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, sent: Sent, ask: Ask) -> Got:
        with self._lock:
            return ask(sent)


class ChangesItsMind:
    """Says something else every time."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, sent: Sent, ask: Ask) -> Got:
        self._count += 1
        return cards(lambda card: card.update(summary=f"Answer {self._count}"))(sent, ask)


def header(name: str, value: str | None) -> Planted:
    """A header of the answer is another one, or left out."""

    def planted(sent: Sent, ask: Ask) -> Got:
        got = ask(sent)
        others = [(key, old) for key, old in got.headers if key.lower() != name.lower()]
        return replace(got, headers=[*others, (name, value)] if value is not None else others)

    return planted


def late(seconds: float) -> Planted:
    def planted(sent: Sent, ask: Ask) -> Got:
        time.sleep(seconds)
        return ask(sent)

    return planted


def echo(sent: Sent, ask: Ask) -> Got:
    """Errors repeat the body."""
    got = ask(sent)
    if got.status != 400:
        return got
    outcome = got.json
    outcome["issue"][0]["diagnostics"] = sent.body.decode(errors="replace")[:2000] or "nothing"
    return got.with_json(outcome)


def shorter(request: dict[str, Any]) -> None:
    """Only drafts are read."""
    bundle = request["context"].get("draftOrders", {})
    if isinstance(bundle, dict):
        bundle["entry"] = [e for e in bundle.get("entry", ()) if e.get("resource", {}).get("status") == "draft"]


def all_selected(request: dict[str, Any]) -> None:
    request["context"].pop("selections", None)


def nulls(request: dict[str, Any], replaced: Callable[[Any], bool], by: Any = "gone") -> None:
    """Some prefetch values are read as null, or as if they were not there."""
    prefetch = request.get("prefetch") or {}
    for key in [key for key, value in prefetch.items() if replaced(value)]:
        if by == "gone":
            del prefetch[key]
        else:
            prefetch[key] = by


def holds(word: str) -> Callable[[Any], bool]:
    return lambda value: word in json.dumps(value)


def dose(card: dict[str, Any]) -> None:
    """A dose for an order, whatever it says."""
    resource = {"resourceType": "MedicationRequest", "id": "draft-1", "dosageInstruction": [{"text": "1 daily"}]}
    action = {"type": "update", "description": "Change", "resource": resource}
    card["suggestions"] = [{"label": "Change", "uuid": card["uuid"], "actions": [action]}]


FAULTS: dict[str, list[Planted]] = {
    "DIS-01": [
        where(lambda s: s.path == "/cds-services", page(200)),
        where(lambda s: s.path == "/cds-services", status(500)),
    ],
    "DIS-02": [discovery(lambda e: e.update(description="")), discovery(lambda e: e.pop("hook"))],
    "DIS-03": [discovery(lambda e: e.pop("title"))],
    "DIS-04": [discovery(lambda e: e.update(id="one", hook="order-sign"))],
    "DIS-05": [where(lambda s: s.is_call and "order-select" in s.path, status(404))],
    "DIS-06": [discovery(lambda e: e.update(prefetch={})), discovery(lambda e: e["prefetch"].update(patient=None))],
    "DIS-07": [
        discovery(lambda e: e["prefetch"].update(x="Patient/{context.patientId}")),
        discovery(lambda e: e["prefetch"].update(x="Practitioner/{{context.userId}}/x")),
        discovery(lambda e: e["prefetch"].update(x="Patient/{{today()}}")),
    ],
    "DIS-08": [discovery(lambda e: e["prefetch"].update(x="ServiceRequest?_id={{context.draftOrders}}"))],
    "DIS-09": [
        discovery(lambda e: e["prefetch"].update(x="Observation?code:above=1")),
        discovery(lambda e: e["prefetch"].update(x="Observation?patient=1&date=sa2020-01-01")),
        discovery(lambda e: e["prefetch"].update(x="MedicationRequest?_include=MedicationRequest:medication")),
    ],
    "DIS-11": [discovery(lambda e: e.pop("usageRequirements"))],
    "DIS-12": [discovery(lambda e: e.update(version="3.0.0", hookVersion="1.0"))],
    "DIS-13": [discovery(lambda e: e.update(owner="x")), discovery(lambda e: e.update(extension={"owner": "x"}))],
    "DIS-14": [discovery(lambda e: e.update(title=None)), discovery(lambda e: e.update(extension={}))],
    "DIS-15": [where(lambda s: s.path == "/cds-services", status(403))],
    "REQ-01": [
        answering(lambda a: a.update(cards=None)),
        header("Content-Type", "text/plain"),
        where(lambda s: s.is_call, status(500)),
    ],
    "REQ-02": [
        where(quiet, status(204)),
        where(quiet, answering(lambda a: a["cards"].append({"summary": "All is well"}))),
    ],
    "REQ-03": [turned(404, status(200)), turned(404, status(400))],
    "REQ-04": [turned(400, status(200)), turned(400, status(404)), turned(400, page(500))],
    "REQ-05": [turned(400, status(200)), turned(400, status(404))],
    "REQ-06": [
        where(lambda s: b"visit 12/3" in s.body, status(500)),
        turned(200, where(lambda s: b'"hookInstance": "F' not in s.body and s.is_call, status(400))),
    ],
    "REQ-07": [reading(lambda r: r.pop("fhirAuthorization", None))],
    "REQ-08": [where(lambda s: b"x-unknown" in s.body, status(400))],
    "REQ-09": [turned(405, page(405)), turned(415, status(400)), header("Allow", None)],
    "REQ-10": [turned(413, status(200)), turned(413, page(500)), where(lambda s: len(s.body) > 50_000, late(2.2))],
    "REQ-11": [turned(404, page(404)), turned(400, echo), turned(400, status(400))],
    "REQ-12": [ChangesItsMind()],
    "CTX-01": [turned(400, status(200))],
    "CTX-02": [where(lambda s: b"PractitionerRole/1" in s.body, status(400))],
    "CTX-03": [where(lambda s: s.is_call and b"encounterId" not in s.body, status(400))],
    "CTX-04": [where(lambda s: b'"patientId": "Patient/' in s.body, status(400))],
    "CTX-05": [where(lambda s: b"nowhere" in s.body, answering(lambda a: a.update(cards=[])))],
    "CTX-06": [reading(all_selected)],
    "CTX-07": [reading(shorter)],
    "CTX-08": [
        where(lambda s: b"VisionPrescription" in s.body, status(500)),
        where(lambda s: b"InventedOrder" in s.body, status(400)),
    ],
    "CTX-09": [
        where(lambda s: b"request-123" in s.body, status(500)),
        where(lambda s: b'"entry": []' in s.body, status(400)),
    ],
    "CTX-10": [
        where(lambda s: b"dosageInstruction" not in s.body, cards(dose)),
        where(lambda s: s.is_call and b"dosageInstruction" not in s.body, status(500)),
    ],
    "PRE-01": [reading(lambda r: r.pop("prefetch", None))],
    "PRE-02": [
        reading(lambda r: nulls(r, lambda value: value is None)),
        where(lambda s: b"null" in s.body, turned(200, status(412))),
    ],
    "PRE-03": [where(with_access, answering(lambda a: a.update(cards=[])))],
    "PRE-04": [turned(412, status(200)), turned(412, status(500)), turned(412, page(412))],
    "PRE-05": [where(lambda s: quiet(s) and without_prefetch(s), status(412))],
    "PRE-06": [reading(lambda r: nulls(r, holds("the query failed"), None))],
    "PRE-07": [reading(lambda r: nulls(r, holds("no results")))],
    "PRE-08": [strays, where(with_access, reading(lambda r: r["fhirAuthorization"].update(access_token="another")))],
    "PRE-09": [asks_without_token],
    "PRE-10": [turned(412, status(500)), turned(412, status(200))],
    "PRE-11": [KeepsTokens(), reading(lambda r: (r.get("fhirAuthorization") or {}).update(expires_in=60))],
    "PRE-12": [reading_bytes(b"somebody-else", b"conformance-patient")],
    "PRE-13": [where(lambda s: b"conformance-unknown" in s.body, status(400))],
    "AUT-4": [where(lambda s: b".rs" in s.body, reading(lambda r: (r.pop("fhirAuthorization"), r.pop("fhirServer"))))],
    "FBK-01": [where(lambda s: s.is_feedback, status(204)), where(lambda s: b'"accepted"' in s.body, status(500))],
    "FBK-02": [
        turned(400, status(200)),
        where(lambda s: s.is_feedback and b"overrideReason" not in s.body and b"overridden" in s.body, status(400)),
    ],
    "FBK-03": [RefusesRepeats()],
    "FBK-04": [
        where(lambda s: b"overrideReasons" in s.body, status(400)),
        where(lambda s: b"com.example.reason" in s.body, status(500)),
    ],
    "FBK-05": [KnowsItsCards()],
    "FBK-07": [
        resent(lambda e: e.update(outcomeTimestamp="2026-01-01T00:00:00Z")),
        where(lambda s: b".123Z" in s.body, status(400)),
    ],
    "FBK-08": [where(lambda s: s.is_feedback and len(s.body) > 5000, status(413))],
    "NET-02": [where(lambda s: s.method == "OPTIONS", status(401)), header("Access-Control-Allow-Headers", "*")],
    "NET-03": [header("Access-Control-Allow-Origin", "*"), header("Access-Control-Allow-Credentials", "true")],
    "NET-04": [where(lambda s: s.is_call, late(0.6))],
    "NET-05": [where(with_access, late(2.0))],
    "NET-06": [OneAtATime()],
    "NET-07": [where(lambda s: s.path == "/healthz", status(401)), turned(404, page(404))],
    "cds-r-1": [reading(lambda r: r.pop("fhirAuthorization", None))],
    "cds-r-2": [where(with_access, status(400))],
    "cds-fb-1": [resent(lambda e: e.update(outcome="overridden"))],
    "cds-fb-2": [resent(lambda e: e.update(acceptedSuggestions=[{"id": "1"}]))],
    "cds-fb-3": [resent(lambda e: e.pop("overrideReason", None))],
}
