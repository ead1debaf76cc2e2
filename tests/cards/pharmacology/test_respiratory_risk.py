"""Risk factors for respiratory depression; thresholds and their edges stand in the cases of the card."""

from __future__ import annotations

from cards.facts import Diagnosis, State, Supplied
from cards.pharmacology.respiratory_risk import respiratory_risk
from tests.cards.pharmacology.charts import ago, chart, label_table, present

BANDS = label_table({"from": 60, "value": 1}, {"from": 0, "value": 0})
UNKNOWN = Supplied(State.UNKNOWN)


def risk(**supplied):
    return respiratory_risk(chart(**supplied), from_age=65, clearance=BANDS)


def test_nothing_found_is_no_doubt_either():
    found = risk(age=60)
    assert (found.found, found.unchecked, found.doubts) == ((), (), ())


def test_a_certain_factor_outweighs_a_doubtful_one():
    by_words = Diagnosis(frozenset({"neuromuscular_weakness"}), display="myasthenia", by_text=True, recorded_on=ago(9))
    conditions = present(by_words)
    assert risk(age=60, conditions=conditions).doubts == ("diagnosis recognised by its words only",)
    certain = risk(age=70, conditions=conditions)
    assert [factor.words for factor in certain.found] == ["age 70", "neuromuscular weakness"]
    assert certain.doubts == ()
    assert certain.facts[:2] == ("Age 70", "Neuromuscular weakness: myasthenia (2026-06-06)")


def test_a_disease_that_is_on_the_list_twice_is_one_factor():
    copd = Diagnosis(frozenset({"copd"}), code="J44.9", display="COPD", recorded_on=ago(9))
    found = risk(age=60, conditions=present(copd, copd._replace(recorded_on=ago(900))))
    assert [factor.words for factor in found.found] == ["COPD"]


def test_what_could_not_be_had_is_named():
    found = risk(age=None, conditions=UNKNOWN, renal_function=UNKNOWN)
    assert [factor.missing for factor in found.unchecked] == ["patient", "conditions", "renal_function"]
    assert found.found == ()
