"""Conditions and stated reasons as senders write them."""

from datetime import UTC, date

import pytest

from cards.concepts import load_value_sets
from cards.facts import Diagnosis
from cds_service.chart.diagnoses import read_diagnosis, read_reason

VALUE_SETS = load_value_sets()
AS_OF = date(2026, 6, 15)
ICD, WHO, SNOMED = "http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10", "http://snomed.info/sct"


def code(number: str, system: str = ICD, display: str = "") -> dict:
    return {"coding": [{"system": system, "code": number, "display": display}]}


def status(number: str, system: str = "condition-clinical") -> dict:
    return code(number, f"http://terminology.hl7.org/CodeSystem/{system}")


def condition(number: str = "E11.42", **more: object) -> dict:
    return {"resourceType": "Condition", "code": code(number), **more}


def read(resource: dict) -> Diagnosis:
    found = read_diagnosis(resource, value_sets=VALUE_SETS, as_of=AS_OF, zone=UTC)
    assert found is not None
    return found


def is_refused(resource: dict) -> bool:
    return read_diagnosis(resource, value_sets=VALUE_SETS, as_of=AS_OF, zone=UTC) is None


# -- codes and words ----------------------------------------------------------------------------------------------


def test_a_condition_belongs_to_the_value_sets_of_its_code():
    found = read({"resourceType": "Condition", "code": code("E11.42", display="Diabetic polyneuropathy")})
    assert found.is_a("diabetic_polyneuropathy")
    assert found.is_a("diabetes")
    assert (found.code, found.display, found.by_text) == ("E11.42", "Diabetic polyneuropathy", False)


@pytest.mark.parametrize("system", [ICD, "urn:oid:2.16.840.1.113883.6.90", "https://hl7.org/fhir/sid/icd-10-cm", WHO])
def test_icd_10_is_known_by_address_and_oid(system):
    assert read({"code": code("G61.81", system)}).is_a("cidp")


def test_an_icd_10_code_without_its_dot_is_read_and_shown_with_it():
    found = read(condition("E1142"))
    assert found.is_a("diabetic_polyneuropathy")
    assert found.code == "E11.42"
    assert read(condition("e11.42")).code == read(condition("e1142")).code == "E11.42"


def test_icd_10_of_the_who_has_codes_of_its_own():
    assert read({"code": code("G63.2", WHO)}).is_a("np_dpn")
    assert read({"code": code("E11.4", WHO)}).is_a("np_unspec")


def test_snomed_is_read():
    assert read({"code": code("128209004", SNOMED)}).is_a("cidp")


def test_the_codings_of_one_condition_add_up_and_the_icd_10_code_is_shown():
    several = [
        *code("40956001", SNOMED)["coding"],
        *code("357.0", "http://hl7.org/fhir/sid/icd-9-cm")["coding"],
        *code("G61.0")["coding"],
    ]
    found = read({"code": {"coding": several}})
    assert found.is_a("gbs")
    assert found.code == "G61.0"


def test_icd_9_means_nothing():
    assert read({"code": code("357.81", "http://hl7.org/fhir/sid/icd-9-cm")}).concepts == frozenset()


def test_a_code_of_none_of_ours_stays_a_diagnosis_without_concepts():
    found = read(condition("H35.171"))
    assert (found.concepts, found.code) == (frozenset(), "H35.171")


def test_words_alone_are_recognised_and_marked():
    found = read({"code": {"text": "Diabetic lumbosacral radiculoplexus neuropathy, left"}})
    assert found.is_a("diabetic_amyotrophy")
    assert found.by_text


def test_words_beside_a_code_add_what_a_value_set_lists():
    coded = {**code("E11.49"), "text": "Diabetic amyotrophy"}
    found = read({"code": coded})
    assert found.is_a("diabetic_amyotrophy")
    assert found.is_a("diabetic_other_neurological")
    assert not found.by_text


def test_the_display_counts_beside_the_text():
    coded = {
        "coding": [{"system": "urn:local", "code": "1", "display": "Small fiber neuropathy"}],
        "text": "burning feet",
    }
    assert read({"code": coded}).is_a("small_fiber_neuropathy")


@pytest.mark.parametrize("text", ["Family history of small fiber neuropathy", "No small fiber neuropathy"])
def test_words_that_deny_name_nothing(text):
    assert read({"code": {"text": text}}).concepts == frozenset()


@pytest.mark.parametrize(
    ("text", "is_hospice"),
    [
        ("Hospice care", True),
        ("Enrolled in hospice", True),
        ("Comfort care only", True),
        ("Hospice care declined", False),
        ("Not a hospice candidate", False),
        ("Hospice eligible", False),
        ("Hospice care discussed", False),
        ("Discharged from hospice", False),
        ("Referral to hospice", False),
        ("Works in a hospice", False),
        ("Mother in hospice", False),
        ("Comfort care", False),
    ],
)
def test_hospice_care_is_known_by_its_words_and_so_is_hospice_care_that_is_none(text, is_hospice):
    local = {"coding": [{"system": "urn:local", "code": "ZZ9", "display": text}]}
    assert read({"code": {"text": text}}).is_a("hospice") is is_hospice
    assert read({"code": local}).is_a("hospice") is is_hospice


@pytest.mark.parametrize(
    ("text", "is_relapse"),
    [
        ("relapse", True),
        ("Recurrent amyotrophy, no fever", True),
        ("Relapse after previous response", True),
        ("relapse after prior IVIG", True),
        ("relapsing course", True),
        ("no relapse, scheduled third course", False),
        ("without recurrence", False),
        ("relapse ruled out", False),
        ("risk of relapse", False),
        ("maintenance to prevent relapse", False),
        ("relapse prophylaxis", False),
        ("currently relapse-free", False),
        ("non-relapsing", False),
        ("previous relapse 2024", False),
    ],
)
def test_words_say_that_a_disease_has_come_back(text, is_relapse):
    reason = read_reason({**code("E11.44"), "text": text}, VALUE_SETS)
    assert reason.is_a("relapse") is is_relapse
    assert not reason.by_text
    assert read_reason({"text": text}, VALUE_SETS).is_a("relapse") is is_relapse
    assert read({"code": {**code("E11.44"), "text": text}}).is_a("relapse") is is_relapse


def test_words_that_doubt_make_a_suspicion():
    found = read({"code": {"text": "possible small fiber neuropathy"}})
    assert found.is_a("small_fiber_neuropathy")
    assert found.is_suspected


def test_words_that_look_back_make_history():
    assert not read({"code": {"text": "History of diabetic amyotrophy"}}).is_current


def test_words_never_weaken_a_code():
    found = read({"code": {**code("E11.42"), "text": "History of possible neuropathy"}})
    assert found.is_current
    assert not found.is_suspected


@pytest.mark.parametrize("odd", [None, "G35", [], {}, {"coding": [None]}, {"coding": [{"system": ICD}]}])
def test_a_condition_without_a_readable_code_costs_nothing(odd):
    assert read({"code": odd}).concepts == frozenset()


# -- status -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clinical", "is_current"),
    [
        ("active", True),
        ("recurrence", True),
        ("relapse", True),
        ("inactive", False),
        ("remission", False),
        ("resolved", False),
        ("unknown", True),
    ],
)
def test_clinical_status_in_r4_and_bare_in_stu3(clinical, is_current):
    assert read(condition(clinicalStatus=status(clinical))).is_current is is_current
    assert read(condition(clinicalStatus=clinical)).is_current is is_current
    assert read(condition(clinicalStatus=clinical)).clinical_status == clinical


def test_a_condition_without_a_status_is_current():
    assert read(condition()).is_current


@pytest.mark.parametrize("verification", ["provisional", "differential", "unconfirmed"])
def test_what_is_not_confirmed_is_suspected(verification):
    assert read(condition(verificationStatus=status(verification, "condition-ver-status"))).is_suspected
    assert read(condition(verificationStatus=verification)).is_suspected  # STU3


@pytest.mark.parametrize("verification", [None, "confirmed", "unknown"])
def test_confirmed_goes_without_saying(verification):
    assert not read(condition(verificationStatus=verification)).is_suspected


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_refuted_and_mistaken_conditions_are_left_out(verification):
    assert is_refused(condition(verificationStatus=status(verification, "condition-ver-status")))
    assert is_refused(condition(verificationStatus=verification))


def test_the_sureness_on_a_german_code_is_heeded():
    def with_sureness(code: str) -> dict:
        url = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
        coding = {"system": "http://fhir.de/CodeSystem/bfarm/icd-10-gm", "code": "E11.4"}
        certain = {"extension": [{"url": url, "valueCoding": {"code": code}}]}
        return condition(code={"coding": [{**coding, **certain}, *condition()["code"]["coding"]]})

    assert is_refused(with_sureness("A"))  # excluded
    assert read(with_sureness("V")).is_suspected
    assert not read(with_sureness("Z")).is_current  # state after
    sure = read(with_sureness("G"))
    assert sure.is_current
    assert not sure.is_suspected


@pytest.mark.parametrize("number", ["F10.11", "F10.21"])
def test_a_code_that_says_remission_is_history_whatever_the_status(number):
    assert not read(condition(number, clinicalStatus=status("active"))).is_current
    assert read(condition("F10.20", clinicalStatus=status("active"))).is_current


def test_the_category_does_not_matter():
    diagnosis = read(condition(category=[code("encounter-diagnosis")]))
    assert diagnosis == read(condition(category=[code("problem-list-item")])) == read(condition())


# -- time ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("onset", "day"),
    [
        ({"onsetDateTime": "2026-06-12"}, date(2026, 6, 12)),
        ({"onsetDateTime": "2015"}, date(2015, 1, 1)),
        ({"onsetPeriod": {"start": "2019-05", "end": "2019-06"}}, date(2019, 5, 1)),
        ({"onsetString": "2015"}, date(2015, 1, 1)),
        ({"onsetString": "in childhood"}, None),
        ({"onsetAge": {"value": 40, "unit": "a"}}, None),
        ({}, None),
    ],
)
def test_onset(onset, day):
    assert read(condition(**onset)).onset_on == day


def test_the_day_of_recording_in_three_versions():
    for name in ("recordedDate", "assertedDate", "dateRecorded"):
        assert read(condition(**{name: "2026-06-12"})).on == date(2026, 6, 12)
    url = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"
    asserted = [{"url": "urn:other"}, {"url": url, "valueDateTime": "2026-06-12"}]
    assert read(condition(extension=asserted)).on == date(2026, 6, 12)
    assert read(condition(extension=asserted, recordedDate="2026-06-14")).on == date(2026, 6, 14)
    assert read(condition(extension=asserted[:1])).on is None


@pytest.mark.parametrize(
    "end",
    [
        {"abatementDateTime": "2026-01-01"},
        {"abatementPeriod": {"start": "2025-12", "end": "2026-01"}},
        {"abatementAge": {"value": 7}},
        {"abatementString": "last year"},
        {"abatementRange": {"low": {"value": 7}}},
        {"abatementBoolean": True},
        {"abatementDateTime": "some time ago"},
    ],
)
def test_what_has_ended_is_history_even_where_the_status_was_not_changed(end):
    assert not read(condition(**end)).is_current
    assert not read(condition(clinicalStatus="active", **end)).is_current


def test_what_has_come_back_is_current_whatever_ended_before():
    assert read(condition(clinicalStatus="relapse", abatementDateTime="2020")).is_current


def test_an_end_ahead_has_not_come_yet():
    found = read(condition(abatementDateTime="2026-12-31"))
    assert found.is_current
    assert found.ended_on == date(2026, 12, 31)


def test_no_abatement_is_no_end():
    assert read(condition(abatementBoolean=False)).is_current


# -- severity -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "grade"),
    [
        (code("255604002", SNOMED), 1),
        (code("6736007", SNOMED), 2),
        (code("24484000", SNOMED), 3),
        (code("442452003", SNOMED), 4),
        (code("399166001", SNOMED), None),  # fatal: not of a living patient
        ({"text": "Severe"}, 3),
        ({"coding": [{"display": "moderate (qualifier)"}]}, 2),
        ({"text": "annoying"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_severity_as_a_grade(severity, grade):
    assert read(condition(severity=severity)).grade == grade


# -- reasons ------------------------------------------------------------------------------------------------------


def test_a_stated_reason_is_a_current_diagnosis():
    reason = read_reason(code("G61.81", display="CIDP"), VALUE_SETS)
    assert reason == Diagnosis(reason.concepts, "G61.81", "CIDP", is_stated_reason=True)
    assert reason.is_a("cidp")


def test_a_reason_in_words_is_marked():
    reason = read_reason({"text": "diabetic amyotrophy"}, VALUE_SETS)
    assert reason.by_text
    assert reason.is_stated_reason


@pytest.mark.parametrize("nothing", [None, {}, {"text": " "}, {"coding": []}, []])
def test_a_reason_that_says_nothing_is_none(nothing):
    assert read_reason(nothing, VALUE_SETS) is None
