"""JSON that is legal and odd, or nearly JSON; numbers, texts and days at the edges of what can be held."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.hooks.fields import is_possible_id
from tests.cds_service.test_hook_endpoints import NOTHING_ON_FILE, RITUXIMAB, call, order, topics
from tests.whole_requests import FIXTURES

SERVICE = "/cds-services/neuropathy-order-sign"
CARD = "rituximabHbvSerology"
BODY = json.dumps(call(order(RITUXIMAB, number_="NUMBER"), prefetch=NOTHING_ON_FILE))


@pytest.fixture
def rules() -> Iterator[list[str]]:
    """Rules that broke down."""
    failed: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: failed.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("cards").addHandler(handler)
    yield failed
    logging.getLogger("cards").removeHandler(handler)


def send(client: FlaskClient, body: bytes) -> Any:
    return client.post(SERVICE, data=body, content_type="application/json")


@pytest.mark.parametrize(
    "number", ["1e400", "-1e999999", "9" * 5_000, "NaN", "Infinity", "-Infinity", "01", "+1", ".5", "0x1"]
)
def test_req_04_a_number_that_nobody_can_hold_is_400(client: FlaskClient, number: str):
    """REQ-04, REQ-11."""
    answer = send(client, BODY.replace('"NUMBER"', number).encode())
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == ["body"]


@pytest.mark.parametrize(
    "number", ["1e-400", "-0", "-0.0", "1E+2", "12345678901234567890123", "1.00000000000000000000000001"]
)
def test_req_01_a_number_that_is_only_odd_is_read(client: FlaskClient, number: str):
    """REQ-01."""
    answer = send(client, BODY.replace('"NUMBER"', number).encode())
    assert answer.status_code == 200
    assert CARD in answer.text


@pytest.mark.parametrize(
    "body",
    [
        BODY.encode("utf-16"),
        b"\xef\xbb\xbf" + BODY.encode(),
        BODY.replace("NUMBER", "\\ud800").encode(),
        BODY.encode().replace(b"NUMBER", b"\xed\xa0\x80"),
        BODY.encode().replace(b"NUMBER", b"\xff"),
        BODY.encode().replace(b"NUMBER", b"\x00"),
        BODY.encode().replace(b"NUMBER", b"a\nb"),
        BODY.encode() + b"{}",
        BODY.encode()[:-1] + b",}",
        b"/* x */" + BODY.encode(),
    ],
    ids=[
        "UTF-16", "byte-order mark", "half a surrogate, escaped", "half a surrogate", "no UTF-8", "a bare NUL",
        "a bare line break", "two values", "a comma too many", "a comment",
    ],
)  # fmt: skip
def test_req_04_what_is_nearly_json_is_400(client: FlaskClient, body: bytes):
    """REQ-04, REQ-11."""
    assert send(client, body).status_code == 400


@pytest.mark.parametrize(
    "text", ["\\u0000", "\\ud83d\\udc8a", "\\u202e\\u2066", "\\u001b[31m", "\\r\\nSet-Cookie: a=b", "\\uffff"]
)
@pytest.mark.parametrize("place", ["np-2002", "draft-1", "rituximab", "Practitioner/dr-1", "121191"])
def test_req_10_characters_that_do_not_show_break_nothing_wherever_they_stand(
    client: FlaskClient, rules: list[str], place: str, text: str
):
    """REQ-10, CRD-08: in ids, codes and names; a card shows none of them. Some are no part of a patient's id."""
    answer = send(client, BODY.replace(place, f"{place}{text}").encode())
    assert rules == []
    if place == "np-2002" and not is_possible_id(place + json.loads(f'"{text}"')):
        assert answer.get_json()["issue"][0]["expression"] == ["context.patientId"]
        return
    assert answer.status_code == 200
    for card in answer.get_json()["cards"]:
        assert card["summary"].isprintable()
        assert all(letter.isprintable() or letter == "\n" for letter in card["detail"])


def test_of_a_member_that_comes_twice_the_last_one_counts_in_the_whole_call(client: FlaskClient):
    """Reading a body in two ways must not see two patients (the second reading keeps decimals for suggestions)."""
    twice = BODY.replace('"patientId": "np-2002"', '"patientId": "other", "patientId": "np-2002"')
    assert CARD in send(client, twice.encode()).text
    other = BODY.replace('"patientId": "np-2002"', '"patientId": "np-2002", "patientId": "other"')
    assert send(client, other.encode()).status_code == 400  # the prefetched Patient is another one


DAYS = [
    "0000", "0001", "0001-01-01", "0001-01-01T00:00:00+14:00", "9999", "9999-12-31", "9999-12-31T23:59:59-12:00",
    "2016-12-31T23:59:60Z", "2026-02-29", "2026-06-15T24:00:00Z", "2026-06-15T12:00:00+99:99", "-2026-06-15",
    "+12026-06-15", "10000-01-01", "٢٠٢٦-٠٦-١٥", "2026-06-15T12:00:00.1234567890123Z", "", "today",
]  # fmt: skip


@pytest.mark.parametrize("day", DAYS)
def test_req_10_days_at_the_edges_of_the_calendar_break_no_rule(client: FlaskClient, rules: list[str], day: str):
    """REQ-10: of birth, of an order, of a dose line, of a result, of a problem, of what was given."""
    subject = {"reference": "Patient/np-2002"}
    period = {"start": day, "end": day}
    line = {"timing": {"event": [day], "repeat": {"boundsPeriod": period}}, "text": "375 mg/m2"}
    given = {"medicationCodeableConcept": {"coding": [RITUXIMAB]}, "subject": subject, "status": "completed"}
    result = {
        "code": {"coding": [{"system": "http://loinc.org", "code": "5196-1"}]},
        "subject": subject,
        "status": "final",
    }
    prefetch = {
        "patient": {"resourceType": "Patient", "id": "np-2002", "birthDate": day, "deceasedDateTime": None},
        "conditions": entry("Condition", {"code": {"text": "neuropathy"}, "subject": subject, "onsetDateTime": day}),
        "hbv_markers": entry(
            "Observation", {**result, "effectiveDateTime": day}, {**result, "effectivePeriod": period}
        ),
        "medication_orders": entry("MedicationRequest", {**given, "authoredOn": day, "dosageInstruction": [line]}),
        "medication_administrations": entry("MedicationAdministration", {**given, "effectivePeriod": period}),
        "procedures": entry(
            "Procedure", {"code": {"text": "plasmapheresis"}, "subject": subject, "performedPeriod": period}
        ),
    }
    draft = order(RITUXIMAB, authoredOn=day, dosageInstruction=[line], dispenseRequest={"validityPeriod": period})
    topics(client, call(draft, prefetch=prefetch))
    assert rules == []


def entry(kind: str, *resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": kind, **one}} for one in resources]}


@pytest.mark.parametrize(("note", "is_changed"), [("x" * 1_000, True), ("x" * 1_000_000, False)])
def test_req_10_an_order_of_megabytes_is_not_sent_back_again_and_again(
    client: FlaskClient, note: str, is_changed: bool
):
    """REQ-10: the card is shown, the suggestion that would repeat the order is not."""
    body = json.loads(
        (FIXTURES / "gabapentin_dose_exceeds_renal_max" / "900-mg-a-day-at-22-ml-min.request.json").read_bytes()
    )
    body["context"]["draftOrders"]["entry"][0]["resource"]["note"] = [{"text": note}]
    answer = client.post(f"/cds-services/neuropathy-{body['hook']}", json=body)
    assert answer.get_json()["cards"]
    assert ('"type":"update"' in answer.text) is is_changed
    assert len(answer.data) < 100_000
