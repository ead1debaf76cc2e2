"""The feedback there is, row by row, for those who have to report on it (170.315(b)(11)(ii)(C)): NDJSON or CSV.

On demand the cards that nobody has reported on follow, for those who have to find out who saw a card. A card that was
silent was seen by nobody, and is in neither part.

| Asked for | Column |
| --- | --- |
| intervention | `intervention` (topic of the rule), `rule_version`, `hook`, `hook_instance`, `indicator`, `card` |
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
from sqlalchemy import Column, Row, Select, Table, and_, exists, null, select, tuple_

from cds_service.ledger.database import Database
from cds_service.ledger.selection import Format, Selection
from cds_service.ledger.tables import WHOSE, comments, feedback, is_its_card, issued_cards
from cds_service.spreadsheet import cell

PAGE = 500  # rows read at once; between pages the database is free
COLUMNS = (
    "intervention", "rule_version", "hook", "hook_instance", "indicator", "card", "is_known_card", "issued_at",
    "action_taken", "accepted_suggestions", "user_feedback", "user_comment", "user_extension", "user", "date",
    "received_at", "location", "tenant", "encounter",
)  # fmt: skip
_OF_FEEDBACK = tuple(
    feedback.c[name]
    for name in (*WHOSE, "id", "outcome", "accepted_suggestions", "reasons", "outcome_at", "received_at")
)
_OF_COMMENT = (comments.c.comment, comments.c.extension)
_OF_CARD = tuple(
    issued_cards.c[name]
    for name in ("topic", "rule_version", "hook", "hook_instance", "indicator", "issued_at", "user", "encounter")
)


def exported(database: Database, selection: Selection) -> Iterator[dict[str, Any]]:
    """The rows with their COLUMNS: feedback in the order of outcomes, then cards without. Raises LedgerUnavailable."""
    yield from map(_columns, _rows(database, _feedback(selection), feedback.c.outcome_at, feedback.c.id))
    if selection.unanswered:
        yield from map(_columns, _rows(database, _unanswered(selection), issued_cards.c.issued_at, issued_cards.c.card))


def _rows(database: Database, statement: Select[Any], *key: Column[Any]) -> Iterator[Row[Any]]:
    """All rows in the order of the key, page by page."""
    statement = statement.order_by(*key).limit(PAGE)
    page = statement
    while True:
        with database.reading() as connection:
            rows = connection.execute(page).all()
        yield from rows
        if len(rows) < PAGE:
            return
        page = statement.where(tuple_(*key) > tuple(rows[-1]._mapping[column] for column in key))


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


def _feedback(selection: Selection) -> Select[Any]:
    statement = (
        select(*_OF_FEEDBACK, *_OF_COMMENT, *_OF_CARD)
        .outerjoin(issued_cards, and_(issued_cards.c.is_shown, is_its_card))
        .outerjoin(comments, comments.c.feedback == feedback.c.id)
    )
    return _chosen(statement, selection, feedback, feedback.c.outcome_at)


def _unanswered(selection: Selection) -> Select[Any]:
    card = issued_cards
    nothing = [null().label(column.name) for column in (*_OF_FEEDBACK, *_OF_COMMENT) if column.name not in WHOSE]
    statement = select(*(card.c[name] for name in WHOSE), *nothing, *_OF_CARD)
    statement = statement.where(card.c.is_shown, ~exists().where(is_its_card))
    return _chosen(statement, selection, card, card.c.issued_at)


def _chosen(statement: Select[Any], selection: Selection, table: Table, at: Column[datetime]) -> Select[Any]:
    if selection.since is not None:
        statement = statement.where(at >= selection.since)
    if selection.until is not None:
        statement = statement.where(at < selection.until)
    if selection.client is not None:
        statement = statement.where(table.c.client == selection.client)
    if selection.tenant is not None:
        statement = statement.where(table.c.tenant == selection.tenant)
    return statement


def _columns(row: Row[Any]) -> dict[str, Any]:
    return {
        "intervention": row.topic or "",
        "rule_version": row.rule_version or "",
        "hook": row.hook or "",
        "hook_instance": row.hook_instance or "",
        "indicator": row.indicator or "",
        "card": row.card,
        "is_known_card": row.topic is not None,
        "issued_at": row.issued_at,
        "action_taken": row.outcome or "",
        "accepted_suggestions": orjson.loads(row.accepted_suggestions or "[]"),
        "user_feedback": orjson.loads(row.reasons or "[]"),
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
    """A value as a cell of CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        value = "; ".join(_said(one) for one in value)
    return cell(value)


def _said(one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    return one["code"] if one["is_known"] else "|".join(filter(None, (one["system"], one["code"], one["display"])))


def _taken(written: io.StringIO) -> bytes:
    text = written.getvalue()
    written.seek(0)
    written.truncate()
    return text.encode()
