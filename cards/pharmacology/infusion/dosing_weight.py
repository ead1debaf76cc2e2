"""Which weight can a dose per kg be based on, and if none, why? (book 1.2, 4.4)

Needs: body_size, patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.pharmacology.body_size import (
    NoUsableValue,
    height,
    latest_weight,
    thresholds,
    weight_for_dosing,
    weights_below_actual,
)
from cards.wording import joined, number, on


class DosingWeight(NamedTuple):
    """`kg`: a fresh actual weight; None: `why` says why there is none, `unknown` that it could not be had at all.

    `newest` is the newest weight however old, `lighter` adjusted and ideal weight by name, where they are below the
    actual one; None: they are not known without a height.
    """

    kg: float | None = None
    newest: Measurement | None = None
    why: str = ""
    details: str = ""
    unknown: NotKnown | None = None
    lighter: tuple[tuple[str, float], ...] | None = None

    @property
    def lines(self) -> Iterator[str]:
        """The weight in words for a card."""
        if self.kg is None or self.newest is None:
            yield f"Weight: {self.details or self.why}"
            return
        stated = ", stated" if self.newest.is_stated else ""
        yield f"Weight: {number(self.kg)} kg ({on(self.newest.on)}, actual{stated})"
        if self.lighter is None:
            yield "Ideal weight: not known without a height"
        elif self.lighter:
            yield f"Below it: {joined([f'{name} weight {number(kg)} kg' for name, kg in self.lighter])}"


def dosing_weight(facts: Facts) -> DosingWeight:
    """The weight for a dose per kg; what is unknown of it is told, not raised."""
    try:
        newest = latest_weight(facts)
    except NotKnown as unknown:
        return DosingWeight(why="the weight could not be checked", unknown=unknown)
    if newest is None:
        return DosingWeight(why="no weight on file")
    try:
        fresh = weight_for_dosing(facts)
    except NoUsableValue as conflict:
        return DosingWeight(newest=newest, why="weights conflict", details=conflict.why)
    if fresh is None or fresh.value is None:
        days = facts.days_since(newest.on) if newest.on else 0
        details = f"{number(newest.value or 0)} kg of {on(newest.on)}, {days} days old"
        return DosingWeight(newest=newest, why=f"last weight is {days} days old", details=details)
    return DosingWeight(fresh.value, fresh, lighter=_lighter(facts, fresh.value))


def window_days() -> int:
    """So many days old a weight for a dose may be."""
    return int(thresholds().value("weight_fresh_for_dosing"))


def _lighter(facts: Facts, kg: float) -> tuple[tuple[str, float], ...] | None:
    try:
        return None if height(facts) is None else weights_below_actual(facts, kg)
    except NotKnown:
        return None
