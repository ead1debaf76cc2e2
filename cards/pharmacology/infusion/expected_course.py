"""Which dose per course is expected of an immunoglobulin order for a use? (book 4.4)

The numbers are those of the card that asks. Needs: medication_administrations,
medication_dispenses, medication_orders.
"""

from __future__ import annotations

from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge
from cards.neurology.immunoglobulin_use import Purpose, Use
from cards.opinion import Indicator
from cards.pharmacology.dose_line import DAYS_PER_UNIT
from cards.pharmacology.infusion.immunoglobulin_courses import immunoglobulin_courses
from cards.pharmacology.infusion.infusion_courses import PlannedCourse
from cards.wording import number

# One course of the full dose over some days, for which the book warns.
INDUCTION = (Use.GBS, Use.RADICULOPLEXUS, Use.CHECKPOINT_INHIBITOR, Use.UNSPECIFIED)
FULL_COURSE = (Use.LAMBERT_EATON, Use.STIFF_PERSON)
RANGES = {  # use → names of the lowest and the highest dose per course
    Use.ITP: ("itp_least", "itp_most"),
    Use.IMMUNODEFICIENCY: ("immunodeficiency_least", "immunodeficiency_most"),
    Use.MYASTHENIA: ("myasthenia_least", "myasthenia_most"),
}
MAINTENANCE = {
    Use.CIDP: ("cidp_maintenance_least", "cidp_maintenance_most"),
    Use.MMN: ("mmn_maintenance_least", "mmn_maintenance_most"),
}


class Expected(NamedTuple):
    """What is expected of one course: g/kg from `least` to `most`, tolerance included; in words; and how grave else.

    `per_days`: the time that the dose refers to, for courses that are repeated; None: it refers to the course.
    """

    least: float
    most: float
    words: str
    context: str
    level: Indicator
    per_days: tuple[float, float] | None = None
    is_full_course: bool = False
    per: str = "per course"

    def of_interval(self, total: float, interval_days: float | None) -> float:
        """The dose of a course related to the time that the expectation refers to."""
        if self.per_days is None or interval_days is None:
            return total
        shortest, longest = self.per_days
        return total * min(max(interval_days, shortest), longest) / interval_days

    def holds(self, total: float, interval_days: float | None) -> bool:
        """Is a course of this dose as expected?"""
        return self.least - TOLERANCE <= self.of_interval(total, interval_days) <= self.most + TOLERANCE


def expected_courses(
    purpose: Purpose, course: PlannedCourse, facts: Facts, knowledge: Knowledge
) -> tuple[Expected, ...]:
    """What would be usual for this use, any of these; empty where the book expects nothing of its own."""
    use = purpose.use
    if use in MAINTENANCE:
        return _chronic(use, course, facts, knowledge)
    if use in INDUCTION:
        return (_induction(use, knowledge),)
    if use in FULL_COURSE:
        return (_full_course(use, knowledge),)
    if use is Use.DERMATOMYOSITIS:
        period = knowledge.value("dermatomyositis_period")
        words = f"about {number(knowledge.value('course_dose'))} g/kg per {number(period / DAYS_PER_UNIT['wk'])} weeks"
        full = _full_course(use, knowledge)
        return (full._replace(words=words, per_days=(period, period), is_full_course=False),)
    if use is Use.IMMUNODEFICIENCY:
        shortest, longest = map(knowledge.value, ("immunodeficiency_period_least", "immunodeficiency_period_most"))
        weeks = f"{number(shortest / DAYS_PER_UNIT['wk'])}-{number(longest / DAYS_PER_UNIT['wk'])} weeks"
        return (_range(use, RANGES[use], f"per {weeks}", knowledge)._replace(per_days=(shortest, longest)),)
    return (_range(use, RANGES[use], "per course", knowledge),) if use in RANGES else ()


def _chronic(use: Use, course: PlannedCourse, facts: Facts, knowledge: Knowledge) -> tuple[Expected, ...]:
    """CIDP and MMN: maintenance where courses are repeated, induction where there was none before, else either."""
    month = DAYS_PER_UNIT["mo"]
    per, per_days = ("per cycle", None) if use is Use.CIDP else ("per month", (month, month))
    maintenance = _range(use, MAINTENANCE[use], per, knowledge)._replace(
        per_days=per_days, context=f"{use} maintenance"
    )
    if course.interval_days is not None:
        return (maintenance,)
    induction = _induction(use, knowledge)._replace(context=f"{use} induction")
    try:
        is_first = not immunoglobulin_courses(facts)
    except NotKnown:
        is_first = False
    return (induction,) if is_first else (maintenance._replace(context=use), induction._replace(level=Indicator.INFO))


def _induction(use: Use, knowledge: Knowledge) -> Expected:
    least, most = knowledge.value("course_least"), knowledge.value("course_most")
    return Expected(least, most, _full_words(knowledge), use, Indicator.WARNING, is_full_course=True)


def _full_course(use: Use, knowledge: Knowledge) -> Expected:
    dose, share = knowledge.value("course_dose"), knowledge.value("tolerance") / 100
    return Expected(
        dose * (1 - share), dose * (1 + share), _full_words(knowledge), use, Indicator.INFO, is_full_course=True
    )


def _range(use: Use, names: tuple[str, str], per: str, knowledge: Knowledge) -> Expected:
    least, most = map(knowledge.value, names)
    share = knowledge.value("tolerance") / 100
    words = f"{number(least)}-{number(most)} g/kg {per}"
    return Expected(least * (1 - share), most * (1 + share), words, use, Indicator.INFO, per=per)


def _full_words(knowledge: Knowledge) -> str:
    dose, a_day, days = map(knowledge.value, ("course_dose", "dose_a_day", "course_days"))
    return f"about {number(dose)} g/kg ({number(a_day)} g/kg x {number(days)})"
