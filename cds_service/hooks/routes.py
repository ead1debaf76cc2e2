"""The endpoints of CDS Hooks: discovery, one call and one feedback address for each service."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from flask import Flask, Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from cds_service.config import Limits
from cds_service.errors import NotJson, NotReady
from cds_service.hooks.discovery import Service
from cds_service.hooks.feedback import count_feedback, read_feedback
from cds_service.hooks.request import parse_request
from cds_service.log import Call

DISCOVERY = "/cds-services"

View = Callable[[], AnyResponse]


def add_routes(app: Flask, offered: tuple[Service, ...], document: dict[str, Any], limits: Limits) -> None:
    """Adds the endpoints of every service that is offered."""
    reasons = {reason for service in offered for card in service.cards for reason in card.knowledge.override_reasons}
    app.add_url_rule(DISCOVERY, "discovery", _discovery(document))
    for service in offered:
        address = f"{DISCOVERY}/{service.id}"
        app.add_url_rule(address, service.id, partial(call, service, limits), methods=["POST"])
        app.add_url_rule(
            f"{address}/feedback", f"{service.id} feedback", partial(feedback, service, reasons), methods=["POST"]
        )


def add_unready_routes(app: Flask) -> None:
    """Without a valid rule base every endpoint says so: no answer is better than an empty one."""
    app.add_url_rule(DISCOVERY, "discovery", _refuse_unready)
    app.add_url_rule(f"{DISCOVERY}/<path:_>", "any service", _refuse_unready, methods=["POST"])


def call(service: Service, limits: Limits) -> Response:
    """A hook call: which cards are worth showing for these orders?"""
    g.call = Call(service=service.id, hook=service.hook)
    hook_request = parse_request(_json_body(), at_most_entries=limits.entries, hook=service.hook)
    g.call.instance = hook_request.instance
    return json_response({"cards": []})


def feedback(service: Service, known_reasons: Collection[str]) -> Response:
    """What became of the cards: checked, counted and acknowledged."""
    g.call = Call(service=service.id)
    received = read_feedback(_json_body(), datetime.now(UTC))
    g.call.feedback = count_feedback(received, known_reasons)
    return json_response({"received": len(received)})


def json_response(body: dict[str, Any], status: int = 200) -> Response:
    """A JSON answer, member order kept."""
    return Response(orjson.dumps(body), status, content_type="application/json")


def _discovery(document: dict[str, Any]) -> View:
    body = orjson.dumps(document)

    def discovery() -> AnyResponse:
        response = Response(body, content_type="application/json")
        response.add_etag()
        return response.make_conditional(request)

    return discovery


def _refuse_unready(_: str = "") -> AnyResponse:
    raise NotReady


def _json_body() -> bytes:
    media_type = request.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise NotJson
    return request.get_data(cache=False)
