"""Which doses in grams, or in grams per kg, stand in the words of an order? (book 4.4)"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from cards.orders import Amount
from cards.pharmacology.dose_line import CONFLICT_ABOVE, MG_PER_UNIT
from cards.pharmacology.infusion.plain_words import in_plain_words

KG = "kg"
A_DAY = ("d", "day")
_THOUSANDS = r"[1-9]\d{0,2}(?:,\d{3}){1,3}(?!\d)"
# of plain words: "0.4 g/kg daily", "2,000 mg/kg", "30 grams iv daily"
_DOSE = re.compile(
    r"(?P<total>\btotal(?: dose)?(?: of)?[ :]*)?"
    rf"(?<![\d.,])(?P<value>{_THOUSANDS}|\d{{0,9}}[.,]?\d{{1,9}}) ?(?P<unit>mcg|mg|g|gm|gms|grams?)\b"
    r"(?P<per_kg> ?(?:/|per) ?kg\b)?(?P<of_day>(?: iv)?(?: once)? daily\b)?"
)


class StatedDose(NamedTuple):
    """g, or g per kg; `is_of_day`: said to be that of a day, `is_total`: that of all days."""

    grams: float
    is_per_kg: bool
    is_of_day: bool
    is_total: bool = False


def stated_doses(text: str) -> list[StatedDose]:
    """The doses that a text states, in its order."""
    return [
        StatedDose(
            _number(match["value"]) * _in_g(match["unit"]),
            match["per_kg"] is not None,
            match["of_day"] is not None,
            match["total"] is not None,
        )
        for match in _DOSE.finditer(in_plain_words(text))
    ]


def in_grams(amount: Amount) -> StatedDose | None:
    """The high end of an amount in g, or g/kg; None: in a unit that is no mass."""
    mass, *per = amount.unit.split("/")
    if mass not in MG_PER_UNIT or not {KG, *A_DAY}.issuperset(per):
        return None
    return StatedDose(max(amount.low, amount.high) * _in_g(mass), KG in per, not set(A_DAY).isdisjoint(per))


def is_near(one: float, other: float) -> bool:
    """The same dose, but for rounding?"""
    return math.isclose(one, other, rel_tol=CONFLICT_ABOVE)


def _in_g(unit: str) -> float:
    """g in one unit; "gm" and "grams" are g."""
    return MG_PER_UNIT.get(unit, MG_PER_UNIT["g"]) / MG_PER_UNIT["g"]


def _number(written: str) -> float:
    """ "2,000" is two thousand, "0,4" a fraction."""
    is_thousands = re.fullmatch(_THOUSANDS, written) is not None
    return float(written.replace(",", "" if is_thousands else "."))
