"""What do the words of an order say about its infusions: daily, so many days, every so many weeks? (book 4.2)"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from cards.orders import Amount
from cards.pharmacology.dose_line import DAYS_PER_UNIT, DAYS_PER_WEEK
from cards.pharmacology.stated_doses import in_grams, is_near, stated_doses

_DAYS = r"d|days?"
_WEEKS = r"w|wks?|weeks?"
_MONTHS = r"mo|mos|mths?|months?"
_ONE_DAY = rf"1\s*-?\s*(?:{_DAYS})\b"  # "every 1 day" is daily, no interval between courses
_SPELLED = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "fourteen": 14,
}  # fmt: skip
# "one" in "one-time" and "one dose" is no number of days
_NUMBERS = re.compile(rf"\b(?:{'|'.join(_SPELLED)}|one(?=\s+(?:day|week|month)))\b", re.IGNORECASE)
_TWICE = re.compile(r"\b(\d+)\s*\(\1\)")
_ZERO = re.compile(
    rf"\b(?:every|each|q|interval(?:\s+of|:)?)\s*(?:0+(?:[.,]0+)?|zero)(?![.,]?\d)(?:\s*\((?:0|zero)\))?"
    rf"(?:\s*(?:-|–|to)\s*\d+)?\s*-?\s*"
    rf"(?:{_DAYS}|{_WEEKS}|{_MONTHS}|m|h|hrs?|hours?)\b",
    re.IGNORECASE,
)
# "every 3 weeks", "q3-4w", "each 21-day cycle", "3-weekly" but not "4 weekly doses", "weekly", "once a week",
# "every other day", "q48h"
_ONCE_A = r"(?:every|each|q|once a|once per)\s*"
_INTERVAL = re.compile(
    rf"\b(?:every|each|q)\s*(?!{_ONE_DAY})(?P<count>\d+)(?:\s*(?:-|–|to)\s*\d+)?\s*-?\s*"
    rf"(?:(?P<d>{_DAYS})|(?P<wk>{_WEEKS})|(?P<mo>{_MONTHS}))\b"
    r"|(?<!\bx )\b(?P<weekly_count>\d+)\s*-?\s*weekly\b(?!\s+(?:doses?|infusions?))"
    r"|\b(?:(?P<half_week>twice\s+(?:weekly|an?\s+week|per\s+week))"
    rf"|(?P<weekly>weekly|{_ONCE_A}(?:w|wk|week))|(?P<monthly>monthly|{_ONCE_A}(?:mo|month)))\b"
    r"|\b(?:(?P<two_days>every (?:other|second) day|(?:every|q)\s*48\s*-?\s*(?:h|hrs?|hours?))"
    r"|(?P<two_weeks>every (?:other|second) week|fortnightly))\b",
    re.IGNORECASE,
)
_IN_A_WORD = {
    "half_week": DAYS_PER_WEEK / 2,
    "weekly": DAYS_PER_UNIT["wk"],
    "monthly": DAYS_PER_UNIT["mo"],
    "two_days": 2.0,
    "two_weeks": 2 * DAYS_PER_UNIT["wk"],
}
# what is counted by "x 6" beside days
_NO_DAYS = (
    r"(?:courses?|cycles?|rounds?|months?|mos?|mths?|years?|yrs?|w|wks?|weeks?|weekly|monthly|h|hrs?|hours?"
    r"|min|minutes?|refills?|mcg|m?g|gm|grams?|m?l|units?|vials?|bottles?|bags?|kg|times|more)\b"
)
_TO = r"(?:\d+\s*(?:-|–|to)\s*)?"
# "in 5 daily doses", "into 5 equal daily doses", "5 divided doses", "divide into 5 doses"
_PARTS = (
    r"(?:\b(?:in|into|as)\s+(?:\d+\s*(?:-|–|to)\s*)?\d+\s+(?:equal\s+|divided\s+)*daily\s+(?:divided\s+)?"
    r"|\b\d+\s+(?:equal|(?:daily\s+)?divided)\s+(?:daily\s+)?"
    r"|\b(?:divided?|split)\s+(?:equally\s+|evenly\s+)?(?:in|into|over)\s+\d+\s+)(?:doses|infusions)\b"
)
# "for 5 days", "over 2-5 days", "daily 5 days", "OD 5/7", "/day, 5 days", "5 consecutive days", "5-day course",
# "x 5 days", "x5", "times 5", "× 5 doses"; not "over 4-6 hours", "x 6 courses", "daily 5 days a week"
_LENGTH = re.compile(
    r"(?:(?:\b(?:for(?:\s+up\s+to|\s+the\s+next)?|(?P<over>over)|daily|od|qd|duration(?:\s+of|:)?)|(?<=[a-z])/d(?:ay)?)"
    rf"[\s,(-]*{_TO}(?P<span>\d+)\s*(?:(?:consecutive|more)\s*)?"
    rf"|\b(?P<in_a_row>\d+)\s*consecutive\s*)(?:(?:{_DAYS}|/\s*7)|(?P<weeks>{_WEEKS}))\b"
    r"(?!\s*(?:supply|(?:a|per|each|every)\s+week))"
    rf"|\b(?P<course>\d+)\s*-?\s*(?:{_DAYS})\s+(?:course\b|of\s+(?=\d))"
    rf"|(?P<parts>{_PARTS})"
    rf"|(?:\bx|×|\btimes)\s*(?P<times>\d+)(?:\s*(?:{_DAYS}|(?P<doses>doses?|infusions?))\b"
    rf"|(?![\w/]|[.,]\d|\s*-?\s*{_NO_DAYS}))",
    re.IGNORECASE,
)
_DAILY = re.compile(
    r"\b(?:daily|(?:every|each|per) day|a day(?! (?:before|after|prior))|qd|q\.d|od|qday)\b"
    r"|\b(?:every|q)\s*24\s*-?\s*(?:h|hrs?|hours?)\b"
    rf"|(?<=[a-z])/(?:d|day)\b(?!\s*\d)|\b(?:every|q)\s*{_ONE_DAY}",
    re.IGNORECASE,
)
# "BID", "twice daily", "3 times a day", "q12h"; not "vitals every 4 hours"
_A_DAY = r"\s*(?:daily|(?:an?|per|each|every)\s+day|/\s*d(?:ay)?)\b"
_SEVERAL_A_DAY = re.compile(
    rf"\b(?:(?P<two>bid\b|b\.i\.d\b|twice{_A_DAY})|(?P<three>tid\b|t\.i\.d\b|thrice{_A_DAY})"
    rf"|(?P<times>[1-9]\d?)\s*(?:x|times){_A_DAY}|(?:every|q)\s*(?P<hours>12|8)\s*-?\s*(?:h|hrs?|hours?)\b"
    r"|(?P<ends>morning|am)\s*(?:,|and|&|\+)\s*(?:[\d.]+\s*m?g(?:/kg)?\s+)?(?:(?:in|at|every|each|the)\s+)*"
    r"(?:evening|night|pm)\b)",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"\b(?:(?P<morning>morning|am)|(?P<evening>evening|night|pm))\b", re.IGNORECASE)
_IN_A_DAY = {"two": 2, "three": 3, "ends": 2}
_CLAUSE = re.compile(r";|\.\s|\n")  # what follows may be about another drug or about monitoring
_CLAUSES = re.compile(r"(?<=[;\n])|(?<=\.\s)")  # each with its end
# a clause about another drug, monitoring or the past, where no dose goes before
_ASIDE = re.compile(
    r"^(?:(?!\d\s*(?:m?g|gm|grams?)\b).)*\b(?:(?P<drug>pre-?med\w*|paracetamol|acetaminophen|tylenol|ibuprofen"
    r"|chlorphen(?:ir)?amine|diphenhydramine|benadryl|cetirizine|loratadine|predniso\w+|methylprednisolone"
    r"|hydrocortisone|dexamethasone|saline)|(?P<monitoring>blood\s+\w+|hydrat\w+|flush|vitals?|monitor\w*|(?:re)?check"
    r"|labs?|cbc|cmp|bmp|creatinine|trough|headache)|(?:last|previous|prior|earlier)\s+(?:dose|course|infusion))\b",
    re.IGNORECASE,
)
# "days 1-5", "D1-D5"; not "every 28 days 2-3 vials"
_DAY_RANGE = re.compile(
    r"(?<!\d )(?<!\d)\b(?:days?\s*|d)(?P<first>\d{1,3})\s*(?:-|–|to|through)\s*(?:day\s*|d)?(?P<last>\d{1,3})\b",
    re.IGNORECASE,
)
# "divided over", "split equally into", "divided doses": the dose is given in parts; not "split infusion if needed"
_PARTED = re.compile(
    r"\b(?:div|divided?|split|spread)[\s,]+(?:(?:equally|evenly|out|daily)[\s,]+)*"
    r"(?:over|in|into|as|to|for|x|q\s*24\s*h|doses)\b"
    rf"|{_PARTS}",
    re.IGNORECASE,
)
_NEXT_PHASE = re.compile(r"\b(?:then|thereafter|followed by|maintenance)\b", re.IGNORECASE)
# "x 4", "times 4", "× 4 weeks", "for 2 doses", "for 28 days", "4 infusions"; not "x 4 hours", "over 4 hours"
_DOSES = re.compile(
    rf"(?:(?:\bx|×|\btimes)\s*|\bfor\s+(?:a total of\s+)?)(?P<count>\d+)\s*"
    rf"(?:(?P<doses>doses?|infusions?|times)|(?P<d>{_DAYS})|(?P<wk>{_WEEKS})|(?!\s*\w|[.,]\d))(?!\w)"
    r"|\b(?P<in_all>\d+)\s+(?:weekly\s+)?(?:doses|infusions)\b",
    re.IGNORECASE,
)
# "day 1 and 15", "days 1, 8, 15", "D1, D15", "day 15"; a number with a unit of its own is no day
_NAMED_DAYS = re.compile(
    r"\b(?:days?\s*|d)\d{1,3}(?:\s*(?:,|;|and|then|&|\+|/)\s*(?:(?:and|then)\s+)?(?:on\s+)?(?:days?\s*|d)?\d{1,3})*"
    r"(?!\w|\.\d|\s*(?:mg|g|ml|times|x|hours?|h|of)\b)",
    re.IGNORECASE,
)
_REPEATED = "daily|a |per |every|each|weekly|monthly"
_ONCE = re.compile(
    rf"\b(?:one[- ]time|single (?:dose|infusion)(?! vial)|(?:once|(?:one|1) (?:dose|infusion))(?! (?:{_REPEATED})))\b",
    re.IGNORECASE,
)


_SCHEDULES = (_INTERVAL, _LENGTH, _DAILY, _SEVERAL_A_DAY, _DAY_RANGE, _NAMED_DAYS, _ONCE)


def zero_interval(texts: Iterable[str]) -> str:
    """The words of an interval of nothing ("every 0 weeks", "q0w", "every 0-4 weeks"); empty when there are none."""
    return next((match.group(0) for text in texts if (match := _ZERO.search(text))), "")


def days_in(text: str) -> int | None:
    """Infusion days of a course that a text states ("for 5 days", "days 1-5", "daily, 5 doses"); None: it states none.

    Beside an interval, "x 6" after it counts courses, and "for 90 days" is how long they go on unless it says daily.
    """
    text = _in_digits(text)
    interval = _INTERVAL.search(text)
    for match in _LENGTH.finditer(text):
        if match["parts"]:
            return math.ceil(_numbers(match["parts"])[-1] / times_a_day_in(text))
        if match["course"]:
            return int(match["course"])
        if match["times"]:
            if interval is None or match.start() < interval.start():
                return math.ceil(int(match["times"]) / (times_a_day_in(text) if match["doses"] else 1))
        elif interval is None or (not match["weeks"] and (match["over"] or match["in_a_row"] or _every_day(text))):
            return int(match["span"] or match["in_a_row"]) * (DAYS_PER_WEEK if match["weeks"] else 1)
    named = _DAY_RANGE.search(text)
    if named is not None and int(named["first"]) < int(named["last"]):
        return int(named["last"]) - int(named["first"]) + 1
    listed = days_named_in(text)
    if len(listed) > 1 and listed[-1] - listed[0] == len(listed) - 1:
        return len(listed)
    times = times_a_day_in(text)
    doses = doses_in(text, 1 / times) if interval is None and _every_day(text) else None
    return None if doses is None else math.ceil(doses / times)


def spread_over(text: str, amount: Amount | None = None) -> int | None:
    """Days over which a text spreads the dose ("2 g/kg over 2 days", "150 g in 5 daily doses"); None: over none.

    Another amount beside it tells whether `amount` is that of a day or of all days: "0.4 g/kg/day x 5 (2 g/kg)".
    """
    text = _in_digits(text)
    over = next((match for match in _LENGTH.finditer(text) if match["over"] and not match["weeks"]), None)
    days = int(over["span"]) if over else days_in(text)
    if not days:
        return None
    own = None if amount is None else in_grams(amount)
    if own is not None and days > 1:
        same = [dose for dose in stated_doses(text) if dose.is_per_kg == own.is_per_kg]
        as_written = [dose for dose in same if is_near(dose.grams, own.grams)]
        is_of_day = own.is_of_day or any(dose.is_of_day for dose in as_written)
        if is_of_day or any(is_near(dose.grams, own.grams * days) for dose in same):
            return None
        if any(dose.is_total for dose in as_written) or any(is_near(dose.grams, own.grams / days) for dose in same):
            return days
    return days if _PARTED.search(text) or (over and not _every_day(text[: over.start()])) else None


def interval_in(text: str) -> float | None:
    """Days of the interval that a text states ("every 3 weeks", "q21d", "weekly"); None: it states none, or daily.

    Of a range ("every 3-4 weeks") the shorter one. "Every 0 weeks" is none.
    """
    match = _INTERVAL.search(_in_digits(text))
    if match is None:
        return None
    for name, days in _IN_A_WORD.items():
        if match[name]:
            return days
    unit = "wk" if match["weekly_count"] else next(unit for unit in ("d", "wk", "mo") if match[unit])
    return int(match["weekly_count"] or match["count"]) * DAYS_PER_UNIT[unit] or None


def says_daily(text: str) -> bool:
    """Does the text say every day?"""
    return _DAILY.search(_in_digits(text)) is not None


def times_a_day_in(text: str) -> int:
    """Infusions a day by the first clause of a text ("BID", "every 12 hours"); 1 where it says daily, or none of it."""
    clause = _CLAUSE.split(_in_digits(text), maxsplit=1)[0]
    match = _SEVERAL_A_DAY.search(clause)
    if match is None or says_daily(_SEVERAL_A_DAY.sub(" ", clause)):
        return 1
    if match["hours"]:
        return round(1 / (int(match["hours"]) * DAYS_PER_UNIT["h"]))
    return next((times for name, times in _IN_A_DAY.items() if match[name]), int(match["times"] or 1))


def moments_in(text: str) -> set[str]:
    """The moments of the day that the first clause of a text names: morning, evening."""
    clause = _CLAUSE.split(text, maxsplit=1)[0]
    return {name for match in _MOMENT.finditer(clause) for name, found in match.groupdict().items() if found}


def _every_day(text: str) -> bool:
    return says_daily(text) or times_a_day_in(text) > 1


def says_once(text: str) -> bool:
    """Does the text say a single administration?"""
    return _ONCE.search(text) is not None


def doses_in(text: str, interval_days: float) -> int | None:
    """Number of doses that a text states, at this interval where it states weeks or days; None when it states none."""
    match = _DOSES.search(_in_digits(text))
    if match is None:
        return None
    count = int(match["count"] or match["in_all"])
    days = next((DAYS_PER_UNIT[unit] for unit in ("d", "wk") if match[unit]), None)
    return count if days is None else max(int(count * days / interval_days), 1)


def days_named_in(text: str) -> list[int]:
    """The days that a text names, in ascending order ("day 1 and 15" → 1, 15); empty when it names none."""
    match = _NAMED_DAYS.search(text)
    return sorted(set(_numbers(match[0]))) if match else []


def phase_of(text: str, amount: Amount) -> str:
    """Of loading and maintenance in one text the one that states this dose, empty where neither does; else the text."""
    before, *rest = _NEXT_PHASE.split(_in_digits(text), maxsplit=1)
    after = "".join(rest)
    if _INTERVAL.search(before) or not (_INTERVAL.search(after) and stated_doses(before) and stated_doses(after)):
        return text
    own = in_grams(amount)
    for phase in (before, after):
        if own and any(d.is_per_kg == own.is_per_kg and is_near(d.grams, own.grams) for d in stated_doses(phase)):
            return phase
    return ""


def without_asides(text: str) -> str:
    """A text without what it says about other drugs, monitoring and the past; whole where only that states a dose."""
    rest = "".join(clause for clause in _CLAUSES.split(text) if not _is_aside(clause))
    is_told = any(pattern.search(_in_digits(rest)) for pattern in _SCHEDULES) or stated_doses(rest)
    return rest if is_told or not stated_doses(text) else text


def _is_aside(clause: str) -> bool:
    """Does a clause speak of something else, and not of a dose of these infusions beside it?"""
    match = _ASIDE.search(clause)
    if match is None:
        return False
    if match["drug"]:  # "paracetamol 1 g"
        return not any(dose.is_per_kg for dose in stated_doses(clause))
    return not (match["monitoring"] and stated_doses(clause))


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def _in_digits(text: str) -> str:
    """The text, numbers that are spelled out written in digits, once: "five (5)" is 5."""
    return _TWICE.sub(r"\1", _NUMBERS.sub(lambda match: str(_SPELLED.get(match[0].lower(), 1)), text))
