"""create_app(): settings, rule base, endpoints, error answers, headers and log, put together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, g, request

from cards.catalogue import Catalogue
from cards.errors import CardsError
from cds_service.config import Settings, SiteConfig, check_safe, load_settings, load_site
from cds_service.errors import outcome_of, place_of
from cds_service.hooks.cors import AllowedOrigins
from cds_service.hooks.discovery import discovery_document, offered_services
from cds_service.hooks.routes import DISCOVERY, add_routes, add_unready_routes, json_response
from cds_service.log import Call, configure_logging, log_call
from cds_service.pages.landing import add_landing_page
from cds_service.rule_base import RuleBase, load_rule_base

Clock = Callable[[], datetime]

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
    app.url_map.merge_slashes = False  # merging redirects, and a client that is redirected loses body and token
    rules = _rule_base(site, catalogue)
    if rules is None:
        add_unready_routes(app)
    else:
        services = offered_services(rules.catalogue, site)
        add_routes(app, services, discovery_document(services, rules.value_sets, site), site.limits)
        add_landing_page(app, settings.base_url, services)
    _add_probes(app, is_ready=rules is not None)
    _finish_answers(app, AllowedOrigins(site.cors.origins, is_open=True))
    app.register_error_handler(Exception, _answer_error)
    return app


def _rule_base(site: SiteConfig, catalogue: Catalogue | None) -> RuleBase | None:
    try:
        return load_rule_base(site, catalogue)
    except CardsError as error:
        _log.critical("the rule base is invalid", extra={"why": str(error)})
        return None


def _add_probes(app: Flask, *, is_ready: bool) -> None:
    """/healthz: the process answers. /readyz: it can review orders; says that callers need no token."""

    @app.get("/healthz")
    def healthz() -> Response:
        return json_response({"status": "ok"})

    @app.get("/readyz")
    def readyz() -> Response:
        if is_ready:
            return json_response({"status": "ready", "mode": "open"})
        return json_response({"status": "not ready", "because": "the rule base is invalid", "mode": "open"}, 503)


def _finish_answers(app: Flask, origins: AllowedOrigins) -> None:
    """Every answer, errors included, gets its headers; every call its line in the log."""

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers["X-Content-Type-Options"] = "nosniff"
        is_preflight = request.method == "OPTIONS"
        if is_preflight and response.status_code == 200:
            response.status_code = 204
            del headers["Content-Type"]
        if request.path.startswith(DISCOVERY):
            asks = "Access-Control-Request-Private-Network" in request.headers
            origins.answer(request.headers.get("Origin"), headers, is_preflight=is_preflight, asks_for_loopback=asks)
        if request.method == "POST":
            headers["Cache-Control"] = "no-store"
            log_call(g.get("call") or Call(), response.status_code)
        return response


def _answer_error(error: Exception) -> Response:
    """An OperationOutcome for every error; one that nobody foresaw is named in the log by type and place only."""
    status, body = outcome_of(error)
    if status == 500:
        _log.error("failed", extra={"error": type(error).__name__, "at": place_of(error)})
    response = json_response(body, status)
    if "application/fhir+json" in request.headers.get("Accept", ""):
        response.content_type = "application/fhir+json"
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response
