"""GET /outcomes, a page for the operator's eyes, and /outcomes.csv, the same figures as sheets."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from cds_service.config import Settings, SiteConfig
from cds_service.ledger.ledger import Ledger
from cds_service.operator_access import check_operator
from cds_service.rule_base import RuleBase

if TYPE_CHECKING:
    from cds_service.outcomes.answers import Answers

PAGE, SHEET = "/outcomes", "/outcomes.csv"


def add_outcomes(app: Flask, settings: Settings, site: SiteConfig, rules: RuleBase, ledger: Ledger) -> None:
    """Adds the page and the sheets."""

    @cache
    def answers() -> Answers:
        # needs the database's library, which a start does not wait for
        from cds_service.outcomes.answers import Answers

        return Answers(site, rules, ledger)

    @app.get(PAGE)
    def outcomes() -> Response:
        """The page; where a field says nothing sensible, the form again with what is wrong beside the field."""
        check_operator(settings, request.headers.get("Authorization"), is_page=True)
        return _not_stored(answers().page(request.args))

    @app.get(SHEET)
    def outcomes_sheet() -> Response:
        """A sheet (`table`: figures, reasons, cannot-tell) of what the same fields choose."""
        check_operator(settings, request.headers.get("Authorization"), is_page=True)
        return _not_stored(answers().sheet(request.args))


def _not_stored(response: Response) -> Response:
    """What it tells is for whoever looks now, and for nobody who uses the same browser later."""
    response.headers["Cache-Control"] = "no-store"
    return response
