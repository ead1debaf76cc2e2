"""A ledger at an address that the suite names, the service that keeps it, and a look at what it holds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import LedgerChoice, Settings, SiteConfig
from cds_service.ledger.database import Database
from cds_service.ledger.ledger import Ledger
from cds_service.ledger.tables import metadata

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
WARNINGS = "gabapentinoid_cns_depressant/pregabalin-beside-oxycodone-at-70"
CRITICAL = "rituximab_hbv_serology/first-dose-without-any-screen"
SECONDS = 20.0

Books = Callable[..., "Kept"]


class Kept:
    """The service with a ledger that is open, somebody who calls it, and what it keeps."""

    def __init__(self, address: str, choices: dict[str, Any], settings: dict[str, Any]) -> None:
        site = SiteConfig.model_validate(choices)
        chosen = Settings.model_validate({"database": address, "hash_key": "key of the tests", **settings})
        self.address = address
        self.app = create_app(chosen, site, clock=lambda: NOON)
        self.client: FlaskClient = self.app.test_client()
        self.ledger: Ledger = self.app.extensions["ledger"]
        self.ledger.start()

    def call(self, story: str = WARNINGS, change: Callable[[dict[str, Any]], None] | None = None, **sent: Any) -> Any:
        """The cards of a call from the fixtures, `change` made to it first."""
        body = request_of(story)
        if change is not None:
            change(body)
        answer = self.client.post(f"/cds-services/neuropathy-{body['hook']}", json=body, **sent)
        assert answer.status_code == 200, answer.text
        return answer.json["cards"]  # type: ignore[index]

    def report(self, *entries: dict[str, Any], hook: str = "order-sign", **sent: Any) -> int:
        """The status of the answer to this feedback."""
        address = f"/cds-services/neuropathy-{hook}/feedback"
        return self.client.post(address, json={"feedback": entries}, **sent).status_code

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What the table holds, once what waits is written."""
        self.written()
        return rows(self.address, table)

    def written(self) -> Kept:
        """Itself, once what was issued and counted is written."""
        writer = self.ledger._writer
        if writer.tallies.are_waiting:  # for tallies alone it does not hurry
            writer.wake()
        until(lambda: self.ledger.queue_length == 0 and not writer.tallies.are_waiting)
        return self


@pytest.fixture
def books(address: str) -> Iterator[Books]:
    """Services with this site file and these settings, their ledgers closed at the end."""
    open_ones: list[Kept] = []

    def opened(settings: dict[str, Any] | None = None, **choices: Any) -> Kept:
        kept = Kept(address, choices, settings or {})
        open_ones.append(kept)
        until(lambda: kept.ledger.is_reachable)
        return kept

    yield opened
    for kept in open_ones:
        kept.ledger.close()


@pytest.fixture
def ledger(address: str) -> Iterator[Ledger]:
    """A ledger that is open."""
    opened = open_ledger(address)
    yield opened
    opened.close()


def open_ledger(address: str, **choice: float) -> Ledger:
    """A ledger at this address, within reach."""
    ledger = Ledger(address, "key of the tests", LedgerChoice.model_validate(choice))
    ledger.start()
    until(lambda: ledger.is_reachable)
    return ledger


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Waits until this is so; fails when it takes too long."""
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "it never came true"
        time.sleep(0.01)


def rows(address: str, table: str) -> list[dict[str, Any]]:
    """What a table holds."""
    database = Database(address)
    with database.reading() as connection:
        found = [dict(row) for row in connection.execute(metadata.tables[table].select()).mappings()]
    database.close()
    return found


def everything_in(address: str) -> str:
    """All that the ledger holds, as one text."""
    return "\n".join(json.dumps(rows(address, table), default=str) for table in metadata.tables)


def request_of(story: str) -> dict[str, Any]:
    """A call from the fixtures."""
    path = Path(__file__).parents[3] / "fhir_fixtures" / f"{story}.request.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def overridden(card: str, code: str = "data-incorrect", **more: Any) -> dict[str, Any]:
    """Feedback: the card was overridden with this reason."""
    entry = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-06-15T09:14:31Z"}
    return {**entry, **({"overrideReason": {"reason": {"code": code}}} if code else {}), **more}


def accepted(card: str, suggestion: str, **more: Any) -> dict[str, Any]:
    """Feedback: a suggestion of the card was accepted."""
    entry = {"card": card, "outcome": "accepted", "outcomeTimestamp": "2026-06-15T09:14:07.250Z"}
    return {**entry, "acceptedSuggestions": [{"id": suggestion}], **more}
