"""Which records count, in the words of three FHIR versions."""

import pytest

from cds_service.fhir.status import Standing, standing, status_in

CLINICAL = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")


def of(kind: str, status: object = None, **more: object) -> Standing:
    return standing({"resourceType": kind, **({} if status is None else {"status": status}), **more})


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_final_results_count(status):
    assert of("Observation", status) is Standing.COUNTS


@pytest.mark.parametrize("status", ["preliminary", "registered"])
def test_results_without_a_final_value_are_pending(status):
    assert of("Observation", status) is Standing.PENDING


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "unknown", "made-up"])
def test_other_results_are_ignored(status):
    assert of("Observation", status) is Standing.IGNORED


def test_a_missing_status_is_told_apart():
    assert of("Observation") is Standing.UNSTATED
    assert of("Observation", "") is Standing.UNSTATED


@pytest.mark.parametrize("status", ["Final", "FINAL", " final "])
def test_case_and_blanks_around_a_status_mean_nothing(status):
    """A negative test written so was "not on file"."""
    assert of("Observation", status) is Standing.COUNTS
    assert of("Observation", " ") is Standing.UNSTATED


def test_a_status_sent_as_a_concept_is_read():
    assert of("Observation", {"coding": [{"code": "final"}]}) is Standing.COUNTS


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("Procedure", "completed", Standing.COUNTS),
        ("Procedure", "in-progress", Standing.COUNTS),
        ("Procedure", "preparation", Standing.PENDING),
        ("Procedure", "not-done", Standing.IGNORED),
        ("Procedure", "entered-in-error", Standing.IGNORED),
        ("MedicationAdministration", "completed", Standing.COUNTS),
        ("MedicationAdministration", "not-done", Standing.IGNORED),
        ("MedicationDispense", "completed", Standing.COUNTS),
        ("MedicationDispense", "preparation", Standing.PENDING),
        ("MedicationDispense", "declined", Standing.IGNORED),
        ("MedicationStatement", "active", Standing.COUNTS),
        ("MedicationStatement", "recorded", Standing.COUNTS),
        ("MedicationStatement", "intended", Standing.PENDING),
        ("MedicationStatement", "not-taken", Standing.IGNORED),
        ("Encounter", "in-progress", Standing.COUNTS),
        ("Encounter", "cancelled", Standing.IGNORED),
        ("Encounter", "unknown", Standing.UNSTATED),
        ("Elephant", "final", Standing.IGNORED),
    ],
)
def test_what_a_status_makes_of_an_event(kind, status, expected):
    assert of(kind, status) is expected


def test_what_was_not_done_does_not_count_whatever_the_status():
    assert of("Procedure", "completed", notDone=True) is Standing.IGNORED  # STU3
    assert of("MedicationAdministration", "completed", notGiven=True) is Standing.IGNORED  # STU3
    assert of("MedicationStatement", "completed", taken="n") is Standing.IGNORED  # STU3
    not_taking = {"code": {"coding": [{"code": "not-taking"}]}}
    assert of("MedicationStatement", "recorded", adherence=not_taking) is Standing.IGNORED  # R5
    taking = {"code": {"coding": [{"code": "taking"}]}}
    assert of("MedicationStatement", "recorded", adherence=taking) is Standing.COUNTS


def test_a_clinical_status_is_read_bare_and_as_a_concept():
    assert status_in("active", CLINICAL) == "active"  # STU3
    assert status_in({"coding": [{"code": "Active"}]}, CLINICAL) == "active"
    assert status_in({"text": "Resolved"}, CLINICAL) == "resolved"
    problem_status = {"system": "http://snomed.info/sct", "code": "413322009", "display": "Resolved"}  # from C-CDA
    assert status_in({"coding": [problem_status]}, CLINICAL) == "resolved"
    assert status_in({"coding": [{"code": "81323004", "display": "Alive and well"}]}, CLINICAL) == "81323004"
    assert status_in(None, CLINICAL) == status_in({}, CLINICAL) == ""


def test_a_local_status_before_the_standard_one_is_passed_over():
    both = {"coding": [{"system": "urn:local", "code": "17"}, {"code": "resolved"}]}
    assert status_in(both, CLINICAL) == "resolved"
    assert status_in({"coding": [{"code": "17"}]}, CLINICAL) == "17"
