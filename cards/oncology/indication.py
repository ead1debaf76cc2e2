"""Is the drug ordered for a haematological cancer? (book 5.1, 5.5)"""

from __future__ import annotations

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import OrderedDrug

# C81-C96; the diseases with a value set of their own are known by SNOMED CT codes too.
HAEMATOLOGICAL = ("b_cell_or_haematological_malignancy", "cll", "waldenstrom")
CLL = "cll"  # chronic lymphocytic leukaemia, C91.1


def is_ordered_for(order: OrderedDrug, facts: Facts, *concepts: str) -> bool:
    """Is one of these the stated reason or, where none is stated, current? Raises NotKnown as `facts.has`."""
    if order.reasons:
        return any(reason.is_a(*concepts) for reason in order.reasons)
    return facts.has(*concepts)


def has_oncology_reason(order: OrderedDrug, facts: Facts) -> bool:
    """Is the stated reason C81-C96 or, where none is stated, one of these current? Unknown counts as no."""
    try:
        return is_ordered_for(order, facts, *HAEMATOLOGICAL)
    except NotKnown:
        return False  # the louder reading
