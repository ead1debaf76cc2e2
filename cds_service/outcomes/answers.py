"""Answers those who look at the outcomes: reads what they ask for, has it counted, writes page or sheet."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from flask import Response, render_template
from sqlalchemy import Connection

from cards.catalogue import load_catalogue
from cards.orders import Hook
from cds_service.clients import OPEN, TRYING
from cds_service.config import SiteConfig
from cds_service.errors import UNREADABLE, InvalidRequest, LedgerUnavailable
from cds_service.ledger.ledger import Ledger
from cds_service.outcomes import words
from cds_service.outcomes.comments import ON_A_PAGE, Queue, queue
from cds_service.outcomes.counts import Counts, count
from cds_service.outcomes.selection import FIELDS, Reading, kept_since, read_asked
from cds_service.outcomes.sheet import TABLES, as_csv
from cds_service.outcomes.view import view_of
from cds_service.pages.policy import WITH_FORMS, page_response
from cds_service.rule_base import RuleBase

SECONDS = 60.0  # several times what a quarter of 10,000 cards a day takes
_LAST_PAGE = 9_999

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


class Answers:
    """The page and the sheets of one service."""

    def __init__(self, site: SiteConfig, rules: RuleBase, ledger: Ledger) -> None:
        cards = rules.catalogue.cards
        # those that are off now had cards, too
        house = {card.knowledge.topic: card.knowledge.title for card in load_catalogue().cards}
        self._site = site
        self._ledger = ledger
        self._topics = {card.rule: card.knowledge.topic for card in cards}
        self._titles = {card.knowledge.topic: card.knowledge.title for card in cards}
        self._words = words.Words({**house, **self._titles}, rules.override_reasons)

    def page(self, given: Mapping[str, str]) -> Response:
        """The page for these fields. Raises LedgerUnavailable, InvalidRequest for a `page` that is no number."""
        reading, page = self._read(given), _number_of_page(given)
        if reading.problems:
            response = page_response(self._rendered(given, reading, {}), WITH_FORMS)
            response.status_code = 400
            return response
        counts, said = self._look(
            lambda connection, ends_at: (
                count(connection, reading.asked, ends_at),
                queue(connection, reading.asked, page),
            )
        )
        _log.info("outcomes were shown", extra={"why": "the operator asked"})
        return page_response(self._rendered(given, reading, self._counted(counts, said, page)), WITH_FORMS)

    def sheet(self, given: Mapping[str, str]) -> Response:
        """The sheet for these fields. Raises LedgerUnavailable, InvalidRequest naming the field at fault."""
        reading, table = self._read(given), given.get("table", "figures")
        if table not in TABLES:
            raise InvalidRequest("table", " or ".join(TABLES))
        for field, problem in reading.problems.items():
            raise InvalidRequest(field, problem)
        counts = self._look(lambda connection, ends_at: count(connection, reading.asked, ends_at))
        name = "outcomes" if table == "figures" else f"outcomes-{table}"
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        body = as_csv(table, counts, self._words)
        return Response(body, content_type="text/csv; charset=utf-8", headers=headers)

    def _read(self, given: Mapping[str, str]) -> Reading:
        now = datetime.now(UTC)
        return read_asked(given, now.date(), self._topics, kept_since(self._site.ledger, now))

    def _look(self, work: Callable[[Connection, float], Answer]) -> Answer:
        ends_at = time.monotonic() + SECONDS
        try:
            return self._ledger.look(lambda connection: work(connection, ends_at), SECONDS)
        except LedgerUnavailable as error:
            raise LedgerUnavailable(error.cause, UNREADABLE) from None

    def _counted(self, counts: Counts, said: Queue, page: int) -> dict[str, Any]:
        return {
            "counts": counts,
            "view": view_of(counts, self._words),
            "said": said,
            "page": page,
            "pages": max(-(-said.length // ON_A_PAGE), 1),
            "tallies_are_late": _tallies_are_late(counts),
        }

    def _rendered(self, given: Mapping[str, str], reading: Reading, counted: Mapping[str, Any]) -> str:
        fields = {name: given.get(name, "").strip() for name in FIELDS}
        asked = reading.asked
        fields["rule"] = asked.rule
        if not reading.problems:
            fields.update(since=asked.since.isoformat(), until=asked.until.isoformat())
        return render_template(
            "outcomes.html",
            fields=fields,
            reading=reading,
            asked=asked,
            problems=reading.problems,
            kept={name: value for name, value in given.items() if name in FIELDS and value},
            rules=self._rules(asked.rule),
            is_readable=asked.rule in self._titles,
            clients=self._clients(asked.client),
            tenants=sorted({tenant for client in self._site.clients for tenant in client.tenants}),
            hooks=list(Hook),
            tables=tuple(TABLES),
            words=words,
            names=self._words,
            playground=TRYING,
            days=(self._site.ledger.card_days, self._site.ledger.feedback_days, self._site.ledger.comment_days),
            **counted,
        )

    def _rules(self, chosen: str) -> list[tuple[str, str]]:
        """(topic, title) of each rule that can be chosen."""
        topics = {*self._titles, *([chosen] if chosen else [])}
        return sorted(((topic, self._words.rule(topic)) for topic in topics), key=lambda one: one[1])

    def _clients(self, chosen: str) -> list[str]:
        listed = [client.name for client in self._site.clients] or [OPEN]
        return sorted({*listed, *([chosen] if chosen else [])} - {TRYING})


def _number_of_page(given: Mapping[str, str]) -> int:
    """Which page of what was said. Raises InvalidRequest."""
    text = given.get("page", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(_LAST_PAGE)) else 0
    if not number:
        raise InvalidRequest("page", f"a number from 1 to {_LAST_PAGE}")
    return number


def _tallies_are_late(counts: Counts) -> date | None:
    """The first day on which calls were counted, when cards of days before it are among those asked for."""
    first = counts.weeks[0].start if counts.weeks else None
    since = counts.tallied_since
    return since if since and first and since > first else None
