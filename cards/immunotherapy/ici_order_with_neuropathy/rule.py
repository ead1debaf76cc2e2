"""Is a checkpoint inhibitor ordered or continued in spite of a neuropathy that may be one of its effects?

WHEN  an immune checkpoint inhibitor is ordered
AND   a neuropathy or myasthenia that may be of a checkpoint inhibitor is current, was ever severe, or is suspected
THEN  say what guideline and label advise at its grade: permanent discontinuation at grade 3-4, now or ever; holding at
      grade 2; a low threshold to hold at a new grade 1; and ask for the grade where it is unknown (book 5.6).
"""

from __future__ import annotations

from collections.abc import Iterator

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.neurology.attributed_row import REMOVE, STEROID, AttributedRow, row_by_grade, row_of_suspicion
from cards.neurology.attribution import Attributed, attributed
from cards.neurology.attribution_wording import doses_line
from cards.neurology.grade import grades
from cards.neurology.phenotype import require_complete_problem_list
from cards.neurology.workup import named, workup
from cards.oncology.neurotoxic_partner import neurotoxic_partners
from cards.opinion import Advice, Explanation, Indicator, Opinion, ProposeDrug, RemoveOrder, Suggestion, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.current_orders import drafted_or_active
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.steroid.prednisone_equivalent import STEROIDS
from cards.suggested_orders import AT_MOST, drug_code
from cards.wording import joined, on

LIMITS = "Limits: sees only this record; grade, cause and what to do are for oncology and neurology to judge."
QUESTION = "neuropathy on a checkpoint inhibitor"


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The neuropathies that count against the table of 5.6, first match; a suspicion where none is confirmed."""
    found = attributed(facts)
    row = row_by_grade(facts, found, knowledge)
    if not isinstance(row, AttributedRow):
        row = row_of_suspicion(facts, found) or row
    if isinstance(row, AttributedRow):
        return _advice(order, facts, knowledge, found, row)
    if found.unknown is not None:
        raise found.unknown
    require_complete_problem_list(facts)
    return row


# -- words ------------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, facts: Facts, knowledge: Knowledge, found: Attributed, row: AttributedRow) -> Advice:
    partners = tuple(_partners(facts, knowledge))
    uncertain = (*_uncertain(found, row), *(() if row.is_severe else partners))
    level, before = lower_once(row.level, uncertain)
    told = dict.fromkeys((*uncertain, *partners))  # of a severe row they lower nothing, and are told all the same
    offered = list(_offers(order, facts, row))
    further = named(offered[AT_MOST:])
    return Advice(
        summary=f"{order.name.capitalize()} ordered with {row.finding}: {row.advised}",
        indicator=level,
        explanation=Explanation(
            order=order_line(order),
            facts=(*row.facts, doses_line(facts), *told, *_unread(found)),
            rule=f"{row.rule} Further options: {further}." if further else row.rule,
            basis=knowledge.basis(*row.basis),
            limits=LIMITS,
        ),
        evidence=row.basis[0],
        row=row.name,
        suggestions=tuple(offered[:AT_MOST]),
        before_downgrade=before,
    )


def _uncertain(found: Attributed, row: AttributedRow) -> Iterator[str]:
    """What lowers the row by one level: words instead of codes, a weak link with the drug if critical."""
    by_words = row.by_words or (row.diagnoses and all(d.by_text for d in row.diagnoses))
    if by_words and not _is_observed(found, row):
        yield "Recognised by words only"
    if row.level is Indicator.CRITICAL and (row.is_uncertain or not found.is_certain):
        yield "Attribution uncertain: not shown to have begun on a checkpoint inhibitor"


def _is_observed(found: Attributed, row: AttributedRow) -> bool:
    """Do graded observations alone, which are coded, show a neuropathy as severe as the row says?"""
    least = grades().value("severe") if row.level is Indicator.CRITICAL else 1
    return any((m.value or 0) >= least for m in found.observed)


def _partners(facts: Facts, knowledge: Knowledge) -> Iterator[str]:
    """Other neurotoxic drugs given lately, in one line."""
    partners = neurotoxic_partners(facts, within_days=int(knowledge.value("partner_within")))
    if partners:
        yield f"Attribution uncertain: {joined([f'{one.drug.name} {on(one.on)}' for one in partners])}"


def _unread(found: Attributed) -> tuple[str, ...]:
    return () if found.unknown is None else (f"Could not be checked: {found.unknown}",)


# -- what is offered --------------------------------------------------------------------------------------------------


def _offers(order: OrderedDrug, facts: Facts, row: AttributedRow) -> Iterator[Suggestion]:
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
            yield from (step._replace(urgent=row.level is Indicator.CRITICAL) for step in steps)


def _has_steroid(facts: Facts) -> bool:
    """Is a systemic steroid in the basket, or being taken? Unread orders count as none."""
    try:
        return bool(drafted_or_active(facts, STEROIDS))
    except NotKnown:
        return False
