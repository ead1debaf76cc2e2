"""Is a second drug for neuropathic pain ordered before the first one was optimised?

WHEN  a gabapentinoid, an SNRI or a tricyclic is added for neuropathic pain
AND   one of another of these classes is taken for it, and renal function is known
AND   that one is below its target for 15 days or longer, or at its target for less than 28 days
THEN  say so, and offer to remove the draft; not where the target was left before, nor where age, sedatives, breathing,
      falls or a doubtful clearance speak against a higher dose of a gabapentinoid (book 3.5).
"""

from __future__ import annotations

from typing import NamedTuple

from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge, Threshold
from cards.neurology.phenotype import pain_indication
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion
from cards.orders import OrderedDrug
from cards.pharmacology.caution import modifiers
from cards.pharmacology.daily_dose import daily_dose, order_dose
from cards.pharmacology.dose_wording import history_lines
from cards.pharmacology.doxepin import is_sleeping_aid
from cards.pharmacology.first_agent import FirstAgent, class_of, first_agents
from cards.pharmacology.gabapentinoid import agents
from cards.pharmacology.gabapentinoid_target import target_row
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.removal import each_removal
from cards.pharmacology.renal.renal_function import RenalFunction, renal_function
from cards.pharmacology.therapy_history import days_at_least, therapy_history, tried_higher
from cards.pharmacology.titration import not_for_pain, without_raise
from cards.suggested_orders import AT_MOST
from cards.wording import listed, number

LIMITS = "Limits: pain relief and side effects are not seen; interactions are not checked."


class Aim(NamedTuple):
    """The dose from which the first drug is optimised, mg/day. `against`: what speaks against raising it to that."""

    mg: float
    renal: RenalFunction
    against: tuple[str, ...]
    is_gabapentinoid: bool


class Finding(NamedTuple):
    """The first drug that is not optimised, and how: the row of the table, words for summary and rule."""

    first: FirstAgent
    aim: Aim
    row: str
    summary: str
    rule: str


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision of 3.5, for each drug that is taken already."""
    own = class_of(order.drug)
    is_for_depression = any(reason.is_a("depression") for reason in order.reasons)
    if not own or is_for_depression or is_sleeping_aid(order.drug, daily_dose(order)):
        return NothingToAdd("not ordered for pain")
    others = first_agents(order, facts, ending_within=knowledge.value("planned_end_within"))
    if not others:
        return NothingToAdd("no drug of another class is taken for neuropathic pain")
    silent = not_for_pain(pain_indication(facts, order.reasons))
    if silent:
        return NothingToAdd(silent)
    if therapy_history(facts, order, own).is_established:
        return NothingToAdd("a drug of this class is taken already: nothing is added")
    opinions = [_finding(one, order, facts, knowledge) for one in others]
    for found in opinions:
        if isinstance(found, Finding):
            return _advice(order, found, knowledge)
    return next(opinion for opinion in opinions if not isinstance(opinion, Finding))


def _finding(
    first: FirstAgent, order: OrderedDrug, facts: Facts, knowledge: Knowledge
) -> Finding | NothingToAdd | CannotTell:
    aim = _aim(first, facts, knowledge)
    if not isinstance(aim, Aim):
        return aim
    mg, history = first.history.current_mg, first.history
    if mg is None:
        return CannotTell(f"the present dose of {first.drug.name} cannot be read", ("medication_orders",), False, True)
    dose, target = f"{first.name} {number(mg)} mg/day", number(aim.mg)
    if mg >= aim.mg - TOLERANCE:
        days = days_at_least(history, facts, aim.mg)
        if days >= knowledge.value("trial"):
            return NothingToAdd(f"{first.drug.name} is at its target for {days} days")
        summary = (
            f"{dose} at target for {days} days: trial still short; consider completing it before adding {order.name}"
        )
        rule = f"Target {target} mg/day, reached for {days} days; a trial is {number(knowledge.value('trial'))} days."
        return Finding(first, aim, "trial short", summary, rule)
    if history.days_on < knowledge.value("below_target_from"):
        return NothingToAdd(f"{first.drug.name} is still being titrated")
    if tried_higher(history, facts, aim.mg) or (aim.is_gabapentinoid and aim.against) or _is_raised(first, aim, facts):
        return NothingToAdd(f"a higher dose of {first.drug.name} was tried, is being ordered or is spoken against")
    summary = f"{dose} is below target ({target} mg/day); consider optimising before adding {order.name}"
    rule = f"Target {target} mg/day; {number(mg)} mg/day for {history.days_on} days."
    return Finding(first, aim, "below target", summary, rule)


def _is_raised(first: FirstAgent, aim: Aim, facts: Facts) -> bool:
    """Is the same drug in the basket at its target?"""
    doses = [order_dose(draft) for draft in facts.basket.medications if draft.drug.name == first.drug.name]
    return any(dose.status != "unknown" and dose.final_mg >= aim.mg - TOLERANCE for dose in doses)


def _aim(first: FirstAgent, facts: Facts, knowledge: Knowledge) -> Aim | NothingToAdd | CannotTell:
    """The target; without a usable renal function, or without a target of the book, the rule is silent."""
    renal, row = renal_function(facts), target_row(first.drug, first.indication.sets)
    table = knowledge.threshold("duloxetine_clearance") if row is None else row.table
    silent = not_for_pain(first.indication)
    if silent:
        return NothingToAdd(silent)
    silenced = without_raise(renal, table)
    if silenced is not None:
        return silenced
    if row is not None:
        mg = row.of(renal) if renal.band(table).is_stated else None
    else:
        mg = _fixed_target(first, renal, table, knowledge)
    if mg is None:
        return NothingToAdd(f"no target for {first.drug.name} at this clearance")
    return Aim(mg, renal, modifiers(facts, renal, table), bool(agents(first.drug)))


def _fixed_target(first: FirstAgent, renal: RenalFunction, table: Threshold, knowledge: Knowledge) -> float | None:
    """Of duloxetine, where the label does not advise against it, and of tricyclics; None for any other drug."""
    if first.drug.is_a("duloxetine") and renal.band(table) is not table.lowest:
        return knowledge.value("duloxetine_target")
    return knowledge.value("tricyclic_target") if first.drug.is_a("tricyclic") else None


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, found: Finding, knowledge: Knowledge) -> Advice:
    first = found.first
    against = (f"Against raising {first.drug.name}: {', '.join(found.aim.against)}",) if found.aim.against else ()
    return Advice(
        summary=found.summary,
        indicator=Indicator.INFO,
        explanation=Explanation(
            order=order_line(order),
            facts=(
                f"Indication: {listed([d.label for d in first.indication.diagnoses]) or 'neuropathy by antibody'}",
                f"Taken: {first.drug.name}",
                *history_lines(first.history),
                *found.aim.renal.facts,
                *against,
            ),
            rule=found.rule,
            basis=knowledge.basis("option_dm", "aan"),
            limits=LIMITS,
        ),
        evidence="aan",
        row=found.row,
        suggestions=each_removal(order, order.name)[:AT_MOST],
    )
