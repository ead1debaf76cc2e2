"""Dates as senders write them, read as a calendar day of the site."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cards.wording import on
from cds_service.fhir.date import day_of, instant_of

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-26",
        "2026-05-26T23:30:00Z",
        "2026-05-26T23:30:00.1234567+00:00",
        "2026-05-26T10:00",
        "2026-05-26 10:00:00",
        "2026-05-26t10:00:00z",
        " 2026-05-26 ",
    ],
)
def test_a_day_is_read_with_and_without_a_time(text):
    assert day_of(text, UTC) == date(2026, 5, 26)


def test_a_partial_date_counts_as_its_earliest_day():
    assert day_of("2015", UTC) == date(2015, 1, 1)
    assert day_of("2019-05", UTC) == date(2019, 5, 1)


@pytest.mark.parametrize("written", ["2019", "2019-05", "2019-05-14"])
def test_a_date_is_shown_as_far_as_it_was_told(written):
    day = day_of(written, UTC)
    assert on(day) == written
    assert on(day + timedelta(days=1)).startswith("2019-")
    assert len(on(day + timedelta(days=1))) == len("2019-05-15")


def test_an_instant_falls_on_the_day_of_the_sites_time_zone():
    assert day_of("2026-06-15T02:00:00Z", NEW_YORK) == date(2026, 6, 14)
    assert day_of("2026-06-14T22:00:00-04:00", UTC) == date(2026, 6, 15)


def test_a_time_without_an_offset_is_local_to_the_site():
    assert day_of("2026-06-15T02:00:00", NEW_YORK) == date(2026, 6, 15)
    assert instant_of("2026-06-15T02:00:00", NEW_YORK) == datetime(2026, 6, 15, 6, tzinfo=UTC)


def test_a_day_with_an_impossible_time_is_still_that_day():
    assert day_of("2026-05-26T25:61:00Z", UTC) == date(2026, 5, 26)
    assert day_of("2016-12-31T23:59:60Z", UTC) == date(2016, 12, 31)  # a leap second


@pytest.mark.parametrize(
    "text",
    [None, "", "soon", 2026, ["2026-05-26"], "0000", "2026-13", "2026-02-30", "20xx", "2026-02-30T10:00:00Z", "x" * 40,
     "9999-12-31T23:00:00-10:00", "0001-01-01T00:00:00+14:00", "2019-13", "2019/05", "-019"],
)  # fmt: skip
def test_what_is_no_date_is_none(text):
    assert day_of(text, UTC) is None


def test_an_instant_needs_a_time_of_day():
    assert instant_of("2026-05-26") is None
    assert instant_of("2026") is None
    assert instant_of(None) is None
    assert instant_of("2026-05-26T99:00:00Z") is None


def test_an_instant_keeps_its_offset():
    at = instant_of("2026-05-26T10:00:00+02:00")
    assert at is not None
    assert at.utcoffset() == timedelta(hours=2)
