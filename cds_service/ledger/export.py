"""The feedback there is, row by row, for those who have to report on it (170.315(b)(11)(ii)(C)): NDJSON or CSV.

| Asked for | Column |
| --- | --- |
| intervention | `intervention` (topic of the rule), `rule_version`, `hook`, `indicator`, `card` |
| action taken | `action_taken`, `accepted_suggestions` |
| user feedback | `user_feedback` (codes), `user_comment`, `user_extension` (a client's own reasons, as JSON) |
| user | `user` (keyed hash) |
| date | `date` (of the outcome), `issued_at`, `received_at` |
| location | `location` (client), `tenant`, `encounter` (keyed hash) |

`is_known_card` False: no card of that id was issued to that client and tenant; what we know of a card is empty then.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, Select, and_, select, tuple_

from cds_service.ledger.database import Database
from cds_service.ledger.selection import Format, Selection
from cds_service.ledger.tables import comments, feedback, issued_cards

PAGE = 500  # rows read at once; between pages the database is free
COLUMNS = (
    "intervention", "rule_version", "hook", "indicator", "card", "is_known_card", "issued_at", "action_taken",
    "accepted_suggestions", "user_feedback", "user_comment", "user_extension", "user", "date", "received_at",
    "location", "tenant", "encounter",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def exported(database: Database, selection: Selection) -> Iterator[dict[str, Any]]:
    """The rows with their COLUMNS, oldest outcome first. Raises LedgerUnavailable."""
    statement = _selected(selection)
    last: tuple[datetime, str] | None = None
    while True:
        page = statement if last is None else statement.where(tuple_(feedback.c.outcome_at, feedback.c.id) > last)
        with database.reading() as connection:
            rows = connection.execute(page).all()
        yield from map(_columns, rows)
        if len(rows) < PAGE:
            return
        last = rows[-1].outcome_at, rows[-1].id


def as_ndjson(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One JSON object a line."""
    for row in rows:
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def as_csv(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """RFC 4180 with a line of names. A cell that a spreadsheet would take for a formula starts with an apostrophe."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in rows:
        yield _taken(written)
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    yield _taken(written)


WRITERS: Mapping[Format, Callable[[Iterable[Mapping[str, Any]]], Iterator[bytes]]] = {
    "ndjson": as_ndjson,
    "csv": as_csv,
}


def _selected(selection: Selection) -> Select[Any]:
    card = issued_cards
    is_its_card = and_(card.c.card == feedback.c.card, *(card.c[of] == feedback.c[of] for of in ("client", "tenant")))
    statement = (
        select(
            feedback,
            comments.c.comment,
            comments.c.extension,
            card.c.topic,
            card.c.rule_version,
            card.c.hook,
            card.c.indicator,
            card.c.issued_at,
            card.c.user,
            card.c.encounter,
        )
        .outerjoin(card, is_its_card)
        .outerjoin(comments, comments.c.feedback == feedback.c.id)
        .order_by(feedback.c.outcome_at, feedback.c.id)
        .limit(PAGE)
    )
    if selection.since is not None:
        statement = statement.where(feedback.c.outcome_at >= selection.since)
    if selection.until is not None:
        statement = statement.where(feedback.c.outcome_at < selection.until)
    if selection.client is not None:
        statement = statement.where(feedback.c.client == selection.client)
    if selection.tenant is not None:
        statement = statement.where(feedback.c.tenant == selection.tenant)
    return statement


def _columns(row: Row[Any]) -> dict[str, Any]:
    return {
        "intervention": row.topic or "",
        "rule_version": row.rule_version or "",
        "hook": row.hook or "",
        "indicator": row.indicator or "",
        "card": row.card,
        "is_known_card": row.topic is not None,
        "issued_at": row.issued_at,
        "action_taken": row.outcome,
        "accepted_suggestions": orjson.loads(row.accepted_suggestions),
        "user_feedback": orjson.loads(row.reasons),
        "user_comment": row.comment or "",
        "user_extension": row.extension or "",
        "user": row.user or "",
        "date": row.outcome_at,
        "received_at": row.received_at,
        "location": row.client,
        "tenant": row.tenant,
        "encounter": row.encounter or "",
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        value = "; ".join(_said(one) for one in value)
    return f"'{value}" if value.startswith(_FORMULA) else str(value)


def _said(one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    return one["code"] if one["is_known"] else "|".join(filter(None, (one["system"], one["code"], one["display"])))


def _taken(written: io.StringIO) -> bytes:
    text = written.getvalue()
    written.seek(0)
    written.truncate()
    return text.encode()
