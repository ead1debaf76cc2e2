"""Is this the first dose of a course of anti-CD20 antibodies, and which of them are ordered? (book 5.1 to 5.4)

Needs: medication_administrations, medication_dispenses, medication_orders.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import load_thresholds
from cards.orders import OrderedDrug
from cards.pharmacology.exposure import exposures_dispensed, exposures_given, exposures_ordered
from cards.pharmacology.order_wording import order_line
from cards.wording import joined, on

TABLE = Path(__file__).with_suffix(".yaml")
ANTI_CD20 = "anti_cd20"


class EarlierDose(NamedTuple):
    """What makes this a later dose, in words; an order alone does not show that a dose was given."""

    line: str
    is_order_only: bool


def is_later_dose(facts: Facts) -> bool:
    """Was an anti-CD20 antibody given within the gap that starts a new course? Unknown history counts as no."""
    return earlier_dose(facts) is not None


def earlier_dose(facts: Facts) -> EarlierDose | None:
    """The newest dose of the running course: given or handed out, else ordered. None: a first dose."""
    unread = ""
    for read, how in ((exposures_given, "given"), (exposures_dispensed, "handed out"), (exposures_ordered, "ordered")):
        try:
            found = [exposure for exposure in read(facts, (ANTI_CD20,)) if facts.is_within(exposure.on, _course_gap())]
        except NotKnown:
            unread = "doses given could not be checked"
            continue
        if found:
            last = max(found, key=lambda exposure: exposure.on)
            is_order_only = read is exposures_ordered
            doubt = f" ({unread or 'no dose recorded'})" if is_order_only else ""
            return EarlierDose(f"Earlier anti-CD20: {last.drug.name} {how} on {on(last.on)}{doubt}", is_order_only)
    return None


def _course_gap() -> int:
    return int(load_thresholds(TABLE).value("course_gap"))


def course_line(order: OrderedDrug, facts: Facts) -> str:
    """The Order block of a card that speaks for every anti-CD20 antibody in the basket (book 1.10.4)."""
    others = (draft for draft in facts.basket.medications if draft.drug.is_a(ANTI_CD20) and draft not in order.drafts)
    named = [f"{draft.drug.name}{f' {draft.route}' if draft.route is not None else ''}" for draft in others]
    return order_line(order) + (f" Also drafted: {joined(named)}." if named else "")
