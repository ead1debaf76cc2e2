"""What do the words of an order say about its infusions: daily, so many days, every so many weeks? (book 4.2)"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from cards.orders import Amount
from cards.pharmacology.dose_line import DAYS_PER_UNIT, DAYS_PER_WEEK
from cards.pharmacology.infusion.plain_words import in_plain_words
from cards.pharmacology.infusion.stated_doses import in_grams, is_near, stated_doses

_UNIT = {"day": DAYS_PER_UNIT["d"], "week": DAYS_PER_UNIT["wk"], "month": DAYS_PER_UNIT["mo"]}
_RANGE = r"(?:\d+-)?"  # of "2-5" the high end counts
_ZERO = re.compile(
    r"\b(?:every|each|q|interval(?:\s+of|:)?)\s*(?:0+(?:[.,]0+)?|zero)(?![.,]?\d)(?:\s*\((?:0|zero)\))?"
    r"(?:\s*(?:-|–|to)\s*\d+)?\s*-?\s*(?:d|days?|w|wks?|weeks?|mo|mos|mths?|months?|m|h|hrs?|hours?)\b",
    re.IGNORECASE,
)

# All that follow read plain words.
_INTERVAL = re.compile(
    r"\bevery (?P<count>\d+)(?:-\d+)? (?P<unit>day|week|month)\b"
    r"|\b(?:(?P<times>[1-9]\d?) times )?(?P<each>week|month)ly\b"
)
# what is counted by "times 6" beside days
_NO_DAYS = (
    r"(?:courses?|cycles?|rounds?|month|monthly|years?|yrs?|week|weekly|hour|min|minutes?|refills?|mcg"
    r"|m?g|gm|grams?|m?l|units?|vials?|bottles?|bags?|kg|times|more)\b"
)
# "in 5 daily doses", "into 5 equal daily doses", "5 divided doses", "divide into 5 doses"
_PARTS = (
    rf"(?:\b(?:in|into|as) {_RANGE}\d+ (?:equal |divided )*daily (?:divided )?"
    r"|\b\d+ (?:equal|(?:daily )?divided) (?:daily )?"
    r"|\b(?:divided?|split) (?:equally |evenly )?(?:in|into|over) \d+ )(?:doses|infusions)\b"
)
# "for 5 day", "over 2-5 day", "daily 5 day", "total of 5 day", "5 consecutive day", "5 day course", "times 5 day";
# not "over 4-6 hour", "times 6 courses", "daily 5 day a week"
_LENGTH = re.compile(
    r"(?:\b(?:for|(?P<over>over)|daily|duration|total|course(?= of))\b(?: up to| the next| a total)?(?: of)?"
    rf"[ ,:([-]*{_RANGE}(?P<span>\d+) (?:(?:consecutive|more) )?|\b(?P<in_a_row>\d+) consecutive )"
    r"(?:days?|(?P<weeks>weeks?))\b(?! (?:supply|(?:a|per|every 1) week))"
    r"|\b(?P<course>\d+) day (?:course\b|of (?=\d))"
    rf"|(?P<parts>{_PARTS})"
    rf"|\btimes {_RANGE}(?P<times>\d+)"
    rf"(?: (?:(?P<on_days>day)|(?P<doses>doses?|infusions?))\b|(?![\w/]|[.,]\d| ?-? ?{_NO_DAYS}))"
)
_UNTIL = re.compile(r"\b(?:until|till?)\b[^;.]*\d")  # "until 6/19"; not "until discharge"
_DAILY = re.compile(r"\bdaily\b")
_ONCE_DAILY = re.compile(r"(?<!\btimes )\bdaily\b")
_SEVERAL_A_DAY = re.compile(r"\b(?:(?P<times>[1-9]\d?) times daily|every (?P<hours>8|12) hour)\b")
_MOMENT = re.compile(r"\b(?:(?P<morning>morning|am)|(?P<evening>evening|night|pm))\b")
# "day 1-5"; not "every 28 day 2-3 vials"
_DAY_RANGE = re.compile(r"(?<!\d )\bday (?P<first>\d{1,3})-(?P<last>\d{1,3})\b")
# "day 1 and 15", "day 1, 8, 15", "day 1/day 15"; a number with a unit of its own is no day
_NAMED_DAYS = re.compile(
    r"(?<!\d )\bday \d{1,3}(?: ?(?:,|;|and|then|&|\+|/) ?(?:(?:and|then) )?(?:on )?(?:day )?\d{1,3})*"
    r"(?!\w|\.\d|-\d| ?(?:mg|g|ml|times|x|hour|h|of)\b)"
)
# "divided over", "split equally into", "divided doses": the dose is given in parts; not "split infusion if needed"
_PARTED = re.compile(
    r"\b(?:div|divided?|split|spread)[ ,]+(?:(?:equally|evenly|out|daily)[ ,]+)*"
    rf"(?:over|in|into|as|to|for|times|daily|doses)\b|{_PARTS}"
)
# "times 4", "times 4 week", "for 2 doses", "for 28 day", "4 infusions"; not "times 4 hour", "over 4 hour"
_DOSES = re.compile(
    rf"\b(?:times |for (?:a total of )?){_RANGE}(?P<count>\d+)"
    r"(?: (?:doses?|infusions?|times)| (?P<unit>day|week)|(?! ?(?!every\b)\w|[.,]\d))(?!\w)"
    r"|\b(?P<in_all>\d+) (?:weekly )?(?:doses|infusions)\b"
)
_CLAUSE = re.compile(r";|\.\s|\n")  # what follows may be about another drug or about monitoring
_ONCE = re.compile(
    r"\b(?:one[- ]time|single (?:dose|infusion)(?! vial)"
    r"|(?:once|(?:one|1) (?:dose|infusion))(?! (?:daily|weekly|monthly|every|each|a|per)\b))(?!\w)"
)
_SCHEDULES = (_INTERVAL, _LENGTH, _DAILY, _SEVERAL_A_DAY, _DAY_RANGE, _NAMED_DAYS, _ONCE)


class InfusionWords:
    """A text about infusions, read. Where it does not say, None (or 1 a day, False, no days).

    `days`: infusion days of a course ("for 5 days", "days 1-5", "daily, 5 doses"). Beside an interval, "x 6" after it
    counts courses, and before one as short ("x 5 every 2 days"); "for 90 days" is how long they go on unless it says
    daily. `interval_days`: from one course to the next ("every 3 weeks", "weekly"), of a range the shorter one;
    daily is none. `times_a_day`: by the first clause. `days_named`: in ascending order ("day 1 and 15"). `has_end`: by
    the days, or by a date that is not read.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._plain = plain = in_plain_words(text)
        self._interval = _INTERVAL.search(plain)
        self.interval_days = None if self._interval is None else _days_of(self._interval)
        self.is_daily = _DAILY.search(plain) is not None
        self.is_once = _ONCE.search(plain) is not None
        self.times_a_day = _times_a_day(plain)
        self._is_every_day = self.is_daily or self.times_a_day > 1
        self.days_named = _days_named(plain)
        self.days = self._days_told() or self._days_counted()
        self.has_end = self.days is not None or _UNTIL.search(plain) is not None

    def __bool__(self) -> bool:
        return bool(self._plain)

    @property
    def moments(self) -> set[str]:
        """The moments of the day that the first clause names: morning, evening."""
        found = _MOMENT.finditer(_first_clause(self._text.lower()))
        return {name for match in found for name, word in match.groupdict().items() if word}

    @property
    def says_when(self) -> bool:
        """Does the text say anything about when infusions are given?"""
        return any(pattern.search(self._plain) for pattern in _SCHEDULES)

    def doses(self, interval_days: float) -> int | None:
        """Number of doses, at this interval where the text states weeks or days; None when it states none."""
        match = _DOSES.search(self._plain)
        if match is None:
            return None
        count = _count(match)
        return max(int(count * _UNIT[match["unit"]] / interval_days), 1) if match["unit"] else count

    @property
    def repeats(self) -> int | None:
        """How many intervals ("every 2 days, 5 doses"); None where no number of doses is stated, or it counts days."""
        match = None if self.interval_days is None or self.days is not None else _DOSES.search(self._plain)
        return None if match is None or match["unit"] else _count(match)

    def spread_over(self, amount: Amount | None = None) -> int | None:
        """Days over which the dose is spread ("2 g/kg over 2 days", "150 g in 5 daily doses"); None: over none.

        Another amount beside it tells whether `amount` is that of a day or of all days: "0.4 g/kg/day x 5 (2 g/kg)".
        """
        plain = self._plain
        over = next((match for match in _LENGTH.finditer(plain) if match["over"] and not match["weeks"]), None)
        days = int(over["span"]) if over else self.days
        if not days:
            return None
        own = None if amount is None else in_grams(amount)
        if own is not None and days > 1:
            same = [dose for dose in stated_doses(self._text) if dose.is_per_kg == own.is_per_kg]
            as_written = [dose for dose in same if is_near(dose.grams, own.grams)]
            is_of_day = own.is_of_day or any(dose.is_of_day for dose in as_written)
            if is_of_day or any(is_near(dose.grams, own.grams * days) for dose in same):
                return None
            if any(dose.is_total for dose in as_written) or any(is_near(dose.grams, own.grams / days) for dose in same):
                return days
        return days if _PARTED.search(plain) or (over and not _is_every_day(plain[: over.start()])) else None

    def _days_told(self) -> int | None:
        interval, times_a_day = self._interval, self.times_a_day
        for match in _LENGTH.finditer(self._plain):
            if match["parts"]:
                return math.ceil(_numbers(match["parts"])[-1] / times_a_day)
            if match["course"]:
                return int(match["course"])
            if match["times"]:
                is_of_days = match["on_days"] or self._is_every_day
                if not is_of_days and int(match["times"]) >= (self.interval_days or math.inf):
                    continue  # "times 5 every 2 day": so many infusions, and no course of as many days
                if interval is None or match.start() < interval.start():
                    return math.ceil(int(match["times"]) / (times_a_day if match["doses"] else 1))
            elif interval is None or (
                not match["weeks"] and (match["over"] or match["in_a_row"] or self._is_every_day)
            ):
                return int(match["span"] or match["in_a_row"]) * (DAYS_PER_WEEK if match["weeks"] else 1)
        return None

    def _days_counted(self) -> int | None:
        """By days that are named, one after the other, or by the number of daily doses."""
        named = _DAY_RANGE.search(self._plain)
        if named is not None and int(named["first"]) < int(named["last"]):
            return int(named["last"]) - int(named["first"]) + 1
        listed = self.days_named
        if len(listed) > 1 and listed[-1] - listed[0] == len(listed) - 1:
            return len(listed)
        if self._interval is not None or not self._is_every_day:
            return None
        doses = self.doses(1 / self.times_a_day)
        return None if doses is None else math.ceil(doses / self.times_a_day)


def zero_interval(texts: Iterable[str]) -> str:
    """The words of an interval of nothing ("every 0 weeks", "q0w", "every 0-4 weeks"); empty when there are none."""
    return next((match.group(0) for text in texts if (match := _ZERO.search(text))), "")


def _days_of(interval: re.Match[str]) -> float | None:
    """Days of an interval; "every 0 weeks" is none."""
    days = int(interval["count"] or 1) * _UNIT[interval["unit"] or interval["each"]]
    return days / int(interval["times"] or 1) or None


def _count(doses: re.Match[str]) -> int:
    return int(doses["count"] or doses["in_all"])


def _times_a_day(plain: str) -> int:
    """By the first clause, for another may be about monitoring; 1 where it says daily, or none of it."""
    clause = _first_clause(plain)
    several = _SEVERAL_A_DAY.search(clause)
    if several is None or _ONCE_DAILY.search(clause):
        return 1
    return int(several["times"] or round(1 / (int(several["hours"]) * DAYS_PER_UNIT["h"])))


def _is_every_day(plain: str) -> bool:
    return _DAILY.search(plain) is not None or _times_a_day(plain) > 1


def _days_named(plain: str) -> list[int]:
    match = _NAMED_DAYS.search(plain)
    return sorted(set(_numbers(match[0]))) if match else []


def _first_clause(plain: str) -> str:
    return _CLAUSE.split(plain, maxsplit=1)[0]


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]
