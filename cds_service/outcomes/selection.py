"""Which cards somebody asks about: rule, client, tenant, hook and days, as a form or an address says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from cards.orders import Hook
from cds_service.config import LedgerChoice
from cds_service.ledger.records import storable

USUAL_WEEKS = 12
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
FIELDS = ("rule", "client", "tenant", "hook", "since", "until")


class Asked(NamedTuple):
    """The days from `since` to the one before `until`, in UTC; of one rule (its topic), client, tenant, hook.

    Empty: of any, the playground's aside.
    """

    since: date
    until: date
    rule: str = ""
    client: str = ""
    tenant: str = ""
    hook: str = ""

    @property
    def last_day(self) -> date:
        """The last one that is included."""
        return self.until - DAY


class Week(NamedTuple):
    """The days of an ISO week that are asked for: from `start` to the one before `end`. It is called by its Monday."""

    monday: date
    start: date
    end: date


class Reading(NamedTuple):
    """What was asked, and by field what is wrong with it. With problems the days are the usual ones.

    `is_cut`: earlier days were asked for than the ledger still has whole.
    """

    asked: Asked
    problems: Mapping[str, str]
    is_cut: bool


def read_asked(given: Mapping[str, str], today: date, topics: Mapping[str, str], kept: date) -> Reading:
    """The selection that these fields make. `topics`: of each rule's id; `kept`: the first day that can be counted."""
    said = {name: storable(given.get(name, "").strip()) for name in FIELDS}
    problems: dict[str, str] = {}
    since = _day(said["since"], monday_of(today) - (USUAL_WEEKS - 1) * WEEK, "since", problems)
    until = _day(said["until"], today + DAY, "until", problems)
    if not problems and until <= since:
        problems["until"] = "Choose a day after the first one; it is itself not included."
    if said["hook"] and said["hook"] not in list(Hook):
        problems["hook"] = f"Choose {' or '.join(Hook)}, or leave it open."
    rule = topics.get(said["rule"], said["rule"])
    asked = Asked(max(since, kept), until, rule, said["client"], said["tenant"], said["hook"])
    return Reading(asked, problems, is_cut=since < kept)


def kept_since(choice: LedgerChoice, now: datetime) -> date:
    """The first day of which the ledger still has every card and all feedback about it."""
    return (now - timedelta(days=min(choice.card_days, choice.feedback_days))).date() + DAY


def weeks_of(since: date, until: date) -> Iterator[Week]:
    """The ISO weeks, of which the first and the last may be parts."""
    monday = monday_of(since)
    while monday < until:
        yield Week(monday, max(monday, since), min(monday + WEEK, until))
        monday += WEEK


def monday_of(day: date) -> date:
    """The first day of its ISO week."""
    return day - timedelta(days=day.weekday())


def midnight(day: date) -> datetime:
    """Its first instant, in UTC."""
    return datetime.combine(day, time.min, UTC)


def _day(text: str, usual: date, field: str, problems: dict[str, str]) -> date:
    if not text:
        return usual
    try:
        day = date.fromisoformat(text)
        return day if day < date.max - WEEK else date.max - WEEK
    except ValueError:
        problems[field] = "Write a day such as 2026-06-15."
        return usual
