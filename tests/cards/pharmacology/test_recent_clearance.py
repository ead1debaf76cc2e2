"""A clearance of the last weeks against a limit."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue
from cards.errors import NotKnown
from cards.facts import Sex, Supplied
from cards.pharmacology.recent_clearance import has_recent_creatinine, recent_clearance, recently_unstable
from tests.cards.neurology.charts import UNKNOWN, diagnosis
from tests.cards.pharmacology.charts import chart, creatinine, kidneys, measured, present

[CARD] = [card for card in load_catalogue().cards if card.rule == "ivig-infusion-risk"]


@pytest.mark.parametrize(("days", "is_below"), [(30, True), (31, False)])
def test_a_value_counts_for_thirty_days(days: int, is_below: bool) -> None:
    facts = kidneys(75, Sex.MALE, 60, 170, creatinine(2.5, days))
    assert recent_clearance(facts, CARD.knowledge).is_below(30) is is_below
    assert has_recent_creatinine(facts, CARD.knowledge) is is_below


def test_an_egfr_decides_only_where_both_ends_agree_and_lowers() -> None:
    for value, is_below in ((24.9, True), (25.0, False)):
        facts = chart(renal_function=present(measured("egfr", value, unit="mL/min/{1.73_m2}")))
        clearance = recent_clearance(facts, CARD.knowledge)
        assert clearance.is_below(30) is is_below
        assert "eGFR" in clearance.lowered_because(30)
        assert clearance.shown.startswith("eGFR")


def test_dialysis_is_below_every_limit_and_sure() -> None:
    clearance = recent_clearance(chart(conditions=present(diagnosis("N18.6"), diagnosis("Z99.2"))), CARD.knowledge)
    assert clearance.is_below(1)
    assert clearance.lowered_because(30) == ""
    assert clearance.shown == "haemodialysis"
    end_stage = recent_clearance(chart(conditions=present(diagnosis("N18.6"))), CARD.knowledge)
    assert (end_stage.is_below(1), end_stage.shown) == (True, "end-stage renal disease")
    assert "End-stage" in end_stage.line


@pytest.mark.parametrize(
    "supplied",
    [{"renal_function": UNKNOWN}, {"renal_function": present(creatinine(1.0))}],
    ids=["could not be had", "no weight"],
)
def test_what_cannot_be_worked_out_is_not_known(supplied: dict[str, Supplied]) -> None:
    with pytest.raises(NotKnown):
        recent_clearance(chart(**supplied), CARD.knowledge)


def test_a_rise_of_long_ago_is_not_unstable_but_a_recent_injury_is() -> None:
    old = creatinine(1.4, 180), creatinine(0.9, 184)
    assert recently_unstable(kidneys(40, Sex.MALE, 80, 178, *old), CARD.knowledge) == ""
    new = creatinine(1.4, 1), creatinine(0.9, 4)
    assert recently_unstable(kidneys(40, Sex.MALE, 80, 178, *new), CARD.knowledge)
    assert recently_unstable(chart(conditions=present(diagnosis("N17.9", 7))), CARD.knowledge)


def test_no_creatinine_is_none_and_one_that_could_not_be_had_is_no_gap() -> None:
    assert not has_recent_creatinine(chart(), CARD.knowledge)
    assert has_recent_creatinine(chart(renal_function=UNKNOWN), CARD.knowledge)
