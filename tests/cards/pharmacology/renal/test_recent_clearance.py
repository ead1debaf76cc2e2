"""A clearance of the last weeks against a limit."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue
from cards.errors import NotKnown
from cards.facts import Sex, Supplied
from cards.pharmacology.renal.creatinine_clearance import About, Clearance, Doubt, Source
from cards.pharmacology.renal.recent_clearance import (
    RecentClearance,
    has_recent_creatinine,
    recent_clearance,
    recently_unstable,
)
from cards.pharmacology.renal.renal_function import RenalFunction, RenalState
from tests.cards.neurology.charts import UNKNOWN, diagnosis
from tests.cards.pharmacology.charts import AS_OF, chart, creatinine, kidneys, measured, present

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
        assert clearance.shown == "eGFR 25 mL/min"


def test_of_a_measured_and_a_calculated_clearance_the_lower_counts() -> None:
    collected = measured("creatinine_clearance", 40, unit="mL/min", code="2164-2")
    clearance = recent_clearance(kidneys(75, Sex.MALE, 60, 170, creatinine(2.5), collected), CARD.knowledge)
    assert clearance.is_below(30)
    assert clearance.shown == "CrCl 22 mL/min"
    assert clearance.line.startswith(
        "24-hour measured clearance 40 mL/min on 2026-05-26; the lower one counts: CrCl 22 mL/min by Cockcroft-Gault"
    )
    higher = recent_clearance(kidneys(75, Sex.MALE, 60, 170, creatinine(1.0), collected), CARD.knowledge)
    assert (higher.shown, higher.line) == ("CrCl 40 mL/min", "24-hour measured clearance 40 mL/min on 2026-05-26")


def test_the_clearance_that_counts_has_its_own_doubts() -> None:
    collected = measured("creatinine_clearance", 40, unit="mL/min", code="2164-2")
    lower = recent_clearance(kidneys(75, None, 60, 170, creatinine(2.5), collected), CARD.knowledge)
    assert (lower.is_below(30), lower.lowered_because(30)) == (True, "sex not known")
    collected = measured("creatinine_clearance", 15, unit="mL/min", code="2164-2")
    chosen = recent_clearance(kidneys(75, None, 60, 170, creatinine(2.5), collected), CARD.knowledge)
    assert (chosen.is_below(30), chosen.lowered_because(30)) == (True, "")


@pytest.mark.parametrize(("by_actual_weight", "is_lowered"), [(29.9, False), (30, True), (31, True)])
def test_weights_on_two_sides_of_the_limit_lower(by_actual_weight: float, is_lowered: bool) -> None:
    doubt = Doubt(About.WEIGHT, 25, by_actual_weight)
    calculated = Clearance(Source.CALCULATED, 25, AS_OF, "", (doubt,))
    renal = RenalFunction(RenalState.FRESH, calculated)
    assert bool(RecentClearance(renal, calculated).lowered_because(30)) is is_lowered


def test_without_a_clearance_nothing_is_lowered() -> None:
    assert recent_clearance(chart(), CARD.knowledge).lowered_because(30) == ""


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
