"""Lying or upright: what senders write beside a blood pressure."""

import pytest

from cards.concepts import load_value_sets
from cards.records import Posture
from cds_service.chart.posture import read_posture

VALUE_SETS = load_value_sets()
EXTENSION = "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition"


def snomed(code: str, display: str = "") -> dict:
    return {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": display}]}


def position(value: dict) -> dict:
    return {"component": [{"code": {"coding": [{"system": "http://loinc.org", "code": "8361-8"}]}, **value}]}


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        ({"extension": [{"url": EXTENSION, "valueCodeableConcept": snomed("40199007")}]}, Posture.LYING),
        ({"extension": [{"url": EXTENSION, "valueCodeableConcept": {"text": "Sitting position"}}]}, Posture.UPRIGHT),
        ({"extension": [{"url": "http://example.org/other", "valueCodeableConcept": snomed("40199007")}]}, None),
        (position({"valueCodeableConcept": snomed("102538003")}), Posture.LYING),
        (position({"valueCodeableConcept": snomed("33586001", "Sitting position")}), Posture.UPRIGHT),
        (position({"valueString": "lying down"}), Posture.LYING),
        ({"component": [{"code": {"text": "cuff size"}, "valueString": "supine"}, None]}, None),
        ({"bodySite": {"text": "Right arm, supine"}}, Posture.LYING),
        ({"method": {"text": "standing"}}, Posture.UPRIGHT),
        ({"bodySite": {"text": "left arm"}}, None),
        ({"bodySite": {"text": "supine"}, "method": {"text": "standing"}}, None),  # both: neither is believed
        ({}, None),
    ],
)
def test_a_posture_is_read_wherever_it_is_written(observation, expected):
    assert read_posture(observation, VALUE_SETS) is expected
