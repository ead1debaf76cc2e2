"""The suite of the ledger on a real PostgreSQL, which is started once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.cds_service.ledger.books import *  # noqa: F403
from tests.integration.ledger.postgresql_process import PostgresqlProcess

NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlProcess]:
    """A server for all tests."""
    with PostgresqlProcess() as process:
        yield process


@pytest.fixture
def address(postgresql: PostgresqlProcess) -> str:
    """Where the ledger is: a database that is empty."""
    return postgresql.address(f"ledger_{next(NUMBERS)}")
