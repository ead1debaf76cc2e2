"""/openapi.json: an OpenAPI 3.1 document of every endpoint, its schemas those of the models in `hooks/wire.py`.

An endpoint that is new gets a line in `_PAGES`; a test compares the document with the routes. Written when first asked
for: the models are heavy to load, and no hook call needs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import orjson
from flask import Flask, Response, request
from werkzeug.routing import Rule
from werkzeug.wrappers import Response as AnyResponse

from cards.orders import Hook
from cds_service.hook_endpoints import DISCOVERY
from cds_service.hooks.discovery import Service
from cds_service.operator_endpoints import version

PATH = "/openapi.json"

_OWN_METHODS = {"HEAD", "OPTIONS"}  # of the framework: the same for every route
_SCHEMAS = "#/components/schemas/"
_CLIENT, _OPERATOR = "client", "operator"  # the names of the security schemes
_TRY_LATER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}
REFUSALS = {
    "400": "A member is missing, mistyped or contradicts another; the outcome names it.",
    "401": "The token is missing or not accepted; no reason is given.",
    "404": "There is no such address.",
    "405": "The method is not offered here.",
    "412": "None of the data that the review needs could be had.",
    "413": "The body is larger than is read.",
    "415": "The body is not JSON, or it is packed.",
    "429": "The client calls more often than was agreed.",
    "503": "Not ready, or out of reach of its store; try again later.",
}
_OF_EVERY_POST = ("400", "401", "404", "405", "413", "415", "429", "503")


class Page(NamedTuple):
    """One endpoint that is no service. `model` names a model of `hooks/wire.py`.

    `media_types` say what a success brings, `refusals` which other statuses there are. `tokens` name the schemes one of
    which it asks for (the operator's only where one is set). `query` are parameters with their meaning.
    """

    summary: str
    media_types: tuple[str, ...] = ("application/json",)
    model: str = ""
    refusals: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    query: Mapping[str, str] = {}


def _sheet(summary: str, media_type: str) -> Page:
    """One form of the registration sheet; that of a client is the operator's."""
    whom = {"profile": "name of a ready-made profile", "client": "name of a client of this site; for the operator"}
    return Page(summary, (media_type,), refusals=("304", "400", "401"), query=whom)


def _outcomes(summary: str, media_type: str, field: str, meaning: str) -> Page:
    """What became of the cards, for the operator; in a browser the token is a password."""
    days = {"since": "a day such as 2026-06-15", "until": "as since; not included"}
    of_what = {"rule": "topic or id of a rule", "client": "name of a client", "tenant": "a tenant", "hook": "a hook"}
    query = {**of_what, **days, field: meaning}
    return Page(summary, (media_type,), refusals=("400", "401", "503"), tokens=(_OPERATOR,), query=query)


_PAGES: Mapping[str, Page] = {
    "/": Page("The playground; where there is none, what the service is", ("text/html",)),
    "/service": Page("What the service is, where there is a playground", ("text/html",)),
    DISCOVERY: Page("Discovery: which services there are", model="Discovery", refusals=("304", "401")),
    "/healthz": Page("Does the process answer?", model="Health"),
    "/readyz": Page("Can orders be reviewed?", model="Readiness", refusals=("503",)),
    PATH: Page("This document", refusals=("304",)),
    "/ledger/export": Page(
        "Feedback with what the ledger knows of its cards; a client gets its own",
        ("application/x-ndjson", "text/csv"),
        refusals=("400", "401", "503"),
        tokens=(_OPERATOR, _CLIENT),
        query={
            "format": "ndjson (default) or csv",
            "since": "a day or an instant such as 2026-06-15T12:00:00Z",
            "until": "as since; not included",
            "client": "name of a client; for the operator",
            "tenant": "a tenant; for the operator",
            "unanswered": "true: cards without feedback too, by the time of issue; false (default)",
        },
    ),
    "/metrics": Page("Counts and times for Prometheus", ("text/plain",), refusals=("401",), tokens=(_OPERATOR,)),
    "/rules": Page("The rules, for reading", ("text/html",)),
    "/rules/{topic}": Page(
        "A rule with its numbers, sources and cases, for reading", ("text/html",), refusals=("404",)
    ),
    "/dsi": Page("Source attributes of all rules (45 CFR 170.315(b)(11)(iv)(A))", refusals=("304",)),
    "/dsi.csv": Page("Source attributes of all rules, as a sheet", ("text/csv",), refusals=("304",)),
    "/dsi/{topic}": Page("Source attributes of a rule", refusals=("304", "404")),
    "/value-sets/{name}": Page("A value set as FHIR R4", ("application/fhir+json",), refusals=("304", "404")),
    "/sheet": _sheet("The registration sheet, for reading", "text/html"),
    "/sheet.csv": _sheet("The registration sheet, a line for each value", "text/csv"),
    "/sheet.json": _sheet("The registration sheet", "application/json"),
    "/sheet.html": _sheet("The registration sheet as one file", "text/html"),
    "/sheet.txt": _sheet("The registration sheet as text", "text/plain"),
    "/outcomes": _outcomes(
        "What clinicians do with the cards", "text/html", "page", "of the comments; a number from 1"
    ),
    "/outcomes.csv": _outcomes(
        "The figures of the outcomes, or their reasons", "text/csv", "table", "figures (default), reasons, cannot-tell"
    ),
    "/static/{filename}": Page("Style sheet and pictures of the pages", ("*/*",), refusals=("304", "404")),
}

_FORMS: Mapping[str, str] = {  # of the playground; what they hold is in the page
    "/playground/apply": "A suggestion is taken",
    "/playground/override": "A card is overridden",
}


def add_openapi(app: Flask, offered: tuple[Service, ...], *, asks_for_token: bool) -> None:
    """Adds the document; it is the same for everybody and written when first asked for."""

    @cache
    def body() -> bytes:
        return orjson.dumps(openapi_document(app, offered, asks_for_token=asks_for_token))

    @app.get(PATH)
    def openapi() -> AnyResponse:
        response = Response(body(), content_type="application/json")
        response.add_etag()
        return response.make_conditional(request)


def openapi_document(app: Flask, offered: tuple[Service, ...], *, asks_for_token: bool) -> dict[str, Any]:
    """The document for the routes of this application; a route that nobody described is left out."""
    services = {f"{DISCOVERY}/{service.id}": service for service in offered}
    paths: dict[str, Any] = {}
    for rule in app.url_map.iter_rules():
        path = _path(rule)
        for method in sorted((rule.methods or set()) - _OWN_METHODS):
            operation = _operation(path, services, asks_for_token=asks_for_token)
            if operation:
                paths.setdefault(path, {})[method.lower()] = {"operationId": rule.endpoint, **operation}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "neuropathy-cds",
            "version": version(),
            "summary": "A CDS Hooks service that reviews drug orders for neuropathy and immunotherapy safety",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": _schemas(), "responses": _responses(), "securitySchemes": _security_schemes()},
    }


def _path(rule: Rule) -> str:
    """The path as OpenAPI spells it: {name} for a part that varies."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def _operation(path: str, services: Mapping[str, Service], *, asks_for_token: bool) -> dict[str, Any] | None:
    called = services.get(path.removesuffix("/feedback"))
    if called is None:
        if path in _FORMS:
            return _form(_FORMS[path])
        if path not in _PAGES:
            return None
        page = _page(path, _PAGES[path])
        with_or_without: list[dict[str, Any]] = [{}, {_CLIENT: []}]
        return {**page, "security": with_or_without} if path == DISCOVERY and asks_for_token else page
    if path.endswith("/feedback"):
        operation = _post(f"Feedback on cards of {called.id}", "Feedback", "FeedbackReceived", _OF_EVERY_POST)
    else:
        model = "OrderSelectCall" if called.hook is Hook.ORDER_SELECT else "OrderSignCall"
        refusals = tuple(sorted((*_OF_EVERY_POST, "412")))
        operation = _post(f"Hook call: review the orders at {called.hook}", model, "Answer", refusals)
    return {**operation, "security": [{_CLIENT: []}]} if asks_for_token else operation


def _post(summary: str, body: str, answer: str, refusals: tuple[str, ...]) -> dict[str, Any]:
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(body)}}},
        "responses": {"200": _brings(("application/json",), _ref(answer)), **_refused(refusals)},
    }


def _form(summary: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {}}},
        "responses": {"303": {"description": "The page, where the service was asked again."}, "400": _page_again()},
    }


def _page_again() -> dict[str, Any]:
    return _brings(("text/html",), {}, "The page again, with what is wrong beside the field.")


def _page(path: str, page: Page) -> dict[str, Any]:
    schema = _ref(page.model) if page.model else {}
    operation: dict[str, Any] = {
        "summary": page.summary,
        "responses": {"200": _brings(page.media_types, schema), **_refused(page.refusals)},
    }
    if path == "/":
        operation["responses"]["400"] = _page_again()
    if page.model == "Readiness":
        operation["responses"]["503"] = _brings(page.media_types, schema, "Not ready; `because` says why.")
    parameters = list(_parameters(path, page))
    if parameters:
        operation["parameters"] = parameters
    if page.tokens:
        operation["security"] = [{token: []} for token in page.tokens]
    return operation


def _parameters(path: str, page: Page) -> Iterator[dict[str, Any]]:
    for part in path.split("/"):
        if part.startswith("{"):
            yield {"name": part.strip("{}"), "in": "path", "required": True, "schema": {"type": "string"}}
    for name, meaning in page.query.items():
        yield {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}


def _brings(media_types: tuple[str, ...], schema: dict[str, Any], description: str = "Success.") -> dict[str, Any]:
    content = {media_type: {"schema": schema} if schema else {} for media_type in media_types}
    return {"description": description, "content": content}


def _refused(statuses: tuple[str, ...]) -> dict[str, Any]:
    return {
        status: {"description": "Not modified."}
        if status == "304"
        else {"$ref": f"#/components/responses/Refused{status}"}
        for status in statuses
    }


def _responses() -> dict[str, Any]:
    schema = {"schema": _ref("OperationOutcome")}
    content = {"application/json": schema, "application/fhir+json": schema}
    return {
        f"Refused{status}": {"description": text, "content": content}
        | ({"headers": _TRY_LATER} if status == "429" else {})
        for status, text in REFUSALS.items()
    }


def _security_schemes() -> dict[str, Any]:
    return {
        _CLIENT: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "CDS Hooks client token"},
        _OPERATOR: {"type": "http", "scheme": "bearer", "description": "The operator's own token"},
    }


def _ref(model: str) -> dict[str, Any]:
    return {"$ref": f"{_SCHEMAS}{model}"}


def _schemas() -> dict[str, Any]:
    from pydantic.json_schema import GenerateJsonSchema, models_json_schema

    from cds_service.hooks import wire

    class WithoutNull(GenerateJsonSchema):
        """A member without a value is left out, never null; so an absent member has no default to name either."""

        def nullable_schema(self, schema: Any) -> dict[str, Any]:
            return self.generate_inner(schema["schema"])

        def default_schema(self, schema: Any) -> dict[str, Any]:
            return self.generate_inner(schema["schema"])

    models: list[Any] = [
        wire.Discovery, wire.OrderSelectCall, wire.OrderSignCall, wire.Answer, wire.Feedback, wire.FeedbackReceived,
        wire.OperationOutcome, wire.Health, wire.Readiness,
    ]  # fmt: skip
    _, document = models_json_schema(
        [(model, "validation") for model in models],
        ref_template=_SCHEMAS + "{model}",
        schema_generator=WithoutNull,
    )
    schemas: dict[str, Any] = document["$defs"]
    return schemas
