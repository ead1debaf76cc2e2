"""The command `cds-service conformance`: its options, the run, and where the report goes."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cds_service.conformance.fhir_double import FhirDouble
from cds_service.conformance.page import as_html
from cds_service.conformance.report import as_json, as_junit, as_markdown
from cds_service.conformance.runner import Report, Result, chosen, run, serving_keys
from cds_service.conformance.samples import read_request
from cds_service.conformance.target import Options, Target
from cds_service.conformance.tokens import Client, read_client
from cds_service.errors import CannotBeDone
from cds_service.setting_values import is_loopback

_COLOURS = {"pass": "green", "fail": "red", "not applicable": "bright_black"}
_FAILED = 1


def run_command(options: argparse.Namespace) -> None:
    """Tries the service. Exit code 1: a mandatory row fails. Raises CannotBeDone."""
    console = Console(stderr="-" in (options.json, options.junit, options.html, options.markdown))
    rows = chosen(name for names in options.rows or () for name in names.split(","))
    clients = tuple(read_client(Path(path)) for path in options.client or ())
    with ExitStack() as stack:
        target = _target(options, clients, stack)
        report = run(target, rows, lambda result: _show(console, result))
    _write(options, report)
    _sum_up(console, report)
    if not report.passed:
        raise SystemExit(_FAILED)


def _target(options: argparse.Namespace, clients: tuple[Client, ...], stack: ExitStack) -> Target:
    asked = Options(
        profile=options.profile,
        good=tuple(map(read_request, options.good or ())),
        quiet=tuple(map(read_request, options.quiet or ())),
        **({"origin": options.origin} if options.origin else {}),
    )
    parts = urlsplit(options.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CannotBeDone(f"{options.url}: expected an absolute address such as https://cds.example.org")
    try:
        double = _double(options, parts.hostname)
        key_server = stack.enter_context(serving_keys(clients))
    except OSError as error:
        raise CannotBeDone(f"cannot listen: {error.strerror}") from None
    if double is not None:
        stack.callback(double.close)
    target = Target(options.url, asked, clients, double, key_server)
    if target.discovery.status == 0:
        raise CannotBeDone(f"{options.url}: cannot be reached ({target.discovery.error})")
    return target


def _double(options: argparse.Namespace, host: str) -> FhirDouble | None:
    """Our FHIR server where the service can reach it: on this machine, or where the caller says."""
    if not options.fhir_double_url and not is_loopback(host):
        return None
    listen = urlsplit(f"//{options.fhir_double_listen}")
    try:
        return FhirDouble(listen.hostname or "127.0.0.1", listen.port or 0, options.fhir_double_url or "")
    except ValueError:
        raise CannotBeDone(f"--fhir-double-listen {options.fhir_double_listen}: expected HOST:PORT") from None


def _write(options: argparse.Namespace, report: Report) -> None:
    forms = (options.json, as_json), (options.junit, as_junit), (options.html, as_html), (options.markdown, as_markdown)
    for path, written in forms:
        if path == "-":
            sys.stdout.write(written(report))
        elif path:
            try:
                Path(path).write_text(written(report), encoding="utf-8")
            except OSError as error:
                raise CannotBeDone(f"{path}: {error.strerror}") from None


def _show(console: Console, result: Result) -> None:
    row = result.row
    shown = Table.grid(padding=(0, 1))
    for width in (14, 12, 3):
        shown.add_column(min_width=width, no_wrap=True)
    shown.add_row(Text(result.status, _COLOURS[result.status]), Text(row.id, "bold"), row.level, Text(row.sentence))
    if result.status == "fail":
        shown.add_row("", "", "", Text.assemble((result.reason, "red"), f" ({row.source})"))
    elif result.reason:
        shown.add_row("", "", "", Text(result.reason, "bright_black"))
    console.print(shown)


def _sum_up(console: Console, report: Report) -> None:
    counts = ", ".join(f"{report.count(status)} {status}" for status in ("pass", "fail", "not applicable"))
    failed = [r.row.id for r in report if r.status == "fail" and report.is_mandatory(r)]
    verdict = f"[red]mandatory rows fail: {', '.join(failed)}[/]" if failed else "[green]no mandatory row fails[/]"
    console.print(f"\n{escape(report.url)}, profile {report.profile}: {counts}; {verdict}", highlight=False)
