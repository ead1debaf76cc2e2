"""How much immunoglobulin per kg does one course of this order give? (book 4.5)

Needs: body_size.
"""

from __future__ import annotations

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import MedicationOrder, OrderedDrug
from cards.pharmacology.body_size import weight_for_dosing
from cards.pharmacology.dose_line import MG_PER_UNIT
from cards.pharmacology.infusion_schedule import infusion_schedule

PER_KG = "/kg"


def course_g_per_kg(order: OrderedDrug, facts: Facts) -> float | None:
    """g/kg of one course, all drafts together. None: dose, length or weight is not known."""
    parts = [_draft_g_per_kg(draft, facts) for draft in order.drafts]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _draft_g_per_kg(draft: MedicationOrder, facts: Facts) -> float | None:
    total = 0.0
    for line in draft.lines:
        amount = line.amount
        factor = None if amount is None else MG_PER_UNIT.get(amount.unit.removesuffix(PER_KG))
        try:
            schedule = infusion_schedule(line, facts.as_of, draft.ended_on)
            weight = weight_for_dosing(facts) if amount is not None and not amount.unit.endswith(PER_KG) else None
        except NotKnown:
            return None
        if amount is None or factor is None or schedule is None or schedule.days is None:
            return None
        grams = amount.high * factor / MG_PER_UNIT["g"] * schedule.per_day * schedule.days
        if not amount.unit.endswith(PER_KG):
            if weight is None or not weight.value:
                return None
            grams /= weight.value
        total += grams
    return total if draft.lines else None
