"""Which orders on record are being taken now, and which of them are on their way out? Book 1.1, 2.7."""

from __future__ import annotations

from cards.facts import Facts
from cards.orders import MedicationOrder
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.dose_line import is_one_time


def current_orders(facts: Facts, *concepts: str) -> tuple[MedicationOrder, ...]:
    """Active orders on record of these value sets, newest first, that were not ended by their own last day.

    Raises NotKnown when nothing was found and the orders could not be had, or not all of them.
    """
    return facts.once(_current_orders, concepts)


def _current_orders(facts: Facts, concepts: tuple[str, ...]) -> tuple[MedicationOrder, ...]:
    return tuple(order for order in facts.medication_orders(*concepts) if _is_current(order, facts))


def _is_current(order: MedicationOrder, facts: Facts) -> bool:
    """Active, and neither over by its dose lines nor a single dose of an earlier day."""
    if order.status != "active" or (order.ended_on is not None and order.ended_on < facts.as_of):
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

    A draft that ends an order of the same drug without saying which one, ends this one.
    """
    if any(order.id in draft.replaces for draft in facts.basket.medications):
        return True
    return any(
        stopped.drug.name == order.drug.name or (order.id and order.id in (stopped.id, *stopped.replaces))
        for stopped in facts.basket.stopped
    )
