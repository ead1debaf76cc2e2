"""Dosage instructions in the shapes senders were seen to write them."""

from datetime import UTC, date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds_service.fhir.dosage import Dosage, Dose, Limit, dosages

UCUM = "http://unitsofmeasure.org"
MG_75 = {"value": 75, "unit": "mg", "system": UCUM, "code": "mg"}
TWICE = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}
ONE = {"doseAndRate": [{"doseQuantity": MG_75}], "timing": TWICE}


def line(**changes) -> Dosage:
    """The one dose line of an order whose line has these elements."""
    (read,) = dosages({"dosageInstruction": [changes]}, UTC)
    return read


def dose_and_rate(kind, value, unit, system="http://epic.com/CodeSystem/dose-rate-type"):
    return {
        "type": {"coding": [{"system": system, "code": kind, "display": kind}], "text": kind},
        "doseQuantity": {"value": value, "unit": unit},
    }


# -- dose ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape",
    [
        {"doseAndRate": [{"doseQuantity": MG_75}]},
        {"doseAndRate": {"doseQuantity": MG_75}},  # an object where FHIR has an array
        {"doseQuantity": MG_75},  # STU3
        {"doseAndRate": [], "doseQuantity": MG_75},
        {"doseAndRate": [{"rateQuantity": {"value": 50, "unit": "mL/h"}}, {"doseQuantity": MG_75}]},
    ],
)
def test_the_dose_is_found_in_every_version(shape):
    assert line(**shape).dose == Dose(75, 75, "mg")


def test_of_several_doses_the_ordered_one_counts_and_they_are_never_added():
    several = [
        dose_and_rate("calculated", 30, "mg"),
        dose_and_rate("admin-amount", 1, "tablet"),
        dose_and_rate("ordered", 60, "mg"),
    ]
    assert line(doseAndRate=several).dose == Dose(60, 60, "mg")
    assert line(doseAndRate=several[:2]).dose == Dose(30, 30, "mg")
    assert line(doseAndRate=several[1:2]).dose == Dose(1, 1, "tablet")


def test_a_dose_by_body_size_brings_what_it_comes_to():
    ordered = dose_and_rate("ordered", 1, "mg/kg")
    given = dose_and_rate("admin-amount", 4, "tablet")
    read = line(doseAndRate=[given, ordered, dose_and_rate("calculated", 80, "mg")])
    assert (read.dose, read.calculated) == (Dose(1, 1, "mg/kg"), Dose(80, 80, "mg"))
    assert line(doseAndRate=[ordered, given]).calculated == Dose(4, 4, "tablet")


@pytest.mark.parametrize(
    "entries",
    [
        [dose_and_rate("ordered", 1, "mg/kg")],
        [dose_and_rate("ordered", 60, "mg"), dose_and_rate("calculated", 30, "mg")],
        [dose_and_rate("ordered", 1, "mg/kg"), dose_and_rate("x", 80, "mg"), dose_and_rate("x", 90, "mg")],
        [dose_and_rate("ordered", 1, "mg/kg"), {"doseRange": {"low": {"value": 60, "unit": "mg"}}}],
    ],
)
def test_nothing_is_calculated_where_the_sender_does_not_say_it_clearly(entries):
    assert line(doseAndRate=entries).calculated is None


def test_doses_are_equal_whatever_their_units_are_called():
    called = [{"doseQuantity": MG_75}, {"doseQuantity": {**MG_75, "unit": "Milligram"}}]
    assert line(doseAndRate=called).dose[:3] == (75, 75, "mg")


def test_several_doses_of_no_type_are_one_only_when_they_are_equal():
    twice = [{"doseQuantity": MG_75}, {"doseQuantity": MG_75}]
    assert line(doseAndRate=twice).dose == Dose(75, 75, "mg")
    differ = [{"doseQuantity": MG_75}, {"doseQuantity": {"value": 1, "unit": "capsule"}}]
    assert (line(doseAndRate=differ).dose, line(doseAndRate=differ).unreadable) == (None, "several doses that differ")


def test_more_lines_or_doses_than_are_read_leave_the_order_unread():
    """A part of them would be another order."""
    assert len(dosages({"dosageInstruction": [ONE] * 100}, UTC)) == 100
    (read,) = dosages({"dosageInstruction": [ONE] * 101}, UTC)
    assert read == Dosage(unreadable="more dose lines than are read")
    doses = [{"doseQuantity": MG_75}]
    assert line(doseAndRate=doses * 20).dose == Dose(75, 75, "mg")
    assert line(doseAndRate=doses * 21).unreadable == "more doses than are read"


def test_a_range_keeps_both_ends():
    low, high = {"value": 50, "unit": "mg"}, {"value": 75, "unit": "mg"}
    assert line(doseAndRate=[{"doseRange": {"low": low, "high": high}}]).dose == Dose(50, 75, "mg")
    assert line(doseRange={"low": low, "high": high}).dose == Dose(50, 75, "mg")  # STU3
    assert line(doseAndRate=[{"doseRange": {"high": high}}]).dose == Dose(75, 75, "mg")
    assert line(doseAndRate=[{"doseRange": {"low": {"value": 50}, "high": high}}]).dose == Dose(50, 75, "mg")


@pytest.mark.parametrize(
    ("dose", "why"),
    [
        ({"doseRange": {"low": {"value": 50, "unit": "mg"}}}, "a dose range without an upper end"),
        ({"doseRange": {"low": {"value": 1, "unit": "g"}, "high": {"value": 75, "unit": "mg"}}},
            "a dose range that is not understood"),
        ({"doseRange": {"low": {"value": 90, "unit": "mg"}, "high": {"value": 75, "unit": "mg"}}},
            "a dose range that is not understood"),
        ({"doseQuantity": {"unit": "mg"}}, "a dose without a number"),
        ({"doseQuantity": {"value": "one", "unit": "mg"}}, "a dose without a number"),
        ({"doseQuantity": "75 mg"}, "a dose without a number"),
        ({"doseQuantity": {"value": 75, "unit": "mg", "comparator": "<"}}, "a dose with a comparator"),
        ({"doseRange": {"low": {"value": None}, "high": {"value": 75, "unit": "mg"}}}, "a dose without a number"),
    ],
)  # fmt: skip
def test_a_dose_that_cannot_be_read_is_told_and_no_text_stands_in_for_it(dose, why):
    read = line(doseAndRate=[dose], timing=TWICE, text="Take 75 mg twice daily")
    assert (read.dose, read.unreadable, read.from_text) == (None, why, False)


@pytest.mark.parametrize("value", [0, -75])
def test_zero_and_negative_doses_are_kept(value):
    assert line(doseAndRate=[{"doseQuantity": {"value": value, "unit": "mg"}}]).dose == Dose(value, value, "mg")


def test_no_dose_is_no_dose():
    assert line(timing=TWICE) == Dosage(schedule=line(timing=TWICE).schedule)


# -- text ------------------------------------------------------------------------------------------------------------


def test_a_line_of_text_alone_is_read_by_the_strict_grammar():
    read = line(text="Take 75 mg by mouth twice daily")
    assert (read.dose, read.schedule.per_day, read.from_text, read.route) == (Dose(75, 75, "mg"), 2, True, "oral")


def test_the_patients_instruction_stands_in_for_the_text():
    assert line(patientInstruction="Take 75 mg twice daily").dose == Dose(75, 75, "mg")


@pytest.mark.parametrize("text", ["as directed", "1 tablet daily with food"])
def test_text_that_is_left_over_makes_the_line_unreadable(text):
    read = line(text=text)
    assert (read.dose, read.unreadable) == (None, "the instructions are free text that is not understood")


def test_structure_wins_over_text():
    read = line(**ONE, text="Take 150 mg three times daily")
    assert (read.dose, read.schedule.per_day, read.from_text) == (Dose(75, 75, "mg"), 2, False)


def test_text_completes_a_line_that_lacks_its_timing():
    read = line(doseAndRate=[{"doseQuantity": MG_75}], text="Take 1 capsule three times daily")
    assert (read.dose, read.schedule.per_day, read.from_text) == (Dose(75, 75, "mg"), 3, True)


def test_text_completes_a_timing_that_has_bounds_only():
    bounds = {"repeat": {"boundsPeriod": {"start": "2026-06-15"}, "count": 5}}
    read = line(doseAndRate=[{"doseQuantity": MG_75}], timing=bounds, text="75 mg daily for 10 days")
    assert (read.schedule.starts_on, read.schedule.total, read.schedule.per_day) == (date(2026, 6, 15), 5, 1)
    assert read.schedule.lasts_days == 10


@pytest.mark.parametrize(
    ("text", "per_day", "from_text"),
    [("75 mg twice daily", 2, True), ("75 mg once", None, False), ("before meals", None, False), ("", None, False)],
)
def test_text_tells_whether_the_one_day_of_a_timing_is_the_first_or_the_only_one(text, per_day, from_text):
    read = line(doseAndRate=[{"doseQuantity": MG_75}], timing={"event": ["2026-06-15"]}, text=text)
    assert (read.unreadable, read.from_text, read.schedule.events) == ("", from_text, (date(2026, 6, 15),))
    assert read.schedule.frequency == per_day


def test_text_completes_a_line_that_lacks_its_dose():
    read = line(timing=TWICE, text="75 mg twice daily")
    assert (read.dose, read.schedule.per_day, read.from_text) == (Dose(75, 75, "mg"), 2, True)


@pytest.mark.parametrize(
    "repeat",
    [
        TWICE["repeat"],
        {"when": ["HS"]},
        {"timeOfDay": ["08:00", "20:00"]},
        {"period": 1, "periodUnit": "d"},
        {"frequency": 1, "period": 12, "periodUnit": "h"},
    ],
)
def test_text_that_disagrees_with_the_timing_completes_nothing(repeat):
    read = line(timing={"repeat": repeat}, text="75 mg three times daily")
    assert read.unreadable == "the text and the timing disagree"


@pytest.mark.parametrize(
    "repeat", [{"when": ["MORN", "HS"]}, {"timeOfDay": ["08:00", "20:00"]}, {"period": 12, "periodUnit": "h"}]
)
def test_text_that_agrees_with_the_timing_completes_the_line(repeat):
    assert line(timing={"repeat": repeat}, text="75 mg twice daily").unreadable == ""


@pytest.mark.parametrize(
    ("timing", "why"),
    [
        (
            {"code": {"coding": [{"code": "BID"}], "text": "three times daily"}},
            "the timing code and its words disagree",
        ),
        ({**TWICE, "modifierExtension": [{"url": "https://ehr.example/x"}]}, "a modifier is not understood"),
        ({"repeat": {**TWICE["repeat"], "periodMax": "x"}}, "periodMax is no number"),
    ],
)
def test_text_does_not_mend_a_timing_that_cannot_be_read(timing, why):
    assert line(timing=timing, text="75 mg twice daily").unreadable == why


def test_a_timing_code_that_says_nothing_leaves_it_to_the_text():
    assert line(timing={"code": {"text": "per protocol"}}, text="75 mg twice daily").schedule.per_day == 2


def test_a_dose_in_words_is_kept_beside_the_structured_one_for_comparison():
    read = line(doseAndRate=[{"doseQuantity": MG_75}], text="take 2 capsules twice daily")
    assert (read.dose, read.said) == (Dose(75, 75, "mg"), Dose(2, 2, "{capsule}"))
    assert line(text="75 mg twice daily").said is None


def test_a_dose_without_timing_and_without_a_sig_is_no_mistake():
    assert line(doseAndRate=[{"doseQuantity": MG_75}], text="before meals").unreadable == ""


def test_a_line_that_is_a_bare_sig():
    (read,) = dosages({"dosageInstruction": ["Take 75 mg twice daily"]}, UTC)
    assert read.dose == Dose(75, 75, "mg")


def test_r5_renders_the_instructions_as_text():
    (read,) = dosages({"renderedDosageInstruction": "Take 75 mg twice daily"}, UTC)
    assert (read.dose, read.from_text) == (Dose(75, 75, "mg"), True)


# -- as needed, dialysis, limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"asNeededBoolean": True},
        {"asNeededCodeableConcept": {"text": "pain"}},
        {"asNeeded": True},  # R5
        {"asNeededFor": [{"text": "pain"}]},  # R5
        {"asNeeded": {"text": "pain"}},
        {"text": "1 tablet every four hours as needed for pain"},
        {"additionalInstruction": [{"text": "PRN"}]},
        {"timing": {"code": {"text": "Q4H PRN"}}},
    ],
)
def test_as_needed_is_said_in_many_ways(said):
    assert line(**{**ONE, **said}).as_needed


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"asNeededBoolean": False},
        {"asNeededBoolean": False, "text": "as needed"},
        {"asNeeded": False},
        {"asNeededFor": []},
    ],
)
def test_what_is_not_as_needed(said):
    assert not line(**ONE, **said).as_needed


@pytest.mark.parametrize(
    "said",
    [
        {"text": "50 mg after dialysis"},
        {"text": "50 mg post-HD"},
        {"patientInstruction": "Take after each haemodialysis"},
        {"additionalInstruction": [{"text": "following hemodialysis"}]},
        {"additionalInstruction": {"coding": [{"display": "After dialysis"}]}},
        {"additionalInstructions": {"text": "after dialysis"}},  # STU3
        {"asNeededCodeableConcept": {"text": "after every dialysis"}},
        {"timing": {"code": {"text": "After dialysis"}}},
        {"text": "immediately following every 4-hour hemodialysis treatment"},
        {"text": "after each 4 hours of hemodialysis"},
        {"text": "after each HD session"},
        {"text": "after completion of dialysis"},
        {"text": "at the end of dialysis"},
        {"text": "after a dialysis session"},
        {"text": "after iHD"},
        {"text": "postdialysis"},
        {"text": "post-haemodialysis"},
        {"text": "on dialysis days only, after the session"},
        {"text": "do not take before dialysis, take after dialysis"},
    ],
)
def test_a_dose_after_dialysis_is_kept_apart(said):
    assert line(doseAndRate=[{"doseQuantity": MG_75}], **said).after_dialysis


@pytest.mark.parametrize(
    "text",
    [
        "not on the day before dialysis",
        "do not take after dialysis",
        "not after dialysis",
        "at the dialysis unit",
        "after dinner; on dialysis days before the session",
        "after HDL check",
        "4 hours after breakfast",
    ],
)
def test_what_is_not_after_dialysis(text):
    assert not line(**ONE, text=text).after_dialysis


DAY = {"value": 24, "unit": "h", "system": UCUM, "code": "h"}


@pytest.mark.parametrize(
    ("limit", "read"),
    [
        ({"numerator": {"value": 300, "unit": "mg"}, "denominator": DAY}, Limit(300, "mg", 1)),
        (
            [{"numerator": {"value": 300, "unit": "mg"}, "denominator": {"value": 1, "code": "d"}}],
            Limit(300, "mg", 1),
        ),  # R5
        (
            [
                {"numerator": {"value": 1, "unit": "g"}, "denominator": {"value": 1, "code": "wk"}},
                {"numerator": {"value": 300, "unit": "mg"}, "denominator": DAY},
            ],
            Limit(300, "mg", 1),
        ),
        ({"numerator": {"value": 300, "unit": "mg"}}, None),
        ({"numerator": {"value": 300, "unit": "mg"}, "denominator": {"value": 0, "code": "d"}}, None),
        ({"numerator": {"unit": "mg"}, "denominator": DAY}, None),
        ("300 mg/d", None),
    ],
)
def test_the_most_per_period(limit, read):
    assert line(**ONE, maxDosePerPeriod=limit).limit == read


# -- the rest --------------------------------------------------------------------------------------------------------


def test_sequence_text_and_route():
    read = line(**ONE, sequence=2, text="a", patientInstruction="b", route={"text": "Oral"})
    assert (read.sequence, read.text, read.patient_instruction, read.route) == (2, "a", "b", "oral")
    assert line(**ONE, sequence="2").sequence is None
    assert line(**ONE, sequence=True).sequence is None


def test_a_route_in_the_text_counts_when_there_is_no_other():
    assert line(**ONE, text="75 mg IV").route == "intravenous"
    assert line(**ONE, text="75 mg IV", route={"text": "Oral"}).route == "oral"
    assert line(patientInstruction="75 mg po daily").route == "oral"


@pytest.mark.parametrize(
    ("elements", "is_clear"),
    [
        ({**ONE, "timing": {"code": {"text": "Cycle 1"}}}, True),
        ({**ONE, "text": "75 mg three times daily"}, False),  # readable: the structured timing decides
        ({"doseAndRate": [{"doseQuantity": MG_75}], "text": "150 mg twice daily"}, False),
        ({"timing": {"code": {"text": "Cycle 1"}}}, False),
        ({**ONE, "modifierExtension": [{"url": "urn:half"}]}, False),
        (ONE, False),
    ],
)
def test_a_dose_stays_clear_where_only_the_timing_is_not_understood(elements, is_clear):
    assert line(**elements).only_timing_unreadable is is_clear


def test_a_modifier_that_is_not_understood_makes_the_line_unreadable():
    assert (
        line(**ONE, modifierExtension=[{"url": "urn:half", "valueBoolean": True}]).unreadable
        == "a modifier is not understood"
    )
    order = {"dosageInstruction": [ONE, {"text": "75 mg daily"}]}
    assert [read.unreadable for read in dosages(order, UTC)] == ["", ""]
    order["modifierExtension"] = [{"url": "http://nictiz.nl/fhir/StructureDefinition/ext-StopType"}]
    assert [read.unreadable for read in dosages(order, UTC)] == ["a modifier is not understood"] * 2
    timing = {**TWICE, "modifierExtension": [{"url": "urn:odd-weeks"}]}
    assert line(**{**ONE, "timing": timing}).unreadable == "a modifier is not understood"


def test_lines_keep_their_order():
    lines = dosages({"dosageInstruction": [{**ONE, "sequence": 2}, {**ONE, "sequence": 1}]}, UTC)
    assert [read.sequence for read in lines] == [2, 1]


def test_bounds_that_cannot_be_read_matter_where_there_are_several_lines():
    lost = {**ONE, "timing": {"repeat": {**TWICE["repeat"], "boundsDuration": {"value": 7}}}}
    assert line(**lost).unreadable == ""
    first, second = dosages({"dosageInstruction": [lost, ONE]}, UTC)
    assert (first.unreadable, second.unreadable) == ("the duration of a line is not understood", "")


def test_an_object_where_fhir_has_a_list_of_lines():
    assert len(dosages({"dosageInstruction": ONE}, UTC)) == 1


@pytest.mark.parametrize("resource", [{}, {"dosageInstruction": None}, {"dosageInstruction": []}])
def test_no_instructions_are_no_lines(resource):
    assert dosages(resource, UTC) == ()


@pytest.mark.parametrize("entry", [7, True, [ONE]])
def test_a_line_of_the_wrong_kind_is_unreadable(entry):
    (read,) = dosages({"dosageInstruction": [entry]}, UTC)
    assert read.unreadable == "a dosage instruction is not understood"


def test_private_elements_are_not_read():
    assert line(_doseAndRate=[{"doseQuantity": MG_75}], _text={"extension": []}) == Dosage()


PLAIN = st.sampled_from([None, True, False, 0, -1, 2.5, 10**30, "", "mg", "d", "BID", "75", "2026-06"])
NAMES = [
    "value",
    "unit",
    "code",
    "coding",
    "text",
    "low",
    "high",
    "doseQuantity",
    "repeat",
    "numerator",
    "boundsPeriod",
]
ODD = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=5,
)
ELEMENTS = [
    "text", "timing", "asNeededBoolean", "asNeededCodeableConcept", "doseAndRate", "doseQuantity", "doseRange", "route",
    "maxDosePerPeriod", "additionalInstruction", "sequence", "patientInstruction", "modifierExtension",
]  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(ELEMENTS), ODD, max_size=5))
def test_no_shape_raises(entry):
    (read,) = dosages({"dosageInstruction": [entry]}, UTC)
    assert isinstance(read, Dosage)
