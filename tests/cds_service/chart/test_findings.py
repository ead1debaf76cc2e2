"""Positive or negative, in the codes and words of laboratories."""

import pytest

from cards.concepts import load_value_sets
from cards.facts import Finding
from cds_service.chart.results import assay_of, read_result

VALUE_SETS = load_value_sets()
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
V3 = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
POS, NEG, IND = Finding.POSITIVE, Finding.NEGATIVE, Finding.INDETERMINATE


def finding(**holder: object) -> Finding | None:
    result = read_result(holder, assay_of("hbsag", VALUE_SETS), VALUE_SETS)
    assert result is not None
    assert (result.finding is None) == bool(result.unreadable)
    return result.finding


def answer(system: str, code: str) -> dict:
    return {"valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Positive", POS),
        ("REACTIVE", POS),
        ("Detected", POS),
        ("pos", POS),
        ("weakly positive", POS),
        ("Negative", NEG),
        ("NON-REACTIVE", NEG),
        ("nonreactive", NEG),
        ("Not Detected.", NEG),
        ("Non Reactive", NEG),
        ("Negative (qualifier value)", NEG),
        ("undetectable", NEG),
        ("Equivocal", IND),
        ("indeterminate", IND),
        ("Grayzone", IND),
        ("Borderline", IND),
        ("Repeatedly reactive", POS),
        ("Reactive (confirmed)", POS),
        ("Reactive (Positive)", POS),
        ("Nonreactive (Negative)", NEG),
        ("Non-Reactive (NEGATIVE)", NEG),
        ("Not detected (negative)", NEG),
        ("Neg/Non-reactive", NEG),
        ("Repeat reactive", POS),
        ("Reactive (A)", POS),
        ("POSITIVE (Abnormal)", POS),
        ("NEG (<0.05)", NEG),
        ("Nonreactive (0.12)", NEG),
        ("NON-REACTIVE S/CO 0.12", NEG),
        ("POS (S/CO 4.21)", POS),
        ("Reactive, 4.21 index", POS),
        ("0.12 non-reactive", NEG),
        ("0.12 S/CO Non Reactive", NEG),
        ("Equivocal 0.95 S/CO", IND),
        ("Not Detected (Target Not Detected)", NEG),
        ("DETECTED (A)", POS),
        ("Weak reactive", POS),
        ("HBsAg: Negative", NEG),
        ("Hepatitis B surface antigen not detected", NEG),
        ("HBSAG REACTIVE", POS),
        ("negativ", NEG),
        ("Négatif", NEG),
        ("No reactivo", NEG),
        ("nicht nachweisbar", NEG),
        ("positiv", POS),
        ("Reactivo", POS),
        ("陰性", NEG),
        ("阳性", POS),
    ],
)
def test_answers_in_words(text, expected):
    assert finding(valueString=text) is expected
    assert finding(valueCodeableConcept={"text": text}) is expected
    assert finding(valueCodeableConcept={"coding": [{"display": text}]}) is expected


@pytest.mark.parametrize(
    "text",
    [
        "see comment",
        "neg?",
        "Negative (?)",
        "POS? 4.21",
        "Reactive, see comment",
        "Positive (see comment)",
        "Reactive (not confirmed)",
        "Reactive (negative)",
        "negative control failed",
        "not negative",
        "positive or negative",
        "NR",
        "Specimen hemolyzed",
        "not reactive enough to report",
        "+",
        "",
        "Negative 2019",
        "Negative (3/2019)",
        "Reactive (ref <1.0)",
        "0.12, never reactive",
        "12 non",
        "HBsAg",
        "HBsAg antibody positive",
        "anti-HBc negative",
        "HBsAg negative, anti-HBc positive",
        "HBsAg confirmation negative",
    ],
)
def test_free_text_is_no_answer(text):
    assert finding(valueString=text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Detected, <20 IU/mL", POS),  # less than can be counted, yet there
        ("<20 IU/mL detected", POS),
        ("<20 IU/mL, HBV DNA detected", POS),
        ("<10 DETECTED", POS),
        ("1,250 IU/mL", POS),
        (">170,000,000 IU/mL", POS),
        ("Not detected (<10 IU/mL)", NEG),
        ("<20 IU/mL", NEG),
        ("Target not detected", NEG),
        ("Not detected, 250 IU/mL", None),
        ("<20 IU/mL, trace found", None),
    ],
)
def test_a_viral_load_in_words_and_number(text, expected):
    result = read_result({"valueString": text}, assay_of("hbv_dna_quantitative", VALUE_SETS), VALUE_SETS)
    assert result is not None
    assert result.finding is expected


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (SNOMED, "10828004", POS),
        (SNOMED, "11214006", POS),
        (SNOMED, "260373001", POS),
        (SNOMED, "260408008", POS),
        (SNOMED, "260385009", NEG),
        (SNOMED, "131194007", NEG),
        (SNOMED, "260415000", NEG),
        (SNOMED, "82334004", IND),
        (SNOMED, "42425007", IND),
        (LOINC, "LA6576-8", POS),
        (LOINC, "LA6577-6", NEG),
        (LOINC, "LA11884-6", IND),
        ("https://snomed.info/sct", "260385009", NEG),
        ("urn:oid:2.16.840.1.113883.6.96", "260385009", NEG),
    ],
)
def test_answers_in_codes(system, code, expected):
    assert finding(**answer(system, code)) is expected


@pytest.mark.parametrize(
    "system", [V3, "http://terminology.hl7.org/CodeSystem/v2-0078", "http://hl7.org/fhir/v2/0078", ""]
)
@pytest.mark.parametrize(("code", "expected"), [("POS", POS), ("NEG", NEG), ("NR", NEG), ("ND", NEG), ("IND", IND)])
def test_interpretation_flags_of_every_version(system, code, expected):
    flag = {"coding": [{"system": system, "code": code} if system else {"code": code}]}
    assert finding(interpretation=[flag]) is expected
    assert finding(interpretation=flag) is expected  # one object in STU3


@pytest.mark.parametrize("code", ["A", "N", "H", "L"])
def test_abnormal_and_normal_say_neither_positive_nor_negative(code):
    assert finding(valueString="see comment", interpretation=[{"coding": [{"system": V3, "code": code}]}]) is None


def test_a_code_without_words_of_no_known_system_is_a_word():
    assert finding(valueCodeableConcept={"coding": [{"code": "NEG"}]}) is NEG
    assert finding(valueCodeableConcept={"coding": [{"system": "urn:local", "code": "Reactive"}]}) is POS
    assert finding(valueCodeableConcept={"coding": [{"system": "urn:local", "code": "NR"}]}) is None
    assert finding(valueCodeableConcept={"coding": [{"code": "NEG", "display": "see comment"}]}) is None


def test_an_abnormal_flag_beside_an_answer_changes_nothing():
    assert finding(valueString="Reactive", interpretation=[{"coding": [{"system": V3, "code": "A"}]}]) is POS


def test_words_beside_the_codes_that_say_more_than_an_answer_change_nothing():
    both = {"coding": [{"system": SNOMED, "code": "260385009"}], "text": "HBsAg screen, non-reactive at 0.1"}
    assert finding(valueCodeableConcept=both) is NEG


@pytest.mark.parametrize(
    ("coding", "text", "expected"),
    [
        ({"code": "260385009"}, "POSITIVE", None),
        ({"code": "260385009", "display": "Positive"}, "", None),
        ({"code": "10828004"}, "Not detected", None),
        ({"code": "260385009", "display": "Negative"}, "Non-reactive", NEG),
        ({"code": "10828004"}, "weakly positive", POS),
        ({"code": "260385009", "display": "Positive or negative"}, "", NEG),
    ],
)
def test_the_codes_and_the_words_of_an_answer_have_to_agree(coding, text, expected):
    answered = {"coding": [{"system": SNOMED, **coding}], "text": text}
    assert finding(valueCodeableConcept=answered) is expected


def test_answers_that_contradict_each_other_are_unreadable():
    assert finding(valueString="Negative", interpretation=[{"coding": [{"system": V3, "code": "POS"}]}]) is None
    two = {"coding": [{"system": SNOMED, "code": "260385009"}, {"system": LOINC, "code": "LA6576-8"}]}
    assert finding(valueCodeableConcept=two) is None


def test_yes_and_no_answer_a_presence_test():
    assert finding(valueBoolean=True) is POS
    assert finding(valueBoolean=False) is NEG


def test_an_answer_unknown_to_the_value_sets_is_unreadable():
    assert finding(**answer("urn:local", "17")) is None
    assert finding(valueCodeableConcept={"coding": []}) is None


def test_indeterminate_beside_a_number_stays_indeterminate():
    flag = [{"coding": [{"system": V3, "code": "IND"}]}]
    assert finding(valueQuantity={"value": 0.9, "unit": "{s_co_ratio}"}, interpretation=flag) is IND
