"""Is the drug ordered for a haematological cancer? (book 5.1, 5.5)"""

from __future__ import annotations

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import OrderedDrug

HAEMATOLOGICAL = "b_cell_or_haematological_malignancy"


def has_oncology_reason(order: OrderedDrug, facts: Facts) -> bool:
    """Is the stated reason C81-C96 or, where none is stated, one of these current? Unknown counts as no."""
    if order.reasons:
        return any(reason.is_a(HAEMATOLOGICAL) for reason in order.reasons)
    try:
        return facts.has(HAEMATOLOGICAL)
    except NotKnown:
        return False  # the louder reading
