"""A free-text sig read by a strict grammar (book 1.5.7): the whole text is understood, or nothing of it.

[take|give] <n>[-<n>] (mg|tab|cap…) [po|by mouth] (once|twice|three times|four times|bid|tid|qid|daily|nightly|
at bedtime|every <h> hours) [daily|a day|per day] [for <n> days]
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cds_service.fhir.quantity import AMBIGUOUS_NUMBER
from cds_service.fhir.timing import Schedule

_SPELLED = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_NUMBER = rf"(?:(?!{AMBIGUOUS_NUMBER})\d+(?:\.\d+)?|\.\d+|{'|'.join(_SPELLED)})"
_UNITS = {
    "mg": "mg milligram milligrams",
    "g": "g gm gram grams",
    "ug": "mcg ug microgram micrograms",
    "mL": "ml milliliter milliliters millilitre millilitres",
    "{tablet}": "tab tabs tablet tablets",
    "{capsule}": "cap caps capsule capsules",
    "{pill}": "pill pills",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_A_DAY = r"(?:daily|a\ day|per\ day)"
_SIG = re.compile(
    rf"""
    (?:(?:take|give)\ )?
    (?P<low>{_NUMBER})(?:\ ?(?:-|–|to)\ ?(?P<high>{_NUMBER}))?\ ?
    (?P<unit>{"|".join(sorted(_UNIT_OF, key=len, reverse=True))})(?:\(s\))?
    (?:\ po|\ by\ mouth)?
    \ (?:
        (?P<once>once)
      | (?P<twice>twice)
      | (?P<times>{_NUMBER})\ times
      | (?P<latin>bid|tid|qid)
      | (?P<daily>daily)
      | (?P<night>nightly|at\ bedtime)
      | every\ (?P<hours>{_NUMBER})\ (?:hours?|hrs?|h)
    )
    (?P<a_day>\ {_A_DAY})?
    (?:\ for\ (?P<days>{_NUMBER})\ days?)?
    """,
    re.VERBOSE,
)


class Sig(NamedTuple):
    """Dose and timing of a free-text sig."""

    low: float
    high: float
    unit: str
    schedule: Schedule


def read_sig(text: str) -> Sig | None:
    """The dose and timing that the whole text states; None when any word of it is left over."""
    # Longer texts are not within the grammar; a bound keeps a page of text from being searched at all.
    if not 0 < len(text) <= 120:
        return None
    match = _SIG.fullmatch(" ".join(text.lower().split()).removesuffix("."))
    if match is None:
        return None
    low = _value(match["low"])
    high = _value(match["high"]) if match["high"] else low
    if high < low or (match["once"] and match["days"] and not match["a_day"]):
        return None
    days = _value(match["days"]) if match["days"] else None
    return Sig(low, high, _UNIT_OF[match["unit"]], _schedule(match)._replace(lasts_days=days))


def _schedule(match: re.Match[str]) -> Schedule:
    if match["hours"]:
        return Schedule(frequency=1, period=_value(match["hours"]), period_unit="h")
    if match["once"] and not match["a_day"]:
        return Schedule(total=1, once_by_code=True)  # "once" without "daily" is a single dose
    if match["night"]:
        return Schedule(frequency=1, period=1, period_unit="d", when=("HS",))
    frequency = 1.0
    if match["twice"]:
        frequency = 2
    elif match["times"]:
        frequency = _value(match["times"])
    elif match["latin"]:
        frequency = {"bid": 2, "tid": 3, "qid": 4}[match["latin"]]
    return Schedule(frequency=frequency, period=1, period_unit="d")


def _value(word: str) -> float:
    return float(_SPELLED.get(word) or word)
