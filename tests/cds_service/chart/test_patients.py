"""Patients and encounters as senders write them."""

from datetime import UTC, date

import pytest

from cards.concepts import load_value_sets
from cards.facts import Encounter, Patient, Sex
from cds_service.chart.patients import read_encounters, read_patient

VALUE_SETS = load_value_sets()
PARAMETER = "http://hl7.org/fhir/StructureDefinition/patient-sexParameterForClinicalUse"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def patient(**more: object) -> Patient:
    return read_patient({"resourceType": "Patient", **more}, zone=UTC)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1966-05-01", date(1966, 5, 1)),
        ("1966-05", date(1966, 5, 1)),
        ("1966", date(1966, 1, 1)),
        (None, None),
        ("", None),
        ("unknown", None),
        (1966, None),
    ],
)
def test_a_partial_birth_date_is_its_earliest_day(written, day):
    assert patient(birthDate=written).birth_date == day


def test_a_birth_date_that_is_only_an_extension_is_missing():
    absent = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
    }
    assert patient(_birthDate=absent).birth_date is None


@pytest.mark.parametrize(
    ("gender", "sex"),
    [
        ("male", Sex.MALE),
        ("female", Sex.FEMALE),
        ("Female", Sex.FEMALE),
        ("other", None),
        ("unknown", None),
        (None, None),
        ({"coding": []}, None),
    ],
)
def test_gender(gender, sex):
    assert patient(gender=gender).sex is sex


def parameter(code: str) -> dict:
    concept = {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/sex-parameter-for-clinical-use", "code": code}]
    }
    return {"url": PARAMETER, "extension": [{"url": "value", "valueCodeableConcept": concept}]}


def test_the_sex_parameter_for_clinical_use_counts_before_gender():
    assert patient(gender="male", extension=[parameter("female-typical")]).sex is Sex.FEMALE
    assert patient(gender="female", extension=parameter("male-typical")).sex is Sex.MALE


@pytest.mark.parametrize(("code", "sex"), [("female", Sex.FEMALE), ("Female", Sex.FEMALE), ("X", None)])
def test_the_sex_for_clinical_use_of_epic_is_such_a_parameter(code, sex):
    url = "http://open.epic.com/FHIR/StructureDefinition/extension/sex-for-clinical-use"
    coding = {"system": "urn:oid:1.2.840.114350.1.13.0.1.7.10.698084.130.657370.19999000", "code": code}
    assert patient(gender="male", extension=[{"url": url, "valueCodeableConcept": {"coding": [coding]}}]).sex is sex
    assert patient(gender="male", extension=[{"url": url, "valueString": "kept"}]).sex is Sex.MALE  # de-identified


@pytest.mark.parametrize("code", ["specified", "unknown"])
def test_a_sex_parameter_that_decides_nothing_leaves_sex_open(code):
    assert patient(gender="male", extension=[parameter(code)]).sex is None


def test_two_sex_parameters_that_differ_leave_sex_open():
    both = [parameter("female-typical"), parameter("male-typical")]
    assert patient(gender="male", extension=both).sex is None
    assert patient(gender="male", extension=[parameter("female-typical")] * 2).sex is Sex.FEMALE


def test_other_extensions_change_nothing():
    race = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "extension": []}
    assert patient(gender="male", extension=[race, "odd"]).sex is Sex.MALE


@pytest.mark.parametrize(
    ("more", "is_deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2020-01-01"}, True),
        ({"deceasedDateTime": "long ago"}, True),
    ],
)
def test_deceased(more, is_deceased):
    assert patient(**more).is_deceased is is_deceased


# -- encounters ---------------------------------------------------------------------------------------------------


def encounters(*resources: dict) -> tuple[Encounter, ...]:
    return read_encounters(
        [{"resourceType": "Encounter", "status": "in-progress", **resource} for resource in resources],
        value_sets=VALUE_SETS,
    )


@pytest.mark.parametrize(
    ("written", "is_inpatient"),
    [
        ({"system": ACT, "code": "IMP"}, True),
        ({"system": ACT, "code": "ACUTE"}, True),
        ({"system": ACT, "code": "NONACUTE"}, True),
        ({"system": ACT, "code": "AMB"}, False),
        ({"system": ACT, "code": "HH"}, False),  # home health is neither a hospital nor a hospice
        ([{"coding": [{"system": ACT, "code": "IMP"}]}], True),  # R5
        ("inpatient", True),  # DSTU2
        ({"system": "http://terminology.hl7.org/CodeSystem/v2-0004", "code": "I", "display": "Inpatient"}, True),
        (None, False),
    ],
)
def test_the_class_of_an_encounter(written, is_inpatient):
    assert encounters({"class": written}) == (Encounter(is_inpatient=is_inpatient),)


@pytest.mark.parametrize(
    "more",
    [
        {"type": [{"coding": [{"system": "http://snomed.info/sct", "code": "385763009"}]}]},
        {"type": {"text": "Hospice home visit"}},
        {"class": {"display": "hospice"}},
        {"class": [{"text": "Hospice"}]},  # R5
        {"serviceType": {"text": "Hospice"}},
    ],
)
def test_an_encounter_of_class_or_type_hospice(more):
    assert encounters(more)[0].is_hospice


@pytest.mark.parametrize("text", ["Referral to hospice", "Hospice information visit", "Discharge from hospice"])
def test_a_referral_to_a_hospice_is_not_hospice_care(text):
    assert not encounters({"type": [{"text": text}]})[0].is_hospice


@pytest.mark.parametrize("status", ["finished", "completed", "Finished "])
def test_a_hospice_stay_that_is_over_is_not_current(status):
    assert not encounters({"type": [{"text": "hospice"}], "status": status})[0].is_hospice


PALLIATIVE = {"coding": [{"system": "http://snomed.info/sct", "code": "103735009"}]}
FOR_PALLIATIVE_CARE = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "Z51.5"}]}


@pytest.mark.parametrize(
    ("more", "is_palliative"),
    [
        ({"type": [PALLIATIVE]}, True),
        ({"serviceType": PALLIATIVE}, True),
        ({"reasonCode": [FOR_PALLIATIVE_CARE]}, True),
        ({"reasonCode": [FOR_PALLIATIVE_CARE], "status": "finished"}, False),
        ({"type": [{"text": "Palliative care"}]}, False),  # by its words it is none (cards/decisions.md)
        ({}, False),
    ],
)
def test_an_encounter_for_palliative_care_by_its_codes(more, is_palliative):
    [found] = encounters(more)
    assert found.is_palliative is is_palliative
    assert not found.is_hospice


@pytest.mark.parametrize(
    ("more", "is_surgical"),
    [
        ({"serviceType": {"text": "General surgery"}}, True),
        ({"type": [{"text": "Postoperative visit"}]}, True),
        ({"type": [{"text": "Non-surgical consultation"}]}, False),
        ({"type": [{"text": "Office visit"}]}, False),
        ({}, False),
    ],
)
def test_an_encounter_for_surgery_by_its_words(more, is_surgical):
    assert encounters(more)[0].is_surgical is is_surgical


def test_hospice_in_another_current_encounter_counts_the_ward_of_the_first_does():
    found = encounters({"class": {"code": "AMB"}}, {"class": {"code": "IMP"}, "type": [{"text": "hospice"}]})
    assert found == (Encounter(is_inpatient=False, is_hospice=True),)


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "planned"])
def test_an_encounter_that_does_not_take_place_is_none(status):
    assert encounters({"status": status, "class": {"code": "IMP"}}) == ()
