"""Timing codes and the frequency names of EHRs."""

import pytest

from cds_service.fhir.timing_code import read_timing_code

GTS = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"


@pytest.mark.parametrize(
    ("code", "per_day"),
    [
        ("QD", 1), ("BID", 2), ("TID", 3), ("QID", 4), ("QOD", 0.5), ("AM", 1), ("PM", 1), ("BED", 1), ("Q8H", 3),
        ("Q6H", 4), ("Q4H", 6), ("Q3H", 8), ("Q2H", 12), ("Q1H", 24), ("WK", 1 / 7), ("MO", 1 / 30.4375),
    ],
)  # fmt: skip
def test_the_abbreviations_of_hl7_are_read(code, per_day):
    assert read_timing_code({"coding": [{"system": GTS, "code": code}]}).per_day == pytest.approx(per_day)


@pytest.mark.parametrize(
    "system",
    [
        GTS,
        "http://hl7.org/fhir/v3/GTSAbbreviation",
        "urn:oid:2.16.840.1.113883.5.139",
        "http://hl7.org/fhir/timing-abbreviation",
        "",
    ],
)
def test_the_system_comes_in_several_forms(system):
    assert read_timing_code({"coding": [{"system": system, "code": "BED"}]}).per_day == 1


def test_a_code_of_another_system_is_no_abbreviation_of_hl7():
    assert read_timing_code({"coding": [{"system": "urn:local:days", "code": "MO"}]}).per_day is None
    assert read_timing_code({"coding": [{"system": "urn:local", "code": "bid"}]}).per_day == 2  # nothing else means BID


@pytest.mark.parametrize(
    ("words", "per_day"),
    [
        ("BID", 2), ("b.i.d.", 2), ("Q12H", 2), ("Q12H SCH", 2), ("q 8 h", 3), ("Every 24 hours", 1),
        ("2 times daily", 2),
        ("2x Daily", 2), ("3 times daily before meals", 3), ("4 times daily with meals and nightly", 4), ("daily", 1),
        ("Once Daily", 1), ("Nightly", 1), ("QHS", 1), ("every morning", 1), ("Twice a day", 2),
        ("three times per day", 3),
        ("every other day", 0.5), ("Every 2 days", 0.5), ("weekly", 1 / 7), ("3 times a week", 3 / 7),
        ("every 4 weeks", 1 / 28),
        ("monthly", 1 / 30.4375), ("every 3 months", 1 / 91.3125), ("every 30 minutes", 48), ("8-hourly", 3),
        ("0100, 0900, 1700", 3), ("09:00", 1), ("TID WC", 3), ("at bedtime", 1),
        ("daily at bedtime", 1), ("Once daily (in the evening)", 1), ("Nightly (at bedtime)", 1), ("TID w/meals", 3),
        ("3 times daily (with meals)", 3), ("QID (before meals and at bedtime)", 4),
        ("BD", 2), ("t.d.s.", 3), ("TDS PC", 3), ("QDS", 4), ("q.d.", 1), ("BDS", 2), ("OD", 1), ("o.m.", 1), ("ON", 1),
        ("mane", 1), ("Nocte", 1), ("mane and nocte", 2), ("morning and night", 2), ("thrice daily", 3),
        ("twice a day at institution-specified times", 2), ("Once every 2 weeks", 1 / 14), ("fortnightly", 1 / 14),
        ("every second day", 0.5), ("on alternate days", 0.5),
    ],
)  # fmt: skip
def test_the_frequency_names_of_ehrs_are_read(words, per_day):
    assert read_timing_code({"text": words}).per_day == pytest.approx(per_day)


@pytest.mark.parametrize(
    "words",
    [
        "every 4 hours while awake",
        "3 times daily with meals and at bedtime",
        "BID with meals and nightly",
        "twice daily at bedtime",
        "daily (0800, 2000)",
        "every 8 (eight) hours",
        "as directed",
        "twice",
        "per protocol",
        "every 0 hours",
        "0-hourly",
        "every",
        "MWF",
        "1030 units",
    ],
)
def test_words_that_are_not_understood_whole_say_nothing(words):
    read = read_timing_code({"text": words})
    assert (read.text, read.per_day, read.once) == (words, None, False)


@pytest.mark.parametrize("words", ["Once", "one time", "ONE-TIME ONLY", "x1", "STAT", "single dose", "OnceOnly"])
def test_a_single_dose_is_no_daily_one(words):
    read = read_timing_code({"text": words})
    assert read.once
    assert read.per_day is None


def test_as_needed_may_be_said_in_the_code():
    read = read_timing_code({"text": "Q4H PRN"})
    assert read.as_needed
    assert read.per_day == 6
    assert read_timing_code({"text": "every 6 Hours as needed"}).per_day == 4
    assert read_timing_code({"text": "Q6H:PRN"}) == ("Q6H:PRN", 4, False, True, False)


def test_the_display_of_a_code_of_another_system_is_read():
    concept = {"coding": [{"system": "http://snomed.info/sct", "code": "229799001", "display": "Twice a day"}]}
    assert read_timing_code(concept).per_day == 2


def test_a_local_number_is_no_time_of_day():
    assert read_timing_code({"coding": [{"system": "urn:oid:1.2.840.114350", "code": "1030"}]}).per_day is None


def test_parts_that_disagree_are_a_conflict():
    assert read_timing_code({"coding": [{"system": GTS, "code": "BID"}], "text": "three times daily"}).conflict
    assert read_timing_code({"coding": [{"system": GTS, "code": "BID"}], "text": "once"}).conflict
    assert not read_timing_code({"coding": [{"system": GTS, "code": "BID"}], "text": "2 times daily"}).conflict


@pytest.mark.parametrize("shape", [{}, [], None, 7, {"coding": ["BID"]}, {"text": 2}])
def test_odd_shapes_say_nothing(shape):
    assert read_timing_code(shape).per_day is None


def test_a_bare_code_is_read():
    assert read_timing_code("BID").per_day == 2  # STU3 and careless senders
