"""The dose of each drafted drug, worked out step by step, for `charts/_dose.html`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cards.consult import Considered
from cards.facts import Facts
from cards.orders import OrderedDrug
from cards.pharmacology.dose_working import DoseWorking, dose_working


class DosePart(NamedTuple):
    """One drug with all its drafts; `name` as the order has it."""

    name: str
    working: DoseWorking


def dose_parts(considered: Iterable[Considered], facts: Facts) -> tuple[DosePart, ...]:
    """The ordered drugs that a rule was asked about, each once, in the order of the call."""
    return tuple(
        DosePart(order.last.drug.display or order.name, dose_working(order, facts)) for order in drugs_of(considered)
    )


def drugs_of(considered: Iterable[Considered]) -> tuple[OrderedDrug, ...]:
    """The drugs that rules were asked about, each once."""
    drugs = {one.order.ids: one.order for one in considered if isinstance(one.order, OrderedDrug)}
    return tuple(drugs.values())
