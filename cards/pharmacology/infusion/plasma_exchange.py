"""When is plasma exchange planned, and when was the drug given that it would remove? (book 4.8)

Needs: service_requests; medication_orders, medication_administrations, medication_dispenses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import MedicationOrder, ServiceOrder
from cards.pharmacology.exposure import Exposure, exposures_dispensed, exposures_given, exposures_ordered
from cards.pharmacology.infusion.infusion_days import first_infusion_day, last_infusion_day

PLASMA_EXCHANGE = "plasma_exchange"
IVIG, RITUXIMAB = "ivig", "rituximab"
RUNNING = ("active", "completed")


class Exchange(NamedTuple):
    """A plasma exchange to come. `is_dated` False: no day is stated, today is taken."""

    order: ServiceOrder
    day: date
    is_dated: bool


class Infused(NamedTuple):
    """A day on which a drug was or will be given; `how` tells how that is known."""

    day: date
    how: str


def exchange(order: ServiceOrder, facts: Facts) -> Exchange:
    """The day of a drafted exchange."""
    return Exchange(order, order.planned_on or facts.as_of, order.planned_on is not None)


def exchanges_to_come(facts: Facts, within_days: int) -> tuple[Exchange, ...]:
    """Exchanges drafted, and those on record that are planned from today on; undated ones if ordered lately.

    Raises NotKnown when none is drafted and the orders on record could not be had.
    """
    drafted = tuple(exchange(order, facts) for order in facts.basket_services(PLASMA_EXCHANGE))
    try:
        recorded = facts.service_orders(PLASMA_EXCHANGE)
    except NotKnown:
        if not drafted:
            raise
        recorded = ()
    return (*drafted, *(exchange(order, facts) for order in recorded if _is_to_come(order, facts, within_days)))


def immunoglobulin_before(facts: Facts, day: date) -> Infused | None:
    """The last immunoglobulin up to `day`: given, else handed out, or by an order on record. None: none.

    Raises NotKnown when none was found and one of the records could not be had.
    """
    found: list[Infused] = []
    unknown: NotKnown | None = None
    for read in (_given, _handed_out, _by_orders):
        try:
            found += read(facts, day)
        except NotKnown as error:
            unknown = error
    if not found and unknown is not None:
        raise unknown
    return max(found, key=lambda infused: infused.day, default=None)


def rituximab_before(facts: Facts, day: date) -> date | None:
    """The last day rituximab was given up to `day`, or handed out where no dose is recorded.

    Where doses given could not be had, the last day of an order counts as well.
    """
    days = _only_handed_out(facts, RITUXIMAB)
    try:
        days += exposures_given(facts, (RITUXIMAB,))
    except NotKnown:
        days += exposures_ordered(facts, (RITUXIMAB,))
    return max((exposure.on for exposure in days if exposure.on <= day), default=None)


def drafted_before(draft: MedicationOrder, facts: Facts, day: date) -> Infused | None:
    """The last infusion of a draft on a day before `day`: on the same day either may come first."""
    last = last_infusion_day(draft, facts.as_of, day - timedelta(days=1))
    return None if last is None else Infused(last, "drafted")


def is_immunoglobulin_to_come(facts: Facts, within_days: int) -> bool:
    """Is an active order on record to be infused from today on? Raises NotKnown."""
    until = facts.as_of + timedelta(days=within_days)
    return any(
        order.status == "active" and (last_infusion_day(order, facts.as_of, until) or date.min) >= facts.as_of
        for order in facts.medication_orders(IVIG)
        if not facts.basket.signs_again(order)
    )


def _is_to_come(order: ServiceOrder, facts: Facts, within_days: int) -> bool:
    if order.status != "active":
        return False
    if order.planned_on is not None:
        return order.planned_on >= facts.as_of
    return order.authored_on is not None and facts.is_within(order.authored_on, within_days)


def _given(facts: Facts, day: date) -> Iterator[Infused]:
    for exposure in exposures_given(facts, (IVIG,)):
        if exposure.on <= day:
            yield Infused(exposure.on, "given")


def _handed_out(facts: Facts, day: date) -> Iterator[Infused]:
    for exposure in _only_handed_out(facts, IVIG):
        if exposure.on <= day:
            yield Infused(exposure.on, "handed out")


def _only_handed_out(facts: Facts, concept: str) -> list[Exposure]:
    """Where no dose is recorded as given: a pharmacy hands out before the infusion, at home it may be all there is."""
    with suppress(NotKnown):
        if exposures_given(facts, (concept,)):
            return []
    return exposures_dispensed(facts, (concept,))


def _by_orders(facts: Facts, day: date) -> Iterator[Infused]:
    """By the schedule of orders that are or were carried out; an order that is over tells of no day to come."""
    for order in facts.medication_orders(IVIG):
        if order.status in RUNNING:
            until = day if order.status == "active" else min(day, facts.as_of)
            if facts.basket.signs_again(order):  # from today on its draft tells
                until = min(until, facts.as_of - timedelta(days=1))
            last = last_infusion_day(order, facts.as_of, until)
            if last is not None:
                yield Infused(last, f"order of {first_infusion_day(order, facts.as_of)}")
