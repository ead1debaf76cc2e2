"""Shapes in which senders were seen to write numbers and units."""

import pytest

from cds_service.fhir.quantity import Quantity, number_of, read_quantity

UCUM = "http://unitsofmeasure.org"


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ({"unit": "milligram", "system": UCUM, "code": "mg"}, "mg"),  # the code is right, the words are for display
        ({"unit": "mcg", "system": "https://unitsofmeasure.org/", "code": "ug"}, "ug"),
        ({"system": "UCUM", "code": "{pill}"}, "{pill}"),  # CDS Hooks sandbox: no unit, the system in short
        ({"system": "urn:oid:2.16.840.1.113883.6.8", "code": "mg"}, "mg"),
        ({"unit": "mg", "code": "mg"}, "mg"),  # a code without a system
        ({"unit": "mg"}, "mg"),
        ({"unit": "tablet", "system": "http://snomed.info/sct", "code": "428673006"}, "tablet"),
        ({"system": "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm", "code": "TAB"}, "TAB"),
        ({"unit": " mg "}, "mg"),
        ({"unit": 1}, "1"),
        ({}, ""),
        ({"unit": None, "code": ["mg"]}, ""),
    ],
)
def test_the_ucum_code_goes_before_the_words_and_the_words_before_codes_of_other_systems(quantity, unit):
    assert read_quantity({"value": 1, **quantity})[:2] == (1.0, unit)


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        ({"unit": "milligram", "system": UCUM, "code": "mg"}, "milligram"),
        ({"unit": "mg", "system": UCUM, "code": "mg"}, ""),
        ({"unit": " mg ", "system": UCUM, "code": "mg"}, ""),
        ({"unit": "tablet", "system": "http://snomed.info/sct", "code": "428673006"}, ""),
        ({"system": UCUM, "code": "mg"}, ""),
    ],
)
def test_what_a_unit_is_called_beside_its_code_is_kept(quantity, words):
    assert read_quantity({"value": 1, **quantity}) == Quantity(1.0, read_quantity(quantity).unit, "", words)


@pytest.mark.parametrize(
    ("system", "unit"),
    [
        ("https://unitsofmeasure.org", "mg"),
        ("http://unitsofmeasure.org/", "mg"),
        ("UCUM", "mg"),
        ("http://snomed.info/sct", "Milligram"),
    ],
)
def test_ucum_is_known_as_senders_spell_it(system, unit):
    assert read_quantity({"value": 75, "unit": "Milligram", "system": system, "code": "mg"}).unit == unit


@pytest.mark.parametrize("shape", [None, {}, [], "75 mg", 75, True, ["75 mg"]])
def test_what_is_no_quantity_is_none(shape):
    assert read_quantity(shape) is None


def test_a_quantity_in_a_list_is_the_first_of_it():
    assert read_quantity([{"value": 75, "unit": "mg"}]) == Quantity(75.0, "mg")


def test_a_comparator_is_kept():
    assert read_quantity({"value": 0.2, "comparator": "<", "unit": "mg/dL"}) == Quantity(0.2, "mg/dL", "<")
    assert read_quantity({"value": 1, "comparator": 7}) == Quantity(1.0, "")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (75, 75.0), (0, 0.0), (-1, -1.0), (82.5, 82.5), ("300", 300.0), (" 82.5 ", 82.5), ("-0.5", -0.5),
        ("1e3", 1000.0),
        ("75 mg", None), ("1,000", None), ("", None), ("NaN", None), (None, None), (True, None), ([75], None),
        ({}, None),
        (float("inf"), None), (float("nan"), None), (10**400, None), ("1e999", None),
        (2**53 - 1, 2.0**53 - 1), (2**53, None), (1e300, None), (-1e16, None), ("1e16", None),
    ],
)  # fmt: skip
def test_only_what_is_a_number_is_read_as_one(value, number):
    assert number_of(value) == number
