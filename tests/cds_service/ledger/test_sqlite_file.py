"""What only a file can show: what was deleted is gone from it, and it is written ahead."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cds_service.config import LedgerChoice
from cds_service.ledger.database import Database
from cds_service.ledger.retention import purge
from tests.cds_service.ledger.books import Books, overridden


def test_log_04_a_comment_that_was_purged_is_gone_from_the_file(books: Books, tmp_path: Path) -> None:
    kept = books()
    said = {"reason": {"code": "c"}, "userComment": "MARKER " * 200}
    assert kept.report(overridden("3b0e8a52-9d0a-4b8e-8c1f-5e0c7a52f00d", overrideReason=said)) == 200
    assert _holds(tmp_path, b"MARKER")
    kept.ledger.close()
    database = Database(kept.address)
    purge(database, LedgerChoice(), datetime.now(UTC) + timedelta(days=40))
    database.close()
    assert not _holds(tmp_path, b"MARKER")


def test_it_is_written_ahead_so_that_nobody_who_reads_waits(books: Books, tmp_path: Path) -> None:
    books()
    connection = sqlite3.connect(tmp_path / "ledger.sqlite3")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_feedback_is_synchronised_with_the_disk_and_cards_are_not(books: Books) -> None:
    kept = books()
    database = kept.ledger._writer.storage._database  # type: ignore[union-attr]
    for is_durable, level in ((True, 2), (False, 1)):
        with database.writing(durable=is_durable) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level


def _holds(folder: Path, marker: bytes) -> bool:
    return any(marker in path.read_bytes() for path in folder.glob("ledger.sqlite3*"))
