"""Is a corticosteroid or plasma exchange ordered for multifocal motor neuropathy?

WHEN  a systemic corticosteroid is ordered for days, or plasma exchange
AND   the stated reason is multifocal motor neuropathy or, for a steroid without a reason, it is current and nothing
      else on the problem list calls for a steroid
THEN  warn that it usually does not help, name IVIG, and offer to remove the draft (book 3.9).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.knowledge import Knowledge
from cards.neurology.phenotype import current_picture, is_checkpoint_inhibitor_effect
from cards.neurology.steroid_context import CHECKPOINT_INHIBITOR, OTHER_INDICATIONS, other_steroid_indications
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, RemoveOrder, lower_once
from cards.orders import Ordered, OrderedDrug, OrderedService
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.steroid.steroid_course import SteroidCourse, steroid_course
from cards.wording import joined, on

MMN = "mmn"
# Stated beside it, these are another reason for a steroid or for plasma exchange.
BESIDE = (*OTHER_INDICATIONS, "malignancy", "gbs", "myasthenia_gravis")
SUMMARY = "MMN usually does not respond to steroids or plasma exchange; IVIG is the guideline first-line treatment"
LIMITS = "Limits: sees only this record"
WITHDRAWAL = "; after a longer steroid course the dose is usually withdrawn stepwise"


class Ordering(NamedTuple):
    """What was ordered, for the card: its line and its part of the rule, the dose, doubts that lower the level."""

    line: str
    rule: str
    facts: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def advise(order: Ordered, facts: Facts, knowledge: Knowledge) -> Opinion:
    """What is ordered, then what for."""
    ordering = _steroid(order, knowledge) if isinstance(order, OrderedDrug) else _plasma_exchange(order)
    if not isinstance(ordering, Ordering):
        return ordering
    found = _stated(order, facts) if order.reasons else _on_the_list(order, facts)
    if isinstance(found, str):
        return NothingToAdd(found)
    by_words = ("multifocal motor neuropathy recognised by words only",) if found.by_text else ()
    doubts = (*ordering.doubts, *by_words)
    level, before = lower_once(Indicator.WARNING, doubts)
    lowered = f" One level lower: {joined(doubts)}." if doubts else ""
    return Advice(
        summary=SUMMARY,
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=ordering.line,
            facts=(_named(found), *ordering.facts),
            rule=f"{ordering.rule}{lowered}",
            basis=knowledge.basis("efns", "book"),
            limits=f"{LIMITS}{WITHDRAWAL if isinstance(order, OrderedDrug) else ''}.",
        ),
        evidence="efns",
        row="warning",
        suggestions=tuple(_removal(order)),
    )


# -- what is ordered --------------------------------------------------------------------------------------------------


def _steroid(order: OrderedDrug, knowledge: Knowledge) -> Ordering | NothingToAdd | CannotTell:
    course = steroid_course(order)
    if not isinstance(course, SteroidCourse):
        return course
    dose, days = knowledge.value("steroid_dose"), knowledge.value("steroid_days")
    if course.days_at(dose) < days:
        return NothingToAdd(f"less than {dose:g} mg prednisone-equivalent a day for {days:g} days")
    doubts = ("dose parsed from free text",) if course.dose.status == "parsed-text" else ()
    rule = (
        f"Multifocal motor neuropathy, from {dose:g} mg/day prednisone-equivalent for {days:g} days, no other reason."
    )
    return Ordering(order_line(order), rule, (course.conversion,), doubts)


def _plasma_exchange(order: OrderedService) -> Ordering:
    by_name = " (recognised by its name only)" if order.by_text else ""
    reasons = joined([reason.label for reason in order.reasons])
    stated = f"; stated reason: {reasons}" if reasons else ""
    return Ordering(
        f"{order.name}{by_name}{stated}.", "Plasma exchange for multifocal motor neuropathy as stated reason."
    )


# -- what for ---------------------------------------------------------------------------------------------------------


def _stated(order: Ordered, facts: Facts) -> Diagnosis | str:
    """The stated multifocal motor neuropathy, or why the card is silent."""
    stated = [reason for reason in order.reasons if reason.is_a(MMN)]
    if not stated:
        return "ordered for another indication"
    if any(reason.is_a(*BESIDE) or is_checkpoint_inhibitor_effect(facts, reason) for reason in order.reasons):
        return "another indication is stated as well"
    try:
        listed = [d for d in facts.diagnoses(MMN) if d.is_current]
    except NotKnown:
        listed = []  # the reason stands by itself
    if all(d.is_suspected for d in stated) or (listed and all(d.is_suspected for d in listed)):
        return "multifocal motor neuropathy is suspected only"
    return stated[0]


def _on_the_list(order: Ordered, facts: Facts) -> Diagnosis | str:
    """The current multifocal motor neuropathy as the only reason for a steroid, or why the card is silent."""
    if isinstance(order, OrderedService):
        return "no reason stated"
    found = facts.current(MMN)
    if not found:
        return "no confirmed multifocal motor neuropathy"
    others = other_steroid_indications(facts, with_cancer=True)
    if others:
        return f"another reason for a steroid is current: {others[0].label}"
    if current_picture(facts).shows(CHECKPOINT_INHIBITOR, suspected=True):
        return "another reason for a steroid is current: checkpoint-inhibitor neuropathy"
    return found[0]


# -- words ------------------------------------------------------------------------------------------------------------


def _named(found: Diagnosis) -> str:
    origin = (
        "stated reason" if found.is_stated_reason else f"{on(found.on)}, problem list; no other reason for a steroid"
    )
    return f"Multifocal motor neuropathy: {found.label} ({origin})"


def _removal(order: Ordered) -> Iterator[RemoveOrder]:
    if len(order.drafts) == 1:
        yield RemoveOrder(order.last.id, f"Remove this {order.name} draft")
