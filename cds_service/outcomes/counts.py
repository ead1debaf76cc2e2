"""Counting in the ledger: a statement for each week, so that none takes long and weeks need no words of a dialect.

What counts for a card is its last feedback: by `outcome_at`; at the same instant what was received last; received
together, accepted rather than overridden. A card of one client and tenant has feedback of that client and tenant alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, case, exists, func, literal, or_, select

from cds_service.clients import TRYING
from cds_service.errors import LedgerUnavailable
from cds_service.ledger.desk import LATE
from cds_service.ledger.tables import WHOSE, feedback, is_its_card, issued_cards, tallies
from cds_service.outcomes.selection import Asked, Week, midnight, weeks_of

ACCEPTED, OVERRIDDEN, IGNORED = "accepted", "overridden", "ignored"
SILENT, CALLS, ASKED, CANNOT_TELL = "silent", "calls", "asked", "cannot_tell"
NO_CODE = ("", "")
OTHER_CODES = ("", "…")
MOST_FOREIGN = 1_000  # codes of other systems that are told apart: they are anybody's words
_AT_ONCE = 1_000  # rows
_SILENCE = timedelta(weeks=52)  # for so long after the last card weeks are shown as empty; later ones not at all

_other = feedback.alias("other")


class Cell(NamedTuple):
    """What is counted together: a rule (its topic; empty: the calls themselves) in a week, at a client and a hook."""

    week: date
    topic: str
    client: str
    hook: str


Code = tuple[str, str]  # system and code of a reason; the system is empty for a code of ours


class Counts(NamedTuple):
    """How often what happened. `reasons` of overridden cards, `unknowns`: why a rule could not tell.

    `strangers`: feedback about cards that were not shown to that client and tenant. `displays`: how others call their
    codes. Whatever was asked, `begins` is the first day of which there is anything, `tallied_since` the first on which
    calls were counted.
    """

    weeks: tuple[Week, ...]
    numbers: Counter[tuple[Cell, str]]
    reasons: Counter[tuple[Cell, Code]]
    unknowns: Counter[tuple[Cell, str]]
    displays: dict[Code, str]
    strangers: int
    begins: date | None
    tallied_since: date | None


def count(connection: Connection, asked: Asked, ends_at: float) -> Counts:
    """Counts until the monotonic clock says `ends_at`. Raises LedgerUnavailable when that is not enough."""
    begins, ends, tallied_since = _extent(connection)
    weeks = tuple(weeks_of(max(asked.since, begins), min(asked.until, ends + _SILENCE))) if begins and ends else ()
    strangers = connection.scalar(_strangers(asked)) or 0
    counts = Counts(weeks, Counter(), Counter(), Counter(), {}, strangers, begins, tallied_since)
    for week in weeks:
        if time.monotonic() > ends_at:
            raise LedgerUnavailable(LATE)
        for row in _rows(connection, _cards(asked, week)):
            _count_cards(counts, week.monday, row)
        for row in _rows(connection, _tallies(asked, week)):
            _count_tally(counts, week.monday, row)
    return counts


def chosen(table: Table, asked: Asked, *names: str) -> Iterator[ColumnElement[bool]]:
    """The conditions on a table for what was asked, by its columns of these names."""
    if "client" in names:
        yield table.c.client == asked.client if asked.client else table.c.client != TRYING
    for name in ("tenant", "hook"):
        if name in names and getattr(asked, name):
            yield table.c[name] == getattr(asked, name)


def _extent(connection: Connection) -> tuple[date | None, date | None, date | None]:
    """The first and the last day of which there is anything, the first on which calls were counted."""
    cards = [connection.scalar(select(edge(issued_cards.c.issued_at))) for edge in (func.min, func.max)]
    counted = [connection.scalar(select(edge(tallies.c.day))) for edge in (func.min, func.max)]
    days = [date.fromisoformat(day) for day in counted if day]
    every_day = [*(card.date() for card in cards if card), *days]
    return min(every_day, default=None), max(every_day, default=None), min(days, default=None)


def _rows(connection: Connection, statement: Select[Any]) -> Iterator[Row[Any]]:
    with connection.execute(statement, execution_options={"yield_per": _AT_ONCE}) as result:
        yield from result


def _cards(asked: Asked, week: Week) -> Select[Any]:
    """Cards with the feedback that counts, by all that they are told apart by."""
    card, said = issued_cards.c, feedback.c
    reasons = case((said.outcome == OVERRIDDEN, said.reasons), else_=literal("[]"))
    told_apart = (card.topic, card.client, card.hook, card.is_shown, said.outcome, reasons.label("reasons"))
    statement = (
        select(*told_apart, func.count().label("number"))
        .select_from(issued_cards)
        .outerjoin(feedback, is_its_card)
        .where(card.issued_at >= midnight(week.start), card.issued_at < midnight(week.end))
        .where(*chosen(issued_cards, asked, "client", "tenant", "hook"), ~exists().where(_counts_instead()))
        .group_by(*told_apart)
    )
    return statement.where(card.topic == asked.rule) if asked.rule else statement


def _counts_instead() -> ColumnElement[bool]:
    """Is there other feedback about the same card that counts instead? In a window this costs a third more."""
    said, other = feedback.c, _other.c
    return and_(
        *(other[name] == said[name] for name in WHOSE),
        or_(
            other.outcome_at > said.outcome_at,
            and_(
                other.outcome_at == said.outcome_at,
                or_(
                    other.received_at > said.received_at,
                    and_(
                        other.received_at == said.received_at,
                        or_(other.outcome < said.outcome, and_(other.outcome == said.outcome, other.id < said.id)),
                    ),
                ),
            ),
        ),
    )


def _tallies(asked: Asked, week: Week) -> Select[Any]:
    tally = tallies.c
    told_apart = (tally.topic, tally.client, tally.hook, tally.what, tally.reason)
    statement = (
        select(*told_apart, func.sum(tally.number).label("number"))
        .where(tally.day >= week.start.isoformat(), tally.day < week.end.isoformat())
        .where(*chosen(tallies, asked, "client", "tenant", "hook"))
        .group_by(*told_apart)
    )
    return statement.where(tally.topic.in_(["", asked.rule])) if asked.rule else statement


def _strangers(asked: Asked) -> Select[Any]:
    """Feedback about no card that was shown to them, as the export tells it; it cannot be chosen by rule or hook."""
    return (
        select(func.count())
        .select_from(feedback)
        .where(feedback.c.outcome_at >= midnight(asked.since), feedback.c.outcome_at < midnight(asked.until))
        .where(*chosen(feedback, asked, "client", "tenant"), ~exists().where(is_its_card, issued_cards.c.is_shown))
    )


def _count_cards(counts: Counts, week: date, row: Row[Any]) -> None:
    cell = Cell(week, row.topic, row.client, row.hook)
    if not row.is_shown:
        counts.numbers[cell, SILENT] += row.number
        return
    counts.numbers[cell, row.outcome or IGNORED] += row.number
    if row.outcome == OVERRIDDEN:
        for code in {_code(counts, reason) for reason in orjson.loads(row.reasons)} or {NO_CODE}:
            counts.reasons[cell, code] += row.number


def _code(counts: Counts, reason: dict[str, Any]) -> Code:
    if reason["is_known"]:
        return "", reason["code"]
    code = (reason["system"] or "?", reason["code"])
    if code not in counts.displays:
        if len(counts.displays) >= MOST_FOREIGN:
            return OTHER_CODES
        counts.displays[code] = reason["display"]
    return code


def _count_tally(counts: Counts, week: date, row: Row[Any]) -> None:
    cell, number = Cell(week, row.topic, row.client, row.hook), int(row.number)
    if not row.topic:
        if row.what == "call":
            counts.numbers[cell, CALLS] += number
        return
    counts.numbers[cell, ASKED] += number
    if row.what in ("cannot-tell", "failed"):
        counts.numbers[cell, CANNOT_TELL] += number
        counts.unknowns[cell, row.reason] += number
