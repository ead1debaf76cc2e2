"""From when to when a drug was taken on one order; chains of orders stand in test_therapy_history.py."""

from __future__ import annotations

import pytest

from cards.orders import Amount
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.order_span import (
    are_together,
    first_day,
    last_day,
    supply_days,
    taken_from_to,
    written_days,
)
from tests.cards.pharmacology.charts import AS_OF, a_day, ago, chart, line, mg, order

TWICE = line(mg(75), a_day(2))


def ordered(*lines, **details):
    return order(*(lines or (TWICE,)), **{"status": "completed", "authored_on": ago(60), **details})


def test_an_order_without_a_date_counts_from_today():
    assert first_day(ordered(authored_on=None), chart()) == AS_OF


@pytest.mark.parametrize(
    ("details", "span"),
    [
        ({"status": "active"}, (ago(60), AS_OF)),
        ({"ended_on": ago(50)}, (ago(60), ago(50))),
        ({"supply_days": 10}, (ago(60), ago(50))),
        ({"supply_days": 10, "refills": 2}, (ago(60), ago(30))),
        ({"supply_days": 90}, (ago(60), AS_OF)),
        ({"quantity": Amount(1500, 1500, "mg")}, (ago(60), ago(50))),
        ({}, (ago(60), None)),
        ({"status": "active", "authored_on": AS_OF}, (AS_OF, AS_OF)),
        ({"ended_on": ago(60)}, (ago(60), ago(60))),
        ({"supply_days": 10, "authored_on": AS_OF}, (AS_OF, None)),
        ({"quantity": Amount(20, 20, "count")}, (ago(60), None)),
        ({"valid_until": ago(50)}, (ago(60), ago(50))),
        ({"valid_until": ago(50), "supply_days": 30}, (ago(60), ago(50))),
        ({"valid_until": ago(50), "supply_days": 5}, (ago(60), ago(55))),
        ({"valid_until": ago(50), "ended_on": ago(40)}, (ago(60), ago(40))),
        ({"valid_until": ago(-1)}, (ago(60), None)),
        ({"valid_until": ago(70)}, (ago(60), None)),
        ({"valid_until": ago(50), "status": "active"}, (ago(60), AS_OF)),
    ],
)
def test_first_and_last_day(details, span):
    assert taken_from_to(ordered(**details), chart()) == span


def dated(starts: int, ends: int | None = None):
    return line(mg(75), a_day(2, starts_on=ago(starts), ends_on=None if ends is None else ago(ends)))


@pytest.mark.parametrize(
    ("lines", "begin"),
    [([dated(50, 41), dated(40)], 50), ([dated(70)], 70), ([dated(-5)], 0), ([dated(50), TWICE], 60)],
)
def test_lines_that_are_dated_say_when_it_began(lines, begin):
    assert first_day(ordered(*lines), chart()) == ago(begin)


def test_phases_that_follow_each_other_are_added_up():
    lines = [line(mg(dose), a_day(2, lasts_days=20), sequence=at) for at, dose in enumerate((75, 150))]
    assert taken_from_to(ordered(*lines), chart()) == (ago(60), ago(20))


def test_instructions_that_end_say_how_long():
    week = line(mg(75), a_day(2, lasts_days=7))
    assert taken_from_to(ordered(week), chart()) == (ago(60), ago(53))
    assert written_days(order_dose(ordered(week))) == 7
    assert written_days(order_dose(ordered())) is None


def test_a_supply_is_stated_or_follows_from_the_daily_dose():
    assert supply_days(ordered(supply_days=10), order_dose(ordered())) == 10
    unread = ordered(line(None, None), quantity=Amount(20, 20, "count"))
    assert supply_days(unread, order_dose(unread)) is None
    assert last_day(unread, chart()) == ago(60)


@pytest.mark.parametrize(
    ("ends", "begins", "expected"),
    [(30, 31, False), (30, 30, True), (30, None, True), (None, 31, True), (0, 1, False), (0, None, True)],
)
def test_two_orders_are_together_where_they_share_a_day(ends, begins, expected):
    one = ordered(status="active", ended_on=None if ends is None else ago(-ends))
    other = order(line(mg(75), a_day(2, starts_on=None if begins is None else ago(-begins))))
    assert are_together(one, other, chart()) is expected
    assert are_together(other, one, chart()) is expected


def test_an_order_begins_today_where_one_of_its_lines_names_no_first_day():
    later = line(mg(75), a_day(2, starts_on=ago(-31)))
    ending = ordered(status="active", ended_on=ago(-30))
    assert not are_together(ending, order(later, later), chart())
    assert are_together(ending, order(later, TWICE), chart())
    assert are_together(ending, order(), chart())
