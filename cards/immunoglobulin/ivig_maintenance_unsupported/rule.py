"""Are courses of intravenous immunoglobulin repeated where maintenance has no basis?

WHEN  intravenous immunoglobulin is signed for several courses, with refills or for longer than one takes,
OR    it is the third course in a year, or a second one soon after the first in Guillain-Barre syndrome
AND   the governing diagnosis is none that maintenance is used for, confirmed or suspected
THEN  warn, with the courses on record and the licensed maintenance, and offer a single course and a reassessment;
      inform where maintenance is used, at an unusual interval (book 4.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.neurology.attribution_wording import short_names
from cards.neurology.immunoglobulin_use import Purpose, Use, is_suspected, purposes
from cards.neurology.relapse import has_relapsed
from cards.neurology.workup import NEUROLOGY, workup
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, Suggestion, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.infusion.course_offer import offer_single_course
from cards.pharmacology.infusion.course_wording import purpose_line
from cards.pharmacology.infusion.immunoglobulin_courses import Course, courses_before, require_known_courses
from cards.pharmacology.infusion.repeated_courses import Plan, plan_of
from cards.pharmacology.order_wording import order_line
from cards.wording import joined, number

LIMITS = "Limits: sees only this record; response to earlier courses and courses given elsewhere may be missing."
REASSESS = "Consider a single course and a reassessment (INCAT, I-RODS, MRC)."
MAINTAINED = (
    Use.CIDP,
    Use.MMN,
    Use.MYASTHENIA,
    Use.LAMBERT_EATON,
    Use.STIFF_PERSON,
    Use.DERMATOMYOSITIS,
    Use.ITP,
    Use.IMMUNODEFICIENCY,
    Use.KAWASAKI,
    Use.OTHER,
)
OPEN_TO_THE_LIST = (Use.SYMMETRIC, Use.UNSPECIFIED, Use.NONE)
MYONEURAL = "myoneural_disorder"  # G70.*, wider than the uses
NOT_MAINTAINED = ("gbs",)
INTERVAL = "interval"
EVIDENCE = {
    Use.GBS: ("sid_gbs", "gammagard", "aan"),
    Use.RADICULOPLEXUS: ("aan", "gammagard", "mmn"),
    Use.PARAPROTEIN: ("aan", "gammagard", "mmn"),
}


class Repetition(NamedTuple):
    """What is repeated. `planned`: by the order itself, in words; `before`: courses of the last year, newest first."""

    order: OrderedDrug
    plan: Plan
    planned: str
    before: tuple[Course, ...]
    facts: Facts
    knowledge: Knowledge

    @property
    def is_many(self) -> bool:
        """Is this at least the third course in a year?"""
        return len(self.before) >= self.knowledge.value("courses_before")

    @property
    def days_after(self) -> int | None:
        """Days since the last course, where it is so lately that this is a second one soon after; None otherwise."""
        days = self.facts.days_since(self.before[0].last_on) if self.before else None
        return days if days is not None and days <= self.knowledge.value("second_course_within") else None


class Row(NamedTuple):
    """The row that matched."""

    name: str
    level: Indicator
    summary: str
    rule: str
    evidence: tuple[str, ...]


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The table of 4.3."""
    try:
        plan = plan_of(order.drafts, facts.as_of)
    except NotKnown as unread:
        return CannotTell(unread.why, (unread.what,), book_is_silent=True)
    before = courses_before(facts, int(knowledge.value("year")))
    repetition = Repetition(order, plan, _planned(plan, knowledge), before, facts, knowledge)
    if not (repetition.planned or repetition.before or _unread_courses(facts)):
        return NothingToAdd("one course, and none in the last year")
    governing = purposes(facts, order.reasons)
    found = _row(repetition, governing)
    return _advice(repetition, governing, found) if isinstance(found, Row) else found


def _planned(plan: Plan, knowledge: Knowledge) -> str:
    """What the order itself plans beyond one course, in words; empty: nothing."""
    if plan.intervals:
        return f"courses every {joined([number(days) for days in plan.intervals])} days"
    if plan.refills:
        return f"one course with {plan.refills} refill{'s' if plan.refills > 1 else ''}"
    return f"infusions for {number(plan.bounds_days)} days" if plan.bounds_days > knowledge.value("longer_than") else ""


def _unread_courses(facts: Facts) -> str:
    """Why courses may be missing from the record as it was read; empty when none can be."""
    try:
        require_known_courses(facts)
    except NotKnown as unknown:
        return unknown.why
    return ""


# -- rows -------------------------------------------------------------------------------------------------------------


def _row(repetition: Repetition, governing: tuple[Purpose, ...]) -> Row | NothingToAdd:
    """The row of the table; silent where nothing is repeated, or maintenance is used or suspected."""
    maintained = next((purpose for purpose in governing if purpose.use in MAINTAINED), None)
    if maintained is not None:
        return _of_interval(maintained, repetition)
    main = governing[0]
    if main.use is Use.VASCULITIC or _is_maintained_otherwise(main, repetition):
        return NothingToAdd("maintenance is used or suspected to be, or the disease is outside the book")
    if main.use is Use.GBS and not repetition.planned and repetition.days_after is not None:
        return _second_course(repetition.days_after, repetition.knowledge)
    if not (repetition.planned or repetition.is_many):
        require_known_courses(repetition.facts)
        return NothingToAdd("one course, and not the third in a year")
    is_relapse = main.use is Use.RADICULOPLEXUS and has_relapsed(main.diagnoses, repetition.order.reasons)
    if is_relapse and not repetition.planned:
        return NothingToAdd("one course at a relapse")
    return _unsupported(main, repetition)


def _is_maintained_otherwise(main: Purpose, repetition: Repetition) -> bool:
    """Is there another disorder of the allow-list that is in no set, or a suspicion of one that is?"""
    reasons, facts = repetition.order.reasons, repetition.facts
    if main.use in OPEN_TO_THE_LIST and (any(d.is_a(MYONEURAL) for d in reasons) or facts.has(MYONEURAL)):
        return True
    return is_suspected(facts, reasons, but_for=NOT_MAINTAINED)


def _of_interval(purpose: Purpose, repetition: Repetition) -> Row | NothingToAdd:
    least, most = map(repetition.knowledge.value, ("interval_least", "interval_most"))
    unusual = [days for days in repetition.plan.intervals if not least <= days <= most]
    if not unusual:
        return NothingToAdd("maintenance is used here, and the interval is usual or not told")
    usual = f"{number(least)}-{number(most)} days"
    return Row(
        INTERVAL,
        Indicator.INFO,
        f"IVIG courses every {number(unusual[0])} days for {purpose.use}: maintenance is usually given every {usual}",
        f"Maintenance is used here; {number(unusual[0])} days are outside the usual {usual}.",
        ("gammagard", "mmn", "cidp"),
    )


def _second_course(days: int, knowledge: Knowledge) -> Row:
    within = number(knowledge.value("second_course_within"))
    return Row(
        "second course",
        Indicator.WARNING,
        f"Second IVIG course {days} days after the last in {Use.GBS}: no benefit, more serious events",
        f"A second course within {within} days of the first. Consider reassessing diagnosis and course before it.",
        ("sid_gbs",),
    )


def _unsupported(purpose: Purpose, repetition: Repetition) -> Row:
    is_insufficient = purpose.use is Use.PARAPROTEIN
    has_none = f"{purpose.use} has no maintenance indication"
    if is_insufficient:
        has_none = f"{purpose.use}: evidence is insufficient"
    elif purpose.use is Use.NONE:
        stated = short_names(repetition.order.reasons)
        has_none = f"{stated} has no maintenance indication" if stated else "no indication is recorded"
    if repetition.planned:
        said, option = "Repeated IVIG courses ordered", "consider a single course, reassess"
    else:
        said, option = f"IVIG course {len(repetition.before) + 1} in 12 months", "consider a reassessment"
    return Row(
        f"repeated: {purpose.use}",
        Indicator.INFO if is_insufficient else Indicator.WARNING,
        f"{said}; {has_none} ({option})",
        f"{repetition.planned or 'Third or later course in 12 months'}: {has_none}. {REASSESS}",
        EVIDENCE.get(purpose.use, ("gammagard", "cidp", "mmn", "aan")),
    )


# -- the card ---------------------------------------------------------------------------------------------------------


def _advice(repetition: Repetition, governing: tuple[Purpose, ...], row: Row) -> Advice:
    main = next((purpose for purpose in governing if purpose.use in MAINTAINED), governing[0])
    by_words = ("diagnosis recognised by words only",) if main.by_words else ()
    level, before = lower_once(row.level, by_words)
    lowered = f" One level lower: {joined(by_words)}." if level is not row.level else ""
    return Advice(
        summary=row.summary,
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=order_line(repetition.order),
            facts=(
                f"Planned: {repetition.planned or 'one course'}",
                purpose_line(governing, None),
                _before_line(repetition),
            ),
            rule=f"{row.rule[:1].upper()}{row.rule[1:]}{lowered}",
            basis=repetition.knowledge.basis(*row.evidence),
            limits=LIMITS,
        ),
        evidence=row.evidence[0],
        row=row.name,
        suggestions=tuple(_offers(repetition, row)),
    )


def _before_line(repetition: Repetition) -> str:
    shown, unread = joined([str(course) for course in repetition.before]), _unread_courses(repetition.facts)
    if unread:
        return f"Courses of the last 12 months: {shown or 'none read'}; others could not be checked ({unread})"
    return f"Courses of the last 12 months: {shown or 'none found'}"


def _offers(repetition: Repetition, row: Row) -> Iterator[Suggestion]:
    """A single course and a follow-up; nothing where only the interval is unusual."""
    if row.name == INTERVAL:
        return
    facts = repetition.facts
    is_warning = row.level is Indicator.WARNING
    yield from offer_single_course(repetition.order, repetition.plan, facts.as_of, recommended=is_warning)
    yield from workup(facts, (NEUROLOGY,))
