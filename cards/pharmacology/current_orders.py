"""Which drugs of a kind does the patient take now, and which of them are on their way out? Book 1.1, 2.7, 4.5, 4.7.

Needs: medication_orders.
"""

from __future__ import annotations

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import MedicationOrder
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.dose_line import is_one_time
from cards.wording import on


def active_on_record(facts: Facts, *concepts: str) -> tuple[MedicationOrder, ...]:
    """Active orders on record of these value sets that are not over by their own last day, newest first.

    Drafts are not among them: ask `drafted_or_active`. Raises NotKnown when nothing was found and the orders could
    not be had, or not all of them.
    """
    return facts.once(_active_on_record, concepts)


def drafted_or_active(facts: Facts, *concepts: str) -> tuple[MedicationOrder, ...]:
    """Drafts of the basket and active orders on record of these value sets, drafts first.

    Raises NotKnown when none is drafted and the orders on record could not be had.
    """
    drafted = tuple(draft for draft in facts.basket.medications if draft.drug.is_a(*concepts))
    try:
        return (*drafted, *active_on_record(facts, *concepts))
    except NotKnown:
        if not drafted:
            raise
        return drafted


def taken_on(facts: Facts, *concepts: str) -> tuple[MedicationOrder, ...]:
    """Active orders on record that go on: not taken back in this basket, and no single dose, which is soon over.

    Raises NotKnown as `active_on_record`.
    """
    return tuple(
        order
        for order in active_on_record(facts, *concepts)
        if not (is_single_dose(order) or is_stopped_in_basket(order, facts))
    )


def drug_line(order: MedicationOrder) -> str:
    """The order in one line for a card."""
    return f"{order.drug.name} ({'drafted' if order.is_draft else f'active order of {on(order.authored_on)}'})"


def _active_on_record(facts: Facts, concepts: tuple[str, ...]) -> tuple[MedicationOrder, ...]:
    return tuple(order for order in facts.medication_orders(*concepts) if _is_current(order, facts))


def _is_current(order: MedicationOrder, facts: Facts) -> bool:
    """Active, and neither over by its dose lines nor a single dose of an earlier day, nor drafted anew."""
    if order.status != "active" or (order.ended_on is not None and order.ended_on < facts.as_of):
        return False
    if facts.basket.signs_again(order):
        return False
    return not (is_single_dose(order) and order.authored_on is not None and order.authored_on < facts.as_of)


def is_single_dose(order: MedicationOrder) -> bool:
    """Is the drug given once and for all (around a procedure, say)?"""
    return bool(order.lines) and all(is_one_time(line.timing) for line in order.lines)


def is_taper(order: MedicationOrder) -> bool:
    """Do the phases of the order descend?"""
    return order_dose(order).is_taper


def is_stopped_in_basket(order: MedicationOrder, facts: Facts) -> bool:
    """Does a draft of the basket end or replace this order on record?

    A draft that ends an order of the same drug without saying which one on record, ends this one.
    """
    if any(order.id in draft.replaces for draft in facts.basket.medications):
        return True
    return any(_ends(stopped, order, facts) for stopped in facts.basket.stopped)


def _ends(stopped: MedicationOrder, order: MedicationOrder, facts: Facts) -> bool:
    named = {stopped.id, *stopped.replaces} - {""}
    if order.id in named:
        return True
    if stopped.drug.name != order.drug.name:
        return False
    try:
        return not any(one.id in named for one in facts.medication_orders(*order.drug.concepts))
    except NotKnown:
        return True
