"""The drug for neuropathic pain that is taken already, beside which another one is ordered. Book 3.5."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from cards.facts import Facts
from cards.neurology.phenotype import PainIndication, pain_indication
from cards.orders import Drug, MedicationOrder, OrderedDrug
from cards.pharmacology.current_orders import active_on_record, is_single_dose, is_stopped_in_basket, is_taper
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.doxepin import is_sleeping_aid
from cards.pharmacology.gabapentinoid import agent_name, agents
from cards.pharmacology.therapy_history import TherapyHistory, ingredient_history, therapy_history

CLASSES = ("gabapentinoid", "snri", "tricyclic")  # value sets, in the order in which a card looks at them


class FirstAgent(NamedTuple):
    """One drug that is being taken for neuropathic pain, and since when on what dose."""

    order: MedicationOrder
    indication: PainIndication
    history: TherapyHistory

    @property
    def drug(self) -> Drug:
        """The drug as it was ordered last."""
        return self.order.drug

    @property
    def name(self) -> str:
        """The drug, fit to begin a sentence."""
        return agent_name(self.drug).capitalize()


def class_of(drug: Drug) -> str:
    """The class of drugs for neuropathic pain; empty for another drug, or for one that may be of several."""
    found = [name for name in CLASSES if drug.is_a(name)]
    return found[0] if len(found) == 1 else ""


def first_agents(order: OrderedDrug, facts: Facts, *, ending_within: float) -> tuple[FirstAgent, ...]:
    """Drugs of the other classes that are taken for neuropathic pain and stay. Raises NotKnown.

    Those that the basket stops or replaces, that are tapered, that end within so many days, or that are for something
    else by their own reason, depression among it, or by their dose, are left out.
    """
    others = [name for name in CLASSES if name != class_of(order.drug)]
    active = active_on_record(facts, *others)
    last = facts.as_of + timedelta(days=ending_within)
    current = [one for one in active if not (_is_leaving(one, facts, last) or _is_for_sleep(one))]
    newest = {one.drug.name: one for one in reversed(current)}
    found = [FirstAgent(one, _indication(one, facts), _history(one.drug, order, facts)) for one in newest.values()]
    kept = [one for one in found if one.indication.sets and not _is_for_depression(one.order)]
    return tuple(sorted(kept, key=lambda one: (CLASSES.index(class_of(one.drug) or CLASSES[-1]), one.drug.name)))


def _is_leaving(one: MedicationOrder, facts: Facts, last: date) -> bool:
    is_ending = one.ended_on is not None and one.ended_on <= last
    return is_ending or is_single_dose(one) or is_taper(one) or is_stopped_in_basket(one, facts)


def _is_for_sleep(one: MedicationOrder) -> bool:
    return bool(is_sleeping_aid(one.drug, order_dose(one)))


def _indication(one: MedicationOrder, facts: Facts) -> PainIndication:
    return pain_indication(facts, one.reasons)


def _is_for_depression(one: MedicationOrder) -> bool:
    return any(reason.is_a("depression") for reason in one.reasons)


def _history(drug: Drug, order: OrderedDrug, facts: Facts) -> TherapyHistory:
    """Of a gabapentinoid in all its forms, of the others by ingredient."""
    if agents(drug):
        return therapy_history(facts, order, *sorted(agents(drug)))
    return ingredient_history(facts, order, drug, *CLASSES)
