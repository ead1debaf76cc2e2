"""The largest bodies that are read, filled with whatever could cost most: each is answered within its two seconds."""

from __future__ import annotations

import gc
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.alone

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
BYTES = 3_900_000
TRIES = 3  # others may use the same core
MOST_SECONDS = 2.0  # of this process; the clock on the wall also counts what others do
SUBJECT = {"reference": "Patient/p1"}

Resource = dict[str, Any]


def order(number: int = 0, text: str = "pregabalin 75 MG Oral Capsule", **more: Any) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "id": f"o{number}",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "187832"}], "text": text},
        "subject": SUBJECT,
        "dosageInstruction": [{"text": "1 capsule twice daily"}],
        **more,
    }


def bundle(*resources: Resource) -> Resource:
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}


def call(*orders: Resource, **prefetch: Any) -> Resource:
    nothing = dict.fromkeys(
        ("conditions", "renal_function", "body_size", "medication_orders", "allergies", "procedures")
    )
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1961-03-09"}
    return {
        "hook": "order-sign",
        "hookInstance": "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93",
        "context": {"userId": "Practitioner/1", "patientId": "p1", "draftOrders": bundle(*(orders or [order()]))},
        "prefetch": {"patient": patient, **nothing, **prefetch},
    }


def filled(text: str) -> str:
    return text * (BYTES // len(text.encode()))


def many(part: Any) -> list[Any]:
    """As many as there is room for, in bytes and in values."""
    written = json.dumps(part)
    return [part] * min(BYTES // (len(written) + 2), 240_000 // (1 + written.count(",")))


def drafts(make: Callable[[int, str], Resource], text: str) -> Resource:
    """A basket that is full of orders with long texts, each another one."""
    written = len(json.dumps(text, ensure_ascii=False).encode()) - 2
    return call(*(make(number, f"{text * (3_500 // written)} {number}") for number in range(500)))


def problem(**more: Any) -> Resource:
    """A call about a patient with this problem."""
    return call(conditions=bundle({"resourceType": "Condition", "id": "c", "subject": SUBJECT, **more}))


def result(**more: Any) -> Resource:
    """A call about a patient with this serum creatinine."""
    code = {"coding": [{"system": LOINC, "code": "2160-0"}]}
    found = {"resourceType": "Observation", "id": "x", "status": "final", "code": code, "subject": SUBJECT, **more}
    return call(renal_function=bundle(found))


def with_sig(number: int, text: str) -> Resource:
    return order(number, dosageInstruction=[{"text": text, "timing": {"code": {"text": text}}}])


CODING = {"system": RXNORM, "code": "187832", "display": "pregabalin"}
REQUESTS: dict[str, Callable[[], Resource]] = {
    "a drug of 4 million digits": lambda: call(order(text=filled("1"))),
    "a drug of nothing but strengths": lambda: call(order(text=filled("75 mg "))),
    "a drug of nothing but diseases": lambda: call(order(text=filled("neuropathy "))),
    "a drug of invisible letters": lambda: call(order(text=filled("\u200b"))),
    "a drug with codes without end": lambda: call(order(medicationCodeableConcept={"coding": many(CODING)})),
    "a drug of nothing": lambda: call(order(medicationCodeableConcept={"coding": many({})})),
    "a sig of 4 MB": lambda: call(order(dosageInstruction=[{"text": filled("take 1 tab 2 times daily ")}])),
    "dose lines without end": lambda: call(order(dosageInstruction=many({"text": "1 capsule daily"}))),
    "doses without end": lambda: call(order(dosageInstruction=[{"doseAndRate": many({"doseQuantity": {"value": 1}})}])),
    "reasons without end": lambda: call(order(reasonCode=many({}))),
    "reasons of R5 without end": lambda: call(order(reason=many({}))),
    "references to contained resources": lambda: call(
        order(
            reasonReference=[{"reference": f"#{number}"} for number in range(50_000)],
            contained=[{"id": number} for number in range(90_000)],
        )
    ),
    "a basket of long names": lambda: drafts(order, "75 mg "),
    "a basket of markup": lambda: drafts(with_sig, "*_[<"),
    "a basket of blanks": lambda: drafts(with_sig, "\t\u2003 ."),
    "a basket of sigs": lambda: drafts(with_sig, "1 tab po bid prn "),
    "selections without end": lambda: {**call(), "context": {**call()["context"], "selections": many("x/y")}},
    "an order id that is a list": lambda: call(order(id=many({"code": "x"}))),
    "a problem of 4 MB": lambda: problem(code={"text": filled("no neuropathy ")}),
    "codes of a problem without end": lambda: problem(code={"coding": many({"code": "G62.9"})}),
    "a problem that is many": lambda: problem(code=many({"coding": [{"system": ICD, "code": "G62"}]})),
    "components without end": lambda: result(component=many({"code": {"text": "creatinine"}})),
    "a result in words of 4 MB": lambda: result(valueString=filled("1.0 mg/dL ")),
    "a number of 4 million digits in words": lambda: result(valueQuantity={"value": filled("1")}),
    "a unit of 4 MB": lambda: result(valueQuantity={"value": 1, "unit": filled("mg")}),
    "a comparator of 4 MB": lambda: result(valueQuantity={"value": 1, "comparator": filled("<")}),
    "a date of 4 MB": lambda: result(effectiveDateTime=filled("2026-06-01")),
    "reactions without end": lambda: call(
        allergies=bundle({"resourceType": "AllergyIntolerance", "reaction": many({})})
    ),
    "entries without end": lambda: call(conditions={"resourceType": "Bundle", "entry": many({})}),
    "more members than anyone reads": lambda: {**call(), **{f"k{number}": 1 for number in range(200_000)}},
}  # fmt: skip


@pytest.mark.parametrize("made", REQUESTS.values(), ids=REQUESTS.keys())
def test_net_05_req_10_the_costliest_bodies_are_answered_in_time(client: FlaskClient, made: Callable[[], Resource]):
    """NET-05, REQ-10: time of the processor, because others may use the machine too."""
    body = json.dumps(made(), ensure_ascii=False).encode()
    assert len(body) < 4 * 1024 * 1024
    took = []
    while not took or (min(took) >= MOST_SECONDS and len(took) < TRIES):
        started = time.process_time()
        answer = client.post("/cds-services/neuropathy-order-sign", data=body, content_type="application/json")
        took.append(time.process_time() - started)
    assert answer.status_code in (200, 400)
    assert min(took) < MOST_SECONDS
    assert len(answer.data) < len(body) + 100_000


@pytest.mark.parametrize("path", ["", "/feedback"])
def test_req_10_a_body_of_nothing_but_values_is_413(client: FlaskClient, path: str):
    """REQ-10: a million empty objects would take ten times the memory of the body."""
    body = b'{"feedback":[' + b",".join([b"{}"] * 1_000_000) + b"]}"
    answer = client.post(f"/cds-services/neuropathy-order-sign{path}", data=body, content_type="application/json")
    assert answer.status_code == 413


def test_what_is_remembered_of_texts_is_bounded(client: FlaskClient):
    """Codes and words are remembered from call to call; a name of megabytes is not."""

    def send(number: int) -> None:
        body = problem(code={"text": f"{number} " + "neuropathy " * 50_000})
        body["context"]["draftOrders"] = bundle(order(text=f"{number} pregabalin" + "x" * 500_000))
        client.post("/cds-services/neuropathy-order-sign", json=body)

    send(0)
    tracemalloc.start()
    for number in range(1, 6):
        send(number)
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 500_000
