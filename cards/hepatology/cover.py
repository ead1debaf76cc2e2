"""Which antiviral covers hepatitis B, and is there a plan? (book 5.2)"""

from __future__ import annotations

from dataclasses import dataclass

from cards.errors import NotKnown
from cards.facts import Facts
from cards.hepatology.hepatitis_b import HBV_DNA, is_ordered
from cards.orders import MedicationOrder
from cards.pharmacology.current_orders import active_on_record
from cards.wording import joined

STRONG = "hbv_antiviral_high_barrier"
WEAK = "hbv_antiviral_low_barrier"
PLAN = ("gastroenterology_hepatology", *HBV_DNA)


@dataclass(frozen=True, slots=True)
class Cover:
    """Antivirals that are active on record or in the basket."""

    orders: tuple[MedicationOrder, ...]

    @property
    def is_strong(self) -> bool:
        """Entecavir or tenofovir among them?"""
        return any(order.drug.is_a(STRONG) for order in self.orders)

    @property
    def is_weak(self) -> bool:
        """Only drugs with a low barrier to resistance?"""
        return bool(self.orders) and not self.is_strong

    @property
    def name(self) -> str:
        """The covering drugs by name, the stronger ones if there are any."""
        wanted = STRONG if self.is_strong else WEAK
        return joined(sorted({order.drug.name for order in self.orders if order.drug.is_a(wanted)})) or "none active"


def antiviral_cover(facts: Facts) -> Cover:
    """Antivirals active or in the basket. Raises NotKnown when none is drafted and the orders could not be had."""
    drafted = tuple(order for order in facts.basket.medications if order.drug.is_a(STRONG, WEAK))
    try:
        return Cover((*drafted, *active_on_record(facts, STRONG, WEAK)))
    except NotKnown:
        if any(order.drug.is_a(STRONG) for order in drafted):
            return Cover(drafted)
        raise


def has_plan(facts: Facts) -> bool:
    """Is a hepatology referral or HBV DNA monitoring drafted, or active and recent? Unknown counts as no."""
    return is_ordered(facts, PLAN, "plan_recent")
