"""What guideline and label advise about a checkpoint inhibitor at a grade of neuropathy: the rows of book 5.6.

Needs: as `attributed_grade`, and medication_orders.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cards.facts import Diagnosis, Facts
from cards.knowledge import Knowledge
from cards.neurology.attributed_grade import (
    began_on,
    ever_severe,
    grade_now,
    was_moderate,
    was_severe,
    was_severe_by_code,
)
from cards.neurology.attribution import Attributed, new_symptoms, suspicious_signs
from cards.neurology.attribution_wording import coded, counted_lines, named, named_earlier, suspected_lines
from cards.neurology.grade import NeuropathyGrade, grades
from cards.neurology.workup import BREATHING_TEST, GRADE, NEUROLOGY
from cards.opinion import Indicator, NothingToAdd
from cards.pharmacology.steroid.current_steroid import steroid_today
from cards.wording import number

CTCAE = "CTCAE: grade 2 limits instrumental activities, grade 3 self-care."
REMOVE, STEROID = "remove", "steroid"
MILD, MODERATE, SEVERE = ("asco_mild", "label"), ("asco_moderate", "label"), ("asco_severe", "label")


@dataclass(frozen=True, slots=True)
class AttributedRow:
    """The row that matched: level, what is there and what is advised, the rule in words, sources, offers, facts.

    `is_severe`: a neurotoxic partner does not lower it. `is_uncertain`: it rests on a weak link with the drug alone.
    `diagnoses` are those it rests on; `by_words`: what makes it severe is known by its words only.
    """

    name: str
    level: Indicator
    finding: str
    advised: str
    rule: str
    basis: tuple[str, ...]
    offers: tuple[str, ...]
    facts: tuple[str, ...] = ()
    is_severe: bool = False
    is_uncertain: bool = False
    diagnoses: tuple[Diagnosis, ...] = ()
    by_words: bool = False


def row_by_grade(facts: Facts, found: Attributed, knowledge: Knowledge) -> AttributedRow | NothingToAdd:
    """The first row that matches the neuropathies that count. Raises NotKnown."""
    if not found.is_any:
        return NothingToAdd("no neuropathy that may be of a checkpoint inhibitor", "none")
    grade, moderate = grade_now(facts, found), grades().value("moderate")
    row: AttributedRow | NothingToAdd
    if grade is not None and grade.is_severe:
        row = _severe(found, grade)
    elif ever_severe(facts):
        row = _earlier_severe(found)
    elif any(was_severe(counted) for counted in found.known):
        row = replace(_earlier_severe(found), is_uncertain=True)
    elif grade is None or (grade.value is not None and grade.value < moderate):
        row = _mild(facts, found, grade, knowledge)
    elif grade.value is None:
        row = _ungraded(facts, found, grade, knowledge)
    else:
        row = AttributedRow(
            "2",
            Indicator.WARNING,
            f"grade {grade.value} {named(found)}",
            "ASCO: withhold until grade 1 or less",
            f"Current neuropathy of grade 2. {CTCAE}",
            MODERATE,
            (REMOVE, NEUROLOGY),
            (grade.line,),
        )
    if isinstance(row, NothingToAdd):
        return row
    return replace(
        row,
        facts=(*counted_lines(found), *row.facts),
        diagnoses=tuple(counted.diagnosis for counted in found.known),
    )


def _severe(found: Attributed, grade: NeuropathyGrade) -> AttributedRow:
    is_myasthenia = found.known[0].diagnosis.is_a("myasthenia_gravis") if found.known else False
    steroid = () if is_myasthenia else (STEROID,)  # myasthenia may worsen on a high first dose
    return AttributedRow(
        "3-4",
        Indicator.CRITICAL,
        f"grade {grade.value} {named(found)}",
        "ASCO: permanently discontinue",
        f"Current neuropathy of grade 3-4. {CTCAE}",
        SEVERE,
        (REMOVE, NEUROLOGY, *steroid, BREATHING_TEST),
        (grade.line,),
        is_severe=True,
        by_words=grade.by_words and not was_severe_by_code(found),
    )


def _earlier_severe(found: Attributed) -> AttributedRow:
    return AttributedRow(
        "ever 3-4",
        Indicator.CRITICAL,
        f"earlier grade 3-4 {named_earlier(found)}",
        "ASCO: permanently discontinue",
        "A checkpoint-inhibitor neuropathy of grade 3-4 at any time, even if improved or resolved since: permanent "
        "discontinuation applies.",
        SEVERE,
        (REMOVE, NEUROLOGY),
        is_severe=True,
        by_words=not was_severe_by_code(found),
    )


def _mild(
    facts: Facts, found: Attributed, grade: NeuropathyGrade | None, knowledge: Knowledge
) -> AttributedRow | NothingToAdd:
    """Grade 0 or 1 now, or none any more."""
    if was_moderate(found):
        return _after_moderate(facts, found, grade, knowledge)
    if grade is None or not grade.value:
        return NothingToAdd("resolved, never known to be severe", "resolved")
    recent = int(knowledge.value("mild_recent"))
    if _is_recent(facts, found, recent):
        return AttributedRow(
            "1, new",
            Indicator.WARNING,
            f"grade 1 {named(found)}",
            "consider holding and observing for a week",
            f"Grade 1 begun in the last {recent} days: low threshold to hold. {CTCAE}",
            MILD,
            (REMOVE, NEUROLOGY),
            (grade.line,),
        )
    return AttributedRow(
        "1, stable",
        Indicator.INFO,
        f"grade 1 {named(found)}",
        "consider close monitoring",
        f"Grade 1 for more than {recent} days, or without a date: monitor closely. {CTCAE}",
        MILD,
        (NEUROLOGY,),
        (grade.line,),
    )


def _after_moderate(
    facts: Facts, found: Attributed, grade: NeuropathyGrade | None, knowledge: Knowledge
) -> AttributedRow | NothingToAdd:
    """Back at grade 1 or less after grade 2: to be resumed once the steroid is tapered."""
    mg, tapered = steroid_today(facts), knowledge.value("steroid_tapered")
    if mg <= tapered:
        return NothingToAdd("back at grade 1 or less after grade 2, steroid tapered: resumption allowed", "resumption")
    return AttributedRow(
        "resumption, steroid",
        Indicator.WARNING,
        f"earlier grade 2 {named(found) if found.current else named_earlier(found)}",
        f"steroid not yet tapered ({number(mg)} mg/day prednisone-equivalent)",
        f"Grade 1 or less after grade 2: resumption off prednisone or at {tapered:g} mg/day or less.",
        MODERATE,
        (REMOVE,),
        (
            "Grade: no neuropathy now" if grade is None else grade.line,
            f"Steroid today: {number(mg)} mg/day prednisone-equivalent",
        ),
    )


def _ungraded(facts: Facts, found: Attributed, grade: NeuropathyGrade, knowledge: Knowledge) -> AttributedRow:
    recent = int(knowledge.value("ungraded_recent"))
    if found.is_coded or _is_recent(facts, found, recent):
        return AttributedRow(
            "unknown grade, new",
            Indicator.WARNING,
            f"{named(found)} of unknown grade",
            "consider grading it before dosing",
            f"No current grade; begun in the last {recent} days, or an adverse effect is coded. {CTCAE}",
            MODERATE,
            (GRADE, NEUROLOGY, REMOVE),
            (grade.line,),
        )
    return AttributedRow(
        "unknown grade",
        Indicator.INFO,
        f"{named(found)} of unknown grade",
        "consider recording the grade",
        f"No current grade; begun more than {recent} days ago, or without a date. {CTCAE}",
        MODERATE,
        (GRADE, NEUROLOGY),
        (grade.line,),
    )


def row_of_suspicion(facts: Facts, found: Attributed) -> AttributedRow | None:
    """A suspicion where no neuropathy that counts is confirmed; None: not even that."""
    suspected = tuple(counted.diagnosis for counted in found.suspected)
    severe = tuple(d for d in suspected if d.is_a("gbs", "myasthenia_gravis")) or suspicious_signs(facts)
    if severe:
        return AttributedRow(
            "suspected, severe",
            Indicator.WARNING,
            f"suspected neuropathy ({coded(severe[0])})",
            "consider excluding GBS and myasthenia before dosing",
            "Only suspected: Guillain-Barre syndrome (GBS), myasthenia, or a sign whose floor is grade 3.",
            SEVERE,
            (NEUROLOGY, GRADE, REMOVE),
            tuple(suspected_lines(severe)),
            is_severe=True,
            diagnoses=severe,
        )
    other = suspected or new_symptoms(facts)
    if not other:
        return None
    return AttributedRow(
        "suspected",
        Indicator.INFO,
        f"suspected neuropathy ({coded(other[0])})",
        "consider confirming and grading it",
        f"Only suspected, or a symptom without a diagnosis. {CTCAE}",
        MILD,
        (GRADE, NEUROLOGY),
        tuple(suspected_lines(other)),
        diagnoses=other,
    )


def _is_recent(facts: Facts, found: Attributed, days: int) -> bool:
    since = began_on(found)
    return since is not None and facts.is_within(since, days)
