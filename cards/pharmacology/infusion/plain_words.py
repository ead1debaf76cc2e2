"""How often and how long, written in one way: "q3wks" and "three-weekly" both become "every 3 week".

Whoever reads the words of an order (`infusion_words`, `stated_doses`) then has to know one writing of each:

- numbers in digits, ranges as "2-5", units "hour", "day", "week", "month";
- "daily", "2 times daily", "weekly", "2 times weekly", "monthly", "every 3 week";
- "times 5" for "x5", "day 1-5" for "D1-D5".
"""

from __future__ import annotations

import re
from collections.abc import Callable

_SPELLED = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "fourteen": 14,
}  # fmt: skip
_TO = r"(?:-|–|to|through)"
_A_DAY = r"(?:daily|(?:an?|per|each|every) day|/ ?d(?:ay)?)\b"
_A_WEEK = r"(?:weekly|(?:an?|per|each|every|/) ?(?:week|wk))\b"
_EVERY = r"(?:every|each|q|once a|once per) ?"
_DOSE = r" [\d.]+ ?m?g(?:/kg)?"
_AT = r" ?(?:(?:in|at|every|each|the) )*"
_HOURS_A_DAY = 24

Replacement = str | Callable[[re.Match[str]], str]


def _every_so_many_hours(match: re.Match[str]) -> str:
    """Hours that make whole days; others are left."""
    hours = int(match["hours"])
    if hours and hours % _HOURS_A_DAY == 0:
        return "daily" if hours == _HOURS_A_DAY else f"every {hours // _HOURS_A_DAY} day"
    return match[0]


# In this order: each may rely on those before it.
_REWRITTEN: tuple[tuple[str, Replacement], ...] = (
    (r" ?\n ?", "; "),
    (rf"\b(?:{'|'.join(_SPELLED)})\b", lambda match: str(_SPELLED[match[0]])),
    (r"\bone(?= (?:day|week|month))", "1"),  # not in "one-time", "one dose"
    (r"\b(\d+) ?\(\1\)", r"\1"),  # "five (5)"
    (rf"\b(?:days? ?|d)(\d{{1,3}}) ?{_TO} ?(?:days? ?|d)(\d{{1,3}})\b", r"day \1-\2"),
    (rf"(?<=\d) ?{_TO} ?(?=\d)", "-"),
    (r"\b(?:days |days?(?=\d)|d(?=\d{1,3}\b))", "day "),
    (r"\b(?:every|each|q) ?(?=\d)", "every "),
    (r"(?:\bx|×|\btimes) ?(?=\d)", "times "),
    # a number and its unit, a fraction left alone
    (r"(?<![\d.,])(\d+(?:-\d+)?) ?-? ?(?:h|hrs?|hours?)\b", r"\1 hour"),
    (r"(?<![\d.,])(\d+(?:-\d+)?)(?: ?-? ?(?:d|days?)\b| ?/ ?7\b)", r"\1 day"),
    (r"(?<![\d.,])(\d+(?:-\d+)?) ?-? ?(?:w|wks?|weeks?)\b", r"\1 week"),
    (r"(?<![\d.,])(\d+(?:-\d+)?) ?-? ?(?:mo|mos|mths?|months?)\b", r"\1 month"),
    # how often a day
    (r"(?<=[a-z])/ ?d(?:ay)?\b", " daily"),  # "g/kg/day"
    (rf"\b(?:bid\b|b\.i\.d\b\.?|twice {_A_DAY})", "2 times daily"),
    (rf"\b(?:tid\b|t\.i\.d\b\.?|thrice {_A_DAY})", "3 times daily"),
    (rf"\b([1-9]\d?) ?(?:x|times) ?{_A_DAY}", r"\1 times daily"),
    (rf"\b(?:morning|am) ?(?:,|and|&|\+)({_DOSE})?{_AT}(?:evening|night|pm)\b", r"2 times daily\1"),
    (r"\bevery (?P<hours>\d+) hour\b", _every_so_many_hours),
    (r"\b(?:every 1 day|(?:every|each|per) day|a day(?! (?:before|after|prior))|qd|od|qday)\b", "daily"),
    (r"\bq\.d\b\.?", "daily"),
    (r"\bevery (?:other|second) day\b", "every 2 day"),
    # how often in weeks and months
    (rf"\b(?:twice|(\d+) ?(?:x|times)) ?{_A_WEEK}", lambda match: f"{match[1] or 2} times weekly"),
    (r"\b(?:every (?:other|second) week|fortnightly)\b", "every 2 week"),
    (rf"\b{_EVERY}(?:w|wk|week)\b", "every 1 week"),
    (rf"\b{_EVERY}(?:mo|month)\b", "every 1 month"),
    (r"(?<!\btimes )\b(\d+) ?-? ?weekly\b(?! (?:doses?|infusions?))", r"every \1 week"),
)
_PATTERNS = tuple((re.compile(pattern), replacement) for pattern, replacement in _REWRITTEN)
_BLANKS = re.compile(r"[ \t\r\f\v]+")


def in_plain_words(text: str) -> str:
    """The text in small letters, times and counts in the one writing of this module; a plain text stays as it is."""
    plain = _BLANKS.sub(" ", text.lower())
    for pattern, replacement in _PATTERNS:
        plain = pattern.sub(replacement, plain)
    return plain
