"""Does the corticosteroid dose fit checkpoint-inhibitor neuropathy of this grade, or radiculoplexus neuropathy?

WHEN  a systemic corticosteroid is signed for checkpoint-inhibitor or diabetic radiculoplexus neuropathy
AND   its highest daily dose per kg lies outside the range for it, or it stays up for weeks without a taper
THEN  show the range: a warning below it, or above the pulse, in grade 3-4, else info; without a recent weight ask for
      one; silent in grade 1, without a grade and in myasthenia (book 3.8).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.neurology.steroid_context import GradedNeuropathy, graded_neuropathy, steroid_context
from cards.oncology.checkpoint_inhibitor import exposure_line
from cards.opinion import (
    Advice,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    ProposeDrug,
    Suggestion,
    lower_once,
)
from cards.orders import OrderedDrug
from cards.pharmacology.body_size import thresholds as body_size
from cards.pharmacology.body_size import weight_for_dosing
from cards.pharmacology.dose_line import DAYS_PER_WEEK
from cards.pharmacology.dose_range import DoseRange, per_kg
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.prednisone_equivalent import equivalents
from cards.pharmacology.renal_tests import offer_weight
from cards.pharmacology.steroid_course import (
    SteroidCourse,
    course_by_weight,
    is_per_kg,
    says_taper,
    steroid_course,
    weight_kg,
)
from cards.pharmacology.steroid_history import has_full_dose_elsewhere
from cards.pharmacology.steroid_offer import offer_daily_dose, rounded_within
from cards.wording import number, on

PREDNISONE = ("prednisone", "prednisolone")
METHYLPREDNISOLONE = "methylprednisolone"
LIMITS = "Limits: sees orders, not the course of the neuropathy, nor home doses without an order."


class Finding(NamedTuple):
    """The row that matched: level, words, and the suggestion."""

    row: str
    level: Indicator
    summary: str
    rule: str
    suggestion: Suggestion | None = None
    facts: tuple[str, ...] = ()


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """What the steroid is for, how severe that is, then the dose against its range, then the taper."""
    as_written = steroid_course(order)
    if not (isinstance(as_written, SteroidCourse) or is_per_kg(order)):
        return as_written
    context = steroid_context(order, facts)
    if isinstance(context, str):
        return NothingToAdd(context)
    if isinstance(as_written, SteroidCourse) and as_written.is_single_dose and not context.is_stated:
        return NothingToAdd("a single dose, no reason stated")
    neuropathy = graded_neuropathy(facts, context, knowledge.value("no_steroid_grade"))
    if not isinstance(neuropathy, GradedNeuropathy):
        return neuropathy
    course = course_by_weight(order, facts)
    if course is None:
        return _advice(order, facts, knowledge, neuropathy, None, _no_weight(neuropathy))
    if not isinstance(course, SteroidCourse):
        return course
    found = _by_dose(order, facts, knowledge, neuropathy, course) or _by_taper(order, knowledge, neuropathy, course)
    if found is None:
        return NothingToAdd("dose within the range or after a full dose, no long stay without a taper")
    return _advice(order, facts, knowledge, neuropathy, course, found)


# -- rows -------------------------------------------------------------------------------------------------------------


def _by_dose(
    order: OrderedDrug, facts: Facts, knowledge: Knowledge, neuropathy: GradedNeuropathy, course: SteroidCourse
) -> Finding | None:
    """The dose against the range of its row; None: within. Raises NotKnown when a weight could not be had."""
    if neuropathy.is_severe:
        return _severe(order, facts, knowledge, neuropathy, course)
    kg = weight_kg(facts)
    if kg is None:
        return _no_weight(neuropathy)
    if neuropathy.grade:
        return _moderate(order, knowledge, neuropathy, course, kg)
    return _radiculoplexus(knowledge, neuropathy, course, kg)


def _moderate(
    order: OrderedDrug, knowledge: Knowledge, neuropathy: GradedNeuropathy, course: SteroidCourse, kg: float
) -> Finding | None:
    span = _range(knowledge, "moderate_low", "moderate_high")
    if not (span.is_below(course.peak_mg, kg) or span.is_above(course.peak_mg, kg)):
        return None
    target = rounded_within(span.high * kg, knowledge.value("moderate_rounding"), span.least_mg(kg), span.most_mg(kg))
    can_offer = target is not None and course.ingredient in PREDNISONE and not is_per_kg(order)
    return Finding(
        "grade 2",
        Indicator.INFO,
        f"Steroid {per_kg(course.peak_mg, kg)} mg/kg/day (prednisone) for {neuropathy.words}; "
        f"guideline range {span} mg/kg/day or observation",
        f"Prednisone {span} mg/kg/day, here {number(span.low * kg)}-{number(span.high * kg)} mg/day; "
        f"{_tolerance(knowledge)}. Observation at first is an option too.",
        offer_daily_dose(order, target or 0, f"{span.high:g} mg/kg/day, rounded") if can_offer else None,
    )


def _severe(
    order: OrderedDrug, facts: Facts, knowledge: Knowledge, neuropathy: GradedNeuropathy, course: SteroidCourse
) -> Finding | None:
    mg, pulse = course.peak_in(METHYLPREDNISOLONE), _range(knowledge, "pulse", "pulse")
    days = _span(knowledge, "pulse_days_low", "pulse_days_high")
    if pulse.is_above(mg, 1):
        return Finding(
            "grade 3-4 above",
            Indicator.WARNING,
            f"Steroid {number(mg)} mg/day (methylprednisolone) for {neuropathy.words}; "
            f"guideline pulse {pulse.high:g} mg/day for {days} days",
            f"A pulse is {pulse.high:g} mg/day of methylprednisolone for {days} days; {_tolerance(knowledge)}.",
        )
    if not pulse.is_below(mg, 1):
        return None  # a pulse, whatever the weight
    kg = weight_kg(facts)
    if kg is None:
        return _no_weight(neuropathy)
    span = _range(knowledge, "severe_low", "severe_high")
    if not span.is_below(mg, kg):
        return None  # up to the pulse nothing is too much
    weeks = knowledge.value("taper_weeks_high")
    full = span.least_mg(kg) * equivalents().value(METHYLPREDNISOLONE)
    try:
        if has_full_dose_elsewhere(order, facts, full, int(weeks * DAYS_PER_WEEK)):
            return None  # the lower dose is its taper
        earlier = f"Earlier steroid doses: no full dose in the last {weeks:g} weeks found"
    except NotKnown as unknown:
        earlier = f"Earlier steroid doses: could not be checked ({unknown.why})"
    return Finding(
        "grade 3-4 below",
        Indicator.WARNING,
        f"Steroid {per_kg(mg, kg)} mg/kg/day (methylprednisolone) for {neuropathy.words}; "
        f"guideline range {span} mg/kg/day or pulse",
        f"Methylprednisolone IV {span} mg/kg/day, here {number(span.low * kg)}-{number(span.high * kg)} mg/day, or "
        f"{pulse.high:g} mg/day for {days} days; {_tolerance(knowledge)}.",
        _offer_severe(order, knowledge, course, span, kg),
        (earlier,),
    )


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
    if target is None or is_per_kg(order):
        return None
    return offer_daily_dose(order, target, f"{span.low:g} mg/kg/day, rounded")


def _radiculoplexus(
    knowledge: Knowledge, neuropathy: GradedNeuropathy, course: SteroidCourse, kg: float
) -> Finding | None:
    span, mg = _range(knowledge, "radiculoplexus_low", "radiculoplexus_high"), course.peak_in(METHYLPREDNISOLONE)
    if not span.is_above(mg, kg):
        return None
    return Finding(
        "radiculoplexus",
        Indicator.INFO,
        f"Steroid {per_kg(mg, kg)} mg/kg/day (methylprednisolone) for {neuropathy.words}; "
        f"described range {span} mg/kg/day",
        f"Methylprednisolone {span} mg/kg/day, here {number(span.low * kg)}-{number(span.high * kg)} mg/day; "
        f"{_tolerance(knowledge)}.",
    )


def _no_weight(neuropathy: GradedNeuropathy) -> Finding:
    days = body_size().value("weight_fresh_for_dosing")
    return Finding(
        "weight",
        Indicator.INFO,
        f"Steroid for {neuropathy.words}: no weight of the last {days:g} days; consider recording one for mg/kg/day",
        f"The range is per kg; a weight counts for {days:g} days.",
        offer_weight(),
    )


def _by_taper(
    order: OrderedDrug, knowledge: Knowledge, neuropathy: GradedNeuropathy, course: SteroidCourse
) -> Finding | None:
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
    return Finding(
        "no taper",
        Indicator.INFO,
        f"Steroid for {neuropathy.words}: {number(days)} days without a taper; {taper}",
        f"After the pulse more than {knowledge.value('untapered_days'):g} days on one dose and no taper in the order.",
    )


# -- words and numbers ------------------------------------------------------------------------------------------------


def _advice(
    order: OrderedDrug,
    facts: Facts,
    knowledge: Knowledge,
    neuropathy: GradedNeuropathy,
    course: SteroidCourse | None,
    found: Finding,
) -> Advice:
    evidence = "asco" if neuropathy.grade else "book"
    doubts = _doubts(neuropathy, course) if found.level is Indicator.WARNING else ()
    level, before = lower_once(found.level, doubts)
    lowered = f" One level lower: {'; '.join(doubts)}." if doubts else ""
    return Advice(
        summary=found.summary,
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=order_line(order),
            facts=(*_facts(facts, neuropathy, course), *found.facts),
            rule=f"{found.rule}{lowered}",
            basis=knowledge.basis(evidence),
            limits=LIMITS,
        ),
        evidence=evidence,
        row=found.row,
        suggestions=() if found.suggestion is None else (found.suggestion,),
    )


def _doubts(neuropathy: GradedNeuropathy, course: SteroidCourse | None) -> tuple[str, ...]:
    """Why a warning is lowered (book 0.3)."""
    found = []
    if course is not None and course.dose.status == "parsed-text":
        found.append("dose parsed from free text")
    if all(d.by_text for d in neuropathy.context.diagnoses):
        found.append("neuropathy recognised by words only")
    return tuple(found)


def _facts(facts: Facts, neuropathy: GradedNeuropathy, course: SteroidCourse | None) -> Iterator[str]:
    origin = "stated reason" if neuropathy.context.is_stated else "problem list"
    for d in neuropathy.context.diagnoses[:1]:
        yield f"For: {d.label} ({on(d.on)}, {origin})"
    if neuropathy.line:
        yield neuropathy.line
        yield from (line for line in (exposure_line(facts),) if line)
    if course is not None:
        yield course.conversion
    yield _weight_line(facts)


def _weight_line(facts: Facts) -> str:
    try:
        weight = weight_for_dosing(facts)
    except NotKnown as unknown:
        return f"Weight: could not be checked ({unknown.why})"
    return "Weight: none of late" if weight is None else f"Weight: {number(weight.value or 0)} kg on {on(weight.on)}"


def _range(knowledge: Knowledge, low: str, high: str) -> DoseRange:
    return DoseRange(knowledge.value(low), knowledge.value(high), knowledge.value("tolerance"))


def _span(knowledge: Knowledge, low: str, high: str) -> str:
    return f"{knowledge.value(low):g}-{knowledge.value(high):g}"


def _tolerance(knowledge: Knowledge) -> str:
    return f"{knowledge.value('tolerance'):g} % above or below is accepted"
