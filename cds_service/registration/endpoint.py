"""The page /sheet and its downloads: the registration sheet for anybody, for a profile, for a client of this site.

What it tells of the service and of profiles is public anyway. A client's own values (issuer, key addresses, FHIR
servers) may be internal: they are for the operator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cds_service.config import Settings, SiteConfig
from cds_service.errors import InvalidRequest, NotAuthenticated
from cds_service.operator_access import check_operator
from cds_service.pages.policy import FOR_READING, WITH_SCRIPTS, page_response
from cds_service.rule_base import RuleBase

if TYPE_CHECKING:
    from cds_service.registration.counterpart import Counterpart
    from cds_service.registration.running import Running
    from cds_service.registration.writers import Format

SHEET = "/sheet"
DOWNLOADS: Mapping[Format, tuple[str, str, str]] = {  # how a form is called, how its file ends, its media type
    "csv": ("CSV", "csv", "text/csv; charset=utf-8"),
    "json": ("JSON", "json", "application/json"),
    "html": ("one HTML file", "html", "text/html; charset=utf-8"),
    "text": ("plain text", "txt", "text/plain; charset=utf-8"),
}
_KINDS = ("profile", "client")


def add_sheet(app: Flask, settings: Settings, site: SiteConfig, rules: RuleBase) -> None:
    """Adds the page and its downloads. What writes sheets is loaded when one is first asked for."""

    @cache
    def running() -> Running:
        from cds_service.registration.running import running as as_it_runs

        return as_it_runs(settings, site, rules)

    @app.get(SHEET)
    def sheet() -> Response:
        asked = _asked()
        if asked["client"]:
            check_operator(settings, request.headers.get("Authorization"), is_page=True)
        known = site if _is_operator(settings) else site.model_copy(update={"clients": ()})
        return _page(running(), known, asked)

    for form, (_, ending, _) in DOWNLOADS.items():
        app.add_url_rule(f"{SHEET}.{ending}", f"sheet as {form}", partial(_download, running, settings, form))


def _asked() -> dict[str, str]:
    """The profile and the client that the address names; empty: none."""
    return {kind: request.args.get(kind, "") for kind in _KINDS}


def _is_operator(settings: Settings) -> bool:
    try:
        check_operator(settings, request.headers.get("Authorization"), is_page=True)
    except NotAuthenticated:
        return False
    return True


def _counterpart(running: Running, asked: Mapping[str, str]) -> Counterpart:
    """Whom the sheet is for. Raises InvalidRequest naming the parameter."""
    from cds_service.registration.counterpart import NoSuchCounterpart, counterpart

    if all(asked.values()):
        raise InvalidRequest("profile", "nothing where a client is named")
    try:
        return counterpart(running.site, running.rules, client=asked["client"], profile=asked["profile"])
    except NoSuchCounterpart as error:
        raise InvalidRequest(error.kind, error.expected) from None


def _page(running: Running, site: SiteConfig, asked: Mapping[str, str]) -> Response:
    """The page; with a mistake beside the field instead of the sheet, and status 400, where there is no such one."""
    from cds_service.registration.build import registration_sheet

    about: dict[str, Any] = {"title": running.vocabulary.publisher, "choices": _choices(site), "chosen": asked}
    try:
        counterpart = _counterpart(running, asked)
    except InvalidRequest as error:
        page = render_template("sheet.html", **about, mistake={"kind": error.field, "message": error.text})
        response = page_response(page, WITH_SCRIPTS)
        response.status_code = 400
        return response
    named: dict[str, Any] = {kind: name for kind, name in asked.items() if name}
    downloads = [(words, url_for(f"sheet as {form}", **named)) for form, (words, _, _) in DOWNLOADS.items()]
    page = render_template(
        "sheet.html", **about, sheet=registration_sheet(running, counterpart), downloads=downloads, mistake=None
    )
    response = page_response(page, WITH_SCRIPTS)
    if asked["client"]:
        response.headers["Cache-Control"] = "no-store"
    return response


def _choices(site: SiteConfig) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """What can be chosen: name of the field, its label, (name, words) of each, words for none."""
    from cds_service.registration.ehr_notes import ehr_notes

    of_profiles = [(name, notes.title) for name, notes in ehr_notes().items()]
    choices = [("profile", "For an EHR", of_profiles, "any CDS Hooks client")]
    if site.clients:
        of_clients = [(client.name, client.name) for client in site.clients]
        choices.append(("client", "Or for a client of this site", of_clients, "none"))
    return choices


def _download(running: Callable[[], Running], settings: Settings, form: Format) -> AnyResponse:
    from cds_service.registration.build import registration_sheet
    from cds_service.registration.writers import WRITERS

    asked = _asked()
    if asked["client"]:
        check_operator(settings, request.headers.get("Authorization"), is_page=True)
    sheet = registration_sheet(running(), _counterpart(running(), asked))
    _, ending, media_type = DOWNLOADS[form]
    name = "-".join(["registration-sheet", *filter(None, asked.values())])
    response = Response(WRITERS[form](sheet), content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response.headers["Content-Security-Policy"] = FOR_READING
    if asked["client"]:
        response.headers["Cache-Control"] = "no-store"
        return response
    response.add_etag()
    return response.make_conditional(request)
