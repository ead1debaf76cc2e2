"""A range of doses per kg of body weight, with the tolerance that a rule allows at its ends."""

from __future__ import annotations

from typing import NamedTuple

from cards.knowledge import TOLERANCE
from cards.wording import number

PERCENT = 100


def per_kg(mg: float, kg: float) -> str:
    """A dose per kg, as it is written on a card."""
    return number(mg / kg, 3)


class DoseRange(NamedTuple):
    """From `low` to `high` mg/kg/day; `tolerance` in per cent of each end."""

    low: float
    high: float
    tolerance: float

    def least_mg(self, kg: float) -> float:
        """The lowest dose that is accepted, mg a day."""
        return self.low * kg * (1 - self.tolerance / PERCENT)

    def most_mg(self, kg: float) -> float:
        """The highest dose that is accepted, mg a day."""
        return self.high * kg * (1 + self.tolerance / PERCENT)

    def is_below(self, mg: float, kg: float) -> bool:
        """Is the dose below what is accepted?"""
        return mg < self.least_mg(kg) - TOLERANCE

    def is_above(self, mg: float, kg: float) -> bool:
        """Is the dose above what is accepted?"""
        return mg > self.most_mg(kg) + TOLERANCE

    def __str__(self) -> str:
        return f"{self.low:g}-{self.high:g}"
