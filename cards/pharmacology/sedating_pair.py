"""Which gabapentinoids and which other depressants of breathing would be taken together, and since when? Book 2.8."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import MedicationOrder, OrderedDrug
from cards.pharmacology.current_orders import is_single_dose, taken_on
from cards.pharmacology.daily_dose import daily_dose, order_dose
from cards.pharmacology.gabapentinoid import GABAPENTINOID
from cards.pharmacology.therapy_history import TherapyHistory, ingredient_history, is_same_dose
from cards.wording import number, on

OPIOID = "opioid"
DEPRESSANTS = {OPIOID: "opioid", "benzodiazepine": "benzodiazepine", "z_drug": "Z-drug"}  # value sets, in words


class SedatingPair(NamedTuple):
    """What would be taken together, drafted or on record; opioids stand first among the depressants.

    `is_checked`: all orders on record could be read.
    """

    gabapentinoids: tuple[MedicationOrder, ...]
    depressants: tuple[MedicationOrder, ...]
    is_checked: bool

    @property
    def is_there(self) -> bool:
        """Is there something on either side?"""
        return bool(self.gabapentinoids and self.depressants)

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes of depressants in words, the opioid first."""
        return tuple(words for name, words in DEPRESSANTS.items() if any(d.drug.is_a(name) for d in self.depressants))

    @property
    def has_opioid(self) -> bool:
        """Is there an opioid among them?"""
        return any(one.drug.is_a(OPIOID) for one in self.depressants)


def sedating_pair(order: OrderedDrug, facts: Facts) -> SedatingPair:
    """Both sides of an ordered gabapentinoid or opioid: the basket and what is being taken, without single doses.

    An order that is both, because its code and its words contradict each other, is no partner of a gabapentinoid.
    Raises NotKnown where the orders on record could not be had, or not all of them, and no pair was found.
    """
    drafted = facts.basket.medications
    gabapentinoids = [draft for draft in drafted if draft.drug.is_a(GABAPENTINOID)]
    depressants = [draft for draft in drafted if _is_depressant(draft) and not is_single_dose(draft)]
    unknown: NotKnown | None = None
    try:
        if order.drug.is_a(GABAPENTINOID):
            gabapentinoids = list(order.drafts)
        else:
            gabapentinoids += taken_on(facts, GABAPENTINOID)
        if gabapentinoids:
            depressants += filter(_is_depressant, taken_on(facts, *DEPRESSANTS))
    except NotKnown as error:
        unknown = error
    is_checked = unknown is None and facts.is_complete("medication_orders")
    pair = SedatingPair(_one_of_each(gabapentinoids), _one_of_each(depressants), is_checked)
    if unknown is not None and not pair.is_there:
        raise unknown
    return pair


def _is_depressant(one: MedicationOrder) -> bool:
    return one.drug.is_a(*DEPRESSANTS) and not one.drug.is_a(GABAPENTINOID)


def _one_of_each(orders: list[MedicationOrder]) -> tuple[MedicationOrder, ...]:
    """The first order of each drug, opioids before other drugs."""
    by_name = {one.drug.name: one for one in reversed(orders)}
    return tuple(sorted(by_name.values(), key=lambda one: (not one.drug.is_a(OPIOID), one.drug.name)))


def is_old_pair(pair: SedatingPair, order: OrderedDrug, facts: Facts, over_days: float) -> bool:
    """Is every drug of the pair on an unchanged dose for longer than `over_days`, this order included?

    Orders on record that could not be had prove no day.
    """
    every = (*pair.gabapentinoids, *pair.depressants)
    try:
        return all(_history(one, order, facts).days_on > over_days for one in every) and _keeps_its_dose(order, facts)
    except NotKnown:
        return False


def _history(one: MedicationOrder, order: OrderedDrug, facts: Facts) -> TherapyHistory:
    concepts = (GABAPENTINOID,) if one.drug.is_a(GABAPENTINOID) else tuple(DEPRESSANTS)
    return ingredient_history(facts, order, one.drug, *concepts)


def _keeps_its_dose(order: OrderedDrug, facts: Facts) -> bool:
    """Is the ordered dose the present one? An unreadable present dose counts as equal (book 1.6).

    A draft whose dose cannot be read keeps it only if its instructions are those of an order on record.
    """
    dose, history = daily_dose(order), _history(order.last, order, facts)
    if dose.status == "unknown":
        on_record = {one.lines for prescribed in history.prescribed for one in prescribed.orders}
        return bool(order.last.lines) and order.last.lines in on_record
    return history.current_mg is None or is_same_dose(dose.final_mg, history.current_mg)


def pair_lines(pair: SedatingPair, order: OrderedDrug) -> Iterator[str]:
    """What the order would be taken together with, in words for a card."""
    for one in (*pair.gabapentinoids, *pair.depressants):
        if one.id not in order.ids:
            dose = order_dose(one)
            mg = "dose not readable" if dose.status == "unknown" else f"{number(dose.final_mg)} mg/day"
            yield f"{'Drafted' if one.is_draft else 'Active'}: {one.drug.name} ({mg}) of {on(one.authored_on)}"
    if not pair.is_checked:
        yield "Orders on record could not be checked, or not all of them"
