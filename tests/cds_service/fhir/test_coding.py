"""Shapes in which senders were seen to write codes and words."""

import pytest

from cds_service.fhir.coding import Coding, as_dict, as_list, code_of, codings, codings_and_text, plain, text_of

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
TWO = {"coding": [{"system": ICD, "code": "E11.42", "display": "Diabetic polyneuropathy"}, {"code": "x"}]}


def test_every_coding_is_read_with_gaps_as_empty_strings():
    assert codings(TWO) == (Coding(ICD, "E11.42", "Diabetic polyneuropathy"), Coding("", "x", ""))


@pytest.mark.parametrize(
    "shape",
    [
        {"coding": {"system": ICD, "code": "G35"}},  # an object where FHIR has an array
        {"system": ICD, "code": "G35"},  # a Coding where FHIR has a CodeableConcept
        [{"coding": [{"system": ICD, "code": "G35"}]}],  # an array where FHIR has an object
        {"concept": {"coding": [{"system": ICD, "code": "G35"}]}},  # R5 CodeableReference
    ],
)
def test_a_coding_is_found_in_shapes_of_other_versions_and_careless_senders(shape):
    assert codings(shape) == (Coding(ICD, "G35", ""),)


@pytest.mark.parametrize("shape", [None, "G35", 7, [], {}, {"coding": None}, {"coding": ["G35"]}, {"text": "MS"}])
def test_no_coding_where_there_is_none(shape):
    assert codings(shape) == ()


def test_a_code_sent_as_a_number_is_its_digits():
    assert codings({"coding": [{"system": "s", "code": 187832}]}) == (Coding("s", "187832", ""),)


def test_blanks_around_codes_and_systems_go():
    assert codings({"coding": [{"system": f" {ICD}", "code": "E11.42 "}]}) == (Coding(ICD, "E11.42", ""),)


def test_text_is_preferred_to_displays():
    assert text_of({"text": "nerve damage", **TWO}) == "nerve damage"
    assert text_of(TWO) == "Diabetic polyneuropathy"
    assert text_of({"coding": [{"display": "a"}, {"display": "b"}, {"display": "a"}]}) == "a; b"


def test_words_come_bare_or_in_a_list_too():
    assert text_of("asthma ") == "asthma"
    assert text_of([{"text": "a"}, {"text": "b"}]) == "a; b"
    assert text_of({"concept": {"text": "from R5"}}) == "from R5"
    assert text_of(None) == text_of(5) == text_of({"text": ["odd"]}) == ""


def test_a_status_is_a_bare_code_in_stu3_and_a_concept_in_r4():
    assert code_of("active") == code_of({"coding": [{"code": "active"}]}) == code_of({"text": "active"}) == "active"
    assert code_of(None) == ""


def test_a_lone_value_counts_as_a_list_of_one():
    assert as_list({"a": 1}) == [{"a": 1}]
    assert as_list([1, 2]) == [1, 2]
    assert as_list(None) == []


@pytest.mark.parametrize("length", [10, 400])
def test_codes_and_words_read_at_once_are_those_read_apart(length):
    """Long ones are not remembered."""
    concept = {"coding": [{"system": "urn:a", "code": "1", "display": "x" * length}], "text": "y" * length}
    assert codings_and_text(concept) == (codings(concept), text_of(concept))


def test_a_list_of_one_counts_as_its_object():
    assert as_dict([{"a": 1}]) == {"a": 1}
    assert as_dict("a") == as_dict([]) == as_dict(["a"]) == as_dict(None) == {}


def test_zero_width_spaces_of_synthea_displays_go():
    assert plain("mL/\u200bmin/\u200b1.73 sq M", 80) == "mL/min/1.73 sq M"


def test_text_that_is_shown_is_one_printable_line():
    assert plain(" a\r\n\tb\u00a0 c\x00\u202e\u2028d ", 80) == "a b c d"
    assert plain("Treviño Echevarría", 80) == "Treviño Echevarría"
    assert plain(None, 80) == plain(12, 80) == ""


def test_text_that_is_shown_is_cut_visibly():
    assert plain("abcdef", 6) == "abcdef"
    assert plain("abcd efg", 6) == "abcd…"
    assert len(plain("x" * 9_000, 100)) == 100
