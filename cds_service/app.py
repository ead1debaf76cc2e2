"""create_app(): settings, rule base, endpoints, error answers, headers and log, put together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, Response, request

from cards.catalogue import Catalogue
from cards.errors import CardsError
from cds_service.clients import OpenMode
from cds_service.config import Settings, SiteConfig, check_safe, load_settings, load_site
from cds_service.errors import OtherPatient, Refused, outcome_of, place_of, refusal_of
from cds_service.every_answer import CALL, EveryAnswer, Watcher
from cds_service.hook_endpoints import DISCOVERY, Clock, Doors, add_routes, add_unready_routes, json_response
from cds_service.hooks.call_rate import CallRates
from cds_service.hooks.cors import AllowedOrigins
from cds_service.hooks.discovery import discovery_document, offered_services
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_server import FhirServers
from cds_service.ledger.endpoint import add_export
from cds_service.ledger.ledger import AnyLedger, Ledger, ledger_of
from cds_service.log import configure_logging, log_call
from cds_service.metrics import Metrics
from cds_service.openapi import add_openapi
from cds_service.operator_endpoints import add_metrics, add_probes, build_labels
from cds_service.outcomes.endpoint import add_outcomes
from cds_service.pages.landing import add_landing_page
from cds_service.pages.menu import add_menu
from cds_service.pages.rule_pages import add_rule_pages, address_of_rule_pages, address_of_sources
from cds_service.playground.switch import add_playground, is_playground_on
from cds_service.registration.endpoint import add_sheet
from cds_service.review import Reviewer
from cds_service.rule_base import RuleBase, load_rule_base, rule_base_version
from cds_service.silent_cards import announce_silence

_FHIR_JSON = "application/fhir+json"
LEDGER, METRICS = "ledger", "metrics"  # where the application keeps them for whoever starts and ends the process

_log = logging.getLogger(__name__)


def create_app(
    settings: Settings | None = None,
    site: SiteConfig | None = None,
    *,
    clock: Clock | None = None,
    catalogue: Catalogue | None = None,
) -> Flask:
    """The service as a WSGI application. Raises InvalidConfiguration naming the setting at fault.

    With a rule base that cannot be loaded it starts, but is not ready and answers every call with 503.
    """
    settings = settings or load_settings()
    site = site or load_site(settings.site)
    check_safe(settings, site)
    configure_logging(settings.log_level)
    app = Flask("cds_service", template_folder="pages/templates", static_folder="pages/static")
    app.config["MAX_CONTENT_LENGTH"] = site.limits.body_bytes
    app.debug = False  # whatever FLASK_DEBUG says
    app.url_map.merge_slashes = False  # merging redirects, and a client that is redirected loses body and token
    ledger = ledger_of(settings, site.ledger)
    app.extensions[LEDGER] = ledger
    doors = _doors(settings, site, ledger)
    rules = _rule_base(site, catalogue)
    if rules is None:
        add_unready_routes(app)
    else:
        services = offered_services(rules.catalogue, site)
        document = discovery_document(services, rules.value_sets, site, address_of_sources(settings))
        reviewer = _reviewer(rules, settings, site, ledger)
        announce_silence(site, rules.catalogue, is_kept=isinstance(ledger, Ledger))
        add_routes(app, services, document, reviewer, clock or _now, site.limits, doors, ledger)
        has_playground = is_playground_on(settings, site)
        add_landing_page(app, settings.base_url, services, "/service" if has_playground else "/")
        if has_playground:
            add_playground(app, settings, site, rules, services, ledger, clock or _now)
        add_rule_pages(app, settings.base_url, rules.catalogue, rules.value_sets, rules.override_reasons, rules.tables)
        add_sheet(app, settings, site, rules)
        if isinstance(ledger, Ledger):
            add_outcomes(app, settings, site, rules, ledger)
        add_menu(app)
        add_openapi(app, services, asks_for_token=bool(site.clients))
    kept = ledger if isinstance(ledger, Ledger) else None
    metrics = Metrics(build_labels, _knows_system(rules), kept)
    app.extensions[METRICS] = metrics
    if kept is not None:
        add_export(app, settings, kept, doors.services if site.clients else None)
    add_probes(app, site.mode, is_ready=rules is not None, ledger=kept)
    add_metrics(app, settings, metrics)
    app.register_error_handler(Exception, _answer_error)
    origins = AllowedOrigins(site.cors.origins, is_open=not site.clients)
    app.wsgi_app = EveryAnswer(  # type: ignore[method-assign]
        app.wsgi_app, DISCOVERY, origins, _watchers(settings, metrics), is_https=settings.is_https
    )
    return app


def _watchers(settings: Settings, metrics: Metrics) -> tuple[Watcher, ...]:
    """Who is told of every call that is over."""
    if settings.tracing == "off":
        return log_call, metrics.count
    from cds_service.traces import Traces  # the library takes a third of a second

    return log_call, metrics.count, Traces.to_collector().record


def _knows_system(rules: RuleBase | None) -> Callable[[str], bool]:
    """Is this label of a code system one of ours? What is not is anybody's word."""
    if rules is None:
        return lambda label: False
    value_sets = rules.value_sets
    return lambda label: value_sets.short_name(label) == label


def _rule_base(site: SiteConfig, catalogue: Catalogue | None) -> RuleBase | None:
    try:
        rules = load_rule_base(site, catalogue)
    except CardsError as error:
        _log.critical("the rule base is invalid", extra={"why": str(error)})
        return None
    rule_base_version()  # reads hundreds of files: once threads run beside it, every read would wait for them
    return rules


def _reviewer(rules: RuleBase, settings: Settings, site: SiteConfig, ledger: AnyLedger) -> Reviewer:
    policy = AddressPolicy(is_on_loopback=settings.is_loopback)
    return Reviewer(rules, site, FhirServers(site.limits), policy, ledger, address_of_rule_pages(settings))


def _doors(settings: Settings, site: SiteConfig, ledger: AnyLedger) -> Doors:
    """Who may come in, and how often. What reads tokens takes its time to load: only where there are clients."""
    if not site.clients:
        return Doors(OpenMode(), OpenMode(), CallRates(), ledger.hash)
    from cds_service.hooks.authentication import TokenAuthentication
    from cds_service.hooks.client_keys import ClientKeys
    from cds_service.hooks.replay import UsedTokensOfAll

    tokens = TokenAuthentication(
        site.clients,
        ClientKeys(site.clients),
        UsedTokensOfAll(ledger),
        base_url=settings.base_url,
        leeway_seconds=site.authentication.leeway_seconds,
    )
    of_discovery = tokens if site.authentication.discovery == "token" else OpenMode()
    return Doors(tokens, of_discovery, CallRates(site.clients, settings.workers), ledger.hash)


def _asks_for_fhir_json() -> bool:
    """Does the Accept header name FHIR's own media type, and JSON as such not before it?"""
    wanted = {kind.partition(";")[0].strip().lower(): quality for kind, quality in request.accept_mimetypes}
    quality = wanted.get(_FHIR_JSON, 0)
    return quality > 0 and quality >= wanted.get("application/json", 0)


def _now() -> datetime:
    return datetime.now(UTC)


def _answer_error(error: Exception) -> Response:
    """An OperationOutcome for every error; one that nobody foresaw is named in the log by type and place only."""
    status, body = outcome_of(error)
    if status == 500:
        _log.error("failed", extra={"error": type(error).__name__, "at": place_of(error)})
    if isinstance(error, OtherPatient):
        _log.error("another patient", extra={"at": error.field})
    response = json_response(body, status)
    if _asks_for_fhir_json():
        response.content_type = _FHIR_JSON
    if isinstance(error, Refused):
        response.headers.extend(error.headers)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    if line := request.environ.get(CALL):
        line.refused = refusal_of(error)
    return response
