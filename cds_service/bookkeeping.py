"""Answers and feedback become rows of the ledger: words of ours as they are, what could be anything hashed or apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256

import orjson

from cards.catalogue import Card
from cards.opinion import Advice
from cds_service.clients import Caller
from cds_service.hooks.feedback import Feedback, Reason
from cds_service.hooks.identifier import is_uuid, new_uuid
from cds_service.hooks.request import HookRequest
from cds_service.ledger.ledger import AnyLedger
from cds_service.ledger.records import (
    LONGEST_CODE,
    LONGEST_COMMENT,
    Comment,
    IssuedCard,
    ReceivedFeedback,
    storable,
)
from cds_service.ledger.tallies import CALL, Said
from cds_service.review import Review

MOST_REASONS = 20
_EMPTY = "[]"


class Bookkeeping:
    """Writes into the ledger what the endpoints answer and receive. `known_reasons`: codes that our cards offer."""

    def __init__(self, ledger: AnyLedger, cards: Iterable[Card], known_reasons: Collection[str]) -> None:
        self.known_reasons = known_reasons
        self._ledger = ledger
        self._versions = {card.knowledge.topic: card.knowledge.reviewed.on.isoformat() for card in cards}

    def close_call(
        self, review: Review, said: Iterable[Said], request: HookRequest, caller: Caller, service: str
    ) -> None:
        """What an answered call leaves, written behind the answer: tallies, and its cards, the silent ones too."""
        now = datetime.now(UTC)
        group = (now.date().isoformat(), caller.name, _listed_tenant(caller), request.hook.value)
        self._ledger.count(group, (CALL, *said))
        if review.answer["cards"] or any(one.is_silent and one.is_left for one in review.considered):
            self._ledger.issue([*self._rows(review, now, request, caller, service)])

    def _rows(
        self, review: Review, now: datetime, request: HookRequest, caller: Caller, service: str
    ) -> Iterator[IssuedCard]:
        """A row for each card, shown and silent. Notes of the service's own have no hash: they may be repeated."""
        of_call = (caller.name, storable(caller.tenant), service, request.hook.value, _uuid(request.instance))
        of_whom = (self._ledger.hash(request.user_id), self._ledger.hash(request.encounter_id))
        until = int(now.timestamp() + self._ledger.repetition_seconds)
        version = self._versions.get
        for card in review.answer["cards"]:
            topic, repetition = card["source"]["topic"]["code"], review.repetitions.get(card["uuid"])
            offered = _json([one["uuid"] for one in card["suggestions"]]) if "suggestions" in card else _EMPTY
            yield IssuedCard(
                card["uuid"], *of_call, topic, version(topic, ""), card["indicator"], now, *of_whom, offered,
                repetition, until if repetition else None,
            )  # fmt: skip
        for one in review.considered:
            if one.is_silent and one.is_left and isinstance(one.opinion, Advice):
                topic, level = one.card.knowledge.topic, str(one.opinion.indicator)
                yield IssuedCard(
                    new_uuid(), *of_call, topic, version(topic, ""), level, now, *of_whom, _EMPTY, is_shown=False
                )

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
        return _uuid(text) or self._ledger.hash(text)

    def _reason(self, reason: Reason) -> dict[str, str | bool]:
        code, system, display = (storable(text, LONGEST_CODE) for text in reason)
        return {"code": code, "system": system, "display": display, "is_known": code in self.known_reasons}


def _uuid(text: str) -> str:
    """The UUID in the spelling of ours; empty when it is none."""
    return text.lower() if is_uuid(text) else ""


def _listed_tenant(caller: Caller) -> str:
    """The tenant as far as the site lists it: whatever else a token may claim, tallies stay few."""
    client = caller.client
    return storable(caller.tenant) if client is not None and caller.tenant in client.tenants else ""


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
