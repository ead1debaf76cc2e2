"""Is a checkpoint inhibitor ordered or continued in spite of a neuropathy that may be one of its effects?

WHEN  an immune checkpoint inhibitor is ordered
AND   a neuropathy or myasthenia that may be of a checkpoint inhibitor is current, was ever severe, or is suspected
THEN  say what guideline and label advise at its grade: permanent discontinuation at grade 3-4, now or ever; holding at
      grade 2; a low threshold to hold at a new grade 1; and ask for the grade where it is unknown (book 5.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.knowledge import Knowledge
from cards.neurology.attributed_grade import began_on, ever_severe, grade_now, was_moderate
from cards.neurology.attribution import Attributed, attributed, new_symptoms, suspicious_signs
from cards.neurology.attribution_wording import (
    coded,
    counted_lines,
    doses_line,
    named,
    named_earlier,
    suspected_lines,
)
from cards.neurology.grade import NeuropathyGrade, grades
from cards.neurology.phenotype import require_complete_problem_list
from cards.neurology.workup import BREATHING_TEST, GRADE, NEUROLOGY, workup
from cards.neurology.workup import named as workup_named
from cards.oncology.neurotoxic_partner import neurotoxic_partners
from cards.opinion import (
    Advice,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    ProposeDrug,
    RemoveOrder,
    Suggestion,
    lower_once,
)
from cards.orders import OrderedDrug
from cards.pharmacology.current_steroid import steroid_today
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.prednisone_equivalent import STEROIDS
from cards.suggested_orders import AT_MOST, drug_code
from cards.wording import joined, number, on

LIMITS = "Limits: sees only this record; grade, cause and what to do are for oncology and neurology to judge."
CTCAE = "CTCAE: grade 2 limits instrumental activities, grade 3 self-care."
QUESTION = "neuropathy on a checkpoint inhibitor"
REMOVE, STEROID = "remove", "steroid"
MILD, MODERATE, SEVERE = ("asco_mild", "label"), ("asco_moderate", "label"), ("asco_severe", "label")


@dataclass(frozen=True, slots=True)
class Row:
    """The row that matched: level, what is there and what is advised, the rule in words, sources, offers, facts.

    `is_severe`: a neurotoxic partner does not lower it. `diagnoses` are those it rests on.
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
    diagnoses: tuple[Diagnosis, ...] = ()


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The neuropathies that count against the table of 5.6, first match; a suspicion where none is confirmed."""
    found = attributed(facts)
    row = _by_grade(facts, found, knowledge)
    if not isinstance(row, Row):
        row = _suspected(facts, found) or row
    if isinstance(row, Row):
        return _advice(order, facts, knowledge, found, row)
    if found.unknown is not None:
        raise found.unknown
    require_complete_problem_list(facts)
    return row


# -- rows -------------------------------------------------------------------------------------------------------------


def _by_grade(facts: Facts, found: Attributed, knowledge: Knowledge) -> Row | NothingToAdd:
    if not found.is_any:
        return NothingToAdd("no neuropathy that may be of a checkpoint inhibitor", "none")
    grade, moderate = grade_now(facts, found), grades().value("moderate")
    row: Row | NothingToAdd
    if grade is not None and grade.is_severe:
        row = _severe(found, grade)
    elif ever_severe(facts):
        row = _earlier_severe(found)
    elif grade is None or (grade.value is not None and grade.value < moderate):
        row = _mild(facts, found, grade, knowledge)
    elif grade.value is None:
        row = _ungraded(facts, found, grade, knowledge)
    else:
        row = Row(
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


def _severe(found: Attributed, grade: NeuropathyGrade) -> Row:
    is_myasthenia = not found.known[0].diagnosis.is_a("any_neuropathy") if found.known else False
    steroid = () if is_myasthenia else (STEROID,)  # myasthenia may worsen on a high first dose
    return Row(
        "3-4",
        Indicator.CRITICAL,
        f"grade {grade.value} {named(found)}",
        "ASCO: permanently discontinue",
        f"Current neuropathy of grade 3-4. {CTCAE}",
        SEVERE,
        (REMOVE, NEUROLOGY, *steroid, BREATHING_TEST),
        (grade.line,),
        is_severe=True,
    )


def _earlier_severe(found: Attributed) -> Row:
    return Row(
        "ever 3-4",
        Indicator.CRITICAL,
        f"earlier grade 3-4 {named_earlier(found)}",
        "ASCO: permanently discontinue",
        "A checkpoint-inhibitor neuropathy of grade 3-4 at any time, improved or resolved since: permanent "
        "discontinuation applies.",
        SEVERE,
        (REMOVE, NEUROLOGY),
        is_severe=True,
    )


def _mild(facts: Facts, found: Attributed, grade: NeuropathyGrade | None, knowledge: Knowledge) -> Row | NothingToAdd:
    """Grade 0 or 1 now, or none any more."""
    if was_moderate(found):
        return _after_moderate(facts, found, grade, knowledge)
    if grade is None or not grade.value:
        return NothingToAdd("resolved, never known to be severe", "resolved")
    recent = int(knowledge.value("mild_recent"))
    if _is_recent(facts, found, recent):
        return Row(
            "1, new",
            Indicator.WARNING,
            f"grade 1 {named(found)}",
            "consider holding and observing for a week",
            f"Grade 1 begun in the last {recent} days: low threshold to hold. {CTCAE}",
            MILD,
            (REMOVE, NEUROLOGY),
            (grade.line,),
        )
    return Row(
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
) -> Row | NothingToAdd:
    """Back at grade 1 or less after grade 2: to be resumed once the steroid is tapered."""
    mg, tapered = steroid_today(facts), knowledge.value("steroid_tapered")
    if mg <= tapered:
        return NothingToAdd("back at grade 1 or less after grade 2, steroid tapered: resumption allowed", "resumption")
    return Row(
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


def _ungraded(facts: Facts, found: Attributed, grade: NeuropathyGrade, knowledge: Knowledge) -> Row:
    recent = int(knowledge.value("ungraded_recent"))
    if found.is_coded or _is_recent(facts, found, recent):
        return Row(
            "unknown grade, new",
            Indicator.WARNING,
            f"{named(found)} of unknown grade",
            "consider grading it before dosing",
            f"No current grade; begun in the last {recent} days, or an adverse effect is coded. {CTCAE}",
            MODERATE,
            (GRADE, NEUROLOGY, REMOVE),
            (grade.line,),
        )
    return Row(
        "unknown grade",
        Indicator.INFO,
        f"{named(found)} of unknown grade",
        "consider recording the grade",
        f"No current grade; begun more than {recent} days ago, or without a date. {CTCAE}",
        MODERATE,
        (GRADE, NEUROLOGY),
        (grade.line,),
    )


def _suspected(facts: Facts, found: Attributed) -> Row | None:
    """A suspicion where no neuropathy that counts is confirmed; None: not even that."""
    suspected = tuple(counted.diagnosis for counted in found.suspected)
    severe = tuple(d for d in suspected if d.is_a("gbs", "myasthenia_gravis")) or suspicious_signs(facts)
    if severe:
        return Row(
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
    return Row(
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


# -- words ------------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, facts: Facts, knowledge: Knowledge, found: Attributed, row: Row) -> Advice:
    uncertain = tuple(_uncertain(facts, knowledge, found, row))
    level, before = lower_once(row.level, uncertain)
    offered = list(_offers(order, facts, row))
    further = workup_named(offered[AT_MOST:])
    return Advice(
        summary=f"{order.name.capitalize()} ordered with {row.finding}: {row.advised}",
        indicator=level,
        explanation=Explanation(
            order=order_line(order),
            facts=(*row.facts, doses_line(facts), *uncertain, *_unread(found)),
            rule=f"{row.rule} Further options: {further}." if further else row.rule,
            basis=knowledge.basis(*row.basis),
            limits=LIMITS,
        ),
        evidence=row.basis[0],
        row=row.name,
        suggestions=tuple(offered[:AT_MOST]),
        before_downgrade=before,
    )


def _uncertain(facts: Facts, knowledge: Knowledge, found: Attributed, row: Row) -> Iterator[str]:
    """What lowers the row by one level: a partner, words instead of codes, a weak link with the drug if critical."""
    if row.diagnoses and all(d.by_text for d in row.diagnoses):
        yield "Recognised by words only"
    if row.level is Indicator.CRITICAL and not found.is_certain:
        yield "Attribution uncertain: not shown to have begun on a checkpoint inhibitor"
    if not row.is_severe:
        partners = neurotoxic_partners(facts, within_days=int(knowledge.value("partner_within")))
        if partners:
            yield f"Attribution uncertain: {joined([f'{one.drug.name} {on(one.on)}' for one in partners])}"


def _unread(found: Attributed) -> tuple[str, ...]:
    return () if found.unknown is None else (f"Could not be checked: {found.unknown}",)


# -- what is offered --------------------------------------------------------------------------------------------------


def _offers(order: OrderedDrug, facts: Facts, row: Row) -> Iterator[Suggestion]:
    """What the row offers and is not done already, in its order."""
    for name in row.offers:
        if name == REMOVE:
            if len(order.drafts) == 1:
                yield RemoveOrder(order.last.id, f"Remove this {order.name} draft")
        elif name == STEROID:
            if not _has_steroid(facts):
                code = drug_code("corticosteroid_ingredients", "methylprednisolone")
                text = "Methylprednisolone: dose to be completed by the clinician"
                yield ProposeDrug("Draft methylprednisolone without dose", text, code)
        else:
            steps = workup(facts, (name,), question=QUESTION)
            yield from (replace(step, urgent=row.level is Indicator.CRITICAL) for step in steps)


def _has_steroid(facts: Facts) -> bool:
    """Is a systemic steroid in the basket, or active on record? Unread orders count as none."""
    if any(draft.drug.is_a(STEROIDS) for draft in facts.basket.medications):
        return True
    try:
        return any(order.status == "active" for order in facts.medication_orders(STEROIDS))
    except NotKnown:
        return False
