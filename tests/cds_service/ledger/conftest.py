"""The suite of the ledger on SQLite; tests/integration/ledger runs it on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cds_service.ledger.books import *  # noqa: F403


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Where the ledger is: a file that does not exist yet."""
    return f"sqlite:///{tmp_path}/ledger.sqlite3"
