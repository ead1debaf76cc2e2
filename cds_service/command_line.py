"""The command `cds-service`: starts the service, reviews orders without it, writes what operators and EHRs ask for."""

from __future__ import annotations

import argparse
import gc
import json
import os
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from errno import EADDRINUSE
from socket import SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, getaddrinfo, socket
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from cards.errors import InvalidKnowledge
from cards.orders import Hook
from cds_service.config import PREFIX, Settings, SiteConfig, check_safe, load_settings, load_site
from cds_service.conformance.arguments import add_arguments
from cds_service.errors import CannotBeDone, DataNotAvailable, InvalidConfiguration, Refused
from cds_service.ledger.commands import add_commands
from cds_service.registration.command import add_command
from cds_service.saved_files import names_file, read_file, read_orders, read_request

if TYPE_CHECKING:
    from cards.concepts import ValueSets
    from cds_service.hooks.fhir_address import AddressPolicy
    from cds_service.hooks.fhir_reply import FhirRead
    from cds_service.rule_base import RuleBase

THREADS_PER_WORKER = 128  # started as they are needed; a client that sends slowly keeps one
CONNECTIONS_PER_WORKER = 512  # idle ones too; the next ones wait to be accepted
STOP_SECONDS = 10
PATIENT_SECONDS = 30.0  # a person waits longer than an EHR
MOST_SECONDS = 3600.0


def main(arguments: Sequence[str] | None = None) -> None:
    """The command. Exit code 2: something that was asked for cannot be done; the message says what."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (InvalidConfiguration, InvalidKnowledge) as error:
        _end(f"cannot start: {error}")
    except CannotBeDone as error:
        _end(str(error))


def _end(message: str) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    raise SystemExit(2)


def serve(options: argparse.Namespace) -> None:
    """Start the service. SIGTERM or Ctrl-C stops it after the calls in progress."""
    for name in ("host", "port", "workers"):
        value = getattr(options, name)
        if value is not None:
            os.environ[f"{PREFIX}{name.upper()}"] = str(value)  # the workers read their settings from there
    settings, site = _configuration()
    check_safe(settings, site)
    address = _free_address(settings)
    if settings.hash_key is None:  # all workers need the same one, to know each other's hashes
        os.environ[f"{PREFIX}HASH_KEY"] = secrets.token_hex(32)
    if settings.site is not None:
        _check(site)  # a site's mistake ends the start here, with one message, before any worker meets it
    gc.disable()  # nothing that is loaded from here on is garbage; each worker enables it for its calls
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from cds_service.metrics import DIRECTORY
    from cds_service.worker import load_beforehand

    load_beforehand(site)
    with _place_for_counts() as directory:
        os.environ[DIRECTORY] = directory
        server = Server(
            "cds_service.worker:create_worker",
            factory=True,
            address=address,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=THREADS_PER_WORKER,
            backpressure=CONNECTIONS_PER_WORKER,
            http=HTTPModes.http1,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=STOP_SECONDS,
            log_level=LogLevels.error,
        )
        server.on_startup(lambda: _say_where(settings, site))
        server.serve()


def _free_address(settings: Settings) -> str:
    """The IP address to listen on. Raises InvalidConfiguration where that cannot be.

    The workers share the port among themselves, and would share it with another service that does the same.
    """
    try:
        family, kind, _, _, place = getaddrinfo(settings.host, settings.port, type=SOCK_STREAM)[0]
        with socket(family, kind) as probe:
            probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)  # connections of a service that has just ended do not count
            probe.bind(place)
            return str(place[0])
    except OSError as error:
        if error.errno == EADDRINUSE:
            raise InvalidConfiguration(
                f"port {settings.port} is in use; {PREFIX}PORT or --port names another"
            ) from None
        raise InvalidConfiguration(f"{settings.host}, port {settings.port}: {error.strerror}") from None


def _say_where(settings: Settings, site: SiteConfig) -> None:
    needs = "a token" if site.clients else "no token"
    found_at = f", found at {settings.public_url}" if settings.public_url else ""
    sys.stderr.write(f"listening on {settings.own_url}{found_at} ({site.mode}: callers need {needs})\n")
    sys.stderr.flush()


def _place_for_counts() -> TemporaryDirectory[str]:
    """Where the workers count calls together; empty at every start, gone at the end."""
    try:
        return TemporaryDirectory(prefix="neuropathy-cds-", ignore_cleanup_errors=True)
    except OSError as error:
        raise InvalidConfiguration(
            f"no directory for temporary files ({error.strerror}); let TMPDIR name one"
        ) from None


def check(options: argparse.Namespace) -> None:
    """Evaluate a saved hook request offline: prefetch only, no FHIR server is called."""
    from cds_service.hooks.fhir_address import AddressPolicy
    from cds_service.rule_base import load_rule_base

    body = read_request(options.request)
    _, site = _configuration()
    _review(body, site, load_rule_base(site), options, AddressPolicy(is_open=False))


def try_order(options: argparse.Namespace) -> None:
    """Draft an order for a patient of a FHIR server and show the cards."""
    from cds_service.hooks.fhir_address import AddressPolicy
    from cds_service.rule_base import load_rule_base

    policy = AddressPolicy(is_open=True, is_on_loopback=True)
    if policy.reach(options.fhir_server) is None:
        raise CannotBeDone(
            "--fhir-server: expected the base address of a public server with https://, or of one on this machine with"
            " http://localhost; no user name, no '?' and no '#'"
        )
    _, site = _configuration()
    site = site.model_copy(update={"limits": site.limits.model_copy(update={"fhir_seconds": options.seconds})})
    rule_base = load_rule_base(site)
    asked = _hook_request(options, _instant(options.as_of, site).date(), rule_base.value_sets)
    _review(json.dumps(asked).encode(), site, rule_base, options, policy)


def rules(options: argparse.Namespace) -> None:
    """List the rules: hooks, triggers, highest level, data they need, review dates. Or the gaps in the drug codes."""
    from rich.console import Console

    from cds_service.rule_base import load_rule_base
    from cds_service.terminal import show_gaps, show_rules
    from cds_service.unmapped_drugs import read_log

    if options.unmapped is not None:
        found = read_log(read_file(options.unmapped).splitlines())
        if found is None:
            raise CannotBeDone(
                f"{options.unmapped}: no line of a call in it; expected the log of the service, a line of JSON a call"
            )
        show_gaps(Console(), found)
        return
    _, site = _configuration()
    show_rules(Console(), load_rule_base(site).catalogue.cards, datetime.now(UTC).date())


def conformance(options: argparse.Namespace) -> None:
    """Hold a running CDS Hooks service, this one or any other, against the requirements row by row."""
    from cds_service.conformance.command import run_command

    run_command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("cds-service", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        added.set_defaults(run=run)
        return added

    serving = command("serve", serve)
    serving.add_argument("--host", help="address to listen on; default 127.0.0.1")
    serving.add_argument("--port", type=int, help="port to listen on; default 8000")
    serving.add_argument("--workers", type=int, help="processes; default one per core")
    checking = command("check", check)
    checking.add_argument("request", help="a saved hook request (JSON); - reads standard input")
    trying = command("try", try_order)
    trying.add_argument("--fhir-server", required=True, metavar="URL", help="base address of a FHIR R4 server")
    trying.add_argument("--patient", required=True, metavar="ID", help="id of the patient on that server")
    trying.add_argument(
        "--order", required=True, help="an order in words, or a file with a MedicationRequest or a Bundle"
    )
    trying.add_argument("--hook", choices=[hook.value for hook in Hook], default=Hook.ORDER_SIGN.value)
    trying.add_argument(
        "--seconds", type=_seconds, default=PATIENT_SECONDS, help="time for all reads from the FHIR server; default 30"
    )
    for answering in (checking, trying):
        answering.add_argument("--json", action="store_true", help="the answer as CDS Hooks JSON")
        answering.add_argument(
            "--why", action="store_true", help="every opinion, also the silent ones, with its reason"
        )
        answering.add_argument("--as-of", metavar="YYYY-MM-DD", help="judge as of this day, not today")
    listing = command("rules", rules)
    listing.add_argument(
        "--unmapped", metavar="LOGFILE", help="instead: the code systems of drugs that no known code stands for"
    )
    add_commands(command)
    add_command(command)
    add_arguments(command("conformance", conformance))
    return parser


def _review(
    body: bytes, site: SiteConfig, rule_base: RuleBase, options: argparse.Namespace, policy: AddressPolicy
) -> None:
    from rich.console import Console

    from cds_service.hooks.fhir_reply import why_nothing_came
    from cds_service.hooks.fhir_server import FhirServers
    from cds_service.hooks.request import parse_request
    from cds_service.review import Reviewer
    from cds_service.terminal import show_answer, show_nobody_asked, show_opinions

    reviewer = Reviewer(rule_base, site, FhirServers(site.limits), policy)
    reads: list[FhirRead] = []
    try:
        hook_request = parse_request(body, at_most_entries=site.limits.entries)
        at = _instant(options.as_of, site)
        review = reviewer.review(hook_request, rule_base.catalogue, at, reads=reads)
    except DataNotAvailable as refusal:
        if policy.is_open:
            raise CannotBeDone(why_nothing_came(refusal.text, options.fhir_server, reads)) from None
        hint = " `check` calls no FHIR server, `cds-service try` does." if hook_request.fhir_server else ""
        raise CannotBeDone(f"{refusal.text} {refusal.diagnostics}{hint}") from None
    except Refused as refusal:
        raise CannotBeDone(f"{refusal.text}\n{refusal.diagnostics}".strip()) from None
    if review.has_no_patient:
        raise CannotBeDone(f"no patient {options.patient} at {options.fhir_server}")
    if options.json:
        sys.stdout.write(orjson.dumps(review.answer, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    console = Console()
    show_answer(console, review.answer)
    if not review.considered:
        kinds = [draft.resource.get("resourceType", "") for draft in hook_request.drafts]
        show_nobody_asked(console, review.gaps, kinds)
    elif options.why:
        show_opinions(console, review.considered)


def _hook_request(options: argparse.Namespace, today: date, value_sets: ValueSets) -> dict[str, Any]:
    drafts = _drafts(options.order, options.patient, today, value_sets)
    context = {
        "userId": "Practitioner/command-line",
        "patientId": options.patient,
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": d} for d in drafts]},
    }
    if options.hook == Hook.ORDER_SELECT:
        context["selections"] = [f"{draft['resourceType']}/{draft.get('id')}" for draft in drafts]
    return {
        "hook": options.hook,
        "hookInstance": "00000000-0000-4000-8000-000000000000",
        "fhirServer": options.fhir_server,
        "context": context,
    }


def _drafts(order: str, patient: str, today: date, value_sets: ValueSets) -> list[dict[str, Any]]:
    from cds_service.order_text import OrderNotUnderstood, draft_from_text

    if names_file(order):
        return [_for_patient(draft, patient) for draft in read_orders(order)]
    try:
        return [draft_from_text(order, patient_id=patient, value_sets=value_sets, today=today)]
    except OrderNotUnderstood as error:
        raise CannotBeDone(str(error)) from None


def _for_patient(draft: dict[str, Any], patient: str) -> dict[str, Any]:
    """A saved order of anybody, drafted for this patient."""
    return {"id": "draft-1", **draft, "status": "draft", "subject": {"reference": f"Patient/{patient}"}}


def _configuration() -> tuple[Settings, SiteConfig]:
    settings = load_settings()
    return settings, load_site(settings.site)


def _check(site: SiteConfig) -> None:
    """Raises InvalidConfiguration or InvalidKnowledge where the rules, or the keys of clients, cannot be used."""
    from cds_service.rule_base import load_rule_base

    load_rule_base(site)
    if site.clients:
        from cds_service.hooks.client_keys import ClientKeys

        ClientKeys(site.clients)


def _instant(as_of: str | None, site: SiteConfig) -> datetime:
    """Noon of the given day at the site, or now."""
    if as_of is None:
        return datetime.now(UTC)
    try:
        return datetime.combine(date.fromisoformat(as_of), time(12), tzinfo=site.zone)
    except ValueError:
        raise CannotBeDone("--as-of: expected a day as YYYY-MM-DD") from None


def _seconds(said: str) -> float:
    try:
        seconds = float(said)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"expected a number above 0 and up to {MOST_SECONDS:.0f}")
    return seconds


if __name__ == "__main__":
    main()
