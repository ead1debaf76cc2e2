"""A free-text sig read by a strict grammar (book 1.5.7): the whole text is understood, or nothing of it.

[take|give] <n>[-<n>] (mg|tab|cap…) [po|by mouth] (once|twice|three times|four times|bid|tid|qid|daily|nightly|
at bedtime|every <h> hours) [daily|a day|per day] [for <n> days]

Each of these in its usual other words: "to be taken", "orally", "TDS", "nocte", "q8h", "once a week", "x 2 weeks". An
infusion is an order of the same form: "0.4 g/kg/day IV for 5 days", "375 mg/m2 IV weekly for 4 doses".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cds_service.fhir.timing import Schedule
from cds_service.fhir.timing_code import times_per_day

_SPELLED = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
# 1.200 is 1200 to one reader and 1.2 to another
_NUMBER = rf"(?:(?![1-9]\d{{0,2}}\.\d{{3}}(?!\d))\d+(?:\.\d+)?|\.\d+|{'|'.join(_SPELLED)})"
_UNITS = {
    "mg": "mg milligram milligrams",
    "g": "g gm gram grams",
    "ug": "mcg ug microgram micrograms",
    "mL": "ml milliliter milliliters millilitre millilitres",
    "{tablet}": "tab tabs tablet tablets",
    "{capsule}": "cap caps capsule capsules",
    "{pill}": "pill pills",
    "mg/kg": "mg/kg",
    "g/kg": "g/kg gm/kg",
    "mg/m2": "mg/m2 mg/m²",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_A_DAY = r"(?:daily|a\ day|per\ day)"
_INFUSED = r"\ (?P<infused>iv|i\.v\.|intravenously|ivpb|sc|subcut|subcutaneously|im)"
_BY_SIZE_A_DAY = re.compile(rf"(?<=/kg)/(?:day|d)(?P<route>{_INFUSED})?(?=\ )", re.VERBOSE)
_SIG = re.compile(
    rf"""
    (?:(?:take|give|swallow|infuse|inject|administer)\ )?
    (?P<low>{_NUMBER})(?:\ ?(?:-|–|to)\ ?(?P<high>{_NUMBER}))?\ ?
    (?P<unit>{"|".join(sorted(_UNIT_OF, key=len, reverse=True))})(?:\(s\))?(?:\ to\ be\ taken)?
    (?:(?P<oral>\ (?:po|p\.o\.|orally|by\ mouth|by\ oral\ route))|{_INFUSED})?
    \ (?:
        (?P<once>once)
      | (?P<twice>twice)
      | (?P<times>{_NUMBER})\ times
      | (?P<daily>(?:once\ )?daily\ )?(?:
            (?P<night>nightly|at\ bedtime|at\ night|(?:every|each)\ night|q?hs|nocte|on)
          | (?P<morning>(?:every|each|in\ the)\ morning|qam|mane|om)
          | (?P<evening>(?:every|each|in\ the)\ evening|qpm)
        )
      | every\ (?P<hours>{_NUMBER})\ (?:hours?|hrs?|h)
      | (?P<words>.+?)
    )
    (?P<a_day>\ {_A_DAY})?
    (?:\ (?:for|x)\ ?(?P<length>{_NUMBER})\ ?(?P<length_unit>d|days?|w|wks?|weeks?|doses?))?
    """,
    re.VERBOSE,
)
_EVENTS = {"night": "HS", "morning": "MORN", "evening": "EVE"}
_ONCE_A_DAY = Schedule(frequency=1, period=1, period_unit="d")


class Sig(NamedTuple):
    """Dose and timing of a free-text sig. `is_oral`: it says "by mouth"; `is_infusion`: by size, or into a vein."""

    low: float
    high: float
    unit: str
    schedule: Schedule
    is_oral: bool = False
    is_infusion: bool = False


def read_sig(text: str) -> Sig | None:
    """The dose and timing that the whole text states; None when any word of it is left over."""
    # Longer texts are not within the grammar; a bound keeps a page of text from being searched at all.
    if not 0 < len(text) <= 120:
        return None
    words = " ".join(text.lower().split()).removesuffix(".")
    match = _SIG.fullmatch(_BY_SIZE_A_DAY.sub(r"\g<route> daily", words))
    if match is None:
        return None
    low = _value(match["low"])
    high = _value(match["high"]) if match["high"] else low
    schedule = _schedule(match)
    if high < low or schedule is None or (match["once"] and match["length"] and not match["a_day"]):
        return None
    if match["length"]:
        schedule = _lasting(schedule, _value(match["length"]), match["length_unit"])
    is_infusion = bool(match["infused"]) or "/" in match["unit"]
    return Sig(low, high, _UNIT_OF[match["unit"]], schedule, bool(match["oral"]), is_infusion)


def _schedule(match: re.Match[str]) -> Schedule | None:
    if match["hours"]:
        return Schedule(frequency=1, period=_value(match["hours"]), period_unit="h")
    if match["once"] and not match["a_day"]:
        return Schedule(total=1, once_by_code=True)  # "once" without "daily" is a single dose
    part = next((part for part in _EVENTS if match[part]), None)
    if part is not None:
        return None if _may_be_once(match, part) else _ONCE_A_DAY._replace(when=(_EVENTS[part],))
    frequency = _frequency(match)
    if frequency is None:
        return None
    if 0 < frequency < 1:
        return _ONCE_A_DAY._replace(period=1 / frequency)
    return _ONCE_A_DAY._replace(frequency=frequency)


def _may_be_once(match: re.Match[str], part: str) -> bool:
    """Is "daily" not said? "1 tablet in the morning" is daily, "30 g in the morning" may be one infusion."""
    is_counted = _UNIT_OF[match["unit"]].startswith("{")
    return match[part].startswith("in the") and not match["daily"] and not is_counted


def _frequency(match: re.Match[str]) -> float | None:
    if match["twice"]:
        return 2
    if match["times"]:
        return _value(match["times"])
    return times_per_day(match["words"] + (match["a_day"] or "")) if match["words"] else 1


def _lasting(schedule: Schedule, length: float, unit: str) -> Schedule:
    if unit.startswith("dose"):
        return schedule._replace(total=length)
    return schedule._replace(lasts_days=length * (7 if unit.startswith("w") else 1))


def _value(word: str) -> float:
    return float(_SPELLED.get(word) or word)
