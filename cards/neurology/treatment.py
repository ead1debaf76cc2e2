"""Is an order a treatment of a neuropathy, and is it a new one? (book 1.7, 5.7)

Needs: conditions, medication_orders, medication_administrations, procedures, service_requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.neurology.phenotype import is_in, is_neuropathy, recorded_reasons, require_complete_problem_list, telling
from cards.orders import MedicationOrder, Ordered, OrderedDrug
from cards.pharmacology.exposure import TAKEN, exposures_given
from cards.pharmacology.order_span import last_day
from cards.pharmacology.steroid.prednisone_equivalent import STEROIDS
from cards.pharmacology.steroid.steroid_course import is_systemic

IVIG = "ivig"
PLASMA_EXCHANGE = "plasma_exchange"
CLASSES = ("gabapentinoid", "snri", "tricyclic", IVIG, STEROIDS, PLASMA_EXCHANGE)
# Given for neuropathic pain unless something else is on record; the other drugs only when a neuropathy is.
FIRST_FOR_PAIN = ("gabapentinoid", "duloxetine")
OTHER_USES_OF_PAIN_DRUGS = ("other_lic", "depression")
SYMPTOMS = ("neuropathic_symptoms", "weakness_gait_symptoms", "np_phn_sci")
# Without a stated reason nobody takes a steroid or plasma exchange for one of these.
NOT_TREATED_SO = ("np_dpn", "np_symm", "np_auton", "np_phn_sci")
OTHER_USES = {IVIG: ("ig_other",), STEROIDS: ("other_steroid_indication",)}
DONE = ("active", "completed")


def treated_neuropathies(order: Ordered, facts: Facts) -> tuple[Diagnosis, ...] | None:
    """The neuropathies, or their signs, that the order treats; none for a pain drug without any; None: another use.

    The stated reason decides where it tells, else the problem list. Raises NotKnown when that could not be had or
    holds no answer in the part that was read.
    """
    reasons = telling(order.reasons)
    if reasons:
        return tuple(d for d in recorded_reasons(facts, reasons) if is_neuropathic(d)) or None
    current = facts.current()
    others = [name for treatment, names in OTHER_USES.items() if treatment in order.concepts for name in names]
    if any(d.is_a(*others) for d in current):
        return None
    found = tuple(d for d in current if _is_treated(order, d))
    if found:
        return found
    require_complete_problem_list(facts)
    if order.concepts.isdisjoint(FIRST_FOR_PAIN) or any(d.is_a(*OTHER_USES_OF_PAIN_DRUGS) for d in current):
        return None
    return ()


def is_neuropathic(d: Diagnosis) -> bool:
    """Is it a neuropathy, by its code or its words, or a symptom or pain of one?"""
    return is_neuropathy(d) or d.is_a(*SYMPTOMS)


def is_replacing(order: Ordered) -> bool:
    """Does a draft say that it takes the place of an earlier order?"""
    return isinstance(order, OrderedDrug) and any(draft.replaces for draft in order.drafts)


def last_treated_on(order: Ordered, facts: Facts) -> date | None:
    """The last day, before this order, on a treatment of the same class; None: there was none.

    Raises NotKnown when none was found and the orders (of plasma exchange: what was done) could not be had.
    """
    days = _exchanges(facts) if PLASMA_EXCHANGE in order.concepts else _drug_days(order, facts)
    return max(days, default=None)


def _is_treated(order: Ordered, d: Diagnosis) -> bool:
    if order.concepts.isdisjoint((STEROIDS, PLASMA_EXCHANGE)):
        return is_neuropathic(d)
    return is_neuropathy(d) and not is_in(d, *NOT_TREATED_SO)


def _drug_days(order: Ordered, facts: Facts) -> Iterator[date]:
    classes = tuple(name for name in CLASSES if name in order.concepts)
    for earlier in facts.medication_orders(*classes):
        if earlier.status in TAKEN and not _is_this(order, earlier, facts) and _counts(earlier):
            yield last_day(earlier, facts)
    if STEROIDS not in classes:  # single doses around an infusion are no treatment
        try:
            yield from (given.on for given in exposures_given(facts, classes))
        except NotKnown:
            return  # the orders tell


def _is_this(order: Ordered, earlier: MedicationOrder, facts: Facts) -> bool:
    """Is it the very order that is being drafted?"""
    return earlier.id in order.ids and (earlier.authored_on or facts.as_of) >= facts.as_of


def _counts(earlier: MedicationOrder) -> bool:
    return not earlier.drug.is_a(STEROIDS) or is_systemic(earlier)


def _exchanges(facts: Facts) -> list[date]:
    """Days on which plasma exchange was done or ordered before today."""
    days: list[date | None] = []
    unknown: NotKnown | None = None
    looks: tuple[Callable[[], list[date | None]], ...] = (
        lambda: [done.done_on for done in facts.procedures(PLASMA_EXCHANGE) if done.is_done],
        lambda: [one.authored_on for one in facts.service_orders(PLASMA_EXCHANGE) if one.status in DONE],
    )
    for look in looks:
        try:
            days += look()
        except NotKnown as error:
            unknown = error
    found = [day for day in days if day is not None and day < facts.as_of]
    if not found and unknown is not None:
        raise unknown
    return found
