"""Was another neurotoxic cancer drug given lately? (book 5.6)

Needs: medication_administrations, medication_dispenses, medication_orders.
"""

from __future__ import annotations

from cards.errors import NotKnown
from cards.facts import Facts
from cards.pharmacology.exposure import Exposure, exposures

PARTNERS = "neurotoxic_partner"


def neurotoxic_partners(facts: Facts, *, within_days: int) -> tuple[Exposure, ...]:
    """The last exposure to each platinum, taxane, vinca alkaloid or auristatin conjugate in so many days.

    Where the records could not be had there is none: a partner makes a card quieter.
    """
    try:
        found = exposures(facts, PARTNERS)
    except NotKnown:
        return ()
    newest = {one.drug.name: one for one in reversed(found) if facts.is_within(one.on, within_days)}
    return tuple(newest.values())
