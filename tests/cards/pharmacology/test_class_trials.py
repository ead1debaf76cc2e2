"""Days of exposure to the first-line classes, and intolerances to them."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Administration, Allergy, State, Supplied
from cards.orders import Drug
from cards.pharmacology.class_trials import ClassTrial, class_intolerances, class_trials
from tests.cards.pharmacology.charts import PREGABALIN, a_day, ago, chart, line, mg, order, present

DULOXETINE = Drug("duloxetine", frozenset({"duloxetine", "snri"}))
UNKNOWN = Supplied(State.UNKNOWN)


def taken(days_ago, status="completed", drug=PREGABALIN, **details):
    return order(line(mg(75), a_day(2)), drug=drug, status=status, authored_on=ago(days_ago), **details)


def trials(*orders, given=(), within=365):
    facts = chart(medication_orders=present(*orders), medication_administrations=present(*given))
    return class_trials(facts, within)


def test_overlapping_orders_count_each_day_once():
    found = trials(taken(100, ended_on=ago(90)), taken(95, ended_on=ago(80)), taken(97, ended_on=ago(92)))
    assert found == (ClassTrial("gabapentinoid", 20, ago(80), is_length_known=True),)


def test_days_before_the_window_do_not_count():
    assert trials(taken(400, ended_on=ago(360)))[0].days == 5
    assert trials(taken(400, ended_on=ago(366))) == ()


def test_an_active_order_counts_up_to_today():
    assert trials(taken(30, "active"))[0].days == 30


def test_an_order_on_hold_without_an_end_does_not_say_how_long():
    [found] = trials(taken(30, "on-hold"))
    assert (found.days, found.is_length_known, found.is_tried(14)) == (0, False, True)


def test_orders_that_were_never_taken_do_not_count():
    assert trials(taken(30, "unknown")) == ()


@pytest.mark.parametrize(
    ("kind", "until", "days", "is_known"),
    [
        ("administration", None, 0, True),
        ("statement", ago(40), 60, True),
        ("statement", None, 0, False),
        ("dispense", ago(100), 0, False),
    ],
)
def test_doses_given_reported_and_handed_out(kind, until, days, is_known):
    [found] = trials(given=[Administration(DULOXETINE, kind, ago(100), until)])
    assert (found.name, found.days, found.is_length_known) == ("SNRI", days, is_known)


def test_doses_not_given_yet_do_not_count():
    planned = Administration(DULOXETINE, given_on=ago(1), is_intended=True)
    assert trials(given=[planned, Administration(DULOXETINE)]) == ()


def test_unknown_doses_given_leave_what_the_orders_say():
    facts = chart(medication_orders=present(taken(30, "active")), medication_administrations=UNKNOWN)
    assert class_trials(facts, 365)[0].days == 30
    dispensed = present(Administration(DULOXETINE, "dispense", ago(100)))
    facts = chart(medication_administrations=UNKNOWN, medication_dispenses=dispensed)
    assert [trial.name for trial in class_trials(facts, 365)] == ["SNRI"]
    with pytest.raises(NotKnown):
        class_trials(chart(medication_orders=UNKNOWN, medication_administrations=UNKNOWN), 365)


def test_active_intolerances_by_class():
    snri = Allergy(drug_concepts=frozenset({"snri"}), display="Cymbalta")
    over = Allergy(drug_concepts=frozenset({"tricyclic"}), is_active=False)
    assert class_intolerances(chart(allergies=present(snri, over))) == {"SNRI": snri}
    with pytest.raises(NotKnown):
        class_intolerances(chart(allergies=UNKNOWN))
