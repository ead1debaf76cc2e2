"""How long what is kept: what is older goes, for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Delete, Table, Update, delete, exists, select, tuple_, update

from cds_service.config import LedgerChoice
from cds_service.ledger.database import Database
from cds_service.ledger.tables import comments, feedback, is_its_card, issued_cards, overridden, tallies, used_tokens

AT_ONCE = 1_000  # rows in one transaction, so that nobody waits long


def purge(database: Database, choice: LedgerChoice, now: datetime | None = None) -> dict[str, int]:
    """Deletes what is past its time, as of `now`; how many rows of each table. Raises LedgerUnavailable."""
    now = now or datetime.now(UTC)
    _forget_repetitions(database, now)
    deleted = {table.name: _delete(database, table, past) for table, past in _past(choice, now)}
    if database.is_embedded:
        database.shorten_journal()
    return deleted


def _past(choice: LedgerChoice, now: datetime) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    yield comments, comments.c.received_at < now - timedelta(days=choice.comment_days)
    yield feedback, feedback.c.received_at < now - timedelta(days=choice.feedback_days)
    # a card stays as long as the feedback about it, which says little without
    oldest = now - timedelta(days=choice.card_days)
    yield issued_cards, (issued_cards.c.issued_at < oldest) & ~exists().where(is_its_card)
    yield tallies, tallies.c.day < oldest.date().isoformat()
    yield overridden, overridden.c.until < int(now.timestamp())
    yield used_tokens, used_tokens.c.expires_at < int(now.timestamp())


def _forget_repetitions(database: Database, now: datetime) -> None:
    is_past = issued_cards.c.repetition_until < int(now.timestamp())
    some = select(issued_cards.c.card).where(is_past).limit(AT_ONCE)
    forget = update(issued_cards).where(issued_cards.c.card.in_(some))
    _repeat(database, forget.values(repetition=None, repetition_until=None))


def _delete(database: Database, table: Table, past: ColumnElement[bool]) -> int:
    key = table.primary_key.columns.values()
    some = select(*key).where(past).limit(AT_ONCE)
    return _repeat(database, delete(table).where(tuple_(*key).in_(some), past))


def _repeat(database: Database, statement: Update | Delete) -> int:
    done = 0
    while True:
        with database.writing() as connection:
            rows = connection.execute(statement).rowcount
        done += rows
        if rows < AT_ONCE:
            return done
