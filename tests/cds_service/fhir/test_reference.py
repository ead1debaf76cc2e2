"""References in the forms that were seen."""

import pytest

from cds_service.fhir.reference import by_reference, referred, relative, target

MEDICATION = {"resourceType": "Medication", "id": "m1"}


@pytest.mark.parametrize(
    ("reference", "short"),
    [
        ("Medication/1", "Medication/1"),
        ("https://ehr.example/fhir/Medication/1", "Medication/1"),
        ("https://ehr.example/fhir/Medication/1/_history/2", "Medication/1"),
        ("Medication/1/", "Medication/1"),
        ("1", "Medication/1"),  # a bare id was seen
        ("urn:uuid:1", "urn:uuid:1"),
        ("#1", "#1"),
    ],
)
def test_a_reference_in_its_short_form(reference, short):
    assert relative(reference) == short


def test_resources_are_found_by_type_and_id_and_by_full_url():
    names = by_reference([("https://ehr.example/fhir/Medication/m1", MEDICATION), ("", {"resourceType": "Medication"})])
    for reference in ("Medication/m1", "https://ehr.example/fhir/Medication/m1", "https://other/Medication/m1", "m1"):
        assert referred(names, reference) is MEDICATION
    assert referred(names, "Medication/m2") is None
    assert referred(by_reference([("urn:uuid:1", MEDICATION)]), "urn:uuid:1") is MEDICATION


def test_a_contained_resource_that_is_not_there():
    assert target({"contained": ["x", {"id": "y"}]}, "#z", lambda _: MEDICATION) is None
