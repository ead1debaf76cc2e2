"""Values as senders write them, in the unit of what was measured."""

import pytest

from cards.concepts import load_value_sets
from cards.facts import Finding
from cds_service.chart.results import Result, assay_of, read_result, upper_limit

UCUM = "http://unitsofmeasure.org"
VALUE_SETS = load_value_sets()


def read(concept: str, **holder: object) -> Result | None:
    return read_result(holder, assay_of(concept, VALUE_SETS), VALUE_SETS)


def quantity(value: object, unit: str = "", **more: object) -> dict:
    return {"value": value, **({"unit": unit, "code": unit, "system": UCUM} if unit else {}), **more}


def measured(concept: str, value: object, unit: str = "", **more: object) -> Result:
    result = read(concept, valueQuantity=quantity(value, unit, **more))
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("concept", "value", "unit", "expected"),
    [
        ("serum_creatinine", 1.1, "mg/dL", 1.1),
        ("serum_creatinine", 221, "umol/L", 2.5),
        ("serum_creatinine", 0.0884, "mmol/L", 1.0),
        ("body_weight", 176, "[lb_av]", 79.832),
        ("body_weight", 80_000, "g", 80),
        ("body_height", 1.78, "m", 178),
        ("body_height", 70, "[in_i]", 177.8),
        ("hba1c", 53, "mmol/mol", 7.0),
        ("hba1c", 7, "%", 7),
        ("igm", 4000, "mg/dL", 40),
        ("egfr", 55, "mL/min", 55),
    ],
)
def test_a_value_is_given_in_the_unit_of_its_concept(concept, value, unit, expected):
    result = measured(concept, value, unit)
    assert result.value == pytest.approx(expected, abs=0.005)
    assert result.unit == VALUE_SETS.concept(concept).unit
    assert not result.unreadable


def test_what_was_received_is_kept_as_it_came():
    assert measured("serum_creatinine", 221, "umol/L").received == "221 umol/L"
    assert measured("serum_creatinine", 1.0, "mg/dL", comparator="<").received == "<1 mg/dL"


@pytest.mark.parametrize("unit", ["mg/dl", "MG/DL", " mg/dL ", "mg/100mL"])
def test_units_in_other_words_are_understood(unit):
    assert read("serum_creatinine", valueQuantity={"value": 1.1, "unit": unit}).value == pytest.approx(1.1)


@pytest.mark.parametrize(
    "unit",
    [
        "mL/min/1.73 m²",
        "mL/min per 1.73 m2",
        "mL/min/1.73 square meters",
        "ml/min/1,73 qm",
        "mL/min/1.73/m2",
        "mL/min/((173/100).m2)",
    ],
)
def test_so_are_those_of_an_estimated_filtration_rate(unit):
    assert read("egfr", valueQuantity={"value": 45, "unit": unit}).value == 45


@pytest.mark.parametrize("unit", ["µmol/L", "μmol/L", "umol/l", "micromol/L"])
def test_either_micro_sign_is_understood(unit):
    assert read("serum_creatinine", valueQuantity={"value": 221, "unit": unit}).value == pytest.approx(2.5)


def test_the_ucum_code_counts_and_not_the_text_beside_it():
    odd = {"value": 2.5, "unit": "umol/L", "code": "mg/dL", "system": UCUM}
    assert read("serum_creatinine", valueQuantity=odd).value == 2.5


def test_a_number_that_is_plausible_in_both_units_is_not_guessed():
    for value, unit, code in [(176, "lb", "kg"), (80, "kg", "[lb_av]")]:
        result = read("body_weight", valueQuantity={"value": value, "unit": unit, "code": code, "system": UCUM})
        assert (result.value, result.unreadable) == (None, f"unit {code} or {unit}")
    same = {"value": 60, "unit": "mL/min", "code": "mL/min/{1.73_m2}", "system": UCUM}
    assert read("egfr", valueQuantity=same).value == 60


def test_the_text_counts_where_the_code_is_not_understood():
    odd = {"value": 2.5, "unit": "mg/dL", "code": "milligrams per deciliter of serum", "system": UCUM}
    assert read("serum_creatinine", valueQuantity=odd).value == 2.5
    snomed = {"value": 2.5, "unit": "mg/dL", "code": "258797006", "system": "http://snomed.info/sct"}
    assert read("serum_creatinine", valueQuantity=snomed).value == 2.5


def test_no_unit_is_never_guessed():
    result = measured("serum_creatinine", 1.1)
    assert (result.value, result.unreadable) == (None, "no unit")
    assert measured("serum_creatinine", 221).unreadable == "no unit"


def test_a_unit_of_something_else_is_not_understood():
    assert measured("serum_creatinine", 1.1, "mL").unreadable == "unit mL not understood"
    assert measured("hbv_dna_quantitative", 0, "{copies}/mL").unreadable == "unit {copies}/mL not understood"


@pytest.mark.parametrize("value", [0.05, 25, -1])
def test_a_creatinine_outside_the_plausible_is_unreadable(value):
    result = measured("serum_creatinine", value, "mg/dL")
    assert (result.value, result.unreadable) == (None, "not plausible")


@pytest.mark.parametrize("value", [0.1, 20])
def test_the_edges_of_the_plausible_are_read(value):
    assert measured("serum_creatinine", value, "mg/dL").value == value


def test_a_negative_amount_is_not_plausible_of_anything():
    assert measured("egfr", -3, "mL/min/{1.73_m2}").unreadable == "not plausible"


@pytest.mark.parametrize(("value", "unit"), [(21, "%"), (19, "mmol/mol")])
def test_an_hba1c_that_belongs_to_the_other_scale_is_unreadable(value, unit):
    assert measured("hba1c", value, unit).unreadable == f"{value} cannot be meant in {unit}"


@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">="])
def test_a_bound_is_kept_as_a_bound(comparator):
    result = measured("serum_creatinine", 0.2, "mg/dL", comparator=comparator)
    assert (result.value, result.comparator) == (0.2, comparator)


def test_a_comparator_that_is_no_bound_is_unreadable():
    assert measured("serum_creatinine", 1, "mg/dL", comparator="ad").unreadable == "neither a value nor a bound"


@pytest.mark.parametrize(
    ("text", "value", "comparator"),
    [("1.1 mg/dL", 1.1, ""), ("<0.2mg/dL", 0.2, "<"), ("≥ 5 mg/dL", 5, ">="), (" 221 umol/L ", 2.5, "")],
)
def test_a_string_that_is_a_number_and_a_unit_is_read(text, value, comparator):
    result = read("serum_creatinine", valueString=text)
    assert result.value == pytest.approx(value)
    assert result.comparator == comparator


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.1", "no unit"),
        ("1,1 mg/dL", "not a number"),
        ("1.1 mg/dL (hemolysed)", "unit mg/dL (hemolysed) not understood"),
        ("see comment", "not a number"),
        ("1.1-1.3 mg/dL", "unit -1.3 mg/dL not understood"),
        ("1:40", "not a number"),
        ("", "not a number"),
    ],
)
def test_a_string_that_says_more_or_less_is_unreadable(text, why):
    result = read("serum_creatinine", valueString=text)
    assert (result.value, result.unreadable) == (None, why)


def test_a_number_sent_as_a_string_is_read():
    assert measured("serum_creatinine", "1.1", "mg/dL").value == 1.1


def test_a_quantity_without_a_number_is_no_value():
    assert measured("serum_creatinine", "abc", "mg/dL").unreadable == "no value was sent"
    assert measured("serum_creatinine", None, "mg/dL").unreadable == "no value was sent"
    assert measured("serum_creatinine", True, "mg/dL").unreadable == "no value was sent"


def test_an_integer_has_no_unit():
    assert read("serum_creatinine", valueInteger=1).unreadable == "no unit"
    assert read("pain_score", valueInteger=7).value == 7  # a score needs none


@pytest.mark.parametrize(
    "holder",
    [
        {"valueRange": {"low": {"value": 1}}},
        {"valueRatio": {}},
        {"valuePeriod": {}},
        {"valueDateTime": "2026"},
        {"valueSampledData": {}},
        {"valueAttachment": {}},
        {"valueTime": "10:00"},
    ],
)
def test_other_kinds_of_value_are_neither_number_nor_answer(holder):
    assert read("serum_creatinine", **holder).unreadable == "not a number, not an answer"
    assert read("hbsag", **holder).unreadable == "not a number, not an answer"


def test_no_value_and_no_reason_is_unreadable():
    assert read("serum_creatinine").unreadable == "no value was sent"
    assert read("hbsag").unreadable == "no value was sent"


@pytest.mark.parametrize("reason", ["not-performed", "not-asked", "asked-declined", "not-applicable"])
def test_where_nobody_tested_there_is_no_result(reason):
    absent = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": reason}]}
    assert read("serum_creatinine", dataAbsentReason=absent) is None
    assert read("hbsag", dataAbsentReason=absent) is None
    assert read("hbsag", dataAbsentReason=absent, valueQuantity={"unit": "mg"}) is None


@pytest.mark.parametrize("reason", ["masked", "error", "unknown", "not-permitted", "unsupported", "local-17"])
def test_a_result_that_may_be_hidden_is_unreadable(reason):
    absent = {"coding": [{"code": reason}]}
    assert read("hbsag", dataAbsentReason=absent).unreadable == "no value was sent"


def test_a_value_that_is_still_to_come_is_pending():
    assert read("hbsag", dataAbsentReason={"coding": [{"code": "temp-unknown"}]}).is_pending


# -- positive and negative ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "more", "finding"),
    [
        (10, "m[IU]/mL", {}, Finding.POSITIVE),
        (9.9, "m[IU]/mL", {}, Finding.NEGATIVE),
        (10, "[IU]/L", {}, Finding.POSITIVE),
        (0.01, "[IU]/mL", {}, Finding.POSITIVE),
        (10, "m[IU]/mL", {"comparator": "<"}, Finding.NEGATIVE),
        (5, "m[IU]/mL", {"comparator": "<="}, Finding.NEGATIVE),
        (1000, "m[IU]/mL", {"comparator": ">"}, Finding.POSITIVE),
        (10, "m[IU]/mL", {"comparator": "<="}, None),  # ten itself would be positive
        (100, "m[IU]/mL", {"comparator": "<"}, None),
        (5, "m[IU]/mL", {"comparator": ">"}, None),
    ],
)
def test_anti_hbs_is_positive_from_its_cut_off(value, unit, more, finding):
    assert measured("anti_hbs_quantitative", value, unit, **more).finding is finding


def test_anti_hbs_without_a_unit_is_unreadable():
    result = measured("anti_hbs_quantitative", 250)
    assert (result.finding, result.unreadable) == (None, "no unit")


@pytest.mark.parametrize(
    ("value", "unit", "comparator", "finding"),
    [
        (350, "[IU]/mL", "", Finding.POSITIVE),
        (0, "[IU]/mL", "", Finding.NEGATIVE),
        (20, "[IU]/mL", "<", Finding.NEGATIVE),
        (170_000_000, "[IU]/mL", ">", Finding.POSITIVE),
        (2.3, "{Log_IU}/mL", "", Finding.POSITIVE),  # any amount in any unit is an amount
        (1200, "{copies}/mL", "", Finding.POSITIVE),
    ],
)
def test_any_amount_of_viral_dna_is_detectable_and_less_than_can_be_measured_is_not(value, unit, comparator, finding):
    result = measured("hbv_dna_quantitative", value, unit, comparator=comparator)
    assert result.finding is finding
    assert not result.unreadable


DETECTED = [
    {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "DET"}]}
]
NEGATIVE = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0078", "code": "NEG"}]}]


def test_viral_dna_below_what_can_be_counted_yet_detected_is_detected():
    below = quantity(20, "[IU]/mL", comparator="<")
    assert read("hbv_dna_quantitative", valueQuantity=below, interpretation=DETECTED).finding is Finding.POSITIVE


def test_number_and_interpretation_that_contradict_each_other_are_unreadable():
    result = read("hbv_dna_quantitative", valueQuantity=quantity(350, "[IU]/mL"), interpretation=NEGATIVE)
    assert (result.finding, result.value) == (None, None)
    assert result.unreadable == "number and interpretation contradict each other"


def test_a_signal_to_cut_off_ratio_means_what_its_interpretation_says():
    ratio = quantity(0.12, "{s_co_ratio}")
    assert read("hbsag", valueQuantity=ratio, interpretation=NEGATIVE).finding is Finding.NEGATIVE
    assert read("hbsag", valueQuantity=ratio, interpretation=NEGATIVE).received == "0.12 {s_co_ratio}"
    assert read("hbsag", valueQuantity=ratio).finding is None
    assert read("hbsag", valueQuantity=ratio).unreadable


def test_a_number_without_unit_but_with_an_interpretation_is_read():
    assert read("hbsag", valueQuantity={"value": 0.12}, interpretation=NEGATIVE).finding is Finding.NEGATIVE
    assert read("anti_hbc_igg", valueString="0.05", interpretation=NEGATIVE).finding is Finding.NEGATIVE


def test_a_number_alone_does_not_answer_a_test_without_a_cut_off():
    assert measured("anti_hbc_igg", 0.05).unreadable == "a number without an interpretation"
    assert measured("hbsag", 0.02, "[IU]/mL").finding is None


def test_a_flag_without_a_value_is_an_answer():
    assert read("hbsag", interpretation=NEGATIVE).finding is Finding.NEGATIVE
    assert read("serum_creatinine", interpretation=NEGATIVE).unreadable == "no value was sent"


def test_a_word_where_a_number_should_be_is_unreadable():
    assert read("serum_creatinine", valueCodeableConcept={"text": "normal"}).unreadable == "not a number"
    assert read("serum_creatinine", valueBoolean=True).unreadable == "not a number"


# -- grades -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "holder",
    [
        {"valueInteger": 3},
        {"valueQuantity": {"value": 3, "unit": "{grade}"}},
        {"valueString": "3"},
        {"valueString": "3 - severe"},
        {"valueString": "Grade 3"},
        {"valueCodeableConcept": {"text": "CTCAE Grade 3"}},
        {"valueCodeableConcept": {"text": "Grade 3 Severe Adverse Event"}},
        {"valueString": "Grade III (severe or medically significant)"},
        {
            "valueCodeableConcept": {
                "coding": [{"system": "http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system", "code": "3"}]
            }
        },
        {
            "valueCodeableConcept": {
                "coding": [{"system": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "code": "C41340"}]
            }
        },
    ],
)
def test_a_grade_comes_as_a_number_a_code_or_a_word(holder):
    assert read("adverse_event_grade", **holder).value == 3


@pytest.mark.parametrize(
    "holder",
    [
        {"valueInteger": 7},
        {"valueString": "Grade 9"},
        {"valueString": "Grade 1 - severe"},
        {"valueString": "Grade 3, resolved"},
        {"valueString": "Grade 2-3"},
        {"valueString": "2-3"},
        {"valueString": "3/10"},
        {"valueString": "severe"},
        {"valueInteger": 2.5},
        {"valueQuantity": {"value": 3, "comparator": ">="}},
        {"valueBoolean": True},
    ],
)
def test_what_is_no_grade_is_unreadable(holder):
    result = read("adverse_event_grade", **holder)
    assert (result.value, result.unreadable) == (None, "not a grade")


def limit(*ranges: object, value: object = None) -> float | None:
    holder = {"referenceRange": list(ranges), **({} if value is None else {"valueQuantity": value})}
    return upper_limit(holder, assay_of("alt", VALUE_SETS), VALUE_SETS)


def test_the_upper_limit_of_normal_is_read_in_the_unit_of_the_concept():
    assert limit({"low": quantity(7, "U/L"), "high": quantity(55, "U/L")}) == 55
    assert limit({"high": quantity(0.8, "ukat/L")}) == pytest.approx(48)


def test_a_limit_without_a_unit_is_meant_in_the_unit_of_the_result():
    assert limit({"high": quantity(55)}, value=quantity(120, "U/L")) == 55
    assert limit({"high": quantity(55)}) is None


def test_of_several_limits_of_normal_the_highest_counts():
    assert limit({"high": quantity(35, "U/L")}, {"high": quantity(50, "U/L")}) == 50


def test_a_critical_range_a_text_or_a_lower_end_is_no_upper_limit():
    critical = {"type": {"coding": [{"code": "critical"}]}, "high": quantity(1000, "U/L")}
    assert limit(critical, {"text": "below 40"}, {"low": quantity(7, "U/L")}, None) is None
