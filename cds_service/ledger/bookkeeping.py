"""Answers and feedback become rows of the ledger: words of ours as they are, what could be anything hashed or apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from cards.catalogue import Card
from cds_service.clients import Caller
from cds_service.hooks.feedback import Feedback, Reason
from cds_service.hooks.request import HookRequest
from cds_service.ledger.ledger import AnyLedger
from cds_service.ledger.records import (
    LONGEST_CODE,
    LONGEST_COMMENT,
    Comment,
    IssuedCard,
    ReceivedFeedback,
    storable,
    uuid_of,
)

MOST_REASONS = 20
_EMPTY = "[]"


class Bookkeeping:
    """Writes into the ledger what the endpoints answer and receive. `known_reasons`: codes that our cards offer."""

    def __init__(self, ledger: AnyLedger, cards: Iterable[Card], known_reasons: Collection[str]) -> None:
        self.known_reasons = known_reasons
        self._ledger = ledger
        self._versions = {card.knowledge.topic: card.knowledge.reviewed.on.isoformat() for card in cards}

    def issue(
        self,
        answer: Mapping[str, Any],
        repetitions: tuple[str | None, ...],
        request: HookRequest,
        caller: Caller,
        service: str,
    ) -> None:
        """A row for each card of an answer, written behind it. `repetitions` are those of the first cards.

        The rest, notes of the service's own, may be repeated.
        """
        cards = answer["cards"]
        if not cards:
            return
        now, hash_of = datetime.now(UTC), self._ledger.hash
        until = int(now.timestamp() + self._ledger.repetition_seconds)
        tenant, instance = storable(caller.tenant), uuid_of(request.instance)
        user, encounter = hash_of(request.user_id), hash_of(request.encounter_id)
        rows = []
        for card, repetition in zip(cards, (*repetitions, *[None] * (len(cards) - len(repetitions))), strict=True):
            topic = card["source"]["topic"]["code"]
            rows.append(
                IssuedCard(
                    card["uuid"], caller.name, tenant, service, request.hook.value, instance, topic,
                    self._versions.get(topic, ""), card["indicator"], now, user, encounter, _suggestions(card),
                    repetition, until if repetition else None,
                )
            )  # fmt: skip
        self._ledger.issue(rows)

    def keep(self, received: Iterable[Feedback], caller: Caller, service: str) -> None:
        """A row for each card reported on, stored when this returns. Raises LedgerUnavailable."""
        now = datetime.now(UTC)
        rows, said = [], []
        for one in received:
            row = self._row(one, caller, service, now)
            rows.append(row)
            if one.comment or one.extension:
                comment, extension = storable(one.comment, LONGEST_COMMENT), storable(one.extension, LONGEST_COMMENT)
                said.append(Comment(row.id, comment, extension, now))
        self._ledger.record_feedback(rows, said)

    def _row(self, one: Feedback, caller: Caller, service: str, now: datetime) -> ReceivedFeedback:
        card, tenant = self._id(one.card), storable(caller.tenant)
        accepted = _json(sorted(map(self._id, one.accepted_suggestions))) if one.accepted_suggestions else _EMPTY
        reasons = _json([self._reason(reason) for reason in one.reasons[:MOST_REASONS]]) if one.reasons else _EMPTY
        same = (caller.name, tenant, card, one.outcome, accepted, reasons, one.outcome_at)
        return ReceivedFeedback(
            id=sha256(orjson.dumps(same)).hexdigest()[:32],
            card=card,
            client=caller.name,
            tenant=tenant,
            service=service,
            outcome=one.outcome,
            accepted_suggestions=accepted,
            reasons=reasons,
            has_reason=bool(one.reasons or one.extension),
            outcome_at=one.outcome_at,
            received_at=now,
        )

    def _id(self, text: str) -> str:
        return uuid_of(text) or self._ledger.hash(text)

    def _reason(self, reason: Reason) -> dict[str, str | bool]:
        code, system, display = (storable(text, LONGEST_CODE) for text in reason)
        return {"code": code, "system": system, "display": display, "is_known": code in self.known_reasons}


def _suggestions(card: Mapping[str, Any]) -> str:
    suggestions = card.get("suggestions")
    return _json([suggestion["uuid"] for suggestion in suggestions]) if suggestions else _EMPTY


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
