"""Is a full steroid dose given elsewhere: in the basket, or by an order on record? (book 3.8)

Needs: medication_orders.
"""

from __future__ import annotations

from cards.facts import Facts
from cards.orders import MedicationOrder, OrderedDrug
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.exposure import TAKEN
from cards.pharmacology.steroid.prednisone_equivalent import STEROIDS, prednisone_equivalent
from cards.pharmacology.steroid.steroid_course import draft_in_mg, is_systemic


def has_full_dose_elsewhere(
    order: OrderedDrug, facts: Facts, mg_per_day: float, within_days: int, *, weight_kg: float
) -> bool:
    """Does another draft, an active order or one of the last days reach this many mg of prednisone a day?

    Doses per kg are worked out with the weight. Raises NotKnown when no draft does and the orders on record could not
    be had.
    """
    drafts = [d for d in facts.basket.medications if d.drug.is_a(STEROIDS) and d.id not in order.ids]
    if any(_reaches(draft_in_mg(draft, weight_kg), mg_per_day) for draft in drafts):
        return True
    return any(
        _reaches(draft_in_mg(one, weight_kg), mg_per_day)
        for one in facts.medication_orders(STEROIDS)
        if one.status in TAKEN and one.id not in order.ids and _is_of_late(one, facts, within_days)
    )


def _is_of_late(order: MedicationOrder, facts: Facts, days: int) -> bool:
    return order.status == "active" or (order.authored_on is not None and facts.is_within(order.authored_on, days))


def _reaches(order: MedicationOrder, mg_per_day: float) -> bool:
    dose = order_dose(order)
    if dose.status == "unknown" or not is_systemic(order):
        return False
    worth = prednisone_equivalent(order.drug.name, dose.peak_mg)
    return worth is not None and worth >= mg_per_day
