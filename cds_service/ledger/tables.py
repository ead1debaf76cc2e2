"""The tables of the ledger. A change here needs a migration beside it; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    true,
)
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. SQLite keeps no time zone, so it is put there and back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


metadata = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


issued_cards = Table(
    "issued_cards",
    metadata,
    Column("card", Text, primary_key=True),
    _text("client"),
    _text("tenant"),
    _text("service"),
    _text("hook"),
    _text("hook_instance"),
    _text("topic"),
    _text("rule_version"),
    _text("indicator"),
    Column("issued_at", Instant, nullable=False),
    _text("user"),
    _text("encounter"),
    _text("suggestions"),
    Column("repetition", Text),
    Column("repetition_until", BigInteger),
    Column("is_shown", Boolean, nullable=False, server_default=true()),
    Index("issued_cards_issued_at", "issued_at"),
    sqlite_with_rowid=False,
)

# Only the cards that have one, which are those of the last hours.
_until = issued_cards.c.repetition_until
Index("issued_cards_repetition_until", _until, sqlite_where=_until.isnot(None), postgresql_where=_until.isnot(None))

# The hashes of cards that were overridden with a reason, each for the length of its window.
overridden = Table(
    "overridden",
    metadata,
    Column("repetition", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Index("overridden_until", "until"),
    sqlite_with_rowid=False,
)

# How often what happened on a day (UTC): calls (`topic` empty) and opinions of rules. No patient, no user.
tallies = Table(
    "tallies",
    metadata,
    *[Column(name, Text, primary_key=True) for name in ("day", "client", "tenant", "hook", "topic", "what", "reason")],
    Column("number", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Text, primary_key=True),
    _text("card"),
    _text("client"),
    _text("tenant"),
    _text("service"),
    _text("outcome"),
    _text("accepted_suggestions"),
    _text("reasons"),
    Column("has_reason", Boolean, nullable=False),
    Column("outcome_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Index("feedback_card", "card"),
    Index("feedback_outcome_at", "outcome_at", "id"),
    Index("feedback_received_at", "received_at"),
)

# What feedback and its card have in common: what another client or tenant reports of a card is not about it.
WHOSE = ("card", "client", "tenant")
is_its_card = and_(*(issued_cards.c[name] == feedback.c[name] for name in WHOSE))

comments = Table(
    "comments",
    metadata,
    Column("feedback", Text, primary_key=True),
    _text("comment"),
    _text("extension"),
    Column("received_at", Instant, nullable=False),
    Index("comments_received_at", "received_at"),
)

used_tokens = Table(
    "used_tokens",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Index("used_tokens_expires_at", "expires_at"),
    sqlite_with_rowid=False,
)

# When a task was last done, by whichever worker did it. `padding` is written and emptied to see whether there is room.
housekeeping = Table(
    "housekeeping",
    metadata,
    Column("task", Text, primary_key=True),
    Column("done_at", BigInteger, nullable=False),
    Column("padding", LargeBinary),
)
