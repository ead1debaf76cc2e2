"""What is past its time goes, and nothing else (certification.md B2, LOG-04)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cds_service.command_line import main
from cds_service.config import LedgerChoice
from cds_service.ledger.database import Database
from cds_service.ledger.ledger import Ledger
from cds_service.ledger.records import Comment, ReceivedFeedback
from cds_service.ledger.retention import purge
from cds_service.ledger.storage import Storage
from cds_service.ledger.tallies import CALL
from tests.cds_service.ledger.books import rows, until
from tests.cds_service.ledger.test_issued_cards import issued

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
CHOICE = LedgerChoice(card_days=10, feedback_days=20, comment_days=5)


def feedback(name: str, days_ago: float, card: str = "none") -> ReceivedFeedback:
    """Feedback received so many days ago."""
    at = NOW - timedelta(days=days_ago)
    return ReceivedFeedback(name, card, "open", "", "s", "overridden", "[]", "[]", False, at, at)


def comment(name: str, days_ago: float) -> Comment:
    """A comment received so many days ago."""
    return Comment(name, "said", "", NOW - timedelta(days=days_ago))


def left(address: str, table: str, key: str) -> set[Any]:
    """The keys of the rows that are left after a purge."""
    database = Database(address)
    purge(database, CHOICE, NOW)
    database.close()
    return {row[key] for row in rows(address, table)}


def test_a_card_without_feedback_goes_after_its_days(ledger: Ledger, address: str) -> None:
    ledger.issue([issued(days, issued_at=NOW - timedelta(days=days)) for days in (9, 11)])
    until(lambda: ledger.written == 2)
    assert left(address, "issued_cards", "card") == {issued(9).card}


def test_a_card_stays_as_long_as_the_feedback_about_it(ledger: Ledger, address: str) -> None:
    ledger.issue([issued(days, issued_at=NOW - timedelta(days=days)) for days in (11, 30)])
    ledger.record_feedback([feedback("kept", 11, issued(11).card), feedback("gone", 21, issued(30).card)], [])
    until(lambda: ledger.written == 2)
    assert left(address, "issued_cards", "card") == {issued(11).card}


def test_feedback_goes_after_its_days_and_comments_after_theirs(ledger: Ledger, address: str) -> None:
    ledger.record_feedback(
        [feedback("4", 4), feedback("6", 6), feedback("21", 21)], [comment("4", 4), comment("6", 6), comment("21", 21)]
    )
    assert left(address, "feedback", "id") == {"4", "6"}
    assert left(address, "comments", "feedback") == {"4"}


def test_tallies_go_with_the_cards_of_their_day(ledger: Ledger, address: str) -> None:
    days = [(NOW - timedelta(days=days)).date().isoformat() for days in (9, 10, 11, 400)]
    for day in days:
        ledger.count((day, "open", "", "order-sign"), [CALL, ("topic", "cannot-tell", "late")])
        ledger.count((day, "ehr", "ward-7", "order-sign"), [CALL])
    ledger.close()
    assert left(address, "tallies", "day") == set(days[:2])
    assert len(rows(address, "tallies")) == 6


def test_tokens_go_when_they_have_expired(ledger: Ledger, address: str) -> None:
    ledger.first_use("a", "old", NOW - timedelta(seconds=5))
    ledger.first_use("a", "good", NOW + timedelta(seconds=5))
    assert len(left(address, "used_tokens", "jti")) == 1


def test_the_hash_of_a_repetition_goes_with_its_window(ledger: Ledger, address: str) -> None:
    second = int(NOW.timestamp())
    ledger.issue(
        [
            issued(1, issued_at=NOW, repetition="past", repetition_until=second - 5),
            issued(2, issued_at=NOW, repetition="open", repetition_until=second + 5),
        ]
    )
    said = [
        feedback(str(number), 0, issued(number).card)._replace(has_reason=True, received_at=datetime.now(UTC))
        for number in (1, 2)
    ]
    ledger.record_feedback(said, [])
    until(lambda: ledger.written == 2)
    assert {row["repetition"] for row in rows(address, "overridden")} == {"past", "open"}
    assert left(address, "issued_cards", "repetition") == {None, "open"}
    assert left(address, "overridden", "repetition") == {"open"}


def test_more_than_goes_at_once_goes(ledger: Ledger, address: str) -> None:
    ledger.record_feedback([feedback(str(number), 30) for number in range(2_500)], [])
    assert left(address, "feedback", "id") == set()


def test_the_service_purges_by_itself_one_worker_for_all(address: str, ledger: Ledger) -> None:
    ledger.record_feedback([feedback("old", 0)._replace(received_at=NOW - timedelta(days=900))], [])
    storages = [Storage(address, LedgerChoice()) for _ in range(2)]
    for storage in storages:
        storage.open()
        storage.tidy()
    assert [row["id"] for row in rows(address, "feedback")] == ["old"]  # it was done when the ledger was opened
    from cds_service.ledger import storage as module

    later = module.time.time() + 700
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.time, "time", lambda: later)
        storages[0].tidy()
    assert rows(address, "feedback") == []
    for storage in storages:
        storage.close()


def test_the_command_purges_now(
    ledger: Ledger, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ledger.record_feedback([feedback("old", 30), feedback("new", 0)._replace(received_at=datetime.now(UTC))], [])
    site = tmp_path / "site.toml"
    site.write_text("[ledger]\nfeedback_days = 20\ncomment_days = 20\n", encoding="utf-8")
    monkeypatch.setenv("CDS_SERVICE_DATABASE", address)
    monkeypatch.setenv("CDS_SERVICE_SITE", str(site))
    main(["purge"])
    assert "feedback: 1\n" in capsys.readouterr().out
    assert [row["id"] for row in rows(address, "feedback")] == ["new"]


def test_comments_cannot_be_kept_longer_than_feedback() -> None:
    with pytest.raises(ValidationError, match="comment_days"):
        LedgerChoice(feedback_days=10, comment_days=11)
