"""How a dose per kg, a course and its use are written on a card (book 4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cards.errors import NotKnown
from cards.neurology.immunoglobulin_use import Purpose, Use
from cards.pharmacology.infusion.infusion_courses import PlannedCourse
from cards.wording import joined, listed, number, on

SMALL = 0.05


def g_per_kg(value: float) -> str:
    """A dose per kg: two decimals, of small ones two figures."""
    return f"{value:.2g} g/kg" if 0 < value < SMALL else f"{number(value, 2)} g/kg"


def working(courses: Sequence[PlannedCourse], kg: float | None) -> Iterator[str]:
    """The arithmetic of each course; `kg` None: doses per kg without a weight."""
    for course in courses:
        dense = f"at most {g_per_kg(course.most_a_day)} a day, {g_per_kg(course.most_in_a_week)} within 7 days"
        if course.total is None:
            yield f"Course without a told end: {dense}"
            continue
        grams = "" if kg is None else f"{number(course.total * kg)} g ÷ {number(kg)} kg = "
        every = "" if course.interval_days is None else f" every {number(course.interval_days)} days"
        yield f"Course of {days_words(course)}{every}: {grams}{g_per_kg(course.total)}; {dense}"


def days_words(course: PlannedCourse) -> str:
    """ "1 day", "5 days"."""
    return "1 day" if course.days == 1 else f"{course.days} days"


def purpose_line(purposes: Sequence[Purpose] | None, unknown: NotKnown | None) -> str:
    """What the order is taken to be for, and on which diagnoses."""
    if purposes is None:
        return f"Use: could not be checked ({unknown.why if unknown else 'problem list'})"
    if purposes[0].use is Use.NONE:
        return "Use: searched, no indication found"
    return f"Use: {joined([_purpose(purpose) for purpose in purposes])}"


def _purpose(purpose: Purpose) -> str:
    origin = "stated reason" if any(d.is_stated_reason for d in purpose.diagnoses) else "problem list"
    named = listed([f"{d.label} {on(d.on)}" for d in purpose.diagnoses])
    words = ", recognised by words only" if purpose.by_words else ""
    return f"{purpose.use} ({named}, {origin}{words})"
