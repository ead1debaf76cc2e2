"""What was said of cards in free text, and every report of wrong data: these first, with a comment before without."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from cds_service.ledger.tables import comments, feedback, is_its_card, issued_cards
from cds_service.outcomes.counts import chosen
from cds_service.outcomes.selection import Asked, midnight

WRONG_DATA = "data-incorrect"
ON_A_PAGE = 20


class Said(NamedTuple):
    """What one feedback says. `rule`: topic of the card, empty when the ledger does not know the card.

    `comment` is free text and may name a patient, as may `extension`, a client's own reasons as JSON.
    """

    at: datetime
    rule: str
    client: str
    tenant: str
    hook: str
    card: str
    outcome: str
    reasons: tuple[dict[str, Any], ...]
    comment: str
    extension: str

    @property
    def is_wrong_data(self) -> bool:
        """Were the data shown reported as wrong?"""
        return any(reason["code"] == WRONG_DATA for reason in self.reasons)


class Queue(NamedTuple):
    """A page of it, the number of its first entry, and how many entries all pages have."""

    entries: tuple[Said, ...]
    first: int
    length: int


def queue(connection: Connection, asked: Asked, page: int) -> Queue:
    """The entries of a page (the first is 1), each kind by the time of the outcome, newest first."""
    said, card = feedback.c, issued_cards.c
    is_free = comments.c.feedback.isnot(None)
    statement = (
        select(
            *(said.outcome_at, card.topic, said.client, said.tenant, card.hook, said.card, said.outcome, said.reasons),
            *(comments.c.comment, comments.c.extension, func.count().over().label("length")),
        )
        .select_from(feedback)
        .outerjoin(comments, comments.c.feedback == said.id)
        .outerjoin(issued_cards, is_its_card)
        .where(said.outcome_at >= midnight(asked.since), said.outcome_at < midnight(asked.until))
        .where(*chosen(feedback, asked, "client", "tenant"), *chosen(issued_cards, asked, "hook"))
        .where(or_(is_free, _is_wrong_data()))
        .order_by(case((~_is_wrong_data(), 2), (is_free, 0), else_=1), said.outcome_at.desc(), said.id)
        .limit(ON_A_PAGE)
        .offset((page - 1) * ON_A_PAGE)
    )
    if asked.rule:
        statement = statement.where(card.topic == asked.rule)
    rows = connection.execute(statement).all()
    return Queue(tuple(map(_said, rows)), (page - 1) * ON_A_PAGE + 1, rows[0].length if rows else 0)


def _is_wrong_data() -> ColumnElement[bool]:
    """Is the code among the reasons? In their JSON a quotation mark within a text is escaped, so this is no text's."""
    return func.replace(feedback.c.reasons, f'"code":"{WRONG_DATA}"', "") != feedback.c.reasons


def _said(row: Any) -> Said:
    return Said(
        row.outcome_at,
        row.topic or "",
        row.client,
        row.tenant,
        row.hook or "",
        row.card,
        row.outcome,
        tuple(orjson.loads(row.reasons)),
        row.comment or "",
        row.extension or "",
    )
