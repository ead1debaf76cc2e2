"""Which drugs of a kind does the patient take now: by active orders and by drafts? (book 1.1, 4.5, 4.7)

Needs: medication_orders.
"""

from __future__ import annotations

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import MedicationOrder
from cards.wording import on


def current_orders(facts: Facts, *concepts: str) -> tuple[MedicationOrder, ...]:
    """Drafts and active orders of these value sets, drafts first.

    Raises NotKnown when none is drafted and the orders on record could not be had.
    """
    drafted = tuple(draft for draft in facts.basket.medications if draft.drug.is_a(*concepts))
    try:
        recorded = facts.medication_orders(*concepts)
    except NotKnown:
        if not drafted:
            raise
        recorded = ()
    return (*drafted, *(order for order in recorded if order.status == "active"))


def drug_line(order: MedicationOrder) -> str:
    """The order in one line for a card."""
    return f"{order.drug.name} ({'drafted' if order.is_draft else f'active order of {on(order.authored_on)}'})"
