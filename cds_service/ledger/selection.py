"""Which feedback somebody asks for, as people write it on the command line and in addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, NamedTuple

Format = Literal["ndjson", "csv"]


class Selection(NamedTuple):
    """By the time of the outcome (`since` included, `until` not), by client, by tenant. None: any.

    `unanswered`: the cards without feedback too, by the time at which they were issued.
    """

    since: datetime | None = None
    until: datetime | None = None
    client: str | None = None
    tenant: str | None = None
    unanswered: bool = False


def read_instant(text: str) -> datetime:
    """2026-06-15 or 2026-06-15T12:00:00+02:00; a day is its first moment, and without an offset UTC is meant.

    Raises ValueError.
    """
    at = datetime.fromisoformat(text)
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("out of range") from None
