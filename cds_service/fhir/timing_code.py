"""What does a timing code, or the words in its place, say? HL7 abbreviations and the frequency names of EHRs."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from cds_service.fhir.coding import codings, text_of

DAYS_PER_MONTH = 30.4375
AS_NEEDED = re.compile(r"\b(?:prn|as needed|if needed|when required|as required)\b", re.IGNORECASE)

# HL7 v3 GTSAbbreviation, as FHIR's Timing.code binds it.
_ABBREVIATIONS = {
    "QD": 1.0, "BID": 2.0, "TID": 3.0, "QID": 4.0, "QOD": 0.5, "Q8H": 3.0, "Q6H": 4.0, "Q4H": 6.0, "Q3H": 8.0,
    "Q2H": 12.0, "Q1H": 24.0,
}  # fmt: skip
# These are words of other code systems too (MO is Monday), so only HL7's own count.
_ABBREVIATIONS_OF_HL7 = {"AM": 1.0, "PM": 1.0, "BED": 1.0, "WK": 1 / 7, "MO": 1 / DAYS_PER_MONTH}
_HL7 = ("gtsabbreviation", "2.16.840.1.113883.5.139", "timing-abbreviation")  # the last: DSTU2

_NUMBERS = {"once": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4, "five": 5, "six": 6}
_NUMBER = r"\d{1,2}|one|two|three|four|five|six"
_PER_DAY = {"h": 24.0, "d": 1.0, "w": 1 / 7, "f": 1 / 14, "mo": 1 / DAYS_PER_MONTH, "mi": 1440.0}
_DAYS = {"day": 1.0, "week": 7.0, "fortnight": 14.0, "month": DAYS_PER_MONTH}
_PLAIN = str.maketrans("_()", "   ")
# What may stand after a frequency without changing it: meals, and that the dose is scheduled
_ASIDE = re.compile(
    r"(?<![\s,])[\s,]+(?:(?:with|before|after|at) (?:each |every )?(?:meals?|food|breakfast|lunch|dinner|supper)"
    r"(?P<night> and (?:nightly|at bedtime))?|scheduled|sch|standing|wc|ac|pc|at institution[ -]specified times?)$"
)
_MEALS_AND_BEDTIME = 4  # "3 times daily with meals and at bedtime" may be meant as three or as four
_ONCE = re.compile(r"once|one[ -]time(?: only)?|once[ -]?only|1 time|x ?1|single dose|stat|now")
_A_DAY = re.compile(
    r"(?:once )?daily|q\.?d\.?|every day|each day|nightly|q?hs|qam|qpm|(?:at )?bedtime|at night|before bed"
    r"|o\.?[dmn]\.?|mane|nocte"  # once daily, in the morning, at night: Britain, India, Australia
    r"|(?:every|each) (?:morning|evening|night)|in the (?:morning|evening)"
    r"|(?:(?:once )?daily|once a day|every (?:day|night)|nightly),? (?:at bedtime|at night|in the (?:morning|evening))"
)
_TWO_TIMES = re.compile(
    r"(?:(?:every|in the) )?morning(?:,| and| &) (?:(?:at|every|in the) )?(?:night|evening|bedtime)"
    r"|mane (?:and |& )?nocte"
)
_TIMES = re.compile(
    rf"(?:(?P<word>once|twice|thrice)|(?P<count>{_NUMBER}) ?(?:times|x|time)) ?"
    r"(?:(?:a|per|each|every|/) ?(?P<unit>day|week|fortnight|month)|(?P<adverb>daily|weekly|fortnightly|monthly))"
)
# bid, tid, qid; in Britain bd, tds, qds
_LATIN = re.compile(r"(?P<latin>[btq]\.?i\.?d|b\.?d(?:\.?s)?|[tq]\.?d\.?s)\.?(?: daily)?")
_EVERY = re.compile(
    rf"(?:once )?(?:every|q) ?(?:(?P<count>{_NUMBER}|other|second) ?)?"
    r"(?P<unit>h|hrs?|hours?|d|days?|wks?|weeks?|fortnights?|months?|min|minutes?)"
    r"|(?P<hourly>\d{1,2})[ -]hourly|(?P<adverb>weekly|fortnightly|monthly)|(?P<alternate>(?:on )?alternate days|qod)"
)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):?[0-5]\d(?:, ?(?:[01]\d|2[0-3]):?[0-5]\d)*")  # Epic: "0100, 0900, 1700"
_SAME = 0.01


class TimingCode(NamedTuple):
    """What the code says. Neither `per_day` nor `once`: nothing that is understood. `text` is for display."""

    text: str = ""
    per_day: float | None = None
    once: bool = False
    as_needed: bool = False
    conflict: bool = False


def read_timing_code(concept: Any) -> TimingCode:
    """Administrations per day that Timing.code states, by code or by words; conflict: its parts disagree."""
    text = text_of(concept)
    meanings, words = [], {text}
    for coding in codings(concept):
        meanings.append(_of_code(coding.system, coding.code))
        # a code may be words ("Q12H SCH"); one in figures is a local number, no time of day
        words |= {coding.display, "" if coding.code.isdigit() else coding.code}
    meanings += map(_of_words, words)
    per_day = [meaning.per_day for meaning in meanings if meaning.per_day is not None]
    once = any(meaning.once for meaning in meanings)
    conflict = (once and bool(per_day)) or (bool(per_day) and max(per_day) - min(per_day) > _SAME)
    as_needed = any(meaning.as_needed for meaning in meanings)
    shown = text or next((coding.code for coding in codings(concept) if coding.code), "")
    return TimingCode(shown, per_day[0] if per_day else None, once, as_needed, conflict)


def _of_code(system: str, code: str) -> TimingCode:
    code = code.upper()
    per_day = _ABBREVIATIONS.get(code)
    if per_day is None and (not system or any(name in system.lower() for name in _HL7)):
        per_day = _ABBREVIATIONS_OF_HL7.get(code)
    return TimingCode(per_day=per_day)


def _of_words(text: str) -> TimingCode:
    """The whole text must be understood; a part alone says nothing."""
    words = " ".join(text.lower().translate(_PLAIN).replace("w/", "with ").split())
    if not words:
        return TimingCode()
    needed = AS_NEEDED.search(words)
    as_needed = needed is not None
    shorter = words if needed is None else words[: needed.start()].rstrip(" ,:-")
    aside = _ASIDE.search(shorter)
    shorter = shorter if aside is None else shorter[: aside.start()]
    if _ONCE.fullmatch(shorter):
        return TimingCode(once=True, as_needed=as_needed)
    per_day = _per_day(shorter)
    if aside is not None and aside["night"] and per_day is not None and per_day < _MEALS_AND_BEDTIME:
        per_day = None
    return TimingCode(per_day=per_day, as_needed=as_needed)


def _per_day(words: str) -> float | None:
    if _A_DAY.fullmatch(words):
        return 1.0
    if _TWO_TIMES.fullmatch(words):
        return 2.0
    if found := _LATIN.fullmatch(words):
        return {"b": 2.0, "t": 3.0, "q": 4.0}[found["latin"][0]]
    if found := _TIMES.fullmatch(words):
        adverb = found["adverb"] or ""
        unit = found["unit"] or ("day" if adverb == "daily" else adverb.removesuffix("ly"))
        return _number(found["word"] or found["count"]) / _DAYS[unit]
    if found := _EVERY.fullmatch(words):
        return _every(found)
    if _CLOCK.fullmatch(words):
        return float(words.count(",") + 1)
    return None


def _every(found: re.Match[str]) -> float | None:
    if found["alternate"]:
        return 0.5
    if found["adverb"]:
        return 1 / _DAYS[found["adverb"].removesuffix("ly")]
    if found["hourly"]:
        hours = int(found["hourly"])
        return 24 / hours if hours else None
    count = 2 if found["count"] in ("other", "second") else _number(found["count"] or "1")
    if not count:
        return None
    return _PER_DAY[found["unit"][:2] if found["unit"].startswith("m") else found["unit"][0]] / count


def _number(word: str) -> int:
    return _NUMBERS.get(word) or int(word)
