"""Whole patients of other projects: read without an error, as many records of each kind as there are, in any order."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient

from cards.catalogue import load_catalogue, load_data_requests
from cards.concepts import load_value_sets
from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import Hook
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.renal.renal_function import renal_function
from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from tests.real_data.charts import Chart, chart_in, exported_charts
from tests.real_data.identifiers import identifiers, named_in
from tests.real_data.records import BULK, OTHERS, SYNTHEA, names, reviewed

EXPECTED = reviewed("expected_charts.yaml")
WHOLE = [(folder, file) for folder in (SYNTHEA, OTHERS) for file in EXPECTED[folder]]
MEASURED = [concept for request in load_data_requests().values() for concept in request.concepts]
# Diagnoses that decide a card, or a branch of one.
DECIDING = (
    *("np_dpn", "np_symm", "np_unspec", "np_drpn", "np_plex", "np_imm", "np_imm_suspected", "np_vasc", "np_cranial"),
    *("np_auton", "np_phn_sci", "other_lic", "ig_other", "diabetes", "ckd", "end_stage_renal_disease"),
    *("acute_kidney_injury", "heart_failure", "hospice", "palliative_care"),
)
# What these records call the tests (LOINC), how far back they count, and what is plausible: counted by hand below.
BY_HAND = {
    "serum_creatinine": (("38483-4", "2160-0"), 730, 0.1, 20.0),
    "egfr": (("33914-3",), 730, 0.0, 999.0),
    "body_weight": (("29463-7",), 36_500, 25.0, 350.0),
    "body_height": (("8302-2",), 36_500, 120.0, 230.0),
    "alt": (("1742-6",), 90, 0.0, 9999.0),
    "hba1c": (("4548-4",), 730, 0.0, 99.0),
    "glucose": (("2339-0",), 730, 0.0, 9999.0),
    "ejection_fraction": (("10230-1",), 730, 0.0, 100.0),
    "systolic_blood_pressure": (("8480-6",), 30, 0.0, 999.0),  # a component
    "wbc": (("6690-2",), 730, 0.0, 999.0),
    "hemoglobin": (("718-7",), 730, 0.0, 99.0),
    "platelets": (("777-3",), 730, 0.0, 9999.0),
}


def counts(chart: Chart, as_of: date, *, backwards: bool = False) -> dict[str, Any]:
    """How many records of each kind were read, and of what could not be used, why. No more than that."""
    facts = chart.facts(as_of, backwards=backwards)
    measurements = [one for concept in MEASURED for one in facts.measurements(concept)]
    diagnoses, orders = chart.diagnoses(as_of), chart.orders(as_of)
    doses = [order_dose(order) for order in orders]
    found = {
        "measured": Counter(one.concept for one in measurements if not one.unreadable),
        "unreadable": Counter(one.unreadable for one in measurements if one.unreadable),
        "diagnoses": len(diagnoses),
        "current": sum(one.is_current for one in diagnoses),
        "deciding": Counter(name for one in diagnoses for name in one.concepts if name in DECIDING),
        "orders": len(orders),
        "doses": Counter(dose.why or dose.status for dose in doses),
        "nameless": sum(not order.drug.display for order in orders),
        "allergies": _allergies(facts),
    }
    return {name: dict(value) if isinstance(value, Counter) else value for name, value in found.items() if value}


def _allergies(facts: Facts) -> int | str:
    try:
        return len(facts.allergies())
    except NotKnown as unknown:
        return unknown.why


def expected_counts(row: dict[str, Any]) -> dict[str, Any]:
    """A row without its note."""
    return {name: value for name, value in row.items() if name != "note"}


@pytest.mark.parametrize(("folder", "files"), [(SYNTHEA, 35), (OTHERS, 4)])
def test_every_chart_was_reviewed(folder: str, files: int) -> None:
    assert sorted(EXPECTED[folder]) == names(folder)
    assert len(EXPECTED[folder]) == files


@pytest.mark.parametrize(("folder", "file"), WHOLE)
def test_of_a_chart_is_read_what_was_reviewed(folder: str, file: str) -> None:
    chart = chart_in(folder, file)
    assert counts(chart, chart.last_day) == expected_counts(EXPECTED[folder][file])


@pytest.mark.parametrize(("folder", "file"), WHOLE)
def test_as_many_results_are_read_as_a_plain_count_finds(folder: str, file: str) -> None:
    chart = chart_in(folder, file)
    facts = chart.facts(chart.last_day)
    for concept, (codes, days, low, high) in BY_HAND.items():
        counted = 0
        for one in chart.of_type("Observation"):
            dated = one.get("effectiveDateTime") or one.get("effectiveInstant")
            for part in (one, *one.get("component", ())):
                quantity = part.get("valueQuantity")
                if dated and quantity and part["code"]["coding"][0]["code"] in codes:
                    age = (chart.last_day - date.fromisoformat(dated[:10])).days
                    counted += one["status"] == "final" and 0 <= age <= days and low <= quantity["value"] <= high
        assert len(facts.measurements(concept)) == counted


@pytest.mark.parametrize(("folder", "file"), WHOLE)
def test_as_many_problems_are_current_as_a_plain_count_finds(folder: str, file: str) -> None:
    chart = chart_in(folder, file)
    is_over = [
        one.get("abatementDateTime", "9999")[:10] <= chart.last_day.isoformat() for one in chart.of_type("Condition")
    ]
    is_active = ['"active"' in json.dumps(one.get("clinicalStatus", "active")) for one in chart.of_type("Condition")]
    current = sum(active and not over for active, over in zip(is_active, is_over, strict=True))
    assert sum(one.is_current for one in chart.diagnoses(chart.last_day)) == current


@pytest.mark.parametrize(("folder", "file"), WHOLE)
def test_the_order_in_which_records_come_changes_nothing(folder: str, file: str) -> None:
    chart = chart_in(folder, file)
    forwards, backwards = (chart.facts(chart.last_day, backwards=is_so) for is_so in (False, True))
    assert counts(chart, chart.last_day) == counts(chart, chart.last_day, backwards=True)
    assert renal_function(forwards) == renal_function(backwards)
    for concept in MEASURED:
        assert forwards.latest(concept) == backwards.latest(concept)


# -- the export of many patients --------------------------------------------------------------------------------------


def test_every_patient_of_the_export_was_reviewed() -> None:
    assert len(EXPECTED[BULK]) == len(exported_charts()) == 7


@pytest.mark.parametrize("number", range(len(EXPECTED[BULK])))
def test_of_a_patient_among_others_is_read_what_was_reviewed(number: int) -> None:
    chart = exported_charts()[number]
    answers = chart.answers()
    for need, kind in (("conditions", "Condition"), ("medication_orders", "MedicationRequest")):
        assert len(answers[need].resources) + answers[need].foreign == len(chart.of_type(kind))
        assert answers[need].foreign > 0, "the records of the others are there, and stay out"
    assert counts(chart, date(2026, 11, 20)) == expected_counts(EXPECTED[BULK][number])


# -- over HTTP: the whole story with every chart ----------------------------------------------------------------------


@cache
def client_on(day: date) -> FlaskClient:
    """Someone who calls the service at noon of that day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return create_app(Settings(), SiteConfig(), clock=lambda: noon).test_client()


def basket(patient_id: str) -> list[dict[str, Any]]:
    """Orders of our own for somebody else's patient: one of each drug that triggers a card, by its name."""
    triggers = sorted({trigger for card in load_catalogue().cards for trigger in card.knowledge.triggers})
    drugs = dict.fromkeys(name_of(trigger) for trigger in triggers)
    line = {
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 75, "system": "http://unitsofmeasure.org", "code": "mg"}}],
    }
    return [
        {
            "resourceType": "MedicationRequest",
            "id": f"draft-{number}",
            "status": "draft",
            "intent": "order",
            "subject": {"reference": f"Patient/{patient_id}"},
            "medicationCodeableConcept": {"text": drug},
            "dosageInstruction": [line],
        }
        for number, drug in enumerate(drugs)
    ]


def name_of(trigger: str) -> str:
    """The first name of a value set, of a group of them that of its first member."""
    concept = load_value_sets().concept(trigger)
    return concept.text[0] if concept.text else name_of(concept.includes[0])


def prefetched(chart: Chart) -> dict[str, Any]:
    """Every data request filled, the Patient as a resource."""
    found: dict[str, Any] = {
        name: {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in answer.resources]}
        for name, answer in chart.answers().items()
        if name != "encounter"
    }
    (found["patient"],) = [one for one in chart.of_type("Patient") if one["id"] == chart.patient_id]
    return found


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize(("folder", "file"), WHOLE)
def test_a_call_about_any_patient_asks_every_card_and_is_answered(
    folder: str, file: str, hook: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = chart_in(folder, file)
    drafts = basket(chart.patient_id)
    body = {
        "hook": hook,
        "hookInstance": "4f0e8a52-9a6c-4a3e-8f0e-0d6f5c1b2a37",
        "context": {
            "userId": "Practitioner/1",
            "patientId": chart.patient_id,
            "selections": [f"MedicationRequest/{one['id']}" for one in drafts],
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]},
        },
        "prefetch": prefetched(chart),
    }
    capsys.readouterr()
    answer = client_on(chart.last_day).post(f"/cds-services/neuropathy-{hook}", json=body)
    (line,) = capsys.readouterr().out.splitlines()
    assert answer.status_code == 200
    opinions = json.loads(line)["opinions"]
    assert sum(opinions.values()) >= sum(card.speaks_at(Hook(hook)) for card in load_catalogue().cards)
    assert "failed" not in opinions
    assert answer.json is not None
    assert bool(answer.json["cards"]) is not chart.facts(chart.last_day).patient.is_deceased
    told = [[card["summary"], card["detail"], card["source"]] for card in answer.json["cards"]]
    assert not named_in(json.dumps(told), identifiers(json.dumps(chart.of_type("Patient"))))
