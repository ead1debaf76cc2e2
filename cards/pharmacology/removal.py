"""Offers to take the drafts of one drug out of the basket."""

from __future__ import annotations

from cards.opinion import RemoveOrder
from cards.orders import OrderedDrug
from cards.suggested_orders import AT_MOST


def offer_removal(order: OrderedDrug, *, recommended: bool = False) -> tuple[RemoveOrder, ...]:
    """One removal for each draft, for one alone would leave the drug ordered; none where that is too many to offer."""
    count, drug = len(order.drafts), order.drug.name
    if count == 1:
        return (RemoveOrder(order.last.id, f"Remove this {drug} draft", recommended),)
    if count > AT_MOST:
        return ()
    return tuple(
        RemoveOrder(draft.id, f"Remove {drug} draft {position} of {count}", recommended)
        for position, draft in enumerate(order.drafts, start=1)
    )


def each_removal(order: OrderedDrug, name: str) -> tuple[RemoveOrder, ...]:
    """A removal of each draft of the drug that the card calls `name`, however many there are. None is recommended."""
    count = len(order.drafts)
    return tuple(
        RemoveOrder(draft.id, f"Remove the {name} draft" + (f" ({place} of {count})" if count > 1 else ""))
        for place, draft in enumerate(order.drafts, start=1)
    )
