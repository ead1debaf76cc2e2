"""How numbers, lists and dates are written on a card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from cards.errors import NotKnown

SUMMARY_LIMIT = 139
DETAIL_LIMIT = 1200
MOST_DIGITS = 9  # beyond these two numbers are the same (book 1.4: tolerance 1e-9)
SIG_LIMIT, ORDER_LIMIT = 200, 250  # of an instruction and an order as a card repeats them: facts and rule need room


@lru_cache(maxsize=1_024)
def number(value: float, digits: int = 1) -> str:
    """A number without superfluous zeros: 300, 42.8, 0.07."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_beside(value: float, limits: Sequence[float], digits: int = 1) -> str:
    """A number with as many digits as keep it from reading as a limit that it only comes near: 1.997, 300.04."""
    near = [limit for limit in limits if limit != value]
    while digits < MOST_DIGITS and any(number(value, digits) == number(limit, digits) for limit in near):
        digits += 1
    return number(value, digits)


def listed(items: Sequence[str], at_most: int = 2) -> str:
    """At most `at_most` items, the rest as "+n" (book 0.2)."""
    shown = ", ".join(items[:at_most])
    rest = len(items) - at_most
    return f"{shown} +{rest}" if rest > 0 else shown


def joined(items: Sequence[str], word: str = "and") -> str:
    """All items as a phrase: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def shortened(text: str, limit: int = SUMMARY_LIMIT) -> str:
    """The text on one line, cut at a word boundary to at most `limit` characters (book 0.2)."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:(") + "…"


def unchecked(unknown: NotKnown) -> str:
    """What could not be had, in one line for a card: "Medication orders: could not be checked (refused)"."""
    what = unknown.what.replace("_", " ").capitalize()
    return f"{what}: could not be checked" + (f" ({unknown.why})" if unknown.why else "")


def on(day: date | None) -> str:
    """A date as ISO, or "undated"."""
    return day.isoformat() if day is not None else "undated"
