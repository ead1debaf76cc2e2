"""GET /ledger/export: everything for the operator, and for a trusted client what is its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from itertools import chain, islice

from flask import Flask, Response, request

from cds_service.clients import Authentication
from cds_service.config import Settings
from cds_service.errors import UNREADABLE, InvalidRequest, LedgerUnavailable, NotAuthenticated
from cds_service.ledger.ledger import Ledger
from cds_service.ledger.records import storable
from cds_service.ledger.selection import Format, Selection, read_instant
from cds_service.operator_access import check_operator
from cds_service.turn import given_away

PATH = "/ledger/export"
MEDIA_TYPES: Mapping[Format, str] = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}

_log = logging.getLogger(__name__)


def add_export(app: Flask, settings: Settings, ledger: Ledger, clients: Authentication | None) -> None:
    """Adds the endpoint. `clients` None: no client is trusted, so that only the operator may ask."""

    @app.get(PATH)
    def export() -> Response:
        """Feedback as NDJSON or CSV (`format`), chosen by `since`, `until`, `client`, `tenant`, and `unanswered`."""
        client, tenant = _scope(settings, clients)
        form = _format()
        chosen = Selection(_instant("since"), _instant("until"), client, tenant, _unanswered())
        try:
            lines = ledger.export(form, chosen)
            with given_away():  # the first lines come before the answer begins: out of reach is still a 503 then
                first = list(islice(lines, 2))
        except LedgerUnavailable as error:
            raise LedgerUnavailable(error.cause, UNREADABLE) from None
        _log.info("feedback was exported", extra={"why": client or "the operator asked for all"})
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="feedback.{form}"'}
        return Response(chain(first, lines), content_type=MEDIA_TYPES[form], headers=headers)


def _scope(settings: Settings, clients: Authentication | None) -> tuple[str | None, str | None]:
    """(client, tenant) whose rows the caller may have; None: any. Raises NotAuthenticated."""
    authorization = request.headers.get("Authorization")
    try:
        check_operator(settings, authorization)
    except NotAuthenticated:
        if clients is None:
            raise
        caller = clients.caller(authorization, PATH)
        return caller.name, storable(caller.tenant)
    client, tenant = request.args.get("client"), request.args.get("tenant")
    return client and storable(client), tenant and storable(tenant)


def _format() -> Format:
    form = request.args.get("format", "ndjson")
    for known in MEDIA_TYPES:
        if form == known:
            return known
    raise InvalidRequest("format", "ndjson or csv")


def _unanswered() -> bool:
    said = request.args.get("unanswered", "false")
    if said not in ("true", "false"):
        raise InvalidRequest("unanswered", "true or false")
    return said == "true"


def _instant(name: str) -> datetime | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        return read_instant(text)
    except ValueError:
        raise InvalidRequest(name, "a day or an instant such as 2026-06-15T12:00:00Z") from None
