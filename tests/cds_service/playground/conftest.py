"""Visitors of the playground, with a ledger and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.app import LEDGER, create_app
from cds_service.config import Settings, SiteConfig
from tests.cds_service.ledger.books import until
from tests.cds_service.playground.visiting import Visitor
from tests.conftest import NOON


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    """Someone who looks at a service that keeps nothing."""
    return Visitor(client)


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Where that ledger is."""
    return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"


@pytest.fixture
def kept_app(address: str) -> Iterator[Flask]:
    """A service with a ledger of its own."""
    app = create_app(Settings.model_validate({"database": address}), SiteConfig(), clock=lambda: NOON)
    app.extensions[LEDGER].start()
    until(lambda: app.extensions[LEDGER].is_reachable)
    yield app
    app.extensions[LEDGER].close()


@pytest.fixture
def kept(kept_app: Flask) -> Visitor:
    """Someone whose overrides are remembered."""
    return Visitor(kept_app.test_client())
