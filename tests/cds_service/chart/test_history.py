"""Procedures, doses given and allergies as senders write them."""

from datetime import UTC, date

import pytest

from cards.concepts import load_value_sets
from cards.facts import Administration, Allergy, Procedure
from cds_service.chart.history import read_administration, read_allergy, read_procedure

VALUE_SETS = load_value_sets()
AS_OF = date(2026, 6, 15)
SNOMED, RXNORM = "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
RITUXIMAB = {"coding": [{"system": RXNORM, "code": "121191", "display": "rituximab"}]}
HEMODIALYSIS = {"coding": [{"system": SNOMED, "code": "302497006", "display": "Hemodialysis"}]}


# -- procedures ---------------------------------------------------------------------------------------------------


def procedure(**more: object) -> Procedure | None:
    resource = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": HEMODIALYSIS,
        "performedDateTime": "2026-06-12",
    }
    kept = {name: value for name, value in {**resource, **more}.items() if value is not None}
    return read_procedure(kept, value_sets=VALUE_SETS, as_of=AS_OF, zone=UTC)


def test_a_procedure_by_its_code():
    assert procedure() == Procedure(
        procedure().concepts, "Hemodialysis", "302497006", date(2026, 6, 12), is_done=True, by_text=False
    )
    assert "hemodialysis" in procedure().concepts


def test_a_procedure_by_its_words_is_marked():
    found = procedure(code={"text": "Therapeutic plasma exchange, session 2"})
    assert "plasma_exchange" in found.concepts
    assert found.by_text


def test_words_that_deny_a_procedure_name_none():
    assert procedure(code={"text": "Referral for plasma exchange"}).concepts == frozenset()


@pytest.mark.parametrize("status", ["completed", "in-progress", "stopped", None])
def test_what_was_done_or_begun_is_done(status):
    assert procedure(status=status).is_done


@pytest.mark.parametrize("status", ["preparation", "on-hold"])
def test_what_is_planned_is_not_done_yet(status):
    assert not procedure(status=status).is_done


@pytest.mark.parametrize("more", [{"status": "not-done"}, {"status": "entered-in-error"}, {"notDone": True}])
def test_what_was_not_done_is_left_out(more):
    assert procedure(**more) is None


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ({"performedPeriod": {"start": "2026-06-01", "end": "2026-06-03"}}, date(2026, 6, 3)),
        ({"performedPeriod": {"start": "2026-06-01"}}, date(2026, 6, 1)),
        ({"performedString": "2026-06"}, date(2026, 6, 1)),
        ({"performedString": "last week"}, None),
        ({"performedAge": {"value": 60}}, None),
        ({"occurrenceDateTime": "2026-06-02"}, date(2026, 6, 2)),  # R5
        ({"occurrencePeriod": {"end": "2026-06-02"}}, date(2026, 6, 2)),
        ({"occurrenceTiming": {"event": ["2026-06-02", "2026-06-01"]}}, date(2026, 6, 2)),
        ({}, None),
    ],
)
def test_the_last_day_of_a_procedure(more, day):
    assert procedure(performedDateTime=None, **more).done_on == day


def test_chronic_dialysis_under_way_is_done_today():
    under_way = {"status": "in-progress", "performedDateTime": None, "performedPeriod": {"start": "2021-03-01"}}
    assert procedure(**under_way).done_on == AS_OF
    assert procedure(**{**under_way, "status": "In-Progress"}).done_on == AS_OF


# -- doses given --------------------------------------------------------------------------------------------------


def given(kind: str = "MedicationAdministration", **more: object) -> Administration | None:
    resource = {"resourceType": kind, "status": "completed", "medicationCodeableConcept": RITUXIMAB, **more}
    return read_administration(resource, value_sets=VALUE_SETS, zone=UTC, resolve=lambda reference: None)


def test_a_dose_given_names_its_drug_and_day():
    found = given(effectiveDateTime="2026-04-16T09:00:00Z")
    assert found.drug.is_a("rituximab")
    assert (found.kind, found.given_on, found.ended_on) == ("administration", date(2026, 4, 16), date(2026, 4, 16))


@pytest.mark.parametrize(
    ("more", "start", "end"),
    [
        ({"effectivePeriod": {"start": "2026-04-16", "end": "2026-04-17"}}, date(2026, 4, 16), date(2026, 4, 17)),
        ({"effectivePeriod": {"start": "2026-04-16"}}, date(2026, 4, 16), None),
        ({"effectivePeriod": {"end": "2026-04-16"}}, date(2026, 4, 16), date(2026, 4, 16)),
        ({"occurenceDateTime": "2026-04-16"}, date(2026, 4, 16), date(2026, 4, 16)),  # R5, as published
        ({"occurrenceDateTime": "2026-04-16"}, date(2026, 4, 16), date(2026, 4, 16)),  # R5, as corrected
        ({}, None, None),
    ],
)
def test_when_a_dose_was_given(more, start, end):
    found = given(**more)
    assert (found.given_on, found.ended_on) == (start, end)


def test_a_dispense_counts_from_the_day_it_was_handed_over():
    found = given("MedicationDispense", whenPrepared="2026-04-15", whenHandedOver="2026-04-16")
    assert (found.kind, found.given_on) == ("dispense", date(2026, 4, 16))
    assert given("MedicationDispense", whenPrepared="2026-04-15").given_on == date(2026, 4, 15)


def test_a_statement_may_only_say_when_it_was_made():
    found = given("MedicationStatement", status="active", dateAsserted="2026-04-16")
    assert (found.kind, found.given_on, found.ended_on) == ("statement", date(2026, 4, 16), None)


@pytest.mark.parametrize(
    ("kind", "status"), [("MedicationDispense", "preparation"), ("MedicationStatement", "intended")]
)
def test_what_is_only_intended_is_marked(kind, status):
    assert given(kind, status=status).is_intended
    assert not given(kind).is_intended


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("MedicationAdministration", {"status": "not-done"}),
        ("MedicationAdministration", {"status": "entered-in-error"}),
        ("MedicationDispense", {"status": "cancelled"}),
        ("MedicationStatement", {"status": "not-taken"}),
        ("MedicationStatement", {"taken": "n"}),
    ],
)
def test_what_was_not_given_is_left_out(kind, more):
    assert given(kind, **more) is None


# -- allergies ----------------------------------------------------------------------------------------------------


def allergy(**more: object) -> Allergy | None:
    resource = {"resourceType": "AllergyIntolerance", "code": {"text": "Immune globulin"}, **more}
    return read_allergy(resource, value_sets=VALUE_SETS, zone=UTC)


def test_an_allergy_to_a_substance_by_words():
    found = allergy(recordedDate="2020-01-01")
    assert "immunoglobulin" in found.concepts
    assert (found.display, found.recorded_on, found.is_active) == ("Immune globulin", date(2020, 1, 1), True)


def test_an_allergy_to_a_drug_is_kept_apart():
    found = allergy(code=RITUXIMAB)
    assert "rituximab" in found.drug_concepts
    assert "rituximab" not in found.concepts
    assert found.code == "121191"


def test_a_substance_named_only_with_the_reaction_counts():
    assert "rituximab" in allergy(code=None, reaction=[{"substance": RITUXIMAB}]).drug_concepts


@pytest.mark.parametrize("clinical", ["inactive", "resolved"])
def test_an_allergy_that_is_over_is_not_active(clinical):
    assert not allergy(clinicalStatus={"coding": [{"code": clinical}]}).is_active
    assert not allergy(clinicalStatus=clinical).is_active  # STU3


@pytest.mark.parametrize(
    "more", [{"clinicalStatus": {"coding": [{"code": "unknown"}]}}, {"status": "confirmed"}]
)  # DSTU2
def test_an_allergy_of_which_nobody_says_that_it_is_over_is_active(more):
    assert allergy(**more).is_active


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_a_refuted_allergy_is_left_out(verification):
    assert allergy(verificationStatus={"coding": [{"code": verification}]}) is None
    assert allergy(verificationStatus=verification) is None


def test_an_unconfirmed_allergy_counts():
    assert allergy(verificationStatus="unconfirmed").is_active


@pytest.mark.parametrize(
    ("criticality", "is_high_risk"),
    [("high", True), ("low", False), ("unable-to-assess", None), (None, None), ("CRITH", True)],
)
def test_criticality(criticality, is_high_risk):
    assert allergy(criticality=criticality).is_high_risk is is_high_risk


def test_reactions_in_the_words_of_three_versions():
    reactions = [
        {"manifestation": [{"text": "anaphylaxis"}, {"coding": [{"display": "hives"}]}]},
        {"manifestation": [{"concept": {"text": "fever"}}]},  # R5
        {"description": "rash on arms"},
        {},
        "odd",
    ]
    assert allergy(reaction=reactions).reactions == ("anaphylaxis", "hives", "fever", "rash on arms")


def manifested(code, **more):
    """A reaction by its code alone."""
    return {"reaction": [{"manifestation": [{"coding": [{"system": SNOMED, "code": code}], **more}]}]}


def test_a_reaction_by_its_code_alone_is_shown_in_the_words_of_the_code_lists():
    assert allergy(**manifested("39579001")).reactions == ("Anaphylaxis",)


def test_a_code_of_a_reaction_that_is_not_known_is_no_reaction():
    assert allergy(**manifested("1234567")).reactions == ()


@pytest.mark.parametrize(
    ("more", "means"),
    [
        ({"reaction": [{"manifestation": [{"text": "Anaphylactic shock"}]}]}, {"anaphylaxis", "systemic_reaction"}),
        ({"reaction": [{"manifestation": [{"coding": [{"display": "Bronchospasm"}]}]}]}, {"systemic_reaction"}),
        ({"reaction": [{"manifestation": [{"text": "no anaphylaxis, rash"}]}]}, set()),
        ({"reaction": [{"manifestation": [{"text": "hives"}]}]}, set()),
        ({"code": {"text": "Anaphylaxis to immunoglobulin"}}, {"anaphylaxis", "systemic_reaction"}),
        (manifested("39579001"), {"anaphylaxis", "systemic_reaction"}),
        (manifested("51599000"), {"systemic_reaction"}),
        (manifested("39579001", text="see letter"), {"anaphylaxis", "systemic_reaction"}),
        (manifested("5666"), set()),
        (manifested("49455004"), set()),  # a diagnosis is no reaction
    ],
)
def test_what_the_words_of_a_reaction_mean(more, means):
    assert allergy(**more).reaction_concepts == means


@pytest.mark.parametrize(
    ("code", "by_text"),
    [
        ({"text": "Immune globulin"}, True),
        ({"coding": [{"system": RXNORM, "code": "5666"}], "text": "immunoglobulin G"}, False),
        ({"coding": [{"system": "urn:local", "code": "IG1", "display": "IVIG"}]}, True),
        ({"text": "peanut"}, False),
    ],
)
def test_a_substance_known_by_words_only_is_marked(code, by_text):
    assert allergy(code=code).by_text is by_text


@pytest.mark.parametrize(
    "code",
    [
        {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "Z88.7"}]},
        {"text": "Lymphocyte immune globulin, anti-thymocyte (equine)"},
    ],
)
def test_any_serum_and_animal_globulins_are_no_human_immunoglobulin(code):
    assert "immunoglobulin" not in allergy(code=code).concepts


@pytest.mark.parametrize(
    "text", ["No known allergies", "No allergy to immunoglobulin", "Negative test for immunoglobulin"]
)
def test_no_allergy_names_no_substance(text):
    found = allergy(code={"text": text})
    assert found.concepts == found.drug_concepts == frozenset()
