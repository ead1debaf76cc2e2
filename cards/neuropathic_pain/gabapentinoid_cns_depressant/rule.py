"""Is a gabapentinoid taken together with an opioid or another drug that depresses breathing?

WHEN  a gabapentinoid is ordered beside an opioid, a benzodiazepine or a Z-drug, or an opioid beside a gabapentinoid
AND   the pair is not an old one: both for more than 90 days, neither dose changed
THEN  with an opioid warn where age, lung disease, neuromuscular weakness, a clearance below 60 mL/min or a second
      class of depressants adds to the risk, else inform; without one inform where something adds to it (book 2.8).
"""

from __future__ import annotations

from collections.abc import Iterator

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Dose, Knowledge, Threshold
from cards.opinion import (
    Advice,
    CannotTell,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    Suggestion,
    lower_once,
)
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.current_orders import is_single_dose
from cards.pharmacology.daily_dose import daily_dose
from cards.pharmacology.dose_offer import offer_dosage
from cards.pharmacology.gabapentinoid import GABAPENTINOID, agent_name
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.removal import each_removal
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.respiratory_risk import RespiratoryRisk, RiskFactor, respiratory_risk
from cards.pharmacology.sedating_pair import SedatingPair, is_old_pair, pair_lines, sedating_pair
from cards.pharmacology.therapy_history import therapy_history
from cards.suggested_orders import AT_MOST
from cards.wording import joined, listed

# agent and form of release → the label's start doses in knowledge.yaml; a form that is not here has none in the book
START_REGIMENS = {
    ("pregabalin", Formulation.IMMEDIATE): "pregabalin_start_regimen",
    ("pregabalin", Formulation.EXTENDED): "pregabalin_start_regimen_extended_release",
    ("gabapentin", Formulation.IMMEDIATE): "gabapentin_start_regimen",
}
LIMITS = "Limits: alcohol, other sedatives and drugs ordered elsewhere are not seen."


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision table of 2.8."""
    is_gabapentinoid = order.drug.is_a(GABAPENTINOID)
    if not is_gabapentinoid and all(is_single_dose(draft) for draft in order.drafts):
        return NothingToAdd("a single dose of an opioid")
    pair = sedating_pair(order, facts)
    if not pair.is_there:
        return NothingToAdd("nothing that it would be combined with")
    if is_old_pair(pair, order, facts, knowledge.value("co_prescribed_over")):
        return NothingToAdd("both taken for long, no dose changed")
    risk = _risk(pair, facts, knowledge)
    if pair.has_opioid or risk.found:
        return _advice(order, pair, risk, facts, knowledge)
    if not pair.is_checked:
        return CannotTell("an opioid may be among the orders that could not be read", ("medication_orders",))
    if risk.unchecked:
        return CannotTell(_unchecked(risk), tuple(factor.missing for factor in risk.unchecked))
    return NothingToAdd("no opioid, and no risk factor")


def _risk(pair: SedatingPair, facts: Facts, knowledge: Knowledge) -> RespiratoryRisk:
    """The modifiers of 2.8, a second class of depressants among them."""
    table = knowledge.threshold("reduced_clearance")
    risk = respiratory_risk(facts, from_age=knowledge.value("risk_from_age"), clearance=table)
    if len(pair.classes) < 2:
        return risk
    return risk._replace(factors=(*risk.factors, RiskFactor(f"{pair.classes[1]} too")))


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(
    order: OrderedDrug, pair: SedatingPair, risk: RespiratoryRisk, facts: Facts, knowledge: Knowledge
) -> Advice:
    row_level = Indicator.WARNING if pair.has_opioid and risk.found else Indicator.INFO
    reasons = risk.doubts if row_level is Indicator.WARNING else ()
    level, before = lower_once(row_level, reasons)
    modifiers = tuple(factor.words for factor in risk.found)
    unchecked = (_unchecked(risk),) if risk.unchecked else ()
    return Advice(
        summary=_summary(pair, modifiers, is_lowest=_is_lowest(order, facts, knowledge)),
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=order_line(order),
            facts=(*pair_lines(pair, order), *risk.facts, *unchecked),
            rule=_rule(pair, joined(modifiers) or _none_found(risk), reasons, knowledge),
            basis=knowledge.basis("fda", "beers"),
            limits=LIMITS,
        ),
        evidence="fda",
        row=_row(pair, modifiers),
        suggestions=tuple(_offers(order, facts, knowledge, recommended=level is Indicator.WARNING))[:AT_MOST],
    )


def _row(pair: SedatingPair, modifiers: tuple[str, ...]) -> str:
    if not pair.has_opioid:
        return "no opioid, with modifier"
    return "opioid with modifier" if modifiers else "opioid, no modifier"


def _summary(pair: SedatingPair, modifiers: tuple[str, ...], *, is_lowest: bool) -> str:
    drugs = listed(tuple(dict.fromkeys(agent_name(one.drug) for one in pair.gabapentinoids)))
    others = listed(tuple(one.drug.name for one in pair.depressants))
    why = f" ({listed(modifiers)})" if modifiers else ""
    followed = " (lowest start dose drafted)" if is_lowest else ""
    risk = f"risk of respiratory depression{why}"
    return f"{drugs[0].upper()}{drugs[1:]} with {others}: {risk}; start low, monitor{followed}"


def _unchecked(risk: RespiratoryRisk) -> str:
    return f"Could not be checked: {joined([factor.words for factor in risk.unchecked])}"


def _none_found(risk: RespiratoryRisk) -> str:
    return "none of those that could be checked" if risk.unchecked else "none found"


def _rule(pair: SedatingPair, found: str, reasons: tuple[str, ...], knowledge: Knowledge) -> str:
    age, clearance = knowledge.value("risk_from_age"), knowledge.threshold("reduced_clearance").highest.edge
    lowered = f" One level lower: {'; '.join(reasons)}." if reasons else ""
    return (
        f"Gabapentinoid with {joined(pair.classes)}. Risk factors (age {age:g} or older, lung disease, neuromuscular "
        f"weakness, CrCl below {clearance:g} mL/min, a second class): {found}.{lowered}"
    )


def _offers(order: OrderedDrug, facts: Facts, knowledge: Knowledge, *, recommended: bool) -> Iterator[Suggestion]:
    """The lowest label dose for a gabapentinoid that is begun; removal of an opioid draft."""
    if order.drug.is_a(GABAPENTINOID):
        lowest = _lowest_dose(order, facts, knowledge, recommended=recommended)
        if lowest is not None:
            yield lowest
        return
    yield from each_removal(order, order.name)


def _lowest_dose(order: OrderedDrug, facts: Facts, knowledge: Knowledge, *, recommended: bool) -> Suggestion | None:
    """None where the start dose is not exceeded, and in a treatment under way, whose dose is lowered in steps."""
    table, doses = _start_regimen(order, knowledge), _start_doses(order, facts, knowledge)
    if table is None or not doses or _is_within(order, doses) or _is_established(order, facts):
        return None
    renal = renal_function(facts)
    is_sure = renal.is_usable and not renal.conflicts(table)
    ingredient = agent_name(order.drug)
    return offer_dosage(order, ingredient, doses, "Lowest label dose to start", recommended=recommended and is_sure)


def _is_lowest(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> bool:
    """Does a gabapentinoid start at the lowest label dose for these kidneys?"""
    doses = _start_doses(order, facts, knowledge)
    return bool(doses) and _is_within(order, doses)


def _is_within(order: OrderedDrug, doses: tuple[Dose, ...]) -> bool:
    return daily_dose(order).start_mg <= sum(one.mg * one.per_day for one in doses)


def _start_doses(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> tuple[Dose, ...]:
    """The label's start dose for these kidneys; empty where there is none, or no dose to compare it with."""
    table, renal = _start_regimen(order, knowledge), renal_function(facts)
    if table is None or daily_dose(order).status == "unknown" or not renal.has_band:
        return ()
    return () if renal.has_conflict(table, About.STAND_IN, About.BOUND) else renal.band(table).doses


def _start_regimen(order: OrderedDrug, knowledge: Knowledge) -> Threshold | None:
    name = START_REGIMENS.get((agent_name(order.drug), order.drug.formulation))
    return None if name is None else knowledge.threshold(name)


def _is_established(order: OrderedDrug, facts: Facts) -> bool:
    """Is the gabapentinoid being taken? Unknown counts as yes: nothing is offered."""
    try:
        return therapy_history(facts, order, agent_name(order.drug)).is_established
    except NotKnown:
        return True
