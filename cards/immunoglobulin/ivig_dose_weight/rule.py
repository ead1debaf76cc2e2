"""Is the dose of intravenous immunoglobulin per kg, per day and per course what its use calls for?

WHEN  intravenous immunoglobulin is signed with a dose that can be read
AND   a course comes to more or less per kg than its use calls for, by actual, adjusted and ideal weight alike;
      or a day or seven days come to too much, or a day to what only a slip of units gives; or no weight tells
THEN  say so: critically for a slip and for seven days, a warning for a day and for the full course, else as info;
      offer the full course where the use calls for one (book 4.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge
from cards.neurology.immunoglobulin_use import Purpose, Use, purposes
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, Suggestion, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.infusion.course_offer import offer_course
from cards.pharmacology.infusion.course_wording import days_words, g_per_kg, purpose_line, working
from cards.pharmacology.infusion.dosing_weight import DosingWeight, dosing_weight, window_days
from cards.pharmacology.infusion.expected_course import Expected, expected_courses
from cards.pharmacology.infusion.immunoglobulin_courses import is_course_running
from cards.pharmacology.infusion.infusion_courses import PlannedCourse
from cards.pharmacology.infusion.infusion_dose import Infusion, course_doses, ordered_infusions
from cards.pharmacology.order_wording import order_line
from cards.wording import joined, number

LIMITS = "Limits: sees only this order and this record; infusions planned elsewhere are not added."
CHECK = "Consider checking dose and weight"
SLIP, WEEK, DAY, COURSE, NO_WEIGHT = "unit slip", "seven days", "day", "course", "no weight"


class Finding(NamedTuple):
    """A row that matched. `is_extreme`: more than twice what is usual (book 1.10.1)."""

    row: str
    level: Indicator
    summary: str
    rule: str
    is_extreme: bool = False


class Asked(NamedTuple):
    """What the rows are asked of. `uses` None: the problem list could not be had (`unknown`)."""

    infusions: tuple[Infusion, ...]
    weight: DosingWeight
    uses: tuple[Purpose, ...] | None
    unknown: NotKnown | None
    facts: Facts
    knowledge: Knowledge

    def courses(self, kg: float | None = None) -> tuple[PlannedCourse, ...]:
        """The courses at this weight, else at the actual one; doses per kg need none."""
        return course_doses(self.infusions, kg or self.weight.kg or 1)

    def expected(self, course: PlannedCourse) -> list[tuple[Expected, ...]]:
        """What each use on record calls for."""
        return [expected_courses(use, course, self.facts, self.knowledge) for use in self.uses or ()]

    def fits(self, expected: Expected, total: float, course: PlannedCourse) -> bool:
        """Is the course as expected, or the rest of one that is running, which may be less?"""
        is_rest = course.interval_days is None and is_course_running(self.facts)
        return expected.holds(total, course.interval_days) or (is_rest and total < expected.least)

    @property
    def needs_weight(self) -> bool:
        """Is a dose in g, and no weight to relate it to?"""
        return self.weight.kg is None and not all(infusion.is_per_kg for infusion in self.infusions)


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The table of 4.4: the loudest row speaks, of several as loud the first."""
    try:
        infusions = ordered_infusions(order.drafts, facts.as_of)
    except NotKnown as unread:
        return CannotTell(unread.why, (unread.what,), book_is_silent=True)
    asked = _asked(order, infusions, facts, knowledge)
    found = list(_rows(asked))
    if found:
        found.sort(key=lambda finding: -finding.level)
        return _advice(order, asked, found)
    unknown = asked.weight.unknown or asked.unknown
    if unknown is not None:
        return CannotTell(str(unknown), (unknown.what,))
    return NothingToAdd("within the range of its use, or none is expected of it")


def _asked(order: OrderedDrug, infusions: tuple[Infusion, ...], facts: Facts, knowledge: Knowledge) -> Asked:
    weight = dosing_weight(facts)
    try:
        return Asked(infusions, weight, purposes(facts, order.reasons), None, facts, knowledge)
    except NotKnown as unknown:
        return Asked(infusions, weight, None, unknown, facts, knowledge)


# -- rows -------------------------------------------------------------------------------------------------------------


def _rows(asked: Asked) -> Iterator[Finding]:
    if asked.needs_weight:
        yield from _slip_at_any_weight(asked)
    else:
        yield from _slip(asked)
        yield from _week(asked)
        yield from _course(asked)
        yield from _day(asked)
    is_unweighed = asked.weight.newest is None and asked.weight.unknown is None
    if is_unweighed or (asked.needs_weight and asked.weight.unknown is None):
        yield Finding(
            NO_WEIGHT,
            Indicator.INFO,
            f"IVIG dose per kg cannot be checked: {asked.weight.why}; consider recording a current weight",
            f"A dose per kg needs a weight of the last {window_days()} days.",
        )


def _slip(asked: Asked) -> Iterator[Finding]:
    """What only a slip of units, or of day and course, gives."""
    days = [a_day for course in asked.courses() for a_day in (course.least_a_day, course.most_a_day)]
    wrong = next((a_day for a_day in days if _is_slip(a_day, asked.knowledge)), None)
    if wrong is not None:
        yield _as_slip(f"IVIG {g_per_kg(wrong)} a day: mg/g or day/course confused? {_usual(asked)}", asked.knowledge)


def _slip_at_any_weight(asked: Asked) -> Iterator[Finding]:
    """A slip that shows at the lightest and at the heaviest plausible weight alike needs no weight."""
    known = asked.knowledge
    for place, course in enumerate(asked.courses(known.value("heaviest"))):
        lightest = asked.courses(known.value("lightest"))[place]
        if _is_slip(course.most_a_day, known) and _is_slip(lightest.most_a_day, known):
            grams = number(course.most_a_day * known.value("heaviest"), 2)
            yield _as_slip(f"IVIG {grams} g a day: mg/g or day/course confused? {_usual(asked)}", known)
            return


def _is_slip(a_day: float, knowledge: Knowledge) -> bool:
    return a_day < knowledge.value("slip_below") - TOLERANCE or a_day > knowledge.value("slip_above") + TOLERANCE


def _as_slip(summary: str, knowledge: Knowledge) -> Finding:
    least, most = number(knowledge.value("slip_below"), 2), number(knowledge.value("slip_above"))
    rule = f"A day outside {least}-{most} g/kg points to mg written for g, or to a course's dose written for each day."
    return Finding(SLIP, Indicator.CRITICAL, summary, rule, is_extreme=True)


def _week(asked: Asked) -> Iterator[Finding]:
    most, found = asked.knowledge.value("week_most"), max(course.most_in_a_week for course in asked.courses())
    if found > most + TOLERANCE:
        summary = f"IVIG {g_per_kg(found)} within 7 days, above {number(most)} g/kg. {_usual(asked)}"
        rule = f"More than {number(most)} g/kg within 7 days."
        yield Finding(WEEK, Indicator.CRITICAL, summary, rule, is_extreme=True)


def _day(asked: Asked) -> Iterator[Finding]:
    is_kawasaki = any(purpose.use is Use.KAWASAKI for purpose in asked.uses or ())
    most = asked.knowledge.value("kawasaki_day_most" if is_kawasaki else "day_most")
    found = max(course.most_a_day for course in asked.courses())
    if found > most + TOLERANCE:
        summary = f"IVIG {g_per_kg(found)} in one day, above {number(most)} g/kg. {_usual(asked)}"
        is_extreme = found > asked.knowledge.value("gross") * most + TOLERANCE
        yield Finding(DAY, Indicator.WARNING, summary, f"More than {number(most)} g/kg in a day.", is_extreme)


def _course(asked: Asked) -> Iterator[Finding]:
    """The first course that no use on record calls for, by none of the weights that a dose may rest on."""
    by_weight = [("actual", asked.courses()), *((name, asked.courses(kg)) for name, kg in asked.weight.lighter or ())]
    for place, course in enumerate(asked.courses()):
        totals = [(name, total) for name, courses in by_weight if (total := courses[place].total) is not None]
        expected = asked.expected(course)
        if not (totals and expected and all(expected)):
            continue
        every = [one for alternatives in expected for one in alternatives]
        if not any(asked.fits(one, total, course) for one in every for _, total in totals):
            yield _unexpected(course, totals, expected[0], asked.knowledge)
            return


def _unexpected(
    course: PlannedCourse, totals: Sequence[tuple[str, float]], usual: Sequence[Expected], knowledge: Knowledge
) -> Finding:
    first, (_, total) = usual[0], totals[0]
    related = first.of_interval(total, course.interval_days)
    every = "" if course.interval_days is None else f" every {number(course.interval_days)} days"
    accepted = joined([f"{number(one.least, 2)}-{number(one.most, 2)} g/kg {one.per}" for one in usual], "or")
    lighter = [f"{g_per_kg(first.of_interval(g, course.interval_days))} by {name} weight" for name, g in totals[1:]]
    return Finding(
        COURSE,
        first.level,
        f"IVIG {g_per_kg(total)} over {days_words(course)}{every}; "
        f"expected {joined([one.words for one in usual], 'or')} for {first.context}",
        f"Accepted for {first.context}: {accepted}, rounding to vials included; "
        f"this is {joined([g_per_kg(related), *lighter])}.",
        is_extreme=related > knowledge.value("gross") * knowledge.value("course_dose") + TOLERANCE,
    )


def _usual(asked: Asked) -> str:
    """What the use calls for, for the summary of a dose that no use calls for."""
    for course in asked.courses(1):
        for expected in asked.expected(course):
            if expected:
                return f"Expected {expected[-1].words} for {expected[-1].context}"
    return CHECK


# -- the card ---------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, asked: Asked, found: Sequence[Finding]) -> Advice:
    worst = found[0]
    reasons = tuple(_lowered(asked, worst))
    level, before = lower_once(worst.level, reasons)
    rules = [*dict.fromkeys(finding.rule for finding in found)]
    if reasons and level is not worst.level:
        rules.append(f"One level lower: {joined(reasons)}.")
    return Advice(
        summary=worst.summary,
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=order_line(order),
            facts=tuple(_facts_used(asked)),
            rule=" ".join(rules),
            basis=asked.knowledge.basis("asco", "gammagard", "octagam"),
            limits=LIMITS,
        ),
        evidence="asco" if worst.level > Indicator.INFO else "gammagard",
        row=worst.row,
        suggestions=_offers(order, asked, worst, recommended=not reasons),
        is_extreme=any(finding.is_extreme for finding in found),
    )


def _facts_used(asked: Asked) -> Iterator[str]:
    if not asked.needs_weight:
        yield from working(asked.courses(), asked.weight.kg)
    yield from asked.weight.lines
    yield purpose_line(asked.uses, asked.unknown)


def _lowered(asked: Asked, worst: Finding) -> Iterator[str]:
    """Why the card is one level lower (book 0.3)."""
    if any(infusion.from_text for infusion in asked.infusions):
        yield "dose read from free text"
    elif any(infusion.is_by_words(for_a_day=worst.row in (SLIP, DAY)) for infusion in asked.infusions):
        yield "days of the dose read from free text"
    if worst.row == COURSE and all(purpose.by_words for purpose in asked.uses or ()):
        yield "diagnosis recognised by words only"


def _offers(order: OrderedDrug, asked: Asked, worst: Finding, *, recommended: bool) -> tuple[Suggestion, ...]:
    """The full course, where that is what the only use on record calls for, nothing is repeated and none is running."""
    courses = asked.courses()
    if worst.level is Indicator.INFO or len(courses) > 1 or courses[0].interval_days is not None:
        return ()
    if is_course_running(asked.facts):
        return ()
    expected = asked.expected(courses[0])
    if len(expected) != 1 or len(expected[0]) != 1 or not expected[0][0].is_full_course:
        return ()
    return offer_course(order, asked.weight, asked.knowledge, asked.facts.as_of, recommended=recommended)
