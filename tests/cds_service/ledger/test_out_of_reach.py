"""Without its database the service answers cards, refuses feedback and says so; nothing stored is lost (SQLite)."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.errors import UNREADABLE, LedgerUnavailable
from cds_service.ledger import database as database_module
from cds_service.ledger import writer as writer_module
from cds_service.ledger.storage import Storage
from tests.cds_service.ledger.books import NOON, Books, Kept, overridden, request_of, rows, until
from tests.cds_service.ledger.test_issued_cards import issued

pytestmark = pytest.mark.alone

STRANGER = "3b0e8a52-9d0a-4b8e-8c1f-5e0c7a52f00d"
FEEDBACK = "/cds-services/neuropathy-order-sign/feedback"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "LOCK_SECONDS", 0.2)
    monkeypatch.setattr(writer_module, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(writer_module, "CHECK_SECONDS", 0.1)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """While another program holds the file."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


@contextmanager
def full(kept: Kept) -> Iterator[None]:
    """While there is room for not one more page."""
    engine = kept.ledger._writer.storage._database._engine  # type: ignore[union-attr]

    def no_more_pages(driver: sqlite3.Connection, _: object) -> None:
        driver.execute("PRAGMA max_page_count = 1")  # less than there are: then as many as there are

    with engine.connect() as connection:
        connection.connection.driver_connection.execute("VACUUM")  # no free page is left
    event.listen(engine, "connect", no_more_pages)
    engine.dispose()  # whatever connections are made from here on
    yield
    event.remove(engine, "connect", no_more_pages)
    engine.dispose()


def refused(kept: Kept) -> dict[str, str]:
    """The headers of the answer to feedback that cannot be stored."""
    answer = kept.client.post(FEEDBACK, json={"feedback": [overridden(STRANGER)]})
    assert (answer.status_code, answer.content_type) == (503, "application/json")
    assert answer.json["resourceType"] == "OperationOutcome"  # type: ignore[index]
    assert answer.json["issue"][0]["code"] == "transient"  # type: ignore[index]
    return dict(answer.headers)


def state(kept: Kept) -> tuple[int, str]:
    """Status of /readyz, and what it says of the ledger."""
    answer = kept.client.get("/readyz")
    return answer.status_code, answer.json["ledger"]  # type: ignore[index]


def test_before_the_first_attempt_the_ledger_is_neither_reachable_nor_unreachable(tmp_path: Path) -> None:
    kept = {"database": f"sqlite:///{tmp_path}/ledger.sqlite3"}
    app = create_app(Settings.model_validate(kept), SiteConfig())
    assert app.test_client().get("/readyz").json["ledger"] == "opening"  # type: ignore[index]
    assert not (tmp_path / "ledger.sqlite3").exists()


def test_a_locked_database_delays_no_card_and_refuses_feedback(books: Books, tmp_path: Path) -> None:
    kept = books()
    kept.call()
    kept.written()
    with locked(tmp_path / "ledger.sqlite3"):
        assert refused(kept)["Retry-After"] == "10"
        began = time.perf_counter()
        assert kept.call()
        assert time.perf_counter() - began < 0.5
        assert state(kept) == (200, "unreachable")
    until(lambda: kept.ledger.is_reachable)
    assert kept.report(overridden(STRANGER)) == 200
    assert state(kept) == (200, "reachable")
    assert len(kept.rows("issued_cards")) == 4
    assert len(kept.rows("feedback")) == 1


def test_an_export_that_cannot_be_read_does_not_speak_of_storing(books: Books) -> None:
    kept = books()
    kept.ledger._reach.lost(LedgerUnavailable("gone"))
    answer = kept.client.get("/ledger/export")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.json["issue"][0]["details"]["text"] == UNREADABLE  # type: ignore[index]


def test_a_full_disk_refuses_feedback_whole_and_loses_nothing_stored(books: Books) -> None:
    kept = books()
    assert kept.report(overridden(STRANGER, outcomeTimestamp="2026-06-14T00:00:00Z")) == 200
    with full(kept):
        batch = [overridden(f"3b0e8a52-9d0a-4b8e-8c1f-{number:012}") for number in range(500)]
        assert kept.report(*batch) == 503
        assert kept.call()
        assert state(kept) == (200, "unreachable")
    until(lambda: kept.ledger.is_reachable)
    assert len(kept.rows("feedback")) == 1
    assert kept.report(*batch) == 200
    assert len(kept.rows("feedback")) == 501


def test_a_file_that_was_taken_away_is_noticed_before_feedback_is_acknowledged(books: Books, tmp_path: Path) -> None:
    kept = books()
    assert kept.report(overridden(STRANGER)) == 200
    for path in tmp_path.glob("ledger.sqlite3*"):
        path.rename(path.with_name(f"taken-{path.name}"))
    refused(kept)
    until(lambda: kept.ledger.is_reachable)
    assert kept.report(overridden(STRANGER)) == 200
    assert len(rows(kept.address, "feedback")) == 1
    assert len(rows(f"sqlite:///{tmp_path}/taken-ledger.sqlite3", "feedback")) == 1


def test_a_database_that_was_never_there_stops_no_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings.model_validate({"database": f"sqlite:///{tmp_path}/no/such/folder/ledger.sqlite3"})
    app = create_app(settings, SiteConfig(), clock=lambda: NOON)
    client, ledger = app.test_client(), app.extensions["ledger"]
    body = request_of("gabapentinoid_cns_depressant/pregabalin-beside-oxycodone-at-70")
    for _ in range(3):
        assert client.post("/cds-services/neuropathy-order-select", json=body).json["cards"]
    assert client.post(FEEDBACK, json={"feedback": [overridden(STRANGER)]}).status_code == 503
    until(lambda: ledger._writer.tried.is_set())
    time.sleep(0.5)  # several more attempts
    loud = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["level"] == "critical"]
    assert [(line["event"], line["why"]) for line in loud] == [
        ("the ledger is out of reach: cards go on, feedback is refused", "SQLITE_CANTOPEN")
    ]
    (tmp_path / "no/such/folder").mkdir(parents=True)
    until(lambda: ledger.is_reachable and not ledger.queue_length)
    assert ledger.written == 6
    ledger.close()


def test_a_failure_of_our_own_is_said_and_tried_again(
    books: Books, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = books()
    until(lambda: kept.ledger.is_reachable)
    with monkeypatch.context() as failing:
        failing.setattr(Storage, "tidy", lambda self: 1 // 0)
        until(lambda: not kept.ledger.is_reachable)
    until(lambda: kept.ledger.is_reachable)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "out of reach" in line]
    assert [(line["level"], line["why"]) for line in said] == [("critical", "ZeroDivisionError")]


def test_nothing_of_what_could_not_be_stored_is_in_the_log(
    books: Books, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = books()
    with locked(tmp_path / "ledger.sqlite3"):
        said = {"reason": {"code": "MARKER1"}, "userComment": "MARKER2"}
        assert kept.report(overridden("MARKER3", overrideReason=said)) == 503
    written = capsys.readouterr()
    assert "MARKER" not in written.out + written.err
    assert "SQLITE_BUSY" in written.out


def test_with_too_many_cards_waiting_the_new_ones_are_lost_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(writer_module, "MOST_WAITING", 10)
    settings = Settings.model_validate({"database": f"sqlite:///{tmp_path}/none/ledger.sqlite3"})
    ledger = create_app(settings, SiteConfig()).extensions["ledger"]
    for number in range(15):
        ledger.issue([issued(number)])
    assert (ledger.queue_length, ledger.lost) == (10, 5)
    assert capsys.readouterr().out.count("issued cards are lost") == 1
    ledger.close()
    assert (ledger.written, ledger.lost) == (0, 15)


def test_the_figures_for_the_metrics_follow_the_ledger(books: Books, tmp_path: Path) -> None:
    kept = books()
    kept.call()

    def figures() -> dict[str, Any]:
        lines = kept.client.get("/metrics").text.splitlines()
        return {
            name: float(value)
            for name, value in (line.rsplit(" ", 1) for line in lines if "_ledger_" in line and line[0] != "#")
        }

    until(lambda: figures().get("neuropathy_cds_ledger_cards_written_total") == 2)
    assert figures()["neuropathy_cds_ledger_reachable"] == 1
    with locked(tmp_path / "ledger.sqlite3"):
        refused(kept)
        until(lambda: figures()["neuropathy_cds_ledger_reachable"] == 0)
