"""Is there a playground? And its addresses; what is behind them is loaded when somebody first looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from flask import Flask

from cds_service.config import Settings, SiteConfig, is_among_ourselves
from cds_service.hooks.discovery import Service
from cds_service.ledger.ledger import AnyLedger
from cds_service.rule_base import RuleBase

if TYPE_CHECKING:
    from cds_service.playground.routes import Playground

_CHOSEN = {"on": True, "off": False}


def is_playground_on(settings: Settings, site: SiteConfig) -> bool:
    """Is the page there? Unless a site says so: only where nobody but this machine calls, and without tokens."""
    return _CHOSEN.get(site.playground.switch, is_among_ourselves(settings, site))


def add_playground(
    app: Flask,
    settings: Settings,
    site: SiteConfig,
    rules: RuleBase,
    services: tuple[Service, ...],
    ledger: AnyLedger,
    clock: Callable[[], datetime],
) -> None:
    """Adds the page at `/` and the two addresses that its buttons send to."""

    @cache
    def playground() -> Playground:
        from cds_service.playground.routes import Playground

        return Playground(settings, site, rules, services, ledger, clock)

    app.add_url_rule("/", "playground", lambda: playground().show())
    app.add_url_rule("/playground/apply", "apply suggestion", lambda: playground().apply(), methods=["POST"])
    app.add_url_rule("/playground/override", "override card", lambda: playground().override(), methods=["POST"])
