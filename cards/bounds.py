"""Compares a result with an edge. A result that is itself a bound (">500") decides only where it must (book 1.1)."""

from __future__ import annotations

from cards.errors import NotKnown
from cards.knowledge import TOLERANCE
from cards.records import Measurement


def is_above(result: Measurement, edge: float, *, need: str) -> bool:
    """Is the result more than `edge`, in its concept's unit?

    Raises NotKnown, naming the data request `need`, where there is no number or a bound leaves it open.
    """
    value = _value(result, edge, need)
    if result.comparator in ("<", "<=") and value > edge:
        raise _open(result, edge, need)
    if (result.comparator in (">", ">=") and value < edge) or (result.comparator == ">=" and value == edge):
        raise _open(result, edge, need)
    return value > edge or (result.comparator == ">" and value == edge)


def is_at_least(result: Measurement, edge: float, *, need: str) -> bool:
    """Is the result `edge` or more, in its concept's unit? Raises NotKnown as `is_above`."""
    value = _value(result, edge, need)
    if (result.comparator in ("<", "<=") and value > edge) or (result.comparator == "<=" and value == edge):
        raise _open(result, edge, need)
    if result.comparator in (">", ">=") and value < edge:
        raise _open(result, edge, need)
    return value >= edge and result.comparator != "<"


def _value(result: Measurement, edge: float, need: str) -> float:
    if result.value is None:
        raise NotKnown(need, f"{result.concept} without a number")
    return edge if abs(result.value - edge) <= TOLERANCE else result.value


def _open(result: Measurement, edge: float, need: str) -> NotKnown:
    bound, limit = result.received or result.comparator, f"{edge:g} {result.unit}".rstrip()
    return NotKnown(need, f"only a bound is known: {bound} may be more or less than {limit}")
