"""create_app(): settings, rule base, endpoints, error answers, headers and log, put together."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Flask, Response, request

from cards.catalogue import Catalogue
from cards.errors import CardsError
from cds_service.clients import OpenMode
from cds_service.config import Settings, SiteConfig, check_safe, load_settings, load_site
from cds_service.errors import outcome_of, place_of
from cds_service.every_answer import EveryAnswer
from cds_service.hooks.cors import AllowedOrigins
from cds_service.hooks.discovery import discovery_document, offered_services
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_server import FhirServers
from cds_service.hooks.routes import DISCOVERY, Clock, Doors, add_routes, add_unready_routes, json_response
from cds_service.log import configure_logging
from cds_service.openapi import add_openapi
from cds_service.pages.landing import add_landing_page
from cds_service.review import Reviewer
from cds_service.rule_base import RuleBase, load_rule_base

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
    rules = _rule_base(site, catalogue)
    if rules is None:
        add_unready_routes(app)
    else:
        services = offered_services(rules.catalogue, site)
        document = discovery_document(services, rules.value_sets, site)
        reviewer = _reviewer(rules, settings, site)
        add_routes(app, services, document, reviewer, clock or _now, site.limits.entries, _doors(settings, site))
        add_landing_page(app, settings.base_url, services)
        add_openapi(app, services, asks_for_token=bool(site.clients))
    _add_probes(app, site.mode, is_ready=rules is not None)
    app.register_error_handler(Exception, _answer_error)
    origins = AllowedOrigins(site.cors.origins, is_open=not site.clients)
    app.wsgi_app = EveryAnswer(app.wsgi_app, DISCOVERY, origins)  # type: ignore[method-assign]
    return app


def _rule_base(site: SiteConfig, catalogue: Catalogue | None) -> RuleBase | None:
    try:
        return load_rule_base(site, catalogue)
    except CardsError as error:
        _log.critical("the rule base is invalid", extra={"why": str(error)})
        return None


def _reviewer(rules: RuleBase, settings: Settings, site: SiteConfig) -> Reviewer:
    return Reviewer(rules, site, FhirServers(site.limits), AddressPolicy(is_on_loopback=settings.is_loopback))


def _doors(settings: Settings, site: SiteConfig) -> Doors:
    """Who may come in. The code that reads tokens takes its time to load, so only where there are clients."""
    if not site.clients:
        return Doors(OpenMode(), OpenMode())
    from cds_service.hooks.authentication import TokenAuthentication
    from cds_service.hooks.client_keys import ClientKeys
    from cds_service.hooks.replay import UsedTokensInMemory

    tokens = TokenAuthentication(
        site.clients,
        ClientKeys(site.clients),
        UsedTokensInMemory(),
        base_url=settings.base_url,
        leeway_seconds=site.authentication.leeway_seconds,
    )
    return Doors(tokens, tokens if site.authentication.discovery == "token" else OpenMode())


def _now() -> datetime:
    return datetime.now(UTC)


def _add_probes(app: Flask, mode: str, *, is_ready: bool) -> None:
    """/healthz: the process answers. /readyz: it can review orders; says who may call."""

    @app.get("/healthz")
    def healthz() -> Response:
        return json_response({"status": "ok"})

    @app.get("/readyz")
    def readyz() -> Response:
        if is_ready:
            return json_response({"status": "ready", "mode": mode})
        return json_response({"status": "not ready", "because": "the rule base is invalid", "mode": mode}, 503)


def _answer_error(error: Exception) -> Response:
    """An OperationOutcome for every error; one that nobody foresaw is named in the log by type and place only."""
    status, body = outcome_of(error)
    if status == 500:
        _log.error("failed", extra={"error": type(error).__name__, "at": place_of(error)})
    response = json_response(body, status)
    if "application/fhir+json" in request.headers.get("Accept", ""):
        response.content_type = "application/fhir+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response
