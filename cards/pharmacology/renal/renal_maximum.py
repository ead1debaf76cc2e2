"""Is the daily dose above the label maximum for this renal function? One decision table for books 2.2 and 2.5."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge
from cards.opinion import (
    Advice,
    CannotTell,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    OrderService,
    Suggestion,
    lower_once,
)
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.daily_dose import daily_dose, drafts_with_dose
from cards.pharmacology.dose_row import dose_row
from cards.pharmacology.dose_wording import dose_order_line, history_lines
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_maximum_offer import offer_within_maximum
from cards.pharmacology.renal.renal_question import RenalQuestion
from cards.pharmacology.renal.renal_state import RenalState
from cards.pharmacology.renal.renal_tests import is_creatinine_pending, offer_creatinine
from cards.pharmacology.renal.renal_wording import band_words, doubt_lines, downgrades, label_dose_lines
from cards.wording import number, number_beside

LIMITS = "Limits: interactions, allergies and pregnancy are not checked; no card does not mean a safe dose."


class _Row(NamedTuple):
    """The branch that matched. `above` is the daily dose in mg that the peak exceeds; None: the row is of no peak."""

    name: str
    level: Indicator
    summary: str
    rule: str
    above: float | None = None


def above_renal_maximum(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision table of book 2.2 (2.5), with the maxima of the card's knowledge."""
    name = table_of_maxima(order, knowledge)
    if name is None:
        return NothingToAdd(f"the table does not cover {order.formulation} products")
    dose = daily_dose(order)
    if dose.status == "unknown":
        found = _of_readable_drafts(order, facts, knowledge)
        return found or CannotTell(f"daily dose: {dose.why}", ("order",), book_is_silent=True)
    renal = renal_function(facts)
    asked = RenalQuestion(order, dose, renal, dose_row(knowledge, name), knowledge, facts)
    if not renal.has_band:
        return _without_renal_function(asked)
    is_sure = _holds(asked, asked.exceeds) and _holds(asked, asked.is_unsuited_form)
    if is_sure and _is_taper_to_maximum(asked):
        return NothingToAdd("taper from an established dose to the maximum or below", "taper")
    row = _row(asked)
    if row is None and not is_sure:
        because = "the conclusion does not hold over the range of the estimate"
        return CannotTell(because, ("renal_function",), book_is_silent=True)
    if row is None:
        return NothingToAdd(f"within the label maximum of {number(asked.maximum())} mg/day", "r<=1")
    return _advice(asked, row)


def _of_readable_drafts(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Advice | None:
    """What the other drafts exceed on their own beside one that cannot be read: more of a drug takes nothing away.

    No dose is offered, for the sum is not known.
    """
    readable = drafts_with_dose(order, "known", "parsed-text")
    if readable is None or len(readable.drafts) == len(order.drafts):
        return None
    opinion = above_renal_maximum(readable, facts, knowledge)
    if not isinstance(opinion, Advice):
        return None
    said, left = opinion.explanation, len(order.drafts) - len(readable.drafts)
    drafts = "another draft" if left == 1 else f"{left} other drafts"
    return opinion._replace(
        explanation=said._replace(order=f"{said.order} Not counted: {drafts}, dose not readable."),
        suggestions=tuple(offer for offer in opinion.suggestions if isinstance(offer, OrderService)),
    )


def table_of_maxima(order: OrderedDrug, knowledge: Knowledge) -> str | None:
    """The name of the table for the form of release that is ordered; None: the card has none for it."""
    match order.formulation:
        case Formulation.IMMEDIATE:
            return "maximum"
        case Formulation.EXTENDED if "maximum_extended_release" in knowledge.thresholds:
            return "maximum_extended_release"
        case _:
            return None


# -- the decision table ---------------------------------------------------------------------------------------------


def _without_renal_function(asked: RenalQuestion) -> Opinion:
    """Only a dose above every maximum speaks without renal function."""
    highest, peak = asked.table.highest.upper, asked.dose.peak_mg
    if peak <= highest + TOLERANCE:
        because = f"no renal function ({asked.renal.why}); not above {number(highest)} mg/day"
        if asked.renal.state is RenalState.UNKNOWN:
            return CannotTell(because, ("renal_function",), book_is_silent=True)
        return NothingToAdd(because, "no renal function")
    ordered = number_beside(peak, [highest])
    row = _Row(
        "no renal function, above any maximum",
        Indicator.WARNING,
        f"{asked.drug} {ordered} mg/day exceeds the {number(highest)} mg/day maximum for any renal function",
        f"Peak {ordered} mg/day above {number(highest)} mg/day, the maximum whatever the renal function.",
        above=highest,
    )
    return _write(asked, row, _doubts(asked, row), ())


def _holds(asked: RenalQuestion, conclusion: Callable[[float], bool]) -> bool:
    """Is the conclusion the same at both ends of a stand-in or a bound? (book 1.1, 1.4)"""
    return all(
        conclusion(doubt.low) == conclusion(doubt.high)
        for doubt in asked.renal.doubts_for(asked.table)
        if doubt.about in (About.STAND_IN, About.BOUND)
    )


def _is_unsuited(asked: RenalQuestion) -> bool:
    """Does the label use another form of release at this clearance, however sure the clearance is?"""
    return asked.is_unsuited_form() and _holds(asked, asked.is_unsuited_form)


def _is_taper_to_maximum(asked: RenalQuestion) -> bool:
    if not asked.dose.is_taper:
        return False
    history = asked.history
    current = None if history is None else history.current_mg
    return (
        current is not None
        and asked.dose.final_mg <= asked.maximum() + TOLERANCE
        and asked.dose.peak_mg <= current + TOLERANCE
    )


def _row(asked: RenalQuestion) -> _Row | None:
    """The loudest row that matches and holds; None: within the maximum, as far as can be told."""
    peak, maximum = asked.dose.peak_mg, asked.maximum()
    unsuited = _is_unsuited(asked)
    if peak > maximum + TOLERANCE and _holds(asked, asked.exceeds):
        far = asked.knowledge.value("critical_above_ratio")
        is_far = peak > far * maximum + TOLERANCE
        ordered, allowed = number_beside(peak, [maximum]), number_beside(maximum, [peak])
        times = number_beside(peak / maximum, [1, far], 2)
        return _Row(
            f"r>{number(far)}" if is_far else f"1<r<={number(far)}",
            Indicator.CRITICAL if is_far else Indicator.WARNING,
            f"{asked.drug} {ordered} mg/day exceeds the {allowed} mg/day {asked.of_label} maximum {asked.place}",
            f"{asked.of_label.capitalize()} maximum for {_band(asked)}: {allowed} mg/day{_falls_by(asked)}; "
            f"ordered peak {ordered} mg/day is {times} times that (above 1: warning; above {number(far)}: critical)."
            + (" Extended release is not recommended here: label uses immediate release." if unsuited else ""),
            above=far * maximum if is_far else maximum,
        )
    if unsuited:
        edge = number(asked.knowledge.value("extended_release_from"))
        return _Row(
            "extended release",
            Indicator.WARNING,
            f"{asked.drug} extended release is not recommended {asked.place}; consider immediate release",
            f"Extended release below {edge} mL/min or on dialysis: label uses immediate release; its maximum there is "
            f"{number(maximum)} mg/day.",
        )
    supplement, most = asked.dose.post_dialysis_mg, asked.knowledge.value("supplement_maximum")
    if asked.renal.is_on_haemodialysis and supplement is not None and supplement > most + TOLERANCE:
        given = number_beside(supplement, [most])
        return _Row(
            "supplement",
            Indicator.WARNING,
            f"{asked.drug} {given} mg after dialysis exceeds the {number(most)} mg label supplement",
            f"Supplement after a 4-h session at most {number(most)} mg; ordered {given} mg.",
        )
    return None


def _band(asked: RenalQuestion) -> str:
    return band_words(asked.renal.band(asked.table), asked.table, asked.renal)


def _falls_by(asked: RenalQuestion) -> str:
    words = asked.row.falls_by(asked.renal)
    return f" ({words})" if words else ""


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(asked: RenalQuestion, row: _Row) -> Advice:
    reasons, suggestions = _doubts(asked, row), list[Suggestion]()
    offer = offer_within_maximum(asked, is_sure=not (reasons or asked.renal.unstable))
    if offer is not None:
        suggestions.append(offer)
    is_stale = asked.renal.state is RenalState.STALE and not asked.renal.is_in_lowest_band
    if is_stale and not is_creatinine_pending(asked.facts):
        suggestions.append(offer_creatinine())
    return _write(asked, row, reasons, tuple(suggestions))


def _doubts(asked: RenalQuestion, row: _Row) -> tuple[str, ...]:
    """What lowers the level of the row (book 0.3), in words; a knife-edge estimate keeps a row from being critical."""
    reasons = downgrades(asked.renal, asked.table, is_parsed_text=_rests_on_text(asked, row))
    if not reasons and row.level is Indicator.CRITICAL and asked.renal.is_near_edge(asked.table):
        return ("within a tenth below a band edge",)
    return reasons


def _rests_on_text(asked: RenalQuestion, row: _Row) -> bool:
    """Does it take a dose read from free text to reach this row? (book 0.3)"""
    if asked.dose.status != "parsed-text":
        return False
    if row.level is Indicator.WARNING and _is_unsuited(asked):
        return False  # the form of release makes it a warning, whatever the dose
    structured = drafts_with_dose(asked.order, "known")
    if structured is None or row.above is None:
        return True
    return daily_dose(structured).peak_mg <= row.above + TOLERANCE


def _write(asked: RenalQuestion, row: _Row, reasons: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> Advice:
    level, before = lower_once(row.level, reasons)
    rule = f"{row.rule} One level lower: {'; '.join(reasons)}." if reasons else row.rule
    return Advice(
        summary=row.summary,
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=dose_order_line(asked.order, asked.dose),
            facts=(
                *asked.renal.facts,
                *label_dose_lines(asked.renal),
                *doubt_lines(asked.renal, asked.table),
                *_dialysis_lines(asked),
                *history_lines(asked.history),
            ),
            rule=rule,
            basis=asked.knowledge.basis("label", "formula"),
            limits=LIMITS,
        ),
        evidence="label",
        row=row.name,
        suggestions=suggestions,
    )


def _dialysis_lines(asked: RenalQuestion) -> tuple[str, ...]:
    if not asked.renal.is_on_haemodialysis:
        return ()
    low, high = (number(asked.knowledge.value(name)) for name in ("supplement_minimum", "supplement_maximum"))
    drafted = asked.dose.post_dialysis_mg
    shown = "none drafted" if drafted is None else f"{number(drafted)} mg drafted"
    return (f"After each 4-h session the label adds {low}-{high} mg; {shown}",)
