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
from cards.opinion import Indicator, NothingToAdd, Opinion, Suggestion
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.caution import modifiers
from cards.pharmacology.dose_offer import in_two_steps, offer_dosage
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_wording import band_words
from cards.pharmacology.therapy_history import is_starter_supply, tried_higher
from cards.pharmacology.titration import Titration, open_gates
from cards.pharmacology.titration_card import Row, TooLow
from cards.wording import joined, number, number_beside

DIABETIC = frozenset({"np_dpn", "np_drpn"})
AFTER_ZOSTER_OR_CORD_INJURY = frozenset({"np_phn_sci"})
IMMEDIATE = ("start", "target", "start_regimen", "target_regimen")
EXTENDED = (
    "start_extended_release",
    "target_extended_release",
    "start_regimen_extended_release",
    "target_regimen_extended_release",
)


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
    if tried_higher(titration.history, facts, aim.target_mg):
        return NothingToAdd("the target was reached before and left again", "1")
    against = modifiers(facts, titration.renal, aim.table)
    row = _row(order, titration, knowledge, against)
    if isinstance(row, NothingToAdd):
        return row
    found = TooLow(order, titration, aim.table, row, against)
    label = "label_extended_release" if order.drug.formulation is Formulation.EXTENDED else "label"
    basis = knowledge.basis(label, "pooled_trials", "option_dm")
    return found.advice(_summary(found, aim), _rule(found, aim, knowledge), basis, _offer(found, aim), label)


def _tables(order: OrderedDrug, knowledge: Knowledge) -> tuple[Threshold, Threshold, Threshold, Threshold]:
    """Start and target by clearance, and the regimens for them, of the ordered form; the lower of both together."""
    names = EXTENDED if order.formulation is Formulation.EXTENDED and not order.is_mixed else IMMEDIATE
    start, target, start_regimen, target_regimen = map(knowledge.threshold, names)
    return start, target, start_regimen, target_regimen


def _aim(order: OrderedDrug, titration: Titration, knowledge: Knowledge) -> Aim | None:
    """The target row; after zoster and in cord injury the start row, where the label's range begins (C2)."""
    start, target, start_regimen, target_regimen = _tables(order, knowledge)
    is_start = titration.indication.sets <= AFTER_ZOSTER_OR_CORD_INJURY
    table, regimen = (start, start_regimen) if is_start else (target, target_regimen)
    band = titration.renal.band(table)
    if not band.is_stated:
        return None
    start_doses = titration.renal.band(start_regimen).doses
    return Aim(table, band.lower, start_doses, titration.renal.band(regimen).doses, is_start)


# -- the decision table ---------------------------------------------------------------------------------------------


def _row(
    order: OrderedDrug, titration: Titration, knowledge: Knowledge, against: tuple[str, ...]
) -> Row | NothingToAdd:
    """Rows 3 to 8."""
    history = titration.history
    if history.is_restart:
        return NothingToAdd("restart after a gap", "3")
    if history.is_new_start:
        if is_starter_supply(order):
            return NothingToAdd("starter supply of a new start", "3")
        return Row("4", Indicator.INFO, "starting dose; plan the step", recommended=True)
    if history.days_on <= knowledge.value("first_week"):
        return NothingToAdd("first week on the present dose", "3")
    if not titration.is_unchanged:
        return Row("5", Indicator.INFO, "moving up")
    if titration.indication.sets <= AFTER_ZOSTER_OR_CORD_INJURY:
        return Row("7", Indicator.INFO, "unchanged dose")  # the label's own range, nothing is extrapolated
    if not titration.indication.sets & DIABETIC:
        return Row("7", Indicator.INFO, "unchanged dose; the target is extrapolated from diabetic polyneuropathy")
    if against:
        return Row("8", Indicator.INFO, f"unchanged dose; info because of {joined(against)}", names_against=True)
    return Row("6", Indicator.WARNING, "unchanged dose in diabetic neuropathy", recommended=True)


# -- the card -------------------------------------------------------------------------------------------------------


def _summary(found: TooLow, aim: Aim) -> str:
    titration, history = found.titration, found.titration.history
    drug, dose = found.order.drug.name.capitalize(), number_beside(titration.dose.final_mg, [aim.target_mg])
    target, renal = number(aim.target_mg), titration.renal.shown(aim.table)
    if history.is_new_start:
        return f"{drug} {dose} mg/day: starting dose; consider planning the step to {target} mg/day ({renal})"
    place = f"for {renal}" if titration.renal.dialysis is None else f"on {renal}"
    days = f"day {history.days_on} on this dose"
    if found.row.number == "5" and history.current_mg is not None:
        days = f"moving up from {number(history.current_mg)} mg/day"
    return f"{drug} {dose} mg/day is below the {target} mg/day target {place} ({days})"


def _rule(found: TooLow, aim: Aim, knowledge: Knowledge) -> str:
    renal, not_inert = found.titration.renal, number(knowledge.value("not_inert"))
    where = band_words(renal.band(aim.table), aim.table, renal)
    name = "Start of the label range" if aim.is_start_of_range else "Target row"
    return (
        f"{name} for {where}: {number(aim.target_mg)} mg/day; row {found.row.number}: {found.row.how}. "
        f"Benefit rises with dose, {not_inert} mg/day is not inert; raise only if tolerated and pain persists."
    )


def _offer(found: TooLow, aim: Aim) -> Suggestion | None:
    """The step to the target; in a new start a week on the start dose first. None while two weights disagree."""
    titration = found.titration
    if titration.renal.has_conflict(aim.table, About.WEIGHT) or not aim.target_doses:
        return None
    if titration.history.is_new_start and not aim.is_start_of_range:
        doses = in_two_steps(aim.start_doses, aim.target_doses)
    else:
        doses = tuple(dose._replace(days=None) for dose in aim.target_doses)
    return offer_dosage(found.order, "pregabalin", doses, "Step to the target", recommended=found.is_recommended)
