"""A browser and a service, one of each for a process of pytest; both end with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.site_map import SITE
from tests.browser.visitor import PATIENCE_MS, Visitor, launch
from tests.running_service import Service, running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service as `make serve` starts it, with a ledger of its own and every card switched on."""
    folder = tmp_path_factory.mktemp("service")
    site = folder / "site.toml"
    site.write_text(SITE, encoding="utf-8")
    with running(folder, site=str(site)) as service:
        yield service


@pytest.fixture
def visitor(browser: Browser, service: Service) -> Iterator[Visitor]:
    """Someone with a browser; the test fails when the browser complains of anything."""
    with Visitor(browser, service.address) as visitor:
        yield visitor
    assert visitor.complaints == []
