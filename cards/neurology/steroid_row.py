"""Does a steroid dose leave the range for its neuropathy, or stay up without a taper? The rows of book 3.8.

Needs: body_size, medication_orders.
"""

from __future__ import annotations

from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.neurology.steroid_context import GradedNeuropathy
from cards.opinion import Indicator, ProposeDrug, Suggestion
from cards.orders import OrderedDrug
from cards.pharmacology.body_size import thresholds as body_size
from cards.pharmacology.dose_line import DAYS_PER_WEEK
from cards.pharmacology.dose_range import DoseRange, per_kg
from cards.pharmacology.renal.renal_tests import offer_weight
from cards.pharmacology.steroid.prednisone_equivalent import equivalents
from cards.pharmacology.steroid.steroid_course import SteroidCourse, says_taper, weight_kg
from cards.pharmacology.steroid.steroid_history import has_full_dose_elsewhere
from cards.pharmacology.steroid.steroid_offer import offer_daily_dose, rounded_within
from cards.wording import number

PREDNISONE = ("prednisone", "prednisolone")
METHYLPREDNISOLONE = "methylprednisolone"


class SteroidRow(NamedTuple):
    """The row that matched: level, words, and the suggestion."""

    name: str
    level: Indicator
    summary: str
    rule: str
    suggestion: Suggestion | None = None
    facts: tuple[str, ...] = ()


def row_by_dose(
    order: OrderedDrug, facts: Facts, knowledge: Knowledge, neuropathy: GradedNeuropathy, course: SteroidCourse
) -> SteroidRow | None:
    """The dose against the range of its row; None: within. Raises NotKnown when a weight could not be had."""
    if neuropathy.is_severe:
        return _severe(order, facts, knowledge, neuropathy, course)
    if not neuropathy.grade:
        return _radiculoplexus(facts, knowledge, neuropathy, course)
    kg = weight_kg(facts)
    if kg is None:
        return row_without_weight(neuropathy)
    return _moderate(order, facts, knowledge, neuropathy, course, kg)


def _moderate(
    order: OrderedDrug,
    facts: Facts,
    knowledge: Knowledge,
    neuropathy: GradedNeuropathy,
    course: SteroidCourse,
    kg: float,
) -> SteroidRow | None:
    span = _range(knowledge, "moderate_low", "moderate_high")
    earlier: tuple[str, ...] = ()
    if span.is_below(course.peak_mg, kg):
        known = _earlier(order, facts, knowledge, span.least_mg(kg), kg)
        if known is None:
            return None  # the lower dose is its taper
        earlier = (known,)
    elif not span.is_above(course.peak_mg, kg):
        return None
    target = rounded_within(span.high * kg, knowledge.value("moderate_rounding"), span.least_mg(kg), span.most_mg(kg))
    offer = None
    if target is not None and course.ingredient in PREDNISONE:
        offer = offer_daily_dose(order, target, f"{span.high:g} mg/kg/day, rounded")
    return SteroidRow(
        "grade 2",
        Indicator.INFO,
        f"Steroid {per_kg(course.peak_mg, kg)} mg/kg/day ({_as(course, *PREDNISONE)}) for {neuropathy.words}; "
        f"guideline range {span} mg/kg/day or observation",
        f"Prednisone {span} mg/kg/day, here {number(span.low * kg)}-{number(span.high * kg)} mg/day; "
        f"{_tolerance(knowledge)}. Observation at first is an option too.",
        offer,
        earlier,
    )


def _severe(
    order: OrderedDrug, facts: Facts, knowledge: Knowledge, neuropathy: GradedNeuropathy, course: SteroidCourse
) -> SteroidRow | None:
    mg, pulse = course.peak_in(METHYLPREDNISOLONE), _range(knowledge, "pulse", "pulse")
    days = _span(knowledge, "pulse_days_low", "pulse_days_high")
    if pulse.is_above(mg, 1):
        return SteroidRow(
            "grade 3-4 above",
            Indicator.WARNING,
            f"Steroid {number(mg)} mg/day ({_as(course, METHYLPREDNISOLONE)}) for {neuropathy.words}; "
            f"guideline pulse {pulse.high:g} mg/day for {days} days",
            f"A pulse is {pulse.high:g} mg/day of methylprednisolone for {days} days; {_tolerance(knowledge)}.",
            facts=_converted(course),
        )
    if not pulse.is_below(mg, 1):
        return None  # a pulse, whatever the weight
    kg = weight_kg(facts)
    if kg is None:
        return row_without_weight(neuropathy)
    span = _range(knowledge, "severe_low", "severe_high")
    if not span.is_below(mg, kg):
        return None  # up to the pulse nothing is too much
    full = span.least_mg(kg) * equivalents().value(METHYLPREDNISOLONE)
    earlier = _earlier(order, facts, knowledge, full, kg)
    if earlier is None:
        return None  # the lower dose is its taper
    return SteroidRow(
        "grade 3-4 below",
        Indicator.WARNING,
        f"Steroid {per_kg(mg, kg)} mg/kg/day ({_as(course, METHYLPREDNISOLONE)}) for {neuropathy.words}; "
        f"guideline range {span} mg/kg/day or pulse",
        f"Methylprednisolone IV {span} mg/kg/day, here {number(span.low * kg)}-{number(span.high * kg)} mg/day, or "
        f"{pulse.high:g} mg/day for {days} days; {_tolerance(knowledge)}.",
        _offer_severe(order, knowledge, course, span, kg),
        (*_converted(course), earlier),
    )


def _earlier(order: OrderedDrug, facts: Facts, knowledge: Knowledge, full_mg: float, kg: float) -> str | None:
    """What is known of full doses, mg of prednisone a day, given elsewhere, in words; None: there is one."""
    weeks = knowledge.value("taper_weeks_high")
    try:
        if has_full_dose_elsewhere(order, facts, full_mg, int(weeks * DAYS_PER_WEEK), weight_kg=kg):
            return None
    except NotKnown as unknown:
        return f"Earlier steroid doses: could not be checked ({unknown.why})"
    return f"Earlier steroid doses: no full dose in the last {weeks:g} weeks found"


def _offer_severe(
    order: OrderedDrug, knowledge: Knowledge, course: SteroidCourse, span: DoseRange, kg: float
) -> Suggestion | None:
    """The lower end of the range; another steroid is not changed into it: that is another drug by another route."""
    if course.ingredient != METHYLPREDNISOLONE:
        label = (
            f"Draft methylprednisolone IV, dose to be completed ({span.low:g} mg/kg/day is {number(span.low * kg)} mg)"
        )
        return ProposeDrug(label, METHYLPREDNISOLONE)
    step = knowledge.value("severe_rounding")
    target = rounded_within(span.low * kg, step, span.least_mg(kg), span.most_mg(kg))
    return None if target is None else offer_daily_dose(order, target, f"{span.low:g} mg/kg/day, rounded")


def _radiculoplexus(
    facts: Facts, knowledge: Knowledge, neuropathy: GradedNeuropathy, course: SteroidCourse
) -> SteroidRow | None:
    span, mg = _range(knowledge, "radiculoplexus_low", "radiculoplexus_high"), course.peak_in(METHYLPREDNISOLONE)
    if not span.is_above(mg, knowledge.value("lightest_weight")):
        return None  # not too much for anybody
    kg = weight_kg(facts)
    if kg is None:
        return row_without_weight(neuropathy)
    if not span.is_above(mg, kg):
        return None
    return SteroidRow(
        "radiculoplexus",
        Indicator.INFO,
        f"Steroid {per_kg(mg, kg)} mg/kg/day ({_as(course, METHYLPREDNISOLONE)}) for {neuropathy.words}; "
        f"described range {span} mg/kg/day",
        f"Methylprednisolone {span} mg/kg/day, here {number(span.low * kg)}-{number(span.high * kg)} mg/day; "
        f"{_tolerance(knowledge)}.",
        facts=_converted(course),
    )


def row_without_weight(neuropathy: GradedNeuropathy) -> SteroidRow:
    days = body_size().value("weight_fresh_for_dosing")
    return SteroidRow(
        "weight",
        Indicator.INFO,
        f"Steroid for {neuropathy.words}: no weight of the last {days:g} days; consider recording one for mg/kg/day",
        f"The range is per kg; a weight counts for {days:g} days.",
        offer_weight(),
    )


def row_by_taper(
    order: OrderedDrug, knowledge: Knowledge, neuropathy: GradedNeuropathy, course: SteroidCourse
) -> SteroidRow | None:
    """A long stay without a taper, the pulse left out; None: none, or no length is stated."""
    pulse = _range(knowledge, "pulse", "pulse")
    after = [
        stage
        for stage in course.stages
        if pulse.is_below(stage.mg_per_day / equivalents().value(METHYLPREDNISOLONE), 1)
    ]
    days = sum(stage.days or 0 for stage in after)
    is_falling = bool(after) and after[-1].mg_per_day < after[0].mg_per_day
    if is_falling or days <= knowledge.value("untapered_days") or says_taper(order):
        return None
    weeks = _span(knowledge, "taper_weeks_low", "taper_weeks_high")
    taper = f"guideline taper {weeks} weeks" if neuropathy.grade else "a slow taper is usual"
    return SteroidRow(
        "no taper",
        Indicator.INFO,
        f"Steroid for {neuropathy.words}: {number(days)} days without a taper; {taper}",
        f"After the pulse more than {knowledge.value('untapered_days'):g} days on one dose and no taper in the order.",
    )


def _as(course: SteroidCourse, *ingredients: str) -> str:
    """The steroid that the dose is given in; "as" it where another one is ordered."""
    return course.ingredient if course.ingredient in ingredients else f"as {ingredients[0]}"


def _converted(course: SteroidCourse) -> tuple[str, ...]:
    """From the prednisone equivalent on to methylprednisolone, where that is not what is ordered."""
    if course.ingredient == METHYLPREDNISOLONE:
        return ()
    factor, mg = equivalents().value(METHYLPREDNISOLONE), course.peak_in(METHYLPREDNISOLONE)
    return (
        f"{number(course.peak_mg)} mg/day prednisone ÷ {number(factor, 2)} = {number(mg)} mg/day methylprednisolone",
    )


def _range(knowledge: Knowledge, low: str, high: str) -> DoseRange:
    return DoseRange(knowledge.value(low), knowledge.value(high), knowledge.value("tolerance"))


def _span(knowledge: Knowledge, low: str, high: str) -> str:
    return f"{knowledge.value(low):g}-{knowledge.value(high):g}"


def _tolerance(knowledge: Knowledge) -> str:
    return f"{knowledge.value('tolerance'):g} % above or below is accepted"
