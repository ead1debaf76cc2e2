"""May a dose be above its ceiling or start at all? The question of book 2.3, and when there is none."""

from __future__ import annotations

from typing import NamedTuple

from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge, Threshold
from cards.neurology.phenotype import pain_indication
from cards.opinion import CannotTell, NothingToAdd
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.daily_dose import DailyDose, daily_dose
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_state import RenalFunction
from cards.pharmacology.renal.renal_wording import band_words
from cards.pharmacology.therapy_history import therapy_history
from cards.pharmacology.titration import Titration, without_renal_function
from cards.wording import number

WITH_OTHER_CEILINGS = ("epilepsy", "generalized_anxiety")
IMMEDIATE = ("start", "target", "maximum", "start_regimen", "target_regimen")
EXTENDED = (
    "start_extended_release",
    "target_extended_release",
    "maximum_extended_release",
    "start_regimen_extended_release",
    "target_regimen_extended_release",
)


class Tables(NamedTuple):
    """Rows of a label's dose table by clearance, and the regimens for them, of the ordered form."""

    start: Threshold
    target: Threshold
    maximum: Threshold
    start_regimen: Threshold
    target_regimen: Threshold


class CeilingQuestion(NamedTuple):
    """An order whose dose and renal function are known, neither settled nor for another indication."""

    order: OrderedDrug
    facts: Facts
    knowledge: Knowledge
    titration: Titration
    tables: Tables

    @property
    def dose(self) -> DailyDose:
        """The ordered daily dose."""
        return self.titration.dose

    @property
    def target_mg(self) -> float:
        """The target row in mg/day; its upper end, as every "above" test takes it."""
        return self.titration.renal.band(self.tables.target).upper

    @property
    def place(self) -> str:
        """ "CrCl 42 mL/min", "haemodialysis"."""
        return self.titration.renal.shown(self.tables.target)

    def band_of(self, table: Threshold) -> str:
        """The patient's band of a table, in words."""
        return band_words(self.titration.renal.band(table), table, self.titration.renal)


def ceiling_question(
    order: OrderedDrug, facts: Facts, knowledge: Knowledge
) -> CeilingQuestion | NothingToAdd | CannotTell:
    """The question, or why there is none; what is cheap to know comes first. Raises NotKnown."""
    dose, tables = daily_dose(order), _tables(order, knowledge)
    silent = _by_dose(dose, tables)
    if silent is not None:
        return silent
    renal = renal_function(facts)
    silent = without_renal_function(renal, tables.target) or _by_band(dose, renal, tables)
    if silent is not None:
        return silent
    if _has_another_ceiling(order, facts):
        return NothingToAdd("for epilepsy or anxiety, or one of them is current and no reason stated")
    history = therapy_history(facts, order, *knowledge.triggers)
    titration = Titration(dose, pain_indication(facts, order.reasons), renal, history)
    if _is_settled(titration, knowledge.value("settled_from")):
        return NothingToAdd("renewal or reduction of an established dose", "renewal")
    return CeilingQuestion(order, facts, knowledge, titration, tables)


def _tables(order: OrderedDrug, knowledge: Knowledge) -> Tables:
    names = EXTENDED if order.formulation is Formulation.EXTENDED else IMMEDIATE
    return Tables(*map(knowledge.threshold, names))


def _by_dose(dose: DailyDose, tables: Tables) -> NothingToAdd | CannotTell | None:
    """Silent for what no renal function could make too much."""
    if dose.status == "unknown":
        return CannotTell(f"daily dose: {dose.why}", ("order",), book_is_silent=True)
    if dose.is_one_time:
        return NothingToAdd("a single dose")
    lowest = min(band.upper for band in tables.target.bands if band.is_stated)
    if max(dose.start_mg, dose.final_mg) < lowest:
        return NothingToAdd("below the target of every clearance")
    return None


def _by_band(dose: DailyDose, renal: RenalFunction, tables: Tables) -> NothingToAdd | None:
    """Silent within the target, and above the label maximum, where the card on the maximum speaks."""
    target, maximum = renal.band(tables.target), renal.band(tables.maximum)
    if not (target.is_stated and maximum.is_stated):
        return NothingToAdd("extended release has no target at this clearance")
    if dose.peak_mg > maximum.upper + TOLERANCE:
        return NothingToAdd(f"above the label maximum of {number(maximum.upper)} mg/day")
    if dose.final_mg <= target.upper and dose.start_mg < target.upper:
        return NothingToAdd(f"within the target of {number(target.upper)} mg/day")
    return None


def _has_another_ceiling(order: OrderedDrug, facts: Facts) -> bool:
    """Epilepsy or anxiety: stated, or current (suspected too) where no reason is stated. Raises NotKnown."""
    if order.reasons:
        return any(reason.is_a(*WITH_OTHER_CEILINGS) for reason in order.reasons)
    return any(diagnosis.is_current for diagnosis in facts.diagnoses(*WITH_OTHER_CEILINGS))


def _is_settled(titration: Titration, from_days: float) -> bool:
    """Is an established dose lowered, or renewed after the first week on it?"""
    history = titration.history
    if not history.is_established:
        return False
    return titration.is_reduction or (titration.is_unchanged and history.days_on >= from_days)
