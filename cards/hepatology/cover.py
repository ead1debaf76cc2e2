"""Which antiviral covers hepatitis B, and is there a plan? (book 5.2)"""

from __future__ import annotations

from dataclasses import dataclass

from cards.errors import NotKnown
from cards.facts import Facts
from cards.hepatology.markers import HBV_DNA, windows
from cards.orders import MedicationOrder, OrderedDrug, ServiceOrder
from cards.pharmacology.current_orders import active_on_record, drug_line, is_stopped_in_basket
from cards.suggested_orders import lately_ordered
from cards.wording import joined, on

STRONG = "hbv_antiviral_high_barrier"
WEAK = "hbv_antiviral_low_barrier"
REFERRAL = "gastroenterology_hepatology"
PLAN = (REFERRAL, *HBV_DNA)


@dataclass(frozen=True, slots=True)
class Cover:
    """Antivirals that are active on record or in the basket.

    `undosed`: drafts by name and without a dose, as the card offers one. They are among the `orders` while choosing,
    and no cover on signing. `ended`: orders on record that this basket stops or replaces, no cover either.
    """

    orders: tuple[MedicationOrder, ...]
    undosed: tuple[MedicationOrder, ...] = ()
    ended: tuple[MedicationOrder, ...] = ()

    @property
    def is_strong(self) -> bool:
        """Entecavir or tenofovir among them?"""
        return any(order.drug.is_a(STRONG) for order in self.orders)

    @property
    def is_weak(self) -> bool:
        """Only drugs with a low barrier to resistance?"""
        return bool(self.orders) and not self.is_strong

    @property
    def is_unfinished(self) -> bool:
        """Is entecavir or tenofovir drafted only, and without a dose?"""
        strong = [order for order in self.orders if order.drug.is_a(STRONG)]
        return bool(strong) and all(order in self.undosed for order in strong)

    @property
    def name(self) -> str:
        """The covering drugs by name, the stronger ones if there are any."""
        wanted = STRONG if self.is_strong else WEAK
        return joined(sorted({order.drug.name for order in self.orders if order.drug.is_a(wanted)}))

    @property
    def line(self) -> str:
        """All of them in one line for a card."""
        dosed = [drug_line(order) for order in self.orders if order not in self.undosed]
        undosed = [f"{order.drug.name} (drafted without a dose)" for order in self.undosed]
        ended = [f"{order.drug.name} (active order stopped or replaced in this basket)" for order in self.ended]
        return f"antiviral: {joined([*dosed, *undosed, *ended]) or 'searched, none active'}"


def antiviral_cover(ordered: OrderedDrug, facts: Facts) -> Cover:
    """Antivirals active, or in the basket beside the ordered drug.

    Raises NotKnown when none is drafted and the orders could not be had.
    """
    others = (order for order in facts.basket.medications if order not in ordered.drafts)
    drafted = tuple(order for order in others if order.drug.is_a(STRONG, WEAK))
    undosed = tuple(order for order in drafted if order.drug.by_text and not _states_a_dose(order))
    counting = tuple(order for order in drafted if order not in undosed) if ordered.is_signing else drafted
    try:
        recorded = active_on_record(facts, STRONG, WEAK)
    except NotKnown:
        if any(order.drug.is_a(STRONG) for order in counting):
            return Cover(counting, undosed)
        raise
    ended = tuple(order for order in recorded if is_stopped_in_basket(order, facts))
    return Cover((*counting, *(order for order in recorded if order not in ended)), undosed, ended)


def _states_a_dose(order: MedicationOrder) -> bool:
    return any(line.amount is not None or line.text or line.unreadable for line in order.lines)


def plans(facts: Facts) -> tuple[ServiceOrder, ...]:
    """Hepatology referrals and HBV DNA orders, in the basket, or active and recent. Unknown counts as none."""
    found = lately_ordered(facts, PLAN, int(windows().value("plan_recent")))
    return tuple(order for order in found if order.is_draft or order.status == "active")  # book 5.2


def plan_line(facts: Facts) -> str:
    """The plan in one line for a card."""
    found = [_ordered_line(order) for order in plans(facts)]
    if found:
        return f"plan: {joined(found)}"
    try:
        facts.service_orders(*PLAN)
    except NotKnown:
        return "plan: could not be checked"
    return f"plan: no hepatology referral or HBV DNA order of the last {windows().value('plan_recent'):g} days found"


def _ordered_line(order: ServiceOrder) -> str:
    name = "hepatology referral" if REFERRAL in order.concepts else "HBV DNA"
    return f"{name} ({'drafted' if order.is_draft else f'ordered on {on(order.authored_on)}'})"
