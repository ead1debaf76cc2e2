"""A creatinine that moves too fast for Cockcroft-Gault (book 1.4, states)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cards.facts import Diagnosis, Measurement, State, Supplied
from cards.pharmacology.renal.unstable_creatinine import why_unstable
from tests.cards.pharmacology.charts import ago, chart, creatinine, present

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def at(value: float, hours: float) -> Measurement:
    """A creatinine of so many hours before noon of the day of the call."""
    moment = NOON - timedelta(hours=hours)
    return Measurement("serum_creatinine", on=moment.date(), at=moment, value=value, unit="mg/dL")


def unstable(*results: Measurement) -> bool:
    """Do these results count as unstable?"""
    return bool(why_unstable(chart(renal_function=present(*results))))


@pytest.mark.parametrize(
    ("value", "days", "expected"),
    [(1.5, 7, True), (1.49, 7, False), (1.5, 8, False), (1.3, 2, True), (1.29, 2, False), (1.3, 3, False)],
)
def test_both_sides_of_the_limits(value: float, days: int, expected: bool) -> None:
    assert unstable(creatinine(value, 0), creatinine(1.0, days)) is expected


def test_hours_count_where_they_are_known() -> None:
    assert unstable(at(1.3, 0), at(1.0, 48))
    assert not unstable(at(1.3, 0), at(1.0, 49))
    assert unstable(at(1.3, 0), creatinine(1.0, 2))


def test_two_results_of_one_moment_are_no_rise() -> None:
    assert not unstable(at(1.6, 5), at(1.0, 5))
    assert unstable(at(1.6, 5), at(1.0, 6))
    assert unstable(creatinine(1.6, 0), creatinine(1.0, 0))  # of one day: which came first is not known


@pytest.mark.parametrize(("hours", "words"), [(3, "on one day"), (24, "in 1 day"), (48, "in 2 days")])
def test_how_fast_it_rose_is_said_in_days(hours: float, words: str) -> None:
    assert why_unstable(chart(renal_function=present(at(1.6, 0), at(1.0, hours)))).endswith(words)


def test_the_lowest_of_the_week_counts() -> None:
    assert unstable(creatinine(1.5, 0), creatinine(1.4, 3), creatinine(1.0, 6))
    assert unstable(creatinine(1.4, 0), creatinine(1.35, 1), creatinine(1.1, 2))


def test_a_falling_creatinine_is_no_rise() -> None:
    assert not unstable(creatinine(1.0, 0), creatinine(1.6, 3))


def test_bounds_and_pending_results_say_nothing() -> None:
    assert not unstable(creatinine(1.6, 0, comparator="<"), creatinine(1.0, 3))
    assert not unstable(creatinine(None, 0, is_pending=True), creatinine(1.0, 3))
    assert not unstable(creatinine(1.6, 0, is_pending=True), creatinine(1.0, 3))


@pytest.mark.parametrize(("days", "expected"), [(14, True), (15, False)])
def test_an_acute_injury_counts_for_14_days(days: int, expected: bool) -> None:
    injury = Diagnosis(frozenset({"acute_kidney_injury"}), "N17.9", onset_on=ago(days))
    assert bool(why_unstable(chart(conditions=present(injury)))) is expected


def test_an_acute_injury_without_a_date_may_be_old() -> None:
    assert not why_unstable(chart(conditions=present(Diagnosis(frozenset({"acute_kidney_injury"}), "N17.9"))))


def test_what_could_not_be_had_is_no_rise() -> None:
    unknown = Supplied(State.UNKNOWN)
    assert not why_unstable(chart(renal_function=unknown, conditions=unknown))


def test_the_rise_is_named() -> None:
    facts = chart(renal_function=present(creatinine(1.6, 0), creatinine(1.0, 3)))
    assert why_unstable(facts) == "creatinine 1.0 to 1.6 mg/dL in 3 days"
