"""Is the ordered dose of duloxetine outside the range for neuropathic pain?

WHEN  duloxetine is signed on a schedule, not for depression, anxiety, fibromyalgia or musculoskeletal pain
AND   the daily dose is above 120 mg, newly above 60 mg for neuropathic pain, or below 60 mg after two weeks on it
THEN  warn above 120 mg, else inform, and offer the label dose of 60 mg once daily (book 3.2).
"""

from __future__ import annotations

from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.hepatology.liver_disease import liver_disease
from cards.knowledge import Dose, Knowledge
from cards.neurology.phenotype import pain_indication
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.caution import modifiers
from cards.pharmacology.daily_dose import DailyDose, daily_dose
from cards.pharmacology.dose_offer import offer_dosage
from cards.pharmacology.dose_wording import dose_order_line, history_lines
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.therapy_history import TherapyHistory, therapy_history
from cards.pharmacology.titration import Titration, why_not_judged, without_raise
from cards.wording import listed, number

LIMITS = "Limits: pain relief and side effects are not seen; interactions and pregnancy are not checked."


class Row(NamedTuple):
    """The row that matched. `titration` None: the daily dose alone decided."""

    name: str
    level: Indicator
    rule: str
    titration: Titration | None = None


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision table of 3.2."""
    dose = daily_dose(order)
    if dose.status == "unknown":
        return CannotTell(f"daily dose: {dose.why}", ("order",), book_is_silent=True)
    silent = why_not_judged(dose)
    if silent:
        return NothingToAdd(silent)
    if any(reason.is_a("duloxetine_other_uses") for reason in order.reasons):
        return NothingToAdd("ordered for another indication")
    row = _row(order, dose, facts, knowledge)
    return _advice(order, dose, row, facts, knowledge) if isinstance(row, Row) else row


# -- the decision table ---------------------------------------------------------------------------------------------


def _row(order: OrderedDrug, dose: DailyDose, facts: Facts, knowledge: Knowledge) -> Row | NothingToAdd | CannotTell:
    most, label = knowledge.value("evaluated_up_to"), knowledge.value("label_dose")
    if dose.peak_mg > most:
        return Row("above any range", Indicator.WARNING, f"Above {number(most)} mg/day: not adequately evaluated.")
    if dose.peak_mg <= label <= dose.final_mg:
        return NothingToAdd("the label dose")
    indication = pain_indication(facts, order.reasons)
    if not indication.sets:
        return NothingToAdd("no neuropathic pain among the indications")
    history = therapy_history(facts, order, *knowledge.triggers)
    if history.is_restart:
        return NothingToAdd("restart after a gap")
    titration = Titration(dose, indication, renal_function(facts), history)
    if titration.is_reduction:
        return NothingToAdd("the dose is being lowered")
    if dose.peak_mg > label:
        return _above(titration, knowledge)
    return _below(titration, facts, knowledge)


def _above(titration: Titration, knowledge: Knowledge) -> Row | NothingToAdd:
    """Above the label dose, up to 120 mg/day: worth a word when it is new, not at every renewal."""
    if titration.history.is_established and titration.is_unchanged:
        return NothingToAdd("renewal of the present dose")
    label, most = (number(knowledge.value(name)) for name in ("label_dose", "evaluated_up_to"))
    rule = f"Above {label} up to {most} mg/day for neuropathic pain, new at this dose."
    return Row("above the label dose", Indicator.INFO, rule, titration)


def _below(titration: Titration, facts: Facts, knowledge: Knowledge) -> Row | NothingToAdd | CannotTell:
    """Below the label dose after two weeks, where nothing speaks against the full dose."""
    settled, history = knowledge.value("settled_after"), titration.history
    if history.is_new_start or history.days_on <= settled:
        return NothingToAdd("titration: new start or the first two weeks on the present dose")
    table = knowledge.threshold("normal_clearance")
    if titration.renal.dialysis is not None:
        return NothingToAdd("on dialysis")
    no_raise = without_raise(titration.renal, table)
    if no_raise is not None:
        return no_raise
    if titration.renal.band(table) is not table.highest:
        return NothingToAdd("clearance too low for a higher dose")
    if liver_disease(facts) or facts.has("alcohol_use_disorder"):
        return NothingToAdd("the liver speaks against a higher dose: duloxetine-organ-disease")
    against = modifiers(facts, titration.renal, table)
    if against:
        return NothingToAdd(f"against a higher dose: {listed(list(against))}")
    label = number(knowledge.value("label_dose"))
    rule = (
        f"Below {label} mg/day after more than {number(settled)} days (day {history.days_on}) at CrCl "
        f"{number(table.highest.edge)} mL/min or more; raise only if tolerated and pain persists."
    )
    return Row("below the label dose", Indicator.INFO, rule, titration)


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, dose: DailyDose, row: Row, facts: Facts, knowledge: Knowledge) -> Advice:
    label, is_warning = knowledge.value("label_dose"), row.level is Indicator.WARNING
    doubts = ("dose read from free text",) if is_warning and dose.status == "parsed-text" else ()
    level, before = lower_once(row.level, doubts)
    shown = number(dose.peak_mg if dose.peak_mg > label else dose.final_mg)
    offer = offer_dosage(
        order, "duloxetine", [Dose(mg=label, per_day=1)], "Label dose", recommended=is_warning and not doubts
    )
    return Advice(
        summary=f"Duloxetine {shown} mg/day: label dose for diabetic neuropathic pain is {number(label)} mg once daily",
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=dose_order_line(order, dose),
            facts=_facts_used(order, row.titration, facts, knowledge),
            rule=f"{row.rule}{' One level lower: dose read from free text.' if doubts else ''}",
            basis=knowledge.basis("label", "option_dm", "book"),
            limits=LIMITS,
        ),
        evidence="label",
        row=row.name,
        suggestions=() if offer is None else (offer,),
    )


def _facts_used(order: OrderedDrug, titration: Titration | None, facts: Facts, knowledge: Knowledge) -> tuple[str, ...]:
    if titration is None:
        return tuple(history_lines(_history(order, facts, knowledge)))
    indication = f"Indication: {listed([d.label for d in titration.indication.diagnoses])}"
    return (indication, *history_lines(titration.history), *titration.renal.facts)


def _history(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> TherapyHistory | None:
    try:
        return therapy_history(facts, order, *knowledge.triggers)
    except NotKnown:
        return None
