"""Is there no usable renal function for a drug that the kidneys clear?

WHEN  pregabalin or gabapentin is signed
AND   there is no fresh, valid clearance and no dialysis, and no creatinine is under way
AND   something makes that matter: unstable kidneys with more than the lowest band allows, severe kidney disease,
      age, diabetes, kidney disease, heart failure, a nephrotoxic drug, a dose above the start dose
THEN  say so and offer a creatinine or a weight: a warning in the first two cases, else info (book 2.6).
"""

from __future__ import annotations

from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.knowledge import Knowledge
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, Suggestion
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.current_orders import active_on_record
from cards.pharmacology.daily_dose import DailyDose, daily_dose
from cards.pharmacology.dose_wording import dose_order_line
from cards.pharmacology.gabapentinoid import agent_name
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_state import RenalFunction, RenalState
from cards.pharmacology.renal.renal_tests import (
    has_fresh_creatinine,
    has_no_weight,
    is_creatinine_pending,
    offer_creatinine,
    offer_weight,
    weights_conflict,
)
from cards.wording import SUMMARY_LIMIT, number, number_beside

NEPHROTOXIC = (
    "nsaid_ingredients",
    "aminoglycoside_ingredients",
    "vancomycin",
    "calcineurin_inhibitor_ingredients",
    "iodinated_contrast_ingredients",
)
RISKS_FROM = ("patient", "conditions", "medication_orders")
UNKNOWN_MATTERS_FROM = ("patient", "conditions")
LIMITS = "Limits: results of other laboratories are not seen; missing data alone is not harm."


class Row(NamedTuple):
    """The row that matched. `why` goes into the summary, what it means and the risks into the detail."""

    name: str
    level: Indicator
    why: str
    meaning: str = "no fresh, valid clearance"
    risks: tuple[str, ...] = ()
    is_unchecked: bool = False


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision table of 2.6, first match."""
    renal, dose = renal_function(facts), daily_dose(order)
    if dose.status != "unknown" and dose.is_one_time:
        return NothingToAdd("a single dose")
    if is_creatinine_pending(facts):
        return NothingToAdd("a creatinine is ordered or pending")
    if renal.is_usable and not _is_failed_stand_in(order, renal, knowledge):
        return NothingToAdd("renal function is known")
    row = _row(order, dose, renal, facts, knowledge)
    return _advice(order, dose, renal, row, facts, knowledge) if isinstance(row, Row) else row


def _is_failed_stand_in(order: OrderedDrug, renal: RenalFunction, knowledge: Knowledge) -> bool:
    """Does an eGFR, or a creatinine given as a bound, leave more than one band of the drug's label open?"""
    if renal.is_in_lowest_band:
        return False
    bands = knowledge.threshold(f"{_agent(order)}_bands")
    return renal.has_conflict(bands, About.STAND_IN, About.BOUND)


def _agent(order: OrderedDrug) -> str:
    """Of which of the two drugs the numbers in knowledge.yaml count."""
    return "gabapentin" if order.drug.is_a("gabapentin") else "pregabalin"


# -- the decision table ---------------------------------------------------------------------------------------------


def _row(
    order: OrderedDrug, dose: DailyDose, renal: RenalFunction, facts: Facts, knowledge: Knowledge
) -> Row | NothingToAdd | CannotTell:
    peak = _peak(order, dose)
    if renal.unstable and peak is not None and peak > knowledge.value(f"{_agent(order)}_lowest_maximum"):
        return Row("unstable", Indicator.WARNING, "unstable", f"unstable ({renal.unstable})")
    failed = _is_failed_stand_in(order, renal, knowledge)
    severe = _current(facts, "severe_chronic_kidney_disease")
    if severe and (renal.clearance is None or failed):
        return Row("severe kidney disease", Indicator.WARNING, f"{severe[0].label} coded", "no usable value")
    if renal.state in (RenalState.ABSENT, RenalState.STALE):
        risks = _risks(order, peak, facts, knowledge)
        if risks:
            return Row(str(renal.state), Indicator.INFO, renal.why, risks=risks)
        return _unchecked_risks(facts, RISKS_FROM) or _silent(renal)
    if renal.state is RenalState.WEIGHT_MISSING:
        return Row(str(renal.state), Indicator.INFO, renal.why)
    if renal.state is RenalState.UNKNOWN or failed:
        return _unknown(renal, failed, facts, knowledge)
    return _silent(renal)


def _silent(renal: RenalFunction) -> NothingToAdd:
    return NothingToAdd(f"nothing makes it matter ({renal.why or renal.unstable})", "otherwise")


def _unknown(renal: RenalFunction, failed: bool, facts: Facts, knowledge: Knowledge) -> Row | CannotTell:
    """The row for UNKNOWN: speaks where kidney disease is coded or the patient is old."""
    why = "estimate too close to a dosing limit" if failed else renal.why
    meaning = "could not be checked" if renal.is_unchecked and not failed else "no usable value"
    coded = _current(facts, "ckd")
    old = _age_at_least(facts, knowledge.value("unknown_from_age"))
    risks = (*(d.label for d in coded[:1]), *((f"age {facts.age}",) if old else ()))
    if not risks:  # the book is silent only where neither is true, not where nobody knows (0.6)
        is_silent = CannotTell(f"renal function: {meaning} ({why})", ("renal_function",), book_is_silent=True)
        return _unchecked_risks(facts, UNKNOWN_MATTERS_FROM) or is_silent
    return Row("unknown", Indicator.INFO, why, meaning, risks, is_unchecked=renal.is_unchecked)


def _unchecked_risks(facts: Facts, needs: tuple[str, ...]) -> CannotTell | None:
    """What could make it matter and was not read, or not to its end; None when all of it was."""
    unread = tuple(need for need in needs if not facts.is_complete(need))
    return CannotTell("what would make it matter could not be checked", unread) if unread else None


def _peak(order: OrderedDrug, dose: DailyDose) -> float | None:
    """Peak daily dose in mg; None when unknown or of a product whose milligrams cannot be compared."""
    is_other_form = order.formulation in (Formulation.GASTRORETENTIVE, Formulation.ENACARBIL)
    return None if dose.status == "unknown" or is_other_form else dose.peak_mg


def _risks(order: OrderedDrug, peak: float | None, facts: Facts, knowledge: Knowledge) -> tuple[str, ...]:
    found = []
    if _age_at_least(facts, knowledge.value("risk_from_age")):
        found.append(f"age {facts.age}")
    found.extend(f"{d.label} current" for d in _current(facts, "diabetes", "ckd", "heart_failure"))
    found.extend(f"{name} (nephrotoxic drug)" for name in sorted(_nephrotoxic(facts)))
    start = knowledge.value(_start(order))
    if peak is not None and peak > start:
        found.append(f"{number_beside(peak, [start])} mg/day is above the start dose of {number(start)}")
    return tuple(found)


def _start(order: OrderedDrug) -> str:
    """The start dose of the drug in its form of release."""
    is_extended = order.formulation is Formulation.EXTENDED and _agent(order) == "pregabalin"
    return "pregabalin_extended_release_start" if is_extended else f"{_agent(order)}_start"


def _nephrotoxic(facts: Facts) -> set[str]:
    names = {draft.drug.name for draft in facts.basket.medications if draft.drug.is_a(*NEPHROTOXIC)}
    try:
        return names | {order.drug.name for order in active_on_record(facts, *NEPHROTOXIC)}
    except NotKnown:
        return names  # could not be checked: the other risks decide


def _current(facts: Facts, *concepts: str) -> tuple[Diagnosis, ...]:
    try:
        return facts.current(*concepts)
    except NotKnown:
        return ()


def _age_at_least(facts: Facts, age: float) -> bool:
    try:
        return facts.age >= age
    except NotKnown:
        return False


# -- the card -------------------------------------------------------------------------------------------------------


def _summary(why: str, ordered: str) -> str:
    """With what exactly is wrong where there is room for it ("conflicting weights: 65 kg on … and 80 kg on …")."""
    said = f"No usable renal function ({{}}) for {ordered}; dose depends on creatinine clearance"
    whole = said.format(why)
    return whole if len(whole) <= SUMMARY_LIMIT else said.format(why.partition(":")[0])


def _advice(
    order: OrderedDrug, dose: DailyDose, renal: RenalFunction, row: Row, facts: Facts, knowledge: Knowledge
) -> Advice:
    mg = "" if dose.status == "unknown" else f" {number(dose.peak_mg)} mg/day"
    why = "" if row.why in row.meaning else f" ({row.why})"
    made_worse = f" Matters because: {', '.join(row.risks)}." if row.risks else ""
    label = f"{_agent(order)}_label"
    return Advice(
        summary=_summary(row.why, f"{agent_name(order.drug)}{mg}"),
        indicator=row.level,
        explanation=Explanation(
            order=dose_order_line(order, dose),
            facts=renal.facts,
            rule=f"Renal function: {row.meaning}{why}.{made_worse}",
            basis=knowledge.basis(label, "book"),
            limits=LIMITS,
        ),
        evidence=label,
        row=row.name,
        suggestions=tuple(_offers(renal, facts)),
        unchecked=row.is_unchecked,
    )


def _offers(renal: RenalFunction, facts: Facts) -> list[Suggestion]:
    if renal.state is RenalState.WEIGHT_MISSING:
        return [offer_weight()]
    if renal.state is RenalState.UNKNOWN and weights_conflict(facts):
        return [offer_weight(), offer_creatinine(recommended=False)]
    if renal.state is RenalState.UNKNOWN and has_fresh_creatinine(facts):
        return []  # what is missing is no test: the birth date, or a weight that could not be had
    return [offer_creatinine(), *([offer_weight()] if has_no_weight(facts) else [])]
