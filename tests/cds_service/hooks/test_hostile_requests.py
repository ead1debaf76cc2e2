"""Whatever stands where in a request, the answer is cards or a reason: nothing fails, and no rule breaks down."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SUBJECT = {"reference": "Patient/p1"}

Path = tuple[str | int, ...]


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources]}


def observation(code: str, value: float, unit: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": code,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": SUBJECT,
        "effectiveDateTime": "2026-06-01",
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }


def order(code: str, number: str, value: float, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": number,
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}], "text": "a drug"},
        "subject": SUBJECT,
        "reasonCode": [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.42"}]}],
        "dosageInstruction": [
            {
                "text": "as directed",
                "timing": {
                    "repeat": {
                        "frequency": 2,
                        "period": 1,
                        "periodUnit": "d",
                        "boundsDuration": {"value": 5, "code": "d"},
                    }
                },
                "doseAndRate": [{"doseQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}}],
            }
        ],
        **more,
    }


REQUEST: dict[str, Any] = {
    "hook": "order-sign",
    "hookInstance": "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93",
    "context": {
        "userId": "Practitioner/1",
        "patientId": "p1",
        "encounterId": "e1",
        "draftOrders": bundle(
            order("187832", "pregabalin", 300, "mg"),
            order("121191", "rituximab", 375, "mg/m2"),
            order("42386", "ivig", 0.4, "g/kg"),
        ),
    },
    "prefetch": {
        "patient": {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1957-11-20"},
        "encounter": {"resourceType": "Encounter", "id": "e1", "status": "in-progress", "class": {"code": "IMP"}},
        "conditions": bundle(
            {
                "resourceType": "Condition",
                "id": "c1",
                "subject": SUBJECT,
                "clinicalStatus": {"coding": [{"code": "active"}]},
                "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G61.81"}]},
                "onsetDateTime": "2025-02",
            }
        ),
        "renal_function": bundle(observation("2160-0", 2.5, "mg/dL")),
        "body_size": bundle(observation("29463-7", 80, "kg"), observation("8302-2", 178, "cm")),
        "hbv_markers": bundle(observation("5195-3", 0, "1")),
        "medication_orders": bundle(
            order("187832", "old", 75, "mg", status="active", authoredOn="2026-03-01", dispenseRequest={"quantity": {}})
        ),
        "procedures": None,
        "allergies": None,
        "service_requests": None,
        "medication_administrations": None,
    },
}


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield (*here, key)
        yield from paths(inner, (*here, key))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["code", "value", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
CHANGES = st.lists(st.tuples(st.sampled_from(list(paths(REQUEST))), JSON), min_size=1, max_size=4)


def changed(changes: list[tuple[Path, Any]]) -> dict[str, Any]:
    request = copy.deepcopy(REQUEST)
    for path, value in changes:
        place: Any = request
        for key in path[:-1]:
            if not isinstance(place, dict | list) or (isinstance(place, list) and not isinstance(key, int)):
                break
            place = place.get(key) if isinstance(place, dict) else place[key] if key < len(place) else None
        if isinstance(place, dict):
            place[str(path[-1])] = value
    return request


class Failures(logging.Handler):
    """What the clinical layer reports as failed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(f"{getattr(record, 'rule', '')} {getattr(record, 'at', '')}")


@pytest.fixture(scope="module")
def failures() -> Iterator[Failures]:
    handler = Failures()
    logging.getLogger("cards").addHandler(handler)
    yield handler
    logging.getLogger("cards").removeHandler(handler)


def test_the_request_that_is_spoilt_below_gets_cards_when_it_is_not(app: Flask):
    answer = app.test_client().post("/cds-services/neuropathy-order-sign", json=REQUEST)
    assert answer.status_code == 200
    assert answer.json is not None
    assert len(answer.json["cards"]) >= 2


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_req_10_odd_values_anywhere_never_break_the_service_or_a_rule(
    app: Flask, failures: Failures, changes: list[tuple[Path, Any]]
):
    answer = app.test_client().post(
        "/cds-services/neuropathy-order-sign", data=json.dumps(changed(changes)), content_type="application/json"
    )
    assert answer.status_code in (200, 400, 412)
    assert failures.found == []
