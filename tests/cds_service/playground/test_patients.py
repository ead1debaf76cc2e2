"""The made-up patients: valid charts, each with its story, together showing most of the rules at work."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from flask.testing import FlaskClient

from cards.catalogue import load_catalogue, load_data_requests
from cds_service.fhir.bundle import subject_id
from cds_service.playground.patients import FixturePatient, ward
from cds_service.playground.scenario import example_of
from tests.cds_service.playground.visiting import Visitor, cards_of
from tests.whole_requests import FIXTURES

PATIENTS = list(ward().patients.values())
every_patient = pytest.mark.parametrize("patient", PATIENTS, ids=[patient.id for patient in PATIENTS])


@cache
def bundle(name: str) -> dict[str, Any]:
    return dict(json.loads((FIXTURES / "patients" / f"{name}.json").read_text(encoding="utf-8")))


def test_there_are_enough_of_them_and_each_chart_belongs_to_one() -> None:
    assert len(PATIENTS) >= 14
    assert {path.stem for path in (FIXTURES / "patients").glob("*.json")} == {patient.id for patient in PATIENTS}
    assert len({patient.story for patient in PATIENTS}) == len(PATIENTS)


@every_patient
def test_a_chart_is_a_valid_r4_collection_about_this_patient_alone(patient: FixturePatient) -> None:
    chart = bundle(patient.id)
    get_fhir_model_class("Bundle").model_validate(chart)
    assert chart["type"] == "collection"
    for resource in patient.resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert subject_id(resource) == patient.id


@every_patient
def test_a_story_happens_before_the_day_of_the_fixtures(patient: FixturePatient) -> None:
    days = re.findall(r'"(\d{4}-\d\d-\d\d)', json.dumps(bundle(patient.id)))
    assert days
    assert max(days) <= ward().as_of.isoformat() == "2026-06-15"


@every_patient
def test_every_record_has_a_name_that_a_person_can_read(client: FlaskClient, patient: FixturePatient) -> None:
    assert "without a name" not in Visitor(client).asks(patient=patient.id).words


@every_patient
def test_a_patient_has_orders_to_try_and_each_is_understood(client: FlaskClient, patient: FixturePatient) -> None:
    assert patient.examples
    assert patient.not_sent <= load_data_requests().keys()
    for example in patient.examples:
        Visitor(client).opens("/?" + example_of(patient, example).query())


def test_together_they_show_most_of_the_rules_and_every_level(client: FlaskClient) -> None:
    visitor = Visitor(client)
    shown, levels = set[str](), set[str]()
    for patient in PATIENTS:
        for example in patient.examples:
            for topic, card in cards_of(visitor.opens("/?" + example_of(patient, example).query())).items():
                shown.add(topic)
                levels.add(card.attributes["class"].split()[1])
    assert levels == {"critical", "warning", "info"}
    assert len(shown & {card.knowledge.topic for card in load_catalogue().cards}) >= 24


def test_one_of_them_needs_nothing_said_and_one_shows_what_could_not_be_told(client: FlaskClient) -> None:
    visitor = Visitor(client)
    silent = ward().patients["nothing-to-say"]
    page = visitor.opens("/?" + example_of(silent, silent.examples[0]).query())
    assert not cards_of(page)
    assert "Its silence is no approval" in page.words
    unknown = ward().patients["half-a-chart"]
    page = visitor.opens("/?" + example_of(unknown, unknown.examples[0]).query())
    assert "Cannot tell" in page.words
    assert "could not be had: not supplied" in page.words
