"""Is the ordered daily dose of gabapentin below the range that works in neuropathic pain?

WHEN  immediate-release gabapentin is ordered for neuropathic pain, and renal function is known well enough to raise it
AND   the final daily dose is below the label's range for the clearance, after the weeks of titration
THEN  offer the next step: a warning on an unchanged dose below the floor of the table, else info, also
      where age, sedatives, breathing, falls or a doubtful clearance speak against it (book 2.4).
"""

from __future__ import annotations

from typing import NamedTuple

from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge
from cards.opinion import CannotTell, Indicator, NothingToAdd, Opinion, Suggestion
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.caution import modifiers
from cards.pharmacology.dose_offer import offer_dosage
from cards.pharmacology.dose_row import DoseRow, dose_row
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_wording import band_words
from cards.pharmacology.therapy_history import is_supply_within, tried_higher
from cards.pharmacology.titration import Titration, open_gates
from cards.pharmacology.titration_card import Row, TooLow
from cards.wording import joined, number


class Rows(NamedTuple):
    """The three rows of table GBP, and their mg/day for this patient."""

    floor: DoseRow
    target: DoseRow
    maximum: DoseRow
    floor_mg: float
    target_mg: float
    maximum_mg: float


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The gates of 2.1, then the decision table of 2.4, first match."""
    if order.drug.formulation is not Formulation.IMMEDIATE:
        return NothingToAdd(f"the table does not cover {order.drug.formulation} products")
    target = knowledge.threshold("target")
    titration = open_gates(order, facts, target, knowledge.triggers)
    if not isinstance(titration, Titration):
        return titration
    rows = _rows(titration, knowledge)
    if _is_at_least(titration, rows.target_mg):
        return NothingToAdd(f"at or above {number(rows.target_mg)} mg/day", "target")
    if tried_higher(titration.history, facts, rows.target_mg):
        return NothingToAdd("the target was reached before and left again", "tried")
    if _is_open(titration, rows):
        because = "the conclusion does not hold over the range of the estimate"
        return CannotTell(because, ("renal_function",), book_is_silent=True)
    against = modifiers(facts, titration.renal, target)
    row = _row(order, titration, rows, knowledge, against)
    if isinstance(row, NothingToAdd):
        return row
    found = TooLow(order, titration, target, row, against)
    basis = knowledge.basis("label", "book")
    return found.advice(_summary(found, rows), _rule(found, rows), basis, _offer(found, rows, knowledge))


def _rows(titration: Titration, knowledge: Knowledge) -> Rows:
    floor, target, maximum = (dose_row(knowledge, name) for name in ("floor", "target", "maximum"))
    renal = titration.renal
    return Rows(floor, target, maximum, floor.of(renal), target.of(renal), maximum.of(renal))


def _is_at_least(titration: Titration, mg: float) -> bool:
    return titration.dose.final_mg >= mg - TOLERANCE


def _is_open(titration: Titration, rows: Rows) -> bool:
    """Would a stand-in, a bound or the other sex decide otherwise? The rows fall even inside the lowest band."""
    return any(
        _is_at_least(titration, row.at(doubt.low)) != _is_at_least(titration, row.at(doubt.high))
        for doubt in titration.renal.doubts
        if doubt.about in (About.STAND_IN, About.BOUND, About.SEX)
        for row in (rows.floor, rows.target)
    )


# -- the decision table ---------------------------------------------------------------------------------------------


def _row(
    order: OrderedDrug, titration: Titration, rows: Rows, knowledge: Knowledge, against: tuple[str, ...]
) -> Row | NothingToAdd:
    history, window = titration.history, knowledge.value("titration_window")
    is_low = not _is_at_least(titration, rows.floor_mg)
    if history.is_new_start:
        if is_supply_within(order, window):
            return NothingToAdd("first weeks of a new start, no refills", "short supply")
        if is_low:
            return Row("new start", Indicator.INFO, "starting dose that goes on; titration to plan")
        return NothingToAdd("new start on the way to the range", "new start")
    if history.is_restart:
        return NothingToAdd("restart after a gap", "restart")
    if history.days_on <= window:
        return NothingToAdd("within the weeks of titration on the present dose", "titration")
    if not is_low:
        return Row("between", Indicator.INFO, f"{number(rows.floor_mg)} mg/day reached, the label's range not")
    if not titration.is_unchanged:
        return Row("rising", Indicator.INFO, f"moving up, still below {number(rows.floor_mg)} mg/day")
    how = f"unchanged below {number(rows.floor_mg)} mg/day"
    if against:
        return Row("low", Indicator.INFO, f"{how}; info because of {joined(against)}", names_against=True)
    return Row("low", Indicator.WARNING, how, recommended=True)


# -- the card -------------------------------------------------------------------------------------------------------


def _summary(found: TooLow, rows: Rows) -> str:
    renal = found.titration.renal
    place = f"on {renal.shown(found.table)}" if renal.dialysis is not None else f"at {renal.shown(found.table)}"
    drug, dose = found.order.drug.name.capitalize(), number(found.titration.dose.final_mg)
    start = "; starting dose, titration to plan" if found.titration.history.is_new_start else ""
    return (
        f"{drug} {dose} mg/day is below the effective range "
        f"({number(rows.target_mg)}-{number(rows.maximum_mg)} mg/day {place}){start}"
    )


def _rule(found: TooLow, rows: Rows) -> str:
    renal = found.titration.renal
    fallen = rows.target.falls_by(renal)
    return (
        f"Effective range for {band_words(renal.band(found.table), found.table, renal)}: {number(rows.target_mg)} to "
        f"{number(rows.maximum_mg)} mg/day{f' (lower end {fallen})' if fallen else ''}, floor {number(rows.floor_mg)}: "
        f"{found.row.how}. Raise only if tolerated and pain persists."
    )


def _offer(found: TooLow, rows: Rows, knowledge: Knowledge) -> Suggestion | None:
    """The next step: first to the floor, then to the range. None while two weights disagree or the draft has phases."""
    titration = found.titration
    if titration.renal.has_conflict(found.table, About.WEIGHT) or len(titration.dose.phases) > 1:
        return None
    name = "target_regimen" if _is_at_least(titration, rows.floor_mg) else "floor_regimen"
    doses = titration.renal.band(knowledge.threshold(name)).doses
    if not doses:
        return None
    return offer_dosage(found.order, "gabapentin", doses, "Next step", recommended=found.is_recommended)
