"""The command `cds-service conformance`: its options, the run, and where the report goes."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cds_service.conformance.fhir_double import FhirDouble
from cds_service.conformance.page import as_html
from cds_service.conformance.report import as_json, as_junit, as_markdown
from cds_service.conformance.runner import NoSuchRow, Report, Result, chosen, run, serving_keys
from cds_service.conformance.samples import SampleUnusable, read_request
from cds_service.conformance.target import Options, Target
from cds_service.conformance.tokens import Client, KeyFileUnusable, read_client

_COLOURS = {"pass": "green", "fail": "red", "not applicable": "bright_black"}
_FAILED, _UNUSABLE = 1, 2


def run_command(options: argparse.Namespace) -> None:
    """Tries the service. Exit code 1: a mandatory row fails; 2: what was asked for cannot be done."""
    console = Console(stderr="-" in (options.json, options.junit, options.html, options.markdown))
    try:
        rows = chosen(name for names in options.rows or () for name in names.split(","))
        clients = tuple(read_client(Path(path)) for path in options.client or ())
        with ExitStack() as stack:
            target = _target(options, clients, stack)
            report = run(target, rows, lambda result: _show(console, result))
    except (NoSuchRow, KeyFileUnusable, SampleUnusable) as error:
        _fail(str(error))
    _write(options, report)
    _sum_up(console, report)
    if not report.passed:
        raise SystemExit(_FAILED)


def _target(options: argparse.Namespace, clients: tuple[Client, ...], stack: ExitStack) -> Target:
    asked = Options(
        profile=options.profile,
        good=tuple(read_request(Path(path)) for path in options.good or ()),
        quiet=tuple(read_request(Path(path)) for path in options.quiet or ()),
        **({"origin": options.origin} if options.origin else {}),
    )
    parts = urlsplit(options.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        _fail(f"{options.url}: expected an absolute address such as https://cds.example.org")
    try:
        double = _double(options, parts.hostname)
        key_server = stack.enter_context(serving_keys(clients))
    except OSError as error:
        _fail(f"cannot listen: {error.strerror}")
    if double is not None:
        stack.callback(double.close)
    target = Target(options.url, asked, clients, double, key_server)
    if target.discovery.status == 0:
        _fail(f"{options.url}: cannot be reached ({target.discovery.error})")
    return target


def _double(options: argparse.Namespace, host: str) -> FhirDouble | None:
    """Our FHIR server where the service can reach it: on this machine, or where the caller says."""
    if not options.fhir_double_url and not _is_this_machine(host):
        return None
    listen = urlsplit(f"//{options.fhir_double_listen}")
    try:
        return FhirDouble(listen.hostname or "127.0.0.1", listen.port or 0, options.fhir_double_url or "")
    except ValueError:
        _fail(f"--fhir-double-listen {options.fhir_double_listen}: expected HOST:PORT")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _write(options: argparse.Namespace, report: Report) -> None:
    forms = (options.json, as_json), (options.junit, as_junit), (options.html, as_html), (options.markdown, as_markdown)
    for path, written in forms:
        if path == "-":
            sys.stdout.write(written(report))
        elif path:
            try:
                Path(path).write_text(written(report), encoding="utf-8")
            except OSError as error:
                _fail(f"{path}: {error.strerror}")


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


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    raise SystemExit(_UNUSABLE)
