"""The suite of the outcomes on SQLite; tests/integration/ledger runs it on PostgreSQL."""

from __future__ import annotations

from tests.cds_service.ledger.conftest import *  # noqa: F403
