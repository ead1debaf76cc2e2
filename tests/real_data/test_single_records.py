"""Single Observations, Conditions and Patients of other projects: what of each is read, and what is not, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any

import pytest

from cards.concepts import load_value_sets
from cards.facts import Measurement
from cds_service.chart.diagnoses import read_diagnosis
from cds_service.chart.measurements import read_measurements
from cds_service.chart.patients import read_patient
from tests.real_data.records import CONDITIONS, OBSERVATIONS, PATIENTS, Resource, content, names, reviewed

EXPECTED = reviewed("expected_records.yaml")
SETS = load_value_sets()
MEASURED = frozenset(name for name in SETS if {"lab", "vital", "obs"} & set(SETS.concept(name).kinds))
AS_OF = date(2026, 11, 20)

# (unit sent, unit of the concept): factor. Every conversion that these files need, by the book (1.2, 1.3) or by UCUM.
FACTORS = {
    ("mmol/L", "mg/dL"): 1000 / 88.4,
    ("[in_i]", "cm"): 2.54,
    ("10*3/uL", "10*9/L"): 1.0,
}


def outcome(measurement: Measurement) -> str:
    """A measurement without its value: read, pending, or why not."""
    if measurement.is_pending:
        return "pending"
    read = f"unreadable: {measurement.unreadable}" if measurement.unreadable else "read"
    return read if measurement.on is not None else f"{read}, undated"


def outcomes(measurements: Iterable[Measurement]) -> dict[str, str]:
    """By concept; of several of one concept, how many."""
    found: dict[str, list[str]] = {}
    for one in measurements:
        found.setdefault(one.concept, []).append(outcome(one))
    return {
        concept: said[0] if len(said) == 1 else f"{len(said)} {' / '.join(sorted(set(said)))}"
        for concept, said in found.items()
    }


def measurements_in(observation: Resource) -> list[Measurement]:
    """What an Observation measures, among all that the house knows."""
    found = read_measurements([observation], MEASURED, value_sets=SETS, patient_id="", zone=UTC)
    return list(found)


@pytest.mark.parametrize(("folder", "files"), [(OBSERVATIONS, 70), (CONDITIONS, 40), (PATIENTS, 25)])
def test_every_record_was_reviewed(folder: str, files: int) -> None:
    assert list(EXPECTED[folder]) == names(folder)
    assert len(EXPECTED[folder]) == files


@pytest.mark.parametrize("file", EXPECTED[OBSERVATIONS])
def test_of_an_observation_is_read_what_was_reviewed(file: str) -> None:
    expected: dict[str, Any] = dict(EXPECTED[OBSERVATIONS][file])
    expected.pop("note", None)
    assert outcomes(measurements_in(content(OBSERVATIONS, file))) == expected


@pytest.mark.parametrize("file", EXPECTED[OBSERVATIONS])
def test_a_value_is_what_was_sent_in_the_unit_of_its_concept(file: str) -> None:
    observation = content(OBSERVATIONS, file)
    holders = [observation, *observation.get("component", ())]
    sent = [holder["valueQuantity"] for holder in holders if holder.get("valueQuantity")]
    possible = [_converted(quantity) for quantity in sent]
    for one in measurements_in(observation):
        if one.value is not None:
            assert any(pytest.approx(one.value) == values.get(one.unit) for values in possible)


def _converted(quantity: Resource) -> dict[str, float]:
    """What was sent, by every unit it can be had in; a bare number is a score."""
    unit, value = quantity.get("code") or quantity.get("unit") or "{score}", quantity.get("value", 0)
    return {unit: value, **{to: value * factor for (sent, to), factor in FACTORS.items() if sent == unit}}


@pytest.mark.parametrize("file", EXPECTED[CONDITIONS])
def test_a_condition_is_what_was_reviewed(file: str) -> None:
    expected = EXPECTED[CONDITIONS][file]
    diagnosis = read_diagnosis(content(CONDITIONS, file), value_sets=SETS, as_of=AS_OF, zone=UTC)
    if diagnosis is None:
        assert expected["stands"] == "left out"
        return
    stands = "current" if diagnosis.is_current else "history"
    assert (f"suspected, {stands}" if diagnosis.is_suspected else stands) == expected["stands"]
    assert sorted(diagnosis.concepts) == expected.get("is", [])
    assert diagnosis.grade == expected.get("grade")
    assert (diagnosis.on is not None) is not expected.get("undated", False)
    assert not diagnosis.by_text


@pytest.mark.parametrize("file", EXPECTED[PATIENTS])
def test_a_patient_is_what_was_reviewed(file: str) -> None:
    sent = content(PATIENTS, file)
    patient, expected = read_patient(sent, zone=UTC), EXPECTED[PATIENTS][file]
    assert (str(patient.sex) if patient.sex else "not known") == expected["sex"]
    assert patient.is_deceased is expected.get("deceased", False)
    if expected["born"] == "not known":
        assert patient.birth_date is None
    else:
        assert patient.birth_date is not None
        partial = patient.birth_date.isoformat()[: len(sent["birthDate"])]
        assert (partial, {10: "day", 4: "year"}[len(partial)]) == (sent["birthDate"], expected["born"])
