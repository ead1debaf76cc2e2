"""Whole calls while the client's FHIR server misbehaves: an answer in time, and nothing believed that is not so."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.arrival import ARRIVED
from cds_service.hooks.fields import is_possible_id
from tests.cds_service.hooks.loopback_server import Answer, Call, LoopbackServer, Started
from tests.cds_service.test_hook_endpoints import RITUXIMAB, call, order

SERVICE = "/cds-services/neuropathy-order-sign"
TOKEN = {"access_token": "t0ken", "token_type": "Bearer", "expires_in": 60, "scope": "patient/*.read", "subject": "s"}
PATIENT = {"resourceType": "Patient", "id": "np-2002", "gender": "male", "birthDate": "1957-11-20"}
SEROLOGY = {
    "resourceType": "Observation",
    "id": "hbsag",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "5196-1"}]},
    "subject": {"reference": "Patient/np-2002"},
    "effectiveDateTime": "2026-06-01",
    "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "260385009"}], "text": "Negative"},
}
MOST_SECONDS = 2.0


def bundle(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources], **more}


def says(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


def slow_headers(call: Call) -> None:
    for letter in "HTTP/1.1 200 OK\r\nX-Slow: ":
        call.wfile.write(letter.encode())
        call.wait(0.3)


def trickle(call: Call) -> None:
    body = says(bundle())
    call.head(content_type="application/fhir+json", content_length=str(len(body)))
    for byte in body:
        call.wfile.write(bytes([byte]))
        call.wait(0.2)


def endless(call: Call) -> None:
    call.head(content_type="application/fhir+json", connection="close")
    while not call.server.is_over.is_set():
        call.wfile.write(b" " * 65_536)


def pages_without_end(call: Call) -> None:
    page = int(call.path.rpartition("page=")[2]) if "page=" in call.path else 1
    following = f"{call.server.base}/Observation?page={page + 1}"
    call.json(bundle({**SEROLOGY, "id": str(page)}, link=[{"relation": "next", "url": following}]))


def pages_in_a_circle(call: Call) -> None:
    call.json(bundle(link=[{"relation": "next", "url": f"http://127.0.0.1:{call.server.server_port}{call.path}"}]))


def next_page_elsewhere(call: Call) -> None:
    call.json(bundle(link=[{"relation": "next", "url": "http://169.254.169.254/fhir?page=2"}]))


def redirect(call: Call) -> None:
    call.head(302, location="http://169.254.169.254/latest/meta-data/", content_length="0")


def nested(call: Call) -> None:
    call.bytes(b'{"resourceType":"Bundle","entry":' + b"[" * 900 + b"]" * 900 + b"}")


PACKED = gzip.compress(b" " * 50_000_000 + says(bundle()))
VALUES = b'{"resourceType":"Bundle","entry":[' + b",".join([b"{}"] * 600_000) + b"]}"
UNKNOWN: dict[str, Answer] = {
    "slow headers": slow_headers,
    "a body that trickles": trickle,
    "a body without end": endless,
    "silence": lambda call: call.wait(5),
    "a small answer that unpacks to a large one": lambda call: call.bytes(PACKED, content_encoding="gzip"),
    "a log-in page": lambda call: call.bytes(b"<html>log in</html>", content_type="text/html"),
    "FHIR as XML": lambda call: call.bytes(b"<Bundle/>", content_type="application/fhir+xml"),
    "a redirect to the metadata of a cloud": redirect,
    "nothing but values": lambda call: call.bytes(VALUES),
    "an answer nested too deep": nested,
    "an empty body": lambda call: call.bytes(b""),
    "half a body": lambda call: call.bytes(says(bundle())[:-5], content_length=str(len(says(bundle())))),
    "results of another patient": lambda call: call.json(
        bundle({**SEROLOGY, "subject": {"reference": "Patient/other"}})
    ),
    "an error": lambda call: call.json({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}),
    "pages in a circle": pages_in_a_circle,
    "a next page elsewhere": next_page_elsewhere,
}  # fmt: skip


def ask(client: FlaskClient, server: LoopbackServer, *, waited: float = 0, **more: Any) -> tuple[Any, float]:
    """(the answer, seconds it took); `waited`: how long the call has had to wait for its turn."""
    body = call(order(RITUXIMAB), fhirServer=server.base, fhirAuthorization=TOKEN, **more)
    began = time.monotonic()
    answer = client.post(SERVICE, json=body, environ_overrides={ARRIVED: began - waited})
    return answer, time.monotonic() - began


def in_time(client: FlaskClient, server: LoopbackServer, **more: Any) -> tuple[Any, float]:
    """As `ask`, the best of three: the machine may have had other things to do."""
    for _ in range(3):
        got, seconds = ask(client, server, **more)
        if seconds < MOST_SECONDS:
            break
    return got, seconds


@pytest.mark.parametrize("answer", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_out_07_pre_10_net_05_whatever_the_server_does_the_call_ends_in_time(
    client: FlaskClient, loopback: Started, answer: Answer
) -> None:
    """OUT-03, OUT-06, OUT-07, PRE-08, PRE-10, NET-05: what could not be had is unknown; nothing is taken for absent."""
    got, seconds = in_time(client, loopback(answer))
    assert got.status_code == 412
    assert got.json["issue"][0]["code"] == "processing"
    assert seconds < MOST_SECONDS


def test_pre_12_a_server_that_answers_with_another_patient_refuses_the_call(
    client: FlaskClient, loopback: Started
) -> None:
    got, seconds = in_time(client, loopback(lambda call: call.json({**PATIENT, "id": "other"})))
    assert got.status_code == 400
    assert got.json["issue"][0]["expression"] == ["fhirServer"]
    assert seconds < MOST_SECONDS


def test_out_07_pre_08_of_a_search_without_end_five_pages_are_read(client: FlaskClient, loopback: Started) -> None:
    """OUT-07, PRE-08: what was read counts; what was not makes it incomplete."""
    server = loopback(pages_without_end)
    supplied = {"patient": PATIENT, "conditions": None, "medication_orders": None}
    got, seconds = in_time(client, server, prefetch=supplied)
    assert got.status_code == 200
    assert seconds < MOST_SECONDS
    pages = [path for path in server.paths if "page=" in path]
    assert max(int(path.rpartition("page=")[2]) for path in pages) == 5


def test_no_server_is_asked_after_the_answer(client_of: Callable[..., FlaskClient], loopback: Started) -> None:
    """The client revokes its token when the exchange ends; pages that were not read in time stay unread."""

    def slowly(call: Call) -> None:
        call.wait(0.15)
        pages_without_end(call)

    server = loopback(slowly)
    ask(client_of(limits={"fhir_seconds": 0.5}), server)
    asked = len(server.seen)
    assert asked
    time.sleep(0.5)
    assert len(server.seen) == asked


def test_net_05_a_call_that_had_to_wait_for_its_turn_asks_no_server_any_more(
    client: FlaskClient, loopback: Started
) -> None:
    """NET-05: the time is counted from the arrival of the call."""
    server = loopback(lambda call: call.json(bundle()))
    got, seconds = ask(client, server, waited=1.6)
    assert got.status_code == 412
    assert server.seen == []
    assert seconds < 1.4, "not the 1.5 s that reads have by themselves"


def test_net_05_what_is_left_of_the_time_is_used(client: FlaskClient, loopback: Started) -> None:
    """NET-05: a call that waited a second has half a second for its reads."""
    got, seconds = ask(client, loopback(lambda call: call.wait(5)), waited=1)
    assert got.status_code == 412
    assert 0.3 < seconds < 1.4


@pytest.mark.parametrize("odd_id", ["../../admin", "1?_format=xml", "1#x", "a/b", "..", "%2e%2e", "1 OR 1=1", "1\x00"])
def test_out_05_no_id_of_a_request_alters_the_path(client: FlaskClient, loopback: Started, odd_id: str) -> None:
    """OUT-05: every address asked for is a read or a search below the base, with the id encoded.

    Some are refused as ids of a patient; those of an encounter may be anything.
    """
    server = loopback(lambda call: call.json(bundle()))
    body = call(order(RITUXIMAB, subject={"display": "p"}), fhirServer=server.base, fhirAuthorization=TOKEN)
    body["context"]["encounterId"] = odd_id
    body["context"]["patientId"] = odd_id if is_possible_id(odd_id) else "np-2002"
    client.post(SERVICE, json=body)
    assert server.paths
    for path in server.paths:
        below = path.removeprefix("/fhir/")
        kind, sign, rest = below.partition("?") if "?" in below else below.partition("/")
        assert kind.isalpha(), path
        assert sign == "?" or not {"/", "?", "#", ".."} & {rest, *rest}, path
        assert odd_id == ".." or odd_id not in path  # two dots are harmless in a query, and nowhere else


def test_out_06_a_reference_to_another_server_is_never_followed(client: FlaskClient, loopback: Started) -> None:
    """OUT-04, OUT-06: neither of a draft nor of a record that the server sent."""
    other = loopback(lambda call: call.json({"resourceType": "Medication", "code": {"text": "rituximab"}}))
    reference = {"reference": f"{other.base}/Medication/1"}
    on_record = {"resourceType": "MedicationRequest", "status": "active", "medicationReference": reference}
    server = loopback(lambda call: call.json(bundle(on_record if "MedicationRequest" in call.path else SEROLOGY)))
    draft = {**order(RITUXIMAB, "d2"), "medicationReference": reference}
    del draft["medicationCodeableConcept"]
    body = call(order(RITUXIMAB), draft, fhirServer=server.base, fhirAuthorization=TOKEN)
    assert client.post(SERVICE, json=body).status_code == 200
    assert server.paths
    assert other.seen == []
