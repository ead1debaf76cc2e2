"""Can a dose be judged too low at all? The gates that books 2.1 and 2.4 share."""

from __future__ import annotations

from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Threshold
from cards.neurology.phenotype import PainIndication, pain_indication
from cards.opinion import CannotTell, NothingToAdd
from cards.orders import OrderedDrug
from cards.pharmacology.current_orders import is_single_dose, taken_on
from cards.pharmacology.daily_dose import DailyDose, daily_dose
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_state import RenalFunction, RenalState
from cards.pharmacology.therapy_history import TherapyHistory, is_same_dose, therapy_history

GATE, RENAL_GATE = "1", "2"  # rows of the decision table of book 2.1
SEDATING = ("opioid", "benzodiazepine")


class Titration(NamedTuple):
    """Everything known about the titration of one drug, once every gate is passed."""

    dose: DailyDose
    indication: PainIndication
    renal: RenalFunction
    history: TherapyHistory

    @property
    def is_unchanged(self) -> bool:
        """Does the order keep the present dose? An unreadable present dose counts as equal (book 1.6)."""
        current = self.history.current_mg
        return current is None or is_same_dose(self.dose.final_mg, current)

    @property
    def is_reduction(self) -> bool:
        """Is the dose lowered on purpose?"""
        current = self.history.current_mg
        return current is not None and self.dose.final_mg < current and not self.is_unchanged


def open_gates(
    order: OrderedDrug, facts: Facts, table: Threshold, concepts: tuple[str, ...]
) -> Titration | NothingToAdd | CannotTell:
    """The titration, or why the rule is silent about it. Raises NotKnown without problem list or earlier orders.

    `table` holds the target by clearance: doubts count where they would change the target.
    """
    dose = daily_dose(order)
    if dose.status == "unknown":
        return CannotTell(f"daily dose: {dose.why}", ("order",), book_is_silent=True)
    silent = _by_dose(dose, table)
    if silent:
        return NothingToAdd(silent, GATE)
    indication = pain_indication(facts, order.reasons)
    silent = not_for_pain(indication)
    if silent:
        return NothingToAdd(silent, GATE)
    renal = renal_function(facts)
    not_usable = without_raise(renal, table)
    if not_usable is not None:
        return not_usable
    titration = Titration(dose, indication, renal, therapy_history(facts, order, *concepts))
    if titration.is_reduction:
        return NothingToAdd("the dose is being lowered", GATE)
    return titration


def _by_dose(dose: DailyDose, table: Threshold) -> str:
    if dose.final_mg >= max(band.lower for band in table.bands if band.is_stated):
        return "at or above the target of every clearance"  # most orders end here, and nothing was read
    return why_not_judged(dose)


def why_not_judged(dose: DailyDose) -> str:
    """Why a dose of this kind is not measured against a range; empty: it is."""
    if dose.is_as_needed:
        return "as needed"
    if dose.is_taper:
        return "taper"
    if dose.is_one_time:
        return "a single dose"
    return "only after dialysis" if dose.is_only_after_dialysis else ""


def not_for_pain(indication: PainIndication) -> str:
    """Why a drug is not taken to be for neuropathic pain; empty: it is."""
    if indication.other_licensed and indication.is_stated:
        return "ordered for another indication"
    if not indication.sets:
        return "no neuropathic pain among the indications"
    return "another licensed indication is current too, no reason stated" if indication.other_licensed else ""


def without_renal_function(renal: RenalFunction, table: Threshold) -> NothingToAdd | CannotTell | None:
    """Why the renal function puts the patient in no band of `table` for sure; None: it does (2.6 may speak)."""
    if renal.dialysis is not None:
        return None
    if renal.state is RenalState.UNKNOWN:
        return CannotTell(f"renal function: {renal.why}", ("renal_function",), book_is_silent=True)
    if renal.state is not RenalState.FRESH:
        return NothingToAdd(f"no fresh renal function: {renal.why}", RENAL_GATE)
    if renal.unstable:
        return NothingToAdd(f"renal function unstable: {renal.unstable}", RENAL_GATE)
    if renal.has_conflict(table, About.STAND_IN, About.BOUND):
        because = "the target differs over the range of the estimate"
        return CannotTell(because, ("renal_function",), book_is_silent=True)
    return None


def without_raise(renal: RenalFunction, table: Threshold) -> NothingToAdd | CannotTell | None:
    """Why the renal function does not allow a higher dose; None: it does."""
    not_usable = without_renal_function(renal, table)
    if not_usable is None and renal.has_conflict(table, About.MEASURED, About.SEX):
        return NothingToAdd("two estimates of renal function ask for different targets", RENAL_GATE)
    return not_usable


class Sedatives(NamedTuple):
    """Opioids and benzodiazepines by name. `is_checked` False: the orders on record could not be had."""

    names: tuple[str, ...]
    is_checked: bool = True


def sedatives(facts: Facts) -> Sedatives:
    """Opioids and benzodiazepines that are drafted or being taken, without single doses, as in book 2.8."""
    drafted = (draft for draft in facts.basket.medications if draft.drug.is_a(*SEDATING))
    names = {draft.drug.name for draft in drafted if not is_single_dose(draft)}
    try:
        names |= {order.drug.name for order in taken_on(facts, *SEDATING)}
    except NotKnown:
        return Sedatives(tuple(sorted(names)), is_checked=False)
    return Sedatives(tuple(sorted(names)))
