"""One axis of a chart: from values to places in the drawing, and where its ticks stand."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import NamedTuple

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Axis(NamedTuple):
    """Values from `low` to `high` are drawn from place `start` to place `end` (a y axis runs downward: end < start)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value; what lies outside is drawn on the edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


class Tick(NamedTuple):
    """A mark of an axis: its place and what is written there."""

    at: float
    text: str


def up_to(highest: float, ticks: int = 4) -> tuple[float, float]:
    """(end of an axis from 0 that holds this value, distance of its ticks): round numbers, about so many ticks."""
    rough = max(highest, 1e-9) / ticks
    size = 10.0 ** floor(log10(rough))
    step = next(factor * size for factor in _STEPS if factor * size >= rough * (1 - 1e-9))
    return ceil(highest / step - 1e-9) * step, step
