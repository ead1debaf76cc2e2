"""A report as data (JSON) and for build servers (JUnit XML)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from cds_service.conformance.exchange import Exchange, readable, without_secrets
from cds_service.conformance.row import LEVELS
from cds_service.conformance.runner import Report, Result

CLAIM = (
    "A report of this project's own suite about one running service. No body certifies a stand-alone CDS Hooks service;"
    " conformance to CDS Hooks is self-declared."
)
MOST_SHOWN = 12  # exchanges of a row; the decisive one comes first


def as_json(report: Report) -> str:
    """The whole report; exchanges by number, rows refer to them."""
    shown = {number for result in report for number in result.exchanges[:MOST_SHOWN]}
    about = {
        "suite": f"neuropathy-cds {version('neuropathy-cds')}",
        "claim": CLAIM,
        "service": report.url,
        "profile": report.profile,
        "began": report.began.isoformat(timespec="seconds"),
        "passed": report.passed,
        "counts": {status: report.count(status) for status in ("pass", "fail", "not applicable")},
        "levels": LEVELS,
        "rows": [
            {"group": group.id, **_row(report, result)} for group, results in report.results for result in results
        ],
        "exchanges": [exchange_of(report.exchanges[number]) for number in sorted(shown)],
    }
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def as_junit(report: Report) -> str:
    """The report as JUnit XML: a suite for each group, a case for each row; a fault not mandatory is skipped."""
    root = Element("testsuites", name="CDS Hooks conformance")
    for group, results in report.results:
        suite = SubElement(root, "testsuite", name=f"{group.id} {group.title}", tests=str(len(results)))
        failures = [result for result in results if result.status == "fail" and report.is_mandatory(result)]
        suite.set("failures", str(len(failures)))
        suite.set("skipped", str(sum(r.status != "pass" for r in results) - len(failures)))
        for result in results:
            _case(suite, report, result, is_failure=result in failures)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def as_markdown(report: Report) -> str:
    """The rows as a table in Markdown, without the exchanges."""
    lines = ["| Row | Level | Requirement | Source | Result |", "| --- | --- | --- | --- | --- |"]
    for group, results in report.results:
        lines.append(f"| **{group.id}** | | **{group.title}** | | |")
        for result in results:
            row = result.row
            said = f"{result.status}: {result.reason}" if result.reason else result.status
            cells = (
                row.id,
                f"{row.level}*" if report.is_mandatory(result) else row.level,
                row.sentence,
                row.source,
                said,
            )
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def exchange_of(exchange: Exchange) -> dict[str, Any]:
    """An exchange for people to read, its tokens left out."""
    return {
        "number": exchange.number,
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "headers": without_secrets(exchange.sent_headers),
            "body": readable(exchange.sent_body),
        },
        "answer": {
            "status": exchange.status,
            "error": exchange.error,
            "headers": dict(exchange.headers),
            "body": readable(exchange.body),
            "milliseconds": round(exchange.seconds * 1000),
        },
    }


def _row(report: Report, result: Result) -> dict[str, Any]:
    row = result.row
    return {
        "id": row.id,
        "level": row.level,
        "mandatory": report.is_mandatory(result),
        "source": row.source,
        "requirement": row.sentence,
        "status": result.status,
        "reason": result.reason,
        "exchanges": list(result.exchanges[:MOST_SHOWN]),
    }


def _case(suite: Element, report: Report, result: Result, *, is_failure: bool) -> None:
    row = result.row
    case = SubElement(suite, "testcase", classname=f"conformance.{row.level}", name=f"{row.id} {row.sentence}")
    case.set("time", f"{result.seconds:.3f}")
    if is_failure:
        SubElement(case, "failure", message=result.reason).text = "\n".join(_shown(report, result))
    elif result.status == "fail":
        SubElement(case, "skipped", message=f"not mandatory, and fails: {result.reason}")
    elif result.status == "not applicable":
        SubElement(case, "skipped", message=result.reason)


def _shown(report: Report, result: Result) -> Iterator[str]:
    yield f"level {result.row.level}, source {result.row.source}"
    for number in result.exchanges[:1]:
        yield json.dumps(exchange_of(report.exchanges[number]), indent=2, ensure_ascii=False)
