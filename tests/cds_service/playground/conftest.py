"""Visitors of the playground, with a ledger and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.app import LEDGER, create_app
from cds_service.config import Settings, SiteConfig
from tests.cds_service.playground.visiting import Visitor
from tests.conftest import NOON


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    """Someone who looks at a service that keeps nothing."""
    return Visitor(client)


@pytest.fixture
def kept_app(tmp_path: Path) -> Iterator[Flask]:
    """A service with a ledger of its own."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'ledger.sqlite3'}", log_level="error")
    app = create_app(settings, SiteConfig(), clock=lambda: NOON)
    app.extensions[LEDGER].start()
    yield app
    app.extensions[LEDGER].close()


@pytest.fixture
def kept(kept_app: Flask) -> Visitor:
    """Someone whose overrides are remembered."""
    return Visitor(kept_app.test_client())
