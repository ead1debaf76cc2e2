"""When a problem began, in the shapes that senders use."""

from datetime import UTC, date

import pytest

from cds_service.chart.onset import read_onset

BORN, RECORDED, AS_OF = date(1966, 6, 15), date(2026, 5, 16), date(2026, 6, 15)
YEARS = {"system": "http://unitsofmeasure.org", "code": "a"}


def onset(condition: dict, recorded_on: date | None = RECORDED, born: date | None = BORN):
    return read_onset(condition, recorded_on=recorded_on, born=born, as_of=AS_OF, zone=UTC)


@pytest.mark.parametrize(
    ("condition", "day"),
    [
        ({"onsetDateTime": "2015"}, date(2015, 1, 1)),
        ({"onsetPeriod": {"start": "2019-05", "end": "2020"}}, date(2019, 5, 1)),
        ({"onsetPeriod": {"end": "2015-06-01"}}, date(2015, 6, 1)),
        ({"onsetPeriod": {"start": "?", "end": "2015-06-01"}}, date(2015, 6, 1)),
        ({"onsetString": "2015"}, date(2015, 1, 1)),
        ({"onsetString": "about 3 weeks ago"}, date(2026, 4, 25)),
        ({"onsetString": "10 Years ago"}, date(2016, 5, 16)),
        ({"onsetAge": {"value": 45, **YEARS}}, date(2012, 6, 14)),
        ({"onsetAge": {"value": 45, "unit": "years"}}, date(2012, 6, 14)),
        ({"onsetAge": {"value": 540, "unit": "mo"}}, date(2011, 7, 15)),
        ({"onsetAge": {"value": 45, "comparator": "<", **YEARS}}, date(2012, 6, 14)),
        ({"onsetQuantity": {"value": 45, **YEARS}}, date(2012, 6, 14)),  # DSTU2
        ({"onsetRange": {"low": {"value": 40, **YEARS}, "high": {"value": 45, **YEARS}}}, date(2012, 6, 14)),
    ],
)
def test_an_onset_is_a_day_of_an_age_the_last(condition, day):
    assert onset(condition) == (day, False)


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"onsetAge": None},
        {"onsetAge": {"value": 59, **YEARS}},  # recorded at 59
        {"onsetAge": {"value": 60, **YEARS}},
        {"onsetPeriod": {"end": "2026-06-01"}},
    ],
)
def test_an_onset_that_ends_after_the_record_tells_no_more_than_the_record(condition):
    assert onset(condition) == (None, False)


def test_without_a_day_of_the_record_an_age_counts_until_today():
    assert onset({"onsetAge": {"value": 58, **YEARS}}, recorded_on=None) == (date(2025, 6, 14), False)
    assert onset({"onsetAge": {"value": 60, **YEARS}}, recorded_on=None) == (None, False)


@pytest.mark.parametrize(
    "condition",
    [
        {"onsetDateTime": "some time ago"},
        {"onsetString": "in childhood"},
        {"onsetString": 2015},
        {"onsetPeriod": {"start": "?"}},
        {"onsetAge": {"value": 45}},
        {"onsetAge": {"value": "old", **YEARS}},
        {"onsetAge": {"value": -1, **YEARS}},
        {"onsetAge": {"value": 40, "comparator": ">", **YEARS}},
        {"onsetAge": {"value": 1e307, **YEARS}},
        {"onsetRange": {"low": {"value": 40, **YEARS}}},
    ],
)
def test_an_onset_that_cannot_be_read_is_told_from_none(condition):
    assert onset(condition) == (None, True)


def test_an_age_without_a_birthday_and_words_without_a_day_of_writing_cannot_be_read():
    assert onset({"onsetAge": {"value": 45, **YEARS}}, born=None) == (None, True)
    assert onset({"onsetString": "10 years ago"}, recorded_on=None) == (None, True)
