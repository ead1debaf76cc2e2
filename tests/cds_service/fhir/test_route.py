"""Routes as words and as codes."""

import pytest

from cds_service.fhir.route import read_route, route_in

SNOMED = "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("route", "read"),
    [
        ({"coding": [{"system": SNOMED, "code": "26643006", "display": "Oral Route"}]}, "oral"),
        ({"coding": [{"system": SNOMED, "code": "26643006"}]}, "oral"),  # no words at all
        ({"coding": [{"system": "urn:oid:1.2.840.114350.1.13.0.1.7.4.698288.7025", "code": "15"}], "text": "Oral"},
            "oral"),
        ({"coding": [{"system": SNOMED, "code": "255560000", "display": "Intravenous"}]}, "intravenous"),
        ({"coding": [{"system": SNOMED, "code": "1", "display": "Intravenous central route (qualifier value)"}]},
            "intravenous"),
        ({"coding": [{"code": "IV"}]}, "intravenous"),
        ({"text": "Subcutaneous route"}, "subcutaneous"),  # not cutaneous
        ({"text": "IM"}, "intramuscular"),
        ([{"text": "SC"}], "subcutaneous"),
        ("PO", "oral"),
        ({"text": "Transdermal"}, "topical"),
        ({"text": "Nasogastric"}, "oral"), ({"text": "PEG tube"}, "oral"), ({"text": "per G-tube"}, "oral"),
        ({"text": "Enteral"}, "oral"), ({"coding": [{"system": SNOMED, "code": "127492001"}]}, "oral"),
        ({"text": "oral or NG tube"}, "oral"), ({"text": "Parenteral"}, ""),
        ({"text": "Sublingual"}, "other"), ({"text": "Nebulization"}, "other"), ({"text": "Left eye"}, "other"),
        ({"text": "Intralesional"}, "other"), ({"coding": [{"system": SNOMED, "code": "54485002"}]}, "other"),
        ({"text": "Respiratory tract route"}, "other"),
        ({"coding": [{"system": "https://fimea.fi/route", "code": "1055", "display": "Suun kautta"}]}, ""),
        ({"text": "oral or intravenous"}, ""),
        (None, ""), ({}, ""), (7, ""), ({"coding": "IV"}, ""),
    ],
)  # fmt: skip
def test_a_route_is_read_from_its_words_else_from_its_code(route, read):
    assert read_route(route) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("500mg IV q6h x 3 days", "intravenous"),
        ("Take 1 capsule by mouth twice daily", "oral"),
        ("inject 10 units subcut before breakfast", "subcutaneous"),
        ("Infuse over 4 hours", ""),
        ("give PO, if vomiting give IV", ""),  # two routes are none
        ("skip one dose if dizzy", ""),
    ],
)
def test_instructions_name_a_route_when_they_name_one_only(text, read):
    assert route_in(text) == read
