"""Is an MAO inhibitor being taken, or was it stopped too lately for a drug that must not meet it? (book 3.3)"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import Drug, MedicationOrder, OrderedDrug
from cards.pharmacology.exposure import TAKEN
from cards.pharmacology.order_span import last_day, taken_from_to
from cards.wording import on

EVERY = "mao_inhibitor_ingredients"
REVERSIBLE = "reversible_mao_inhibitor"
UNDATED = "the day it was stopped is not recorded"


class RecentUse(NamedTuple):
    """An MAO inhibitor within its washout. `last_on` None: current. `doubts`: what makes that unsure.

    `is_start`: `last_on` is the day it was ordered, from which on it was taken, until some later day; None: that is not
    known either.
    """

    drug: Drug
    last_on: date | None
    doubts: tuple[str, ...] = ()
    is_drafted: bool = False
    is_start: bool = False

    @property
    def is_undated(self) -> bool:
        """Does nothing tell how long it was taken?"""
        return self.is_start and UNDATED in self.doubts

    @property
    def text(self) -> str:
        """ "phenelzine current", "phenelzine in this basket", "linezolid stopped 2026-06-14"."""
        if self.is_start and self.last_on is None:
            return f"{self.drug.name} stopped, day not recorded"
        if self.is_start:
            return f"{self.drug.name} ordered {on(self.last_on)}, stopped since"
        if self.last_on is not None:
            return f"{self.drug.name} stopped {on(self.last_on)}"
        return f"{self.drug.name} {'in this basket' if self.is_drafted else 'current'}"


def recent_mao_inhibitor(
    order: OrderedDrug, facts: Facts, *, washout_days: int, reversible_days: int, undated_days: int
) -> RecentUse | None:
    """The surest MAO inhibitor beside `order`: drafted, current, or stopped within its washout; None: there is none.

    One whose last day nothing tells may have been stopped yesterday: it counts, unsure, for `undated_days` from its
    order. Of the reversible ones only the order itself counts then: they are given in short courses.

    Raises NotKnown when none was found and the orders on record could not be had. Doses given only add to the orders,
    for many records hold none.
    """

    def is_recent(use: RecentUse) -> bool:
        days = reversible_days if use.drug.is_a(REVERSIBLE) else undated_days if use.is_undated else washout_days
        return use.last_on is None or facts.is_within(use.last_on, days)

    found = [use for use in (*_drafted(order, facts), *_given(facts)) if is_recent(use)]
    try:
        found += [use for one in facts.medication_orders(EVERY) for use in _ordered(one, facts) if is_recent(use)]
    except NotKnown:
        if not found:
            raise
    return min(found, key=lambda use: (bool(use.doubts), use.last_on is not None), default=None)


def _drafted(order: OrderedDrug, facts: Facts) -> Iterator[RecentUse]:
    for draft in facts.basket.medications:
        if draft.drug.is_a(EVERY) and draft not in order.drafts:  # which is both where code and words contradict
            yield RecentUse(draft.drug, None, _by_name(draft.drug), is_drafted=True)


def _ordered(order: MedicationOrder, facts: Facts) -> Iterator[RecentUse]:
    """What an order on record proves. A stopped order without its last day may have reached as far as its supply."""
    doubts, ended_on = _by_name(order.drug), order.ended_on
    if order.status == "active" and (ended_on is None or ended_on >= facts.as_of):
        yield RecentUse(order.drug, None, doubts)
        return
    if ended_on is None and order.valid_until is not None and order.valid_until <= facts.as_of:
        ended_on = order.valid_until  # FHIR R4 has no day on which an order was stopped
    if ended_on is not None:
        yield RecentUse(order.drug, min(ended_on, facts.as_of), doubts)
    elif order.status == "completed":
        yield RecentUse(order.drug, last_day(order, facts), doubts)
    elif order.status in TAKEN:
        if order.authored_on is not None:
            yield RecentUse(order.drug, order.authored_on, doubts, is_start=True)
        start, end = taken_from_to(order, facts)
        ordered_on = start if start < facts.as_of else order.authored_on  # an order without a date begins nowhere
        yield RecentUse(order.drug, end or ordered_on, (*doubts, UNDATED), is_start=end is None)


def _given(facts: Facts) -> Iterator[RecentUse]:
    doses = facts.dispenses(EVERY)
    with suppress(NotKnown):
        doses += facts.administrations(EVERY)
    for dose in doses:
        if dose.is_intended or dose.given_on is None:
            continue
        doubts = _by_name(dose.drug)
        yield RecentUse(dose.drug, min(dose.ended_on or dose.given_on, facts.as_of), doubts)
        if dose.kind == "statement" and dose.ended_on is None:
            yield RecentUse(dose.drug, None, (*doubts, "reported without a last day"))


def _by_name(drug: Drug) -> tuple[str, ...]:
    return ("MAO inhibitor recognised by its name only",) if drug.by_text else ()
