"""Is this the first dose of a course of anti-CD20 antibodies, and which of them are ordered? (book 5.1 to 5.4)

Needs: medication_administrations, medication_dispenses, medication_orders.
"""

from __future__ import annotations

from pathlib import Path

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import load_thresholds
from cards.orders import OrderedDrug
from cards.pharmacology.exposure import exposures
from cards.pharmacology.order_wording import order_line
from cards.wording import joined

TABLE = Path(__file__).with_suffix(".yaml")
ANTI_CD20 = ("rituximab", "anti_cd20_other")


def is_later_dose(facts: Facts) -> bool:
    """Was an anti-CD20 antibody given within the gap that starts a new course? Unknown history counts as no."""
    try:
        found = exposures(facts, *ANTI_CD20)
    except NotKnown:
        return False  # the louder reading: a first dose
    days = int(load_thresholds(TABLE).value("course_gap"))
    return any(facts.is_within(exposure.on, days) for exposure in found)


def course_line(order: OrderedDrug, facts: Facts) -> str:
    """The Order block of a card that speaks for every anti-CD20 antibody in the basket (book 1.10.4)."""
    others = (draft for draft in facts.basket.medications if draft.drug.is_a(*ANTI_CD20) and draft not in order.drafts)
    named = [f"{draft.drug.name}{f' {draft.route}' if draft.route is not None else ''}" for draft in others]
    return order_line(order) + (f" Also drafted: {joined(named)}." if named else "")
