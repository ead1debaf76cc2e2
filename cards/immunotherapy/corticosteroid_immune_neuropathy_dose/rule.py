"""Does the corticosteroid dose fit checkpoint-inhibitor neuropathy of this grade, or radiculoplexus neuropathy?

WHEN  a systemic corticosteroid is signed for checkpoint-inhibitor or diabetic radiculoplexus neuropathy
AND   its highest daily dose per kg lies outside the range for it, or it stays up for weeks without a taper
THEN  show the range: a warning below it, or above the pulse, in grade 3-4, else info; without a recent weight ask for
      one; silent in grade 1, without a grade and in myasthenia (book 3.8).
"""

from __future__ import annotations

from collections.abc import Iterator

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.neurology.steroid_context import GradedNeuropathy, graded_neuropathy, steroid_context
from cards.neurology.steroid_row import SteroidRow, row_by_dose, row_by_taper, row_without_weight
from cards.oncology.checkpoint_inhibitor import exposure_line
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.body_size import weight_for_dosing
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.steroid.steroid_course import SteroidCourse, course_by_weight, is_per_kg, steroid_course
from cards.wording import number, on

LIMITS = "Limits: sees orders, not the course of the neuropathy, nor home doses without an order."


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
        return _advice(order, facts, knowledge, neuropathy, None, row_without_weight(neuropathy))
    if not isinstance(course, SteroidCourse):
        return course
    row = row_by_dose(order, facts, knowledge, neuropathy, course)
    row = row or row_by_taper(order, knowledge, neuropathy, course)
    if row is None:
        return NothingToAdd("dose within the range or after a full dose, no long stay without a taper")
    return _advice(order, facts, knowledge, neuropathy, course, row)


# -- words ------------------------------------------------------------------------------------------------------------


def _advice(
    order: OrderedDrug,
    facts: Facts,
    knowledge: Knowledge,
    neuropathy: GradedNeuropathy,
    course: SteroidCourse | None,
    row: SteroidRow,
) -> Advice:
    evidence = "asco" if neuropathy.grade else "book"
    doubts = _doubts(neuropathy, course) if row.level is Indicator.WARNING else ()
    level, before = lower_once(row.level, doubts)
    lowered = f" One level lower: {'; '.join(doubts)}." if doubts else ""
    return Advice(
        summary=row.summary,
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=order_line(order),
            facts=(*_facts(facts, neuropathy, course), *row.facts),
            rule=f"{row.rule}{lowered}",
            basis=knowledge.basis(evidence),
            limits=LIMITS,
        ),
        evidence=evidence,
        row=row.name,
        suggestions=() if row.suggestion is None else (row.suggestion,),
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
    for d in neuropathy.context.diagnoses[:1]:
        yield f"For: {d.label} ({on(d.on)}, {'stated reason' if d.is_stated_reason else 'problem list'})"
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
