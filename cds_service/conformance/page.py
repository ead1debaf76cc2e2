"""A report as one page: no scripts, nothing loaded, light or dark as the reader has it."""

from __future__ import annotations

from typing import Any

from cds_service.conformance.report import CLAIM, MOST_SHOWN, exchange_of
from cds_service.conformance.row import LEVELS
from cds_service.conformance.runner import Report


def as_html(report: Report) -> str:
    """The page; each row leads to the exchanges that show it."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("cds_service.conformance"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    shown = sorted({number for result in report for number in result.exchanges[:MOST_SHOWN]})
    return environment.get_template("report.html").render(
        report=report,
        claim=CLAIM,
        levels=LEVELS,
        most_shown=MOST_SHOWN,
        counts={status: report.count(status) for status in ("pass", "fail", "not applicable")},
        exchanges=[_readable(exchange_of(report.exchanges[number])) for number in shown],
    )


def _readable(exchange: dict[str, Any]) -> dict[str, Any]:
    for side in ("request", "answer"):
        exchange[side]["headers"] = "\n".join(f"{name}: {value}" for name, value in exchange[side]["headers"].items())
    return exchange
