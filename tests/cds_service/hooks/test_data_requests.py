"""Prefetch templates stay inside the CDS Hooks 2.0.1 subset; searches of our own ask for the same records."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from cards.catalogue import load_data_requests
from cards.concepts import load_value_sets
from cards.facts import DataRequest
from cds_service.hooks.data_requests import fhir_types, medications_query, own_query, prefetch_template, read_query

REQUESTS = load_data_requests()
LOINC = "http://loinc.org"
AS_OF = date(2026, 6, 15)


def template(name: str) -> str:
    return prefetch_template(REQUESTS[name], load_value_sets())


def search(request: DataRequest, patient_id: str = "p-1", encounter_id: str = "") -> str:
    return own_query(
        request, load_value_sets(), patient_id=patient_id, encounter_id=encounter_id, as_of=AS_OF, count=500
    )


def parameters(query: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(query).query, strict_parsing=True)


@pytest.mark.parametrize("name", REQUESTS)
def test_every_data_request_has_a_template_inside_the_2_0_1_subset(name):
    text = template(name)
    tokens = re.findall(r"{{(.*?)}}", text)
    assert set(tokens) <= {"context.patientId", "context.encounterId"}, "only tokens that both hooks offer (PRE-2)"
    path, _, query = re.sub(r"{{.*?}}", "x", text).partition("?")
    if not query:
        assert re.fullmatch(r"(Patient|Encounter)/x", path)
    else:
        names = [part.partition("=")[0] for part in query.split("&")]
        assert re.fullmatch(r"[A-Z][A-Za-z]+", path)
        assert names[0] == "patient"
        assert set(names) <= {"patient", "code", "_sort"}, "references, token equality, _sort (PRE-5, DIS-09)"


@pytest.mark.parametrize("name", REQUESTS)
def test_no_template_but_the_encounters_needs_the_optional_encounter(name):
    assert ("encounterId" in template(name)) == (name == "encounter")


def test_the_templates_of_reads():
    assert template("patient") == "Patient/{{context.patientId}}"
    assert template("encounter") == "Encounter/{{context.encounterId}}"


def test_the_templates_of_searches_without_codes():
    kinds = {
        "conditions": "Condition",
        "medication_orders": "MedicationRequest",
        "medication_administrations": "MedicationAdministration",
        "medication_dispenses": "MedicationDispense",
        "procedures": "Procedure",
        "service_requests": "ServiceRequest",
        "allergies": "AllergyIntolerance",
    }
    for name, kind in kinds.items():
        assert template(name) == f"{kind}?patient={{{{context.patientId}}}}"
        assert kind in fhir_types(REQUESTS[name])


def test_dispenses_are_accepted_among_the_doses_given_and_not_the_other_way_round():
    assert fhir_types(REQUESTS["medication_administrations"]) == {"MedicationAdministration", "MedicationDispense"}
    assert fhir_types(REQUESTS["medication_dispenses"]) == {"MedicationDispense"}
    assert fhir_types(REQUESTS["procedures"]) == {"Procedure"}


def test_a_template_of_results_names_every_code_of_its_concepts_once_newest_result_first():
    text = template("renal_function")
    assert text.startswith("Observation?patient={{context.patientId}}&code=http://loinc.org|2160-0,")
    assert text.endswith("&_sort=-date")
    tokens = re.search(r"code=([^&]*)", text).group(1).split(",")
    assert len(tokens) == len(set(tokens))
    assert {f"{LOINC}|38483-4", f"{LOINC}|33914-3", f"{LOINC}|98979-8"} <= set(tokens)
    assert not re.search(r"[\s\"<>#+]", text), "nothing that an address cannot hold"


@pytest.mark.parametrize("name", [name for name, request in REQUESTS.items() if request.concepts])
def test_no_code_of_the_value_sets_is_left_out(name):
    concepts = map(load_value_sets().concept, REQUESTS[name].concepts)
    codes = [code for concept in concepts for codes in concept.codes.values() for code in codes]
    assert {f"{code.system}|{code.code}" for code in codes} == set(
        re.search(r"code=([^&]*)", template(name))[1].split(",")
    )


def test_a_search_of_our_own_asks_for_the_codes_of_the_template():
    asked = parameters(search(REQUESTS["hbv_markers"]))
    assert asked["code"] == re.findall(r"code=([^&]*)", template("hbv_markers"))
    assert asked["patient"] == ["p-1"]
    assert asked["_sort"] == ["-date"]
    assert asked["_count"] == ["500"]


def test_doses_given_are_asked_for_a_day_earlier_than_needed_because_servers_count_in_other_time_zones():
    asked = parameters(search(DataRequest("some", "administration", look_back_days=90)))
    assert asked["effective-time"] == ["ge2026-03-16"]
    assert "effective-time" not in parameters(search(DataRequest("some", "administration")))


@pytest.mark.parametrize("name", [name for name in REQUESTS if "?" in template(name)])
def test_pre_21_a_search_of_our_own_asks_for_the_records_of_the_template_whatever_their_dates(name):
    """FHIR's `date` looks at effective[x] alone: a server would leave out a lab that only says when it was issued."""
    asked = parameters(search(REQUESTS[name]))
    del asked["_count"]
    asked.pop("_include", None)
    asked.pop("effective-time", None)  # R4 has no dose given without it
    assert asked == parameters(template(name).replace("{{context.patientId}}", "p-1"))


def test_orders_and_doses_bring_their_medications_along():
    assert parameters(search(REQUESTS["medication_orders"]))["_include"] == ["MedicationRequest:medication"]
    included = parameters(search(REQUESTS["medication_administrations"]))["_include"]
    assert included == ["MedicationAdministration:medication"]
    assert parameters(search(REQUESTS["medication_dispenses"]))["_include"] == ["MedicationDispense:medication"]


def test_reads_of_our_own():
    assert search(REQUESTS["patient"]) == "Patient/p-1"
    assert search(REQUESTS["encounter"], encounter_id="e-9") == "Encounter/e-9"


@pytest.mark.parametrize(
    ("hostile", "sent"),
    [
        ("../admin", "Patient/..%2Fadmin"),
        ("1?_revinclude=x", "Patient/1%3F_revinclude%3Dx"),
        ("a#b", "Patient/a%23b"),
        ("..", "Patient?_id=.."),
        (".", "Patient?_id=."),
        ("é", "Patient/%C3%A9"),
    ],
)
def test_a_patient_id_cannot_alter_the_path(hostile, sent):
    """OUT-05."""
    assert search(REQUESTS["patient"], patient_id=hostile) == sent


def test_a_patient_id_cannot_become_two_patients_or_another_parameter():
    """OUT-05."""
    query = search(REQUESTS["conditions"], patient_id="a,b|c&_count=9")
    assert query == "Condition?patient=a%5C%2Cb%5C%7Cc%26_count%3D9&_count=500"


def test_medications_are_searched_by_id_together():
    assert medications_query(["m1", "m,2"]) == "Medication?_id=m1,m%5C%2C2&_count=2"
    assert read_query("Medication", "m/1") == "Medication/m%2F1"
