"""Timings as senders write them; nothing is corrected."""

from datetime import UTC, date

import pytest

from cards.orders import Timing
from cds_service.fhir.timing import Schedule, days_in, read_timing

UCUM = "http://unitsofmeasure.org"


def schedule(repeat, **timing):
    """The schedule of a repeat."""
    return read_timing({"repeat": repeat, **timing}, UTC).schedule


def test_a_schedule_has_the_fields_of_a_timing_in_their_order():
    names = {"total": "count", "total_max": "count_max"}  # a tuple has a method called count
    assert [names.get(name, name) for name in Schedule._fields] == list(Timing._fields)


def test_frequency_and_period_are_read():
    read = schedule({"frequency": 2, "frequencyMax": 3, "period": 1, "periodMax": 2, "periodUnit": "d"})
    assert read == Schedule(frequency=2, frequency_max=3, period=1, period_max=2, period_unit="d")


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("d", "d"),
        ("h", "h"),
        ("wk", "wk"),
        ("mo", "mo"),
        ("a", "a"),
        ("min", "min"),
        ("s", "s"),
        ("day", "d"),
        ("Hours", "h"),
    ],
)
def test_the_unit_of_the_period_may_be_a_word(written, unit):
    assert schedule({"frequency": 1, "period": 1, "periodUnit": written}).period_unit == unit


def test_dstu2_writes_period_units():
    assert schedule({"frequency": 2, "period": 1, "periodUnits": "d"}).period_unit == "d"


def test_a_unit_that_is_not_understood_is_told():
    read = read_timing({"repeat": {"frequency": 1, "period": 1, "periodUnit": "fortnight"}}, UTC)
    assert read.schedule.period_unit is None
    assert read.unreadable == "the unit of the period is not understood"


def test_a_missing_unit_is_no_other_than_missing():
    read = read_timing({"repeat": {"frequency": 1, "period": 1}}, UTC)
    assert (read.schedule.period_unit, read.unreadable) == (None, "")


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("name", ["frequency", "period", "count", "duration"])
def test_impossible_values_reach_the_rules(name, value):
    field = {"count": "total"}.get(name, name)
    assert getattr(schedule({name: value, "periodUnit": "wk"}), field) == value


def test_a_duration_of_zero_reaches_the_rules():
    assert schedule({"boundsDuration": {"value": 0, "system": UCUM, "code": "d"}}).lasts_days == 0


def test_numbers_as_text_are_numbers_and_words_are_told():
    assert schedule({"frequency": "2", "period": "1", "periodUnit": "d"}).frequency == 2
    assert read_timing({"repeat": {"frequency": "two", "period": 1, "periodUnit": "d"}}, UTC).unreadable


def test_lists_may_come_as_single_words():
    read = schedule({"when": "HS", "timeOfDay": "20:00:00", "dayOfWeek": "Mon"})
    assert (read.when, read.times_of_day, read.days_of_week) == (("HS",), ("20:00:00",), ("mon",))
    assert schedule({"when": ["AC", None, 7, ""]}).when == ("AC",)


def test_count_and_duration():
    read = schedule({"count": 5, "countMax": 6, "duration": 4, "durationUnit": "h"})
    assert (read.total, read.total_max, read.duration) == (5, 6, 4)


@pytest.mark.parametrize(
    ("repeat", "course"),
    [
        ({"frequency": 1, "period": 1, "periodUnit": "d", "duration": 5, "durationUnit": "d"}, 5),
        ({"frequency": 2, "period": 1, "periodUnit": "d", "duration": 2, "durationUnit": "wk"}, 14),
        ({"when": ["MORN"], "duration": 7, "durationUnit": "d"}, 7),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "duration": 24, "durationUnit": "h"}, None),
        ({"frequency": 1, "period": 4, "periodUnit": "wk", "duration": 5, "durationUnit": "d"}, None),
        ({"frequency": 5, "period": 3, "periodUnit": "wk", "duration": 5, "durationUnit": "d"}, None),
        ({"count": 1, "duration": 5, "durationUnit": "d"}, None),
    ],
)
def test_a_duration_of_days_beside_daily_doses_is_the_course(repeat, course):
    read = schedule(repeat)
    assert read.lasts_days == course
    assert (read.duration_days is None) is (course is not None)


def test_a_duration_beside_bounds_changes_nothing():
    bounds = {"boundsDuration": {"value": 10, "code": "d"}}
    read = schedule({"frequency": 1, "period": 1, "periodUnit": "d", "duration": 5, "durationUnit": "d", **bounds})
    assert (read.lasts_days, read.duration_days) == (10, 5)


def test_bounds_by_dates():
    read = schedule({"boundsPeriod": {"start": "2026-06-15T08:00:00Z", "end": "2026-06"}})
    assert (read.starts_on, read.ends_on, read.lasts_days) == (date(2026, 6, 15), date(2026, 6, 1), None)


@pytest.mark.parametrize(
    ("start", "end", "last_day"),
    [
        ("2026-06-16T17:22:00Z", "2026-06-21T17:21:59Z", 20),  # five times 24 hours
        ("2026-06-16T05:00:00Z", "2026-06-21T04:59:00Z", 20),  # days of another time zone
        ("2026-06-16T08:00:00Z", "2026-06-20T20:00:00Z", 20),
        ("2026-06-16T08:00:00Z", "2026-06-21T08:00:00Z", 21),
        ("2026-06-16T08:00:00Z", "2026-06-20T00:00:00Z", 20),  # a day that came as a time
        ("2026-06-16T08:00:00Z", "2026-06-20", 20),
        ("2026-06-16T08:00:00Z", "2026-06-16T07:00:00Z", 16),
        ("0001-01-01T08:00:00Z", "0001-01-01T07:00:00Z", 1),
    ],
)
def test_the_last_day_of_a_period_counts_where_it_has_begun(start, end, last_day):
    read = schedule({"boundsPeriod": {"start": start, "end": end}})
    assert read.ends_on is not None
    assert read.ends_on.day == last_day


@pytest.mark.parametrize(
    ("bounds", "days"),
    [
        ({"boundsDuration": {"value": 2, "unit": "wk", "system": UCUM, "code": "wk"}}, 14),
        ({"boundsDuration": {"value": 5, "unit": "days"}}, 5),
        ({"boundsDuration": {"value": 48, "code": "h"}}, 2),
        ({"boundsRange": {"low": {"value": 5, "code": "d"}, "high": {"value": 7, "code": "d"}}}, 7),
        ({"boundsRange": {"low": {"value": 5, "code": "d"}}}, 5),
    ],
)
def test_bounds_by_duration(bounds, days):
    assert schedule(bounds).lasts_days == pytest.approx(days)


@pytest.mark.parametrize(
    "bounds",
    [
        {"boundsDuration": {"value": 1}},
        {"boundsDuration": "5 d"},
        {"boundsPeriod": {"start": "2026-01-01", "end": "soon"}},
    ],
)
def test_bounds_that_cannot_be_read_are_told(bounds):
    assert read_timing({"repeat": bounds}, UTC).no_bounds


def test_events_are_days():
    assert schedule({}, event=["2026-06-15T10:00:00Z", "never"]).events == (date(2026, 6, 15),)
    assert schedule({}, event="2026-06-15").events == (date(2026, 6, 15),)


def test_a_code_stands_beside_the_repeat():
    read = schedule({"frequency": 3, "period": 1, "periodUnit": "d"}, code={"text": "BID"})
    assert (read.code, read.per_day_by_code, read.per_day) == ("BID", 2, 3)


def test_a_code_alone_that_is_not_understood_is_told():
    assert read_timing({"code": {"text": "per protocol"}}, UTC).unreadable == "the timing code is not understood"
    beside = {"code": {"text": "per protocol"}, "repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    assert read_timing(beside, UTC).unreadable == ""


def test_a_code_whose_parts_disagree_is_told():
    code = {"coding": [{"code": "BID"}], "text": "once daily"}
    assert read_timing({"code": code}, UTC).unreadable == "the timing code and its words disagree"


@pytest.mark.parametrize(
    ("repeat", "says"),
    [
        ({"frequency": 1}, True), ({"period": 1}, True), ({"when": ["HS"]}, True), ({"timeOfDay": ["08:00"]}, True),
        ({"dayOfWeek": ["mon"]}, True), ({"count": 1}, True), ({"count": 5}, False), ({}, False),
        ({"boundsDuration": {"value": 5, "code": "d"}}, False),
    ],
)  # fmt: skip
def test_bounds_and_a_count_do_not_say_how_often(repeat, says):
    assert schedule(repeat).says_how_often is says


def test_per_day_where_it_is_plain():
    assert schedule({"frequency": 1, "period": 8, "periodUnit": "h"}).per_day == 3
    assert schedule({"frequency": 1, "period": 0, "periodUnit": "h"}).per_day is None
    assert schedule({"period": 12, "periodUnit": "h"}).per_day == 2
    assert schedule({"when": ["MORN", "HS"]}).per_day == 2
    assert schedule({"frequency": 3, "when": ["PC"]}).per_day == 3
    assert schedule({"frequency": 2, "timeOfDay": ["08:00"]}).per_day == 1  # as the daily dose counts it (book 1.5.2)
    assert schedule({"timeOfDay": ["08:00"], "period": 2, "periodUnit": "d"}).per_day == 0.5
    assert schedule({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon"]}).per_day is None
    assert schedule({"frequency": 2}).per_day is None


@pytest.mark.parametrize("timing", [None, {}, [], ""])
def test_no_timing_is_no_schedule(timing):
    assert read_timing(timing, UTC) == (None, False, "", False)


@pytest.mark.parametrize("timing", ["BID", 7, [7], True])
def test_a_timing_of_the_wrong_kind_is_told(timing):
    assert read_timing(timing, UTC).unreadable == "the timing is not understood"


@pytest.mark.parametrize("repeat", ["BID", 7, [], None, {"when": {}, "timeOfDay": 8, "boundsPeriod": "x", "event": 1}])
def test_odd_shapes_never_raise(repeat):
    assert read_timing({"repeat": repeat, "event": {}, "code": 7}, UTC).schedule is not None


@pytest.mark.parametrize(
    ("length", "days"),
    [
        ({"value": 30, "unit": "days", "system": UCUM, "code": "d"}, 30),
        ({"value": 4, "code": "wk"}, 28),
        ({"value": 1, "unit": "Month"}, 30.4375),
        ({"value": 30}, None),  # of what?
        ({"unit": "d"}, None),
        (None, None),
        (30, None),
    ],
)
def test_a_length_needs_a_number_and_a_unit_of_time(length, days):
    assert days_in(length) == days


@pytest.mark.parametrize(
    ("repeat", "days"),
    [
        ({"duration": 5, "durationUnit": "d"}, 5),
        ({"duration": 6, "durationUnit": "h"}, 0.25),
        ({"duration": 2, "durationUnits": "weeks"}, 14),
        ({"duration": 5}, None),
        ({"durationUnit": "d"}, None),
        ({"duration": 5, "durationUnit": "moons"}, None),
    ],
)
def test_how_long_one_administration_takes_is_told_in_days(repeat, days):
    assert schedule({"frequency": 1, **repeat}).duration_days == days
