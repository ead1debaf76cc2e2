"""Observations as senders write them: codes, panels, dates, statuses."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from cards.concepts import load_value_sets
from cards.facts import Finding, Measurement
from cards.records import Posture
from cds_service.chart.measurements import read_measurements

VALUE_SETS = load_value_sets()
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
RENAL = frozenset({"serum_creatinine", "creatinine_clearance", "egfr"})
SIZE = frozenset({"body_weight", "body_height"})
HBV = frozenset(
    {"hbsag", "anti_hbc_total", "anti_hbs_qualitative", "anti_hbs_quantitative", "hbv_dna_quantitative", "hbv_panels"}
)
HBSAG, ANTI_HBC, PANEL = "5196-1", "13952-7", "77190-7"


def code(number: str, system: str = LOINC, display: str = "") -> dict:
    return {"coding": [{"system": system, "code": number, "display": display}]}


def observation(number: str = "2160-0", **more: object) -> dict:
    resource = {"resourceType": "Observation", "status": "final", "code": code(number)}
    if not any(name.startswith("value") for name in more):
        resource["valueQuantity"] = {"value": 1.1, "unit": "mg/dL", "system": UCUM, "code": "mg/dL"}
    resource["effectiveDateTime"] = "2026-05-26T10:00:00Z"
    return {name: value for name, value in {**resource, **more}.items() if value is not None}


def bare(number: str, **more: object) -> dict:
    """An Observation without a value."""
    return observation(number, valueQuantity=None, **more)


def read(*observations: dict, concepts: frozenset[str] = RENAL, zone=UTC) -> list[Measurement]:
    return list(read_measurements(observations, concepts, value_sets=VALUE_SETS, patient_id="p1", zone=zone))


def test_a_final_result_is_read_with_its_day_code_and_laboratory():
    (found,) = read(observation(performer=[{"reference": "Organization/1"}, {"display": "Acme Laboratory"}]))
    assert found == Measurement(
        "serum_creatinine",
        on=date(2026, 5, 26),
        at=datetime(2026, 5, 26, 10, tzinfo=UTC),
        value=1.1,
        unit="mg/dL",
        received="1.1 mg/dL",
        code="2160-0",
        performer="Acme Laboratory",
    )


# -- codes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", [LOINC, "https://loinc.org", "http://loinc.org/", "urn:oid:2.16.840.1.113883.6.1"])
def test_loinc_is_known_by_address_and_oid(system):
    (found,) = read(observation(code=code("38483-4", system)))
    assert found.concept == "serum_creatinine"


def test_one_of_several_codings_is_enough_and_counts_once():
    several = {
        "coding": [{"system": "urn:local", "code": "CREA"}, *code("14682-9")["coding"], *code("2160-0")["coding"]]
    }
    (found,) = read(observation(code=several))
    assert (found.concept, found.code) == ("serum_creatinine", "14682-9")


@pytest.mark.parametrize(
    "unasked",
    [
        code("718-7"),  # haemoglobin
        code("2161-8"),  # creatinine in urine
        code("11042-9"),  # creatinine before dialysis
        code("5194-6"),  # anti-HBs, unconfirmed: decides nothing alone
        code("2160-0", "urn:local"),
        {"coding": [{"code": "2160-0"}]},  # without a system a number is any number
        {"text": "Creatinine"},
        None,
        "2160-0",
        {"coding": [{"system": LOINC}]},
    ],
)
def test_what_was_not_asked_for_is_left_out(unasked):
    assert read(observation(code=unasked), concepts=RENAL | HBV) == []


@pytest.mark.parametrize(
    ("named", "by_text"),
    [
        ({"text": "Creatinine, Serum"}, True),
        ({"coding": [{"system": "urn:local", "code": "CREA", "display": "Serum creatinine"}]}, True),
        ({"coding": [{"system": LOINC, "display": "Serum creatinine"}]}, True),
        (code("2160-0"), False),
        ({**code("2160-0"), "text": "Creatinine, Serum"}, False),
        ({"coding": [{"system": "urn:local", "code": "CREA"}, *code("2160-0")["coding"]]}, False),
    ],
)
def test_a_result_known_by_the_name_of_the_test_only_says_so(named, by_text):
    (found,) = read(observation(code=named))
    assert (found.concept, found.by_text) == ("serum_creatinine", by_text)


SNOMED = "http://snomed.info/sct"


def test_a_name_counts_beside_a_code_of_a_system_that_has_no_code_for_the_test():
    named = code("1014211000000100", SNOMED, "Hepatitis B surface antigen level")
    (found,) = read(observation(code=named), concepts=HBV)
    assert (found.concept, found.by_text) == ("hbsag", True)
    assert read(observation(code=code("2161-8", LOINC, "Serum creatinine"))) == []


@pytest.mark.parametrize(
    ("number", "named", "concept"),
    [
        # as public messages have them: the code is one test, the words another
        ("5195-3", "Hepatitis C antibody", ""),
        ("5195-3", "Hepatitis B Surface Antibody", ""),
        ("5195-3", "Measles virus IgM Ab [Presence] in Serum", ""),
        (HBSAG, "Rh Type", ""),
        (HBSAG, "Antibody screen", ""),
        ("16933-4", "Hepatitis B virus DNA", ""),
        (ANTI_HBC, "Hep B Core Ab, IgM", ""),
        (ANTI_HBC, "anti-HBc (IgM)", ""),
        (ANTI_HBC, "Hepatitis B core Ab total (IgG+IgM)", "anti_hbc_total"),
        (ANTI_HBC, "Hepatitis B virus core IgG+IgM Ab", "anti_hbc_total"),
        ("2160-0", "Creatinine, Urine", ""),
        (HBSAG, "Maternal HBsAg", ""),
        (HBSAG, "Hepatitis B Surface Antigen w/ reflex to confirmation", "hbsag"),
        (HBSAG, "HBsAg, anti-HBc and anti-HBs panel", "hbsag"),
        (HBSAG, "Hepatitis markers", "hbsag"),
        (ANTI_HBC, "HEPATITIS B CORE ANTIBODY, TOTAL, W/REFL TO IGM", "anti_hbc_total"),
        ("2160-0", "Creatinine with eGFR", "serum_creatinine"),
        ("29463-7", "Ideal body weight", ""),
        ("29463-7", "Dosing weight", "body_weight"),
    ],
)
def test_a_code_beside_the_name_of_another_test_is_neither(number, named, concept):
    value = {"value": 80, "unit": "kg"} if number == "29463-7" else {"value": 1.1, "unit": "mg/dL"}
    found = read(observation(code={**code(number), "text": named}, valueQuantity=value), concepts=RENAL | HBV | SIZE)
    assert [one.concept for one in found] == [concept] * bool(concept)


@pytest.mark.parametrize(
    ("specimen", "counts"),
    [
        ({"specimen": {"display": "Serum"}}, True),
        ({"specimen": {"reference": "Specimen/1"}}, True),
        ({"specimen": {"display": "Random urine"}}, False),
        (
            {"specimen": {"reference": "#s"}, "contained": [{"resourceType": "Specimen", "type": {"text": "Urine"}}]},
            False,
        ),
    ],
)
def test_a_result_of_another_specimen_is_left_out(specimen, counts):
    assert bool(read(observation(**specimen))) is counts


@pytest.mark.parametrize(
    ("focus", "counts"),
    [
        ({"reference": "Patient/p1"}, True),
        ({"reference": "Procedure/7"}, True),
        ({"reference": "Patient/donor"}, False),
        ({"reference": "https://ehr.example/fhir/RelatedPerson/7"}, False),
        ({"reference": "BiologicallyDerivedProduct/7"}, False),
        ({"display": "Donor"}, False),
    ],
)
def test_a_result_whose_focus_is_somebody_else_is_left_out(focus, counts):
    assert bool(read(observation(focus=[focus]))) is counts


def test_what_is_asked_for_in_another_data_request_is_left_out():
    assert read(observation("29463-7", valueQuantity={"value": 80, "unit": "kg"})) == []


def test_a_display_is_shown_without_invisible_characters():
    (found,) = read(
        observation(
            code=code("33914-3", display="eGFR mL/\u200bmin/\u200b1.73 sq M"),
            valueQuantity={"value": 40, "unit": "mL/min/{1.73_m2}"},
        )
    )
    assert (found.concept, found.display) == ("egfr", "eGFR mL/min/1.73 sq M")


def test_a_weight_that_the_patient_stated_is_marked():
    kg = {"value": 80, "unit": "kg"}
    stated, measured = read(
        observation("3142-7", valueQuantity=kg), observation("3141-9", valueQuantity=kg), concepts=SIZE
    )
    assert (stated.is_stated, measured.is_stated) == (True, False)


# -- status -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_final_results_count(status):
    (found,) = read(observation(status=status))
    assert (found.value, found.is_pending) == (1.1, False)


@pytest.mark.parametrize("status", ["preliminary", "registered"])
def test_a_preliminary_value_is_pending_and_not_used(status):
    (found,) = read(observation(status=status))
    assert (found.value, found.is_pending, found.unreadable) == (None, True, "")


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "unknown"])
def test_other_results_are_ignored(status):
    assert read(observation(status=status)) == []


def test_a_result_without_a_status_is_neither_used_nor_forgotten():
    (found,) = read(observation(status=None))
    assert (found.value, found.unreadable) == (None, "no status")


# -- time ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "day"),
    [
        ({"effectiveDateTime": "2026-05-26", "issued": "2026-06-01T10:00:00Z"}, date(2026, 5, 26)),
        ({"effectiveDateTime": "2026-05"}, date(2026, 5, 1)),
        ({"effectivePeriod": {"start": "2026-05-20", "end": "2026-05-21"}}, date(2026, 5, 21)),
        ({"effectivePeriod": {"start": "2026-05-20"}, "issued": "2026-06-01T10:00:00Z"}, date(2026, 6, 1)),
        ({"effectivePeriod": {"start": "2026-05-20"}}, date(2026, 5, 20)),
        ({"effectiveInstant": "2026-05-26T10:00:00Z"}, date(2026, 5, 26)),
        ({"effectiveTiming": {"event": ["2026-05-01", "2026-05-02"]}}, date(2026, 5, 2)),
        ({"issued": "2026-06-01T10:00:00Z"}, date(2026, 6, 1)),
        ({"effectiveDateTime": "yesterday", "issued": "2026-06-01T10:00:00Z"}, date(2026, 6, 1)),
        ({}, None),
        ({"effectiveDateTime": "yesterday"}, None),
        ({"effectivePeriod": "2026"}, None),
    ],
)
def test_the_day_of_a_result(times, day):
    (found,) = read(observation(effectiveDateTime=None) | times)
    assert found.on == day


def test_the_day_is_the_sites():
    (found,) = read(observation(effectiveDateTime="2026-06-15T02:00:00Z"), zone=ZoneInfo("America/New_York"))
    assert found.on == date(2026, 6, 14)


# -- values that cannot be used -----------------------------------------------------------------------------------


def test_a_laboratory_value_that_cannot_be_read_is_kept_as_unreadable():
    (found,) = read(observation(valueQuantity={"value": 1.1}))
    assert (found.concept, found.value, found.unreadable) == ("serum_creatinine", None, "no unit")


@pytest.mark.parametrize(
    "quantity",
    [{"value": 400, "unit": "kg"}, {"value": 20, "unit": "kg"}, {"value": 12, "unit": "[stone_av]"}, {"value": 80}],
)
def test_a_weight_that_cannot_be_used_is_ignored(quantity):
    assert read(observation("29463-7", valueQuantity=quantity), concepts=SIZE) == []


def test_a_test_that_was_not_done_is_no_result():
    assert read(bare("2160-0", dataAbsentReason={"coding": [{"code": "not-performed"}]})) == []


# -- panels -------------------------------------------------------------------------------------------------------


def component(number: str, **more: object) -> dict:
    return {"code": code(number), **more}


def test_components_are_read_with_the_status_and_time_of_their_panel():
    panel = bare(
        PANEL, component=[component(HBSAG, valueString="Negative"), component(ANTI_HBC, valueString="Reactive")]
    )
    hbsag, anti_hbc = read(panel, concepts=HBV)
    assert (hbsag.concept, hbsag.finding, hbsag.on) == ("hbsag", Finding.NEGATIVE, date(2026, 5, 26))
    assert (anti_hbc.concept, anti_hbc.finding) == ("anti_hbc_total", Finding.POSITIVE)
    (pending, _) = read(panel | {"status": "preliminary"}, concepts=HBV)
    assert pending.is_pending


def test_a_component_sent_as_an_object_is_read():
    (found,) = read(bare(PANEL, component=component(HBSAG, valueString="Negative")), concepts=HBV)
    assert found.finding is Finding.NEGATIVE


def test_a_component_without_a_value_says_why():
    absent = {"coding": [{"code": "not-performed"}]}
    panel = bare(PANEL, component=[component(HBSAG), component(ANTI_HBC, dataAbsentReason=absent)])
    (found,) = read(panel, concepts=HBV)
    assert (found.concept, found.unreadable) == ("hbsag", "no value was sent")


def test_contained_members_are_read_and_inherit_what_they_leave_out():
    member = {"resourceType": "Observation", "id": "m", "code": code(HBSAG), "valueString": "Negative"}
    panel = bare(PANEL, contained=[member], hasMember=[{"reference": "#m"}])
    (found,) = read(panel, concepts=HBV)
    assert (found.concept, found.finding, found.on) == ("hbsag", Finding.NEGATIVE, date(2026, 5, 26))


def test_a_contained_member_keeps_its_own_time_and_status():
    member = {
        "resourceType": "Observation",
        "status": "preliminary",
        "effectiveDateTime": "2026-01-01",
        "code": code(HBSAG),
        "valueString": "Negative",
    }
    (found,) = read(bare(PANEL, contained=member), concepts=HBV)
    assert (found.on, found.is_pending) == (date(2026, 1, 1), True)


def test_a_contained_member_of_another_patient_is_left_out():
    member = {
        "resourceType": "Observation",
        "code": code(HBSAG),
        "valueString": "Negative",
        "subject": {"reference": "Patient/p2"},
    }
    (found,) = read(bare(PANEL, contained=[member]), concepts=HBV)
    assert (found.concept, found.unreadable) == ("hbv_panels", "the results of the panel were not sent")


def test_contained_members_nest_no_deeper():
    inner = {"resourceType": "Observation", "code": code(ANTI_HBC), "valueString": "Negative"}
    member = {"resourceType": "Observation", "code": code(HBSAG), "valueString": "Negative", "contained": [inner]}
    assert [m.concept for m in read(bare(PANEL, contained=[member]), concepts=HBV)] == ["hbsag"]


def test_members_in_the_same_answer_speak_for_their_panel():
    member = observation(HBSAG, id="m1", valueString="Negative")
    panel = bare(PANEL, id="p", hasMember=[{"reference": "https://ehr.example.org/fhir/Observation/m1"}])
    assert [m.concept for m in read(panel, member, concepts=HBV)] == ["hbsag"]


@pytest.mark.parametrize("members", [[{"reference": "Observation/m1"}, {"reference": "Observation/gone"}], [{}], None])
def test_a_panel_whose_members_were_not_sent_is_unreadable(members):
    panel = bare(PANEL, hasMember=members)
    found = read(panel, observation(HBSAG, id="m1", valueString="Negative"), concepts=HBV)
    assert [(m.concept, m.unreadable) for m in found] == [
        ("hbv_panels", "the results of the panel were not sent"),
        ("hbsag", ""),
    ]


def test_a_panel_that_is_only_registered_is_pending():
    (found,) = read(bare(PANEL, status="registered"), concepts=HBV)
    assert (found.concept, found.is_pending) == ("hbv_panels", True)


def test_members_of_a_result_with_a_value_change_nothing():
    (found,) = read(observation(hasMember=[{"reference": "Observation/gone"}]))
    assert found.value == 1.1


# -- odd shapes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        {"component": ["x", None, {}]},
        {"contained": ["x", {"resourceType": "Patient"}]},
        {"performer": "x"},
        {"performer": {"display": "one object"}},
        {"interpretation": "N"},
        {"effectiveTiming": []},
        {"hasMember": "Observation/1"},
    ],
)
def test_odd_shapes_cost_nothing_else(odd):
    (found,) = read(observation(**odd))
    assert found.value == 1.1


def test_an_empty_observation_is_no_result():
    assert read({}, {"resourceType": "Observation", "status": "final"}) == []


# -- posture and reference range --------------------------------------------------------------------------------------

PRESSURE = frozenset({"systolic_blood_pressure"})


def pressure(number: str, **more: object) -> dict:
    value = {"value": 190, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}
    return observation(number, valueQuantity=value, **more)


@pytest.mark.parametrize(
    ("number", "posture"),
    [("8461-6", Posture.LYING), ("8459-0", Posture.UPRIGHT), ("8460-8", Posture.UPRIGHT), ("8480-6", None)],
)
def test_a_pressure_has_the_posture_of_its_code(number, posture):
    (found,) = read(pressure(number), concepts=PRESSURE)
    assert (found.value, found.posture) == (190, posture)


def test_the_posture_of_a_panel_is_that_of_its_components_and_its_own_value_is_no_systolic_one():
    position = {"code": code("8361-8"), "valueCodeableConcept": {"text": "supine"}}
    value = {"value": 190, "unit": "mm[Hg]", "system": UCUM, "code": "mm[Hg]"}
    panel = observation(
        "85354-9", valueQuantity=value, component=[{"code": code("8480-6"), "valueQuantity": value}, position]
    )
    (found,) = read(panel, concepts=PRESSURE)
    assert (found.value, found.posture) == (190, Posture.LYING)


def test_a_result_keeps_the_upper_limit_of_its_reference_range():
    limit = [{"high": {"value": 120, "unit": "umol/L", "system": UCUM, "code": "umol/L"}}]
    (found,) = read(observation(referenceRange=limit))
    assert found.upper_limit == pytest.approx(1.357, abs=0.001)
