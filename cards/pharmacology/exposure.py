"""When was a drug given? Doses given, doses handed out and orders on record, together (book 1.1, 5.1)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Administration, Facts
from cards.orders import Drug, MedicationOrder

TAKEN = ("active", "completed", "stopped", "on-hold")  # statuses of an order that was meant to be taken


class Exposure(NamedTuple):
    """One day on which the drug was given, or handed out or ordered for all the record says.

    `since` is the first day of a longer record whose last day this is; None elsewhere.
    """

    on: date
    drug: Drug
    since: date | None = None


def exposures(facts: Facts, *concepts: str) -> tuple[Exposure, ...]:
    """Days of exposure to drugs of these value sets before `as_of`, newest first; undated ones are left out.

    Raises NotKnown when nothing was found and doses given or orders could not be had.
    """
    return facts.once(_exposures, concepts)


def _exposures(facts: Facts, concepts: tuple[str, ...]) -> tuple[Exposure, ...]:
    found: list[Exposure] = []
    unknown: NotKnown | None = None
    for read in (exposures_given, exposures_dispensed, exposures_ordered):
        try:
            found.extend(read(facts, concepts))
        except NotKnown as error:
            unknown = error
    if not found and unknown is not None:
        raise unknown
    return tuple(sorted(set(found), key=lambda exposure: exposure.on, reverse=True))


def exposures_given(facts: Facts, concepts: tuple[str, ...]) -> list[Exposure]:
    """Days on which a dose is recorded as given: the first and the last of a longer record.

    Raises NotKnown when that record could not be had.
    """
    return [exposure for dose in facts.administrations(*concepts) for exposure in _exposures_of(dose, facts)]


def exposures_dispensed(facts: Facts, concepts: tuple[str, ...]) -> list[Exposure]:
    """Days on which it was handed out, as far as that could be had: many records hold none."""
    return [exposure for dose in facts.dispenses(*concepts) for exposure in _exposures_of(dose, facts)]


def exposures_ordered(facts: Facts, concepts: tuple[str, ...]) -> list[Exposure]:
    """Days on which an order was written. Raises NotKnown when the orders could not be had."""
    return [
        Exposure(order.authored_on, order.drug)
        for order in orders_taken(facts, concepts)
        if order.authored_on is not None
    ]


def orders_taken(facts: Facts, concepts: tuple[str, ...]) -> list[MedicationOrder]:
    """Dated orders of these value sets that were meant to be taken. Raises NotKnown when the orders could not be had.

    An order of today is not yet an exposure: it may be the very draft that is being signed. An order of an earlier day
    that is signed again is that draft.
    """
    return [
        order
        for order in facts.medication_orders(*concepts)
        if order.status in TAKEN
        and order.authored_on is not None
        and order.authored_on < facts.as_of
        and not facts.basket.signs_again(order)
    ]


def _exposures_of(dose: Administration, facts: Facts) -> tuple[Exposure, ...]:
    if dose.given_on is None or dose.is_intended:
        return ()
    first, last_on = Exposure(dose.given_on, dose.drug), min(dose.ended_on or dose.given_on, facts.as_of)
    return (first,) if last_on <= dose.given_on else (first, Exposure(last_on, dose.drug, dose.given_on))
