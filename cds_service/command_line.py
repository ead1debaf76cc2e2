"""The command `cds-service`: serve; and without HTTP: check a saved request, try an order, list the rules."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer

from cds_service.config import PREFIX, Settings, SiteConfig, check_safe, load_settings, load_site
from cds_service.errors import InvalidConfiguration, Refused

THREADS_PER_WORKER = 16
WAITING_REQUESTS = 64
STOP_SECONDS = 10
PATIENT_SECONDS = 30.0  # a person waits longer than an EHR

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)

Json = Annotated[bool, typer.Option("--json", help="The answer as CDS Hooks JSON.")]
Why = Annotated[bool, typer.Option("--why", help="Every opinion, also the silent ones, with its reason.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="Judge as of this day, not today.")]


def main() -> None:
    """The command."""
    app()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default 8000.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; default one per core.")] = None,
) -> None:
    """Start the service. SIGTERM or Ctrl-C stops it after the calls in progress."""
    for name, value in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
        if value is not None:
            os.environ[f"{PREFIX}{name}"] = str(value)  # the workers read their settings from there
    settings, _ = _configuration(serving=True)
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    typer.echo(f"listening on {settings.base_url} (open mode: callers need no token)", err=True)
    Server(
        "cds_service.app:create_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=THREADS_PER_WORKER,
        backpressure=WAITING_REQUESTS,
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    ).serve()


@app.command()
def check(
    request: Annotated[Path, typer.Argument(help="A saved hook request (JSON); - reads standard input.")],
    as_json: Json = False,
    why: Why = False,
    as_of: AsOf = None,
) -> None:
    """Evaluate a saved hook request offline: prefetch only, no FHIR server is called."""
    body = typer.get_binary_stream("stdin").read() if str(request) == "-" else _read(request)
    _, site = _configuration()
    _review(body, site, as_of, as_json=as_json, why=why, online=False)


@app.command("try")
def try_order(
    fhir_server: Annotated[str, typer.Option(metavar="URL", help="Base address of a FHIR R4 server.")],
    patient: Annotated[str, typer.Option(metavar="ID", help="Id of the patient on that server.")],
    order: Annotated[str, typer.Option(help="An order in words, or a file with a MedicationRequest or a Bundle.")],
    hook: Annotated[str, typer.Option(help="order-select or order-sign.")] = "order-sign",
    as_json: Json = False,
    why: Why = False,
    as_of: AsOf = None,
    seconds: Annotated[float, typer.Option(help="Time for all reads from the FHIR server.")] = PATIENT_SECONDS,
) -> None:
    """Draft an order for a patient of a FHIR server and show the cards."""
    _, site = _configuration()
    limits = site.limits.model_copy(update={"fhir_seconds": seconds, "call_seconds": seconds})
    site = site.model_copy(update={"limits": limits})
    body = json.dumps(_hook_request(fhir_server, patient, order, hook, _instant(as_of, site))).encode()
    _review(body, site, as_of, as_json=as_json, why=why, online=True)


@app.command()
def rules() -> None:
    """List the rules: hooks, triggers, highest level, data they need, review dates."""
    from rich.console import Console

    from cds_service.rule_base import load_rule_base
    from cds_service.terminal import show_rules

    _, site = _configuration()
    show_rules(Console(), load_rule_base(site).catalogue.cards, datetime.now(UTC).date())


def _review(body: bytes, site: SiteConfig, as_of: str | None, *, as_json: bool, why: bool, online: bool) -> None:
    from rich.console import Console

    from cds_service.hooks.fhir_address import AddressPolicy
    from cds_service.hooks.fhir_server import FhirServers
    from cds_service.hooks.request import parse_request
    from cds_service.review import Reviewer
    from cds_service.rule_base import load_rule_base
    from cds_service.terminal import show_answer, show_opinions

    rule_base = load_rule_base(site)
    policy = AddressPolicy(is_open=online, is_on_loopback=online)
    reviewer = Reviewer(rule_base, site, FhirServers(site.limits), policy)
    try:
        hook_request = parse_request(body, at_most_entries=site.limits.entries)
        review = reviewer.review(hook_request, rule_base.catalogue, _instant(as_of, site))
    except Refused as refusal:
        _fail(f"{refusal.text} {refusal.diagnostics}".strip())
    if as_json:
        typer.echo(orjson.dumps(review.answer, option=orjson.OPT_INDENT_2))
        return
    console = Console()
    show_answer(console, review.answer)
    if why:
        show_opinions(console, review.considered)


def _hook_request(fhir_server: str, patient: str, order: str, hook: str, at: datetime) -> dict[str, Any]:
    drafts = _drafts(order, patient, at.date())
    context = {
        "userId": "Practitioner/command-line",
        "patientId": patient,
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": d} for d in drafts]},
    }
    if hook == "order-select":
        context["selections"] = [f"{draft['resourceType']}/{draft.get('id')}" for draft in drafts]
    instance = "00000000-0000-4000-8000-000000000000"
    return {"hook": hook, "hookInstance": instance, "fhirServer": fhir_server, "context": context}


def _drafts(order: str, patient: str, today: date) -> list[dict[str, Any]]:
    from cards.concepts import load_value_sets
    from cds_service.order_text import OrderNotUnderstood, draft_from_text

    if Path(order).is_file():
        return [_for_patient(draft, patient) for draft in _saved_orders(Path(order))]
    try:
        return [draft_from_text(order, patient_id=patient, value_sets=load_value_sets(), today=today)]
    except OrderNotUnderstood as error:
        _fail(str(error))


def _saved_orders(path: Path) -> list[dict[str, Any]]:
    try:
        saved = json.loads(_read(path))
        entries = saved.get("entry", ()) if saved["resourceType"] == "Bundle" else ({"resource": saved},)
        return [dict(entry["resource"]) for entry in entries if "resource" in entry]
    except (ValueError, KeyError, TypeError, AttributeError):
        _fail(f"{path}: expected a MedicationRequest or a Bundle of orders as JSON")


def _for_patient(draft: dict[str, Any], patient: str) -> dict[str, Any]:
    """A saved order of anybody, drafted for this patient."""
    return {"id": "draft-1", **draft, "status": "draft", "subject": {"reference": f"Patient/{patient}"}}


def _configuration(*, serving: bool = False) -> tuple[Settings, SiteConfig]:
    """Settings and site, or a message that names the key and exit code 2."""
    try:
        settings = load_settings()
        site = load_site(settings.site)
        if serving:
            check_safe(settings, site)
    except InvalidConfiguration as error:
        _fail(f"cannot start: {error}")
    return settings, site


def _instant(as_of: str | None, site: SiteConfig) -> datetime:
    """Noon of the given day at the site, or now."""
    if as_of is None:
        return datetime.now(UTC)
    try:
        return datetime.combine(date.fromisoformat(as_of), time(12), tzinfo=site.zone)
    except ValueError:
        _fail("--as-of: expected a day as YYYY-MM-DD")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        _fail(f"{path}: {error.strerror}")


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)


if __name__ == "__main__":
    main()
