"""From the answers to the data requests to what a card may ask."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.catalogue import load_data_requests
from cards.concepts import load_value_sets
from cards.errors import NotKnown
from cards.facts import DataRequest, Facts, Finding, State
from cards.orders import Basket
from cds_service.chart.facts import read_facts
from cds_service.fhir.bundle import Answer, read_answer
from cds_service.hooks.data_requests import fhir_types

VALUE_SETS = load_value_sets()
REQUESTS = load_data_requests()
AS_OF = date(2026, 6, 15)
LOINC, RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"


def facts(
    prefetch: Mapping[str, object], requests: Mapping[str, DataRequest] = REQUESTS, resolve=lambda reference: None
) -> Facts:
    answers = {
        need: read_answer(value, patient_id="p1", types=fhir_types(requests[need])) for need, value in prefetch.items()
    }
    return facts_of(answers, requests, resolve)


def facts_of(
    answers: Mapping[str, Answer], requests: Mapping[str, DataRequest] = REQUESTS, resolve=lambda reference: None
) -> Facts:
    return read_facts(
        answers,
        requests=requests,
        basket=Basket(),
        patient_id="p1",
        value_sets=VALUE_SETS,
        as_of=AS_OF,
        at=datetime(2026, 6, 15, 12, tzinfo=UTC),
        zone=UTC,
        resolve=resolve,
    )


def bundle(*resources: dict, **more: object) -> dict:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources], **more}


def observation(number: str, day: str | None = "2026-05-26", subject: str = "Patient/p1", **value: object) -> dict:
    resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": number}]},
        "subject": {"reference": subject},
        **value,
    }
    return resource if day is None else {**resource, "effectiveDateTime": day}


def creatinine(value: float = 1.1, day: str | None = "2026-05-26", unit: str = "mg/dL", **more: object) -> dict:
    return observation("2160-0", day, valueQuantity={"value": value, "unit": unit}, **more)


def test_the_newest_result_is_the_one_a_card_gets():
    chart = facts({"renal_function": bundle(creatinine(1.4, "2025-01-01"), creatinine(1.1), creatinine(1.2, None))})
    assert chart.latest("serum_creatinine").value == 1.1


def test_a_newest_result_that_cannot_be_read_hides_no_older_one():
    chart = facts({"renal_function": bundle(creatinine(1.4, "2025-01-01"), creatinine(1.1, unit=""))})
    with pytest.raises(NotKnown, match="no unit"):
        chart.latest("serum_creatinine")


@pytest.mark.parametrize(
    ("value", "state"), [(None, State.ABSENT), (bundle(), State.ABSENT), ("<html>", State.UNKNOWN)]
)
def test_the_state_of_an_answer_is_the_state_of_its_need(value, state):
    assert facts({"renal_function": value}).request_state("renal_function") is state


def test_what_was_not_supplied_is_unknown():
    assert facts({}).request_state("conditions") is State.UNKNOWN


def test_why_an_answer_is_unknown_is_told():
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
    assert facts({"conditions": failed}).why_unknown("conditions") == "the query failed"


def test_a_first_page_without_a_match_proves_nothing():
    page = bundle(creatinine(), total=90)
    chart = facts({"renal_function": page})
    assert chart.latest("serum_creatinine").value == 1.1
    with pytest.raises(NotKnown):
        chart.latest("egfr")


def test_another_patients_results_are_left_out_and_nothing_else_left_is_unknown():
    others = creatinine(9.9, subject="Patient/p2")
    assert facts({"renal_function": bundle(others, creatinine())}).latest("serum_creatinine").value == 1.1
    with pytest.raises(NotKnown, match="another patient"):
        facts({"renal_function": bundle(others)}).latest("serum_creatinine")


def test_cancelled_results_only_mean_that_there_is_none():
    chart = facts({"renal_function": bundle({**creatinine(), "status": "cancelled"})})
    assert chart.state("serum_creatinine") is State.ABSENT


# -- look-back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "is_kept"), [("2024-06-15", True), ("2024-06-14", False), (None, True)])
def test_the_look_back_keeps_its_last_day_and_what_has_no_date(day, is_kept):
    assert REQUESTS["renal_function"].look_back_days == 730
    chart = facts({"renal_function": bundle(creatinine(1.1, day))})
    assert bool(chart.measurements("serum_creatinine")) is is_kept


def test_results_that_never_expire_have_no_look_back():
    chart = facts({"hbv_markers": bundle(observation("5196-1", "1998-03-01", valueString="Positive"))})
    assert chart.latest("hbsag").finding is Finding.POSITIVE


def test_procedures_are_dated_by_their_last_day():
    dialysis = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"text": "hemodialysis"},
        "performedPeriod": {"start": "2020-01-01", "end": "2026-06-01"},
    }
    assert facts({"procedures": bundle(dialysis)}).procedures("hemodialysis")
    ended = {**dialysis, "performedPeriod": {"start": "2020-01-01", "end": "2020-06-01"}}
    assert not facts({"procedures": bundle(ended)}).procedures("hemodialysis")


@pytest.mark.parametrize(
    "need", ["medication_orders", "medication_administrations", "medication_dispenses", "service_requests"]
)
def test_a_look_back_works_for_every_kind_of_record(need):
    requests = {**REQUESTS, need: DataRequest(need, REQUESTS[need].kind, look_back_days=30)}
    resources = {
        "medication_orders": {"resourceType": "MedicationRequest", "authoredOn": "2020-01-01"},
        "medication_administrations": {"resourceType": "MedicationAdministration", "effectiveDateTime": "2020-01-01"},
        "medication_dispenses": {"resourceType": "MedicationDispense", "whenHandedOver": "2020-01-01"},
        "service_requests": {"resourceType": "ServiceRequest", "authoredOn": "2020-01-01"},
    }
    drug = {"coding": [{"system": RXNORM, "code": "121191"}]}
    old = {"status": "completed", "intent": "order", "medicationCodeableConcept": drug, **resources[need]}
    new = {name: "2026-06-01" if value == "2020-01-01" else value for name, value in old.items()}
    chart = facts({need: bundle(old, new)}, requests)
    found = {
        "medication_orders": chart.medication_orders,
        "medication_administrations": chart.administrations,
        "medication_dispenses": chart.dispenses,
        "service_requests": chart.service_orders,
    }[need]()
    assert len(found) == 1


def test_problems_and_drugs_that_no_value_set_knows_are_passed_over():
    chart = facts(
        {
            "conditions": bundle({"resourceType": "Condition", "code": {"text": "a broken teacup"}}),
            "medication_orders": bundle(
                {
                    "resourceType": "MedicationRequest",
                    "status": "active",
                    "intent": "order",
                    "medicationCodeableConcept": {"text": "a tonic of its own"},
                }
            ),
        }
    )
    assert chart.diagnoses() == ()
    assert chart.medication_orders() == ()


@pytest.mark.parametrize(
    ("patient", "onset_on"),
    [
        ({"birthDate": "1966-06-15"}, date(2012, 6, 14)),
        ({"birthDate": "1966"}, None),
        ({"birthDate": 1966}, None),
        ({}, None),
        (None, None),
    ],
)
def test_an_onset_that_is_an_age_is_counted_from_the_birthday(patient, onset_on):
    condition = {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.42"}]},
        "onsetAge": {"value": 45, "unit": "a"},
    }
    person = patient if patient is None else {"resourceType": "Patient", "id": "p1", **patient}
    [found] = facts({"patient": person, "conditions": bundle(condition)}).diagnoses()
    assert found.onset_on == onset_on
    assert found.has_unread_onset is (onset_on is None)


# -- one record of every kind -------------------------------------------------------------------------------------


def test_every_kind_of_record_reaches_the_cards():
    rituximab = {"coding": [{"system": RXNORM, "code": "121191"}]}
    chart = facts(
        {
            "patient": {"resourceType": "Patient", "id": "p1", "birthDate": "1966-06-15", "gender": "male"},
            "encounter": {"resourceType": "Encounter", "status": "in-progress", "class": {"code": "IMP"}},
            "conditions": bundle(
                {
                    "resourceType": "Condition",
                    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G61.81"}]},
                }
            ),
            "medication_orders": bundle(
                {
                    "resourceType": "MedicationRequest",
                    "status": "active",
                    "intent": "order",
                    "medicationCodeableConcept": rituximab,
                }
            ),
            "medication_administrations": bundle(
                {
                    "resourceType": "MedicationAdministration",
                    "status": "completed",
                    "medicationCodeableConcept": rituximab,
                }
            ),
            "procedures": bundle(
                {"resourceType": "Procedure", "status": "completed", "code": {"text": "plasma exchange"}}
            ),
            "service_requests": bundle(
                {
                    "resourceType": "ServiceRequest",
                    "status": "active",
                    "intent": "order",
                    "code": {"coding": [{"system": LOINC, "code": "5196-1"}]},
                }
            ),
            "allergies": bundle({"resourceType": "AllergyIntolerance", "code": {"text": "immune globulin"}}),
        }
    )
    assert chart.age == 60
    assert chart.encounter.is_inpatient
    assert chart.has("cidp")
    assert chart.medication_orders("rituximab")
    assert chart.administrations("rituximab")
    assert chart.procedures("plasma_exchange")
    assert chart.service_orders("hbsag")
    assert chart.allergies("immunoglobulin")


def by_reference(reference: str) -> dict:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": reference},
    }


MEDICATION = {"resourceType": "Medication", "id": "m1", "code": {"coding": [{"system": RXNORM, "code": "121191"}]}}


@pytest.mark.parametrize("reference", ["Medication/m1", "https://ehr.example.org/fhir/Medication/m1", "urn:uuid:m1"])
def test_a_medication_that_came_along_is_found(reference):
    answer = bundle(by_reference(reference), MEDICATION)
    assert facts({"medication_orders": answer}).medication_orders("rituximab")


def test_a_medication_that_did_not_come_along_is_asked_for():
    answer = bundle(by_reference("Medication/m1"))
    found = facts({"medication_orders": answer}, resolve={"Medication/m1": MEDICATION}.get)
    assert found.medication_orders("rituximab")


# -- lazy and robust ----------------------------------------------------------------------------------------------


class _Untouchable(dict):
    def get(self, *_: object) -> object:
        raise AssertionError("read before a card asked")


def test_nothing_is_read_before_a_card_asks():
    answers = {"conditions": Answer("present", (_Untouchable(),)), "allergies": Answer("absent")}
    chart = facts_of(answers)
    assert chart.allergies() == ()
    with pytest.raises(AssertionError, match="before a card asked"):
        chart.diagnoses()


NAMES = [
    "system", "code", "display", "text", "coding", "value", "unit", "reference", "start", "end", "event", "url",
    "extension", "valueCodeableConcept", "substance", "manifestation", "concept", "resourceType", "valueString"
]  # fmt: skip
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 9999)
    | st.floats(allow_nan=False)
    | st.sampled_from(
        [
            "",
            "2026-05-26",
            "final",
            "active",
            LOINC,
            "2160-0",
            "5196-1",
            "Negative",
            "mg/dL",
            "#m",
            "Observation",
            "IMP",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
KEYS = st.sampled_from([
    "status", "code", "valueQuantity", "valueString", "valueInteger", "valueCodeableConcept", "interpretation",
    "dataAbsentReason", "component", "contained", "hasMember", "effectiveDateTime", "effectivePeriod",
    "effectiveTiming", "performer", "clinicalStatus", "verificationStatus", "severity", "onsetPeriod",
    "abatementPeriod", "abatementString", "abatementDateTime", "birthDate", "gender", "extension", "class", "type",
    "serviceType", "performedPeriod", "medicationCodeableConcept", "medicationReference", "medication", "reasonCode",
    "reason", "whenHandedOver", "taken", "adherence", "reaction", "criticality", "dosageInstruction", "intent",
    "authoredOn"
])  # fmt: skip


@given(need=st.sampled_from(sorted(REQUESTS)), content=st.dictionaries(KEYS, ODD, max_size=8))
def test_no_shape_of_a_resource_stops_the_reading(need, content):
    kind, *_ = sorted(fhir_types(REQUESTS[need]))
    code = {"coding": [{"system": LOINC, "code": "2160-0"}, {"system": LOINC, "code": "5196-1"}]}
    answer = Answer("present", ({"code": code, "status": "final", **content, "resourceType": kind},))
    assert len(facts_of({need: answer})._of(need, object)) <= 20
