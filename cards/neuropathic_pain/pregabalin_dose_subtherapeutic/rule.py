"""Is the ordered daily dose of pregabalin below the target dose for neuropathic pain?

WHEN  pregabalin is ordered for neuropathic pain, and renal function is known well enough to raise a dose
AND   the final daily dose is below the target of the clearance band, after the first week on a dose
THEN  offer the step to the target: a warning in diabetic neuropathy on an unchanged dose, else info, also where age,
      sedatives, breathing, falls or a doubtful clearance speak against it (book 2.1).
"""

from __future__ import annotations

from typing import NamedTuple

from cards.facts import Facts
from cards.knowledge import Dose, Knowledge, Threshold
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, Suggestion, lower_once
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.creatinine_clearance import About
from cards.pharmacology.dose_offer import offer_dosage
from cards.pharmacology.dose_wording import dose_order_line, history_lines
from cards.pharmacology.renal_wording import band_words, doubt_lines, downgrades
from cards.pharmacology.therapy_history import is_starter_supply
from cards.pharmacology.titration import Caution, Titration, has_tried, modifiers, open_gates
from cards.wording import joined, listed, number

DIABETIC = frozenset({"np_dpn", "np_drpn"})
AFTER_ZOSTER_OR_CORD_INJURY = frozenset({"np_phn_sci"})
IMMEDIATE = ("start", "target", "start_regimen", "target_regimen")
EXTENDED = (
    "start_extended_release",
    "target_extended_release",
    "start_regimen_extended_release",
    "target_regimen_extended_release",
)
LIMITS = "Limits: pain relief and side effects are not seen; interactions and pregnancy are not checked."


class Row(NamedTuple):
    """The row of the decision table that matched."""

    number: str
    level: Indicator
    how: str
    recommended: bool = False


class Aim(NamedTuple):
    """The target of the clearance band in mg/day, and the regimens that lead there."""

    table: Threshold
    target_mg: float
    start_doses: tuple[Dose, ...]
    target_doses: tuple[Dose, ...]
    is_start_of_range: bool


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision table of 2.1, first match."""
    _, target, _, _ = _tables(order, knowledge)
    titration = open_gates(order, facts, target, knowledge.triggers)
    if not isinstance(titration, Titration):
        return titration
    aim = _aim(order, titration, knowledge)
    if aim is None:
        return NothingToAdd("extended release has no target at this clearance", "1")
    if titration.dose.final_mg >= aim.target_mg:
        return NothingToAdd(f"at or above the target of {number(aim.target_mg)} mg/day", "1")
    if has_tried(titration, facts, aim.target_mg):
        return NothingToAdd("the target was reached before and left again", "1")
    against = modifiers(titration, facts, aim.table, _caution(knowledge))
    row = _row(order, titration, knowledge, against)
    if isinstance(row, NothingToAdd):
        return row
    return _advice(order, titration, aim, row, against, knowledge)


def _tables(order: OrderedDrug, knowledge: Knowledge) -> tuple[Threshold, Threshold, Threshold, Threshold]:
    """Start and target by clearance, and the regimens for them, of the ordered form."""
    names = EXTENDED if order.drug.formulation is Formulation.EXTENDED else IMMEDIATE
    start, target, start_regimen, target_regimen = map(knowledge.threshold, names)
    return start, target, start_regimen, target_regimen


def _aim(order: OrderedDrug, titration: Titration, knowledge: Knowledge) -> Aim | None:
    """The target row; after zoster and in cord injury the start row, where the label's range begins (C2)."""
    start, target, start_regimen, target_regimen = _tables(order, knowledge)
    is_start = titration.indication.sets <= AFTER_ZOSTER_OR_CORD_INJURY
    table, regimen = (start, start_regimen) if is_start else (target, target_regimen)
    band = titration.renal.band(table)
    if band.value is None and band.low is None:
        return None
    start_doses = titration.renal.band(start_regimen).doses
    return Aim(table, band.lower, start_doses, titration.renal.band(regimen).doses, is_start)


def _caution(knowledge: Knowledge) -> Caution:
    return Caution(knowledge.value("caution_from_age"), int(knowledge.value("fall_within")))


# -- the decision table ---------------------------------------------------------------------------------------------


def _row(
    order: OrderedDrug, titration: Titration, knowledge: Knowledge, against: tuple[str, ...]
) -> Row | NothingToAdd:
    """Rows 3 to 8."""
    history = titration.history
    if history.is_restart:
        return NothingToAdd("restart after a gap", "3")
    if history.is_new_start:
        if is_starter_supply(order, titration.dose):
            return NothingToAdd("starter supply of a new start", "3")
        return Row("4", Indicator.INFO, "starting dose; plan the step", recommended=True)
    if history.days_on <= knowledge.value("first_week"):
        return NothingToAdd("first week on the present dose", "3")
    if not titration.is_unchanged:
        return Row("5", Indicator.INFO, "moving up")
    if not titration.indication.sets & DIABETIC:
        return Row("7", Indicator.INFO, "unchanged dose; the target is extrapolated from diabetic neuropathy")
    if against:
        return Row("8", Indicator.INFO, f"unchanged dose; info because of {joined(against)}")
    return Row("6", Indicator.WARNING, "unchanged dose in diabetic neuropathy", recommended=True)


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(
    order: OrderedDrug, titration: Titration, aim: Aim, row: Row, against: tuple[str, ...], knowledge: Knowledge
) -> Advice:
    renal, dose = titration.renal, titration.dose
    doubts = downgrades(renal, aim.table, is_parsed_text=dose.status == "parsed-text")
    if all(diagnosis.by_text for diagnosis in titration.indication.diagnoses):
        doubts = (*doubts, "diagnosis recognised by its words only")
    reasons = doubts if row.level is Indicator.WARNING else ()
    level, before = lower_once(row.level, reasons)
    offer = _offer(order, titration, aim, row, recommended=row.recommended and not (doubts or against))
    return Advice(
        summary=_summary(order, titration, aim, row),
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=dose_order_line(order, dose),
            facts=(
                f"Indication: {listed([d.label for d in titration.indication.diagnoses])}",
                *renal.facts,
                *history_lines(titration.history),
                *doubt_lines(renal, aim.table),
                *(f"Against raising: {reason}" for reason in against if row.number != "8"),
            ),
            rule=_rule(titration, aim, row, reasons),
            basis=knowledge.basis("label", "pooled_trials", "option_dm"),
            limits=LIMITS,
        ),
        evidence="label",
        row=row.number,
        suggestions=() if offer is None else (offer,),
    )


def _summary(order: OrderedDrug, titration: Titration, aim: Aim, row: Row) -> str:
    drug, dose = order.drug.name.capitalize(), number(titration.dose.final_mg)
    target, renal = number(aim.target_mg), titration.renal.shown(aim.table)
    if titration.history.is_new_start:
        return f"{drug} {dose} mg/day: starting dose; consider planning the step to {target} mg/day ({renal})"
    place = f"for {renal}" if titration.renal.dialysis is None else f"on {renal}"
    days = f"day {titration.history.days_on} on this dose"
    if row.number == "5" and titration.history.current_mg is not None:
        days = f"moving up from {number(titration.history.current_mg)}"
    return f"{drug} {dose} mg/day is below the {target} mg/day target {place} ({days})"


def _rule(titration: Titration, aim: Aim, row: Row, reasons: tuple[str, ...]) -> str:
    where = band_words(titration.renal.band(aim.table), aim.table, titration.renal)
    name = "Start of the label range" if aim.is_start_of_range else "Target row"
    lowered = f" One level lower: {'; '.join(reasons)}." if reasons else ""
    return (
        f"{name} for {where}: {number(aim.target_mg)} mg/day; row {row.number}: {row.how}.{lowered} "
        "Benefit rises with dose, a lower dose is not inert; raise only if tolerated and pain persists."
    )


def _offer(order: OrderedDrug, titration: Titration, aim: Aim, row: Row, *, recommended: bool) -> Suggestion | None:
    """The step to the target; in a new start a week on the start dose first. None while two weights disagree."""
    if titration.renal.has_conflict(aim.table, About.WEIGHT) or not aim.target_doses:
        return None
    doses = aim.target_doses
    if titration.history.is_new_start and not aim.is_start_of_range:
        doses = (*aim.start_doses, *aim.target_doses)
        if _daily(aim.start_doses) >= _daily(aim.target_doses):
            doses = aim.target_doses
    else:
        doses = tuple(dose.model_copy(update={"days": None}) for dose in doses)
    return offer_dosage(order, "pregabalin", doses, "Step to the target", recommended=recommended)


def _daily(doses: tuple[Dose, ...]) -> float:
    return sum(dose.mg * dose.per_day for dose in doses)
