"""What every test may ask for: the service on the day of the fixtures, 2026-06-15 at noon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def _no_ledger() -> Iterator[None]:
    """Processes that the tests start keep no ledger in the working directory; those that test it name a place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDS_SERVICE_DATABASE", "")
        yield


@pytest.fixture(scope="session")
def app() -> Flask:
    """The service with every default; it keeps nothing from one call to the next."""
    return create_app(Settings(), SiteConfig(), clock=lambda: NOON)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Someone who calls it."""
    return app.test_client()


@pytest.fixture
def client_of() -> Callable[..., FlaskClient]:
    """Someone who calls a service whose site file says this."""

    def client_of(**choices: Any) -> FlaskClient:
        return create_app(Settings(), SiteConfig.model_validate(choices), clock=lambda: NOON).test_client()

    return client_of
