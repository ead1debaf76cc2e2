"""The endpoints of CDS Hooks: discovery, one call and one feedback address for each service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request as AnyRequest
from werkzeug.wrappers import Response as AnyResponse

from cards.opinion import Advice
from cds_service.arrival import ARRIVED, BODY
from cds_service.bookkeeping import Bookkeeping
from cds_service.clients import Authentication, Caller
from cds_service.config import Limits
from cds_service.errors import DataNotAvailable, InvalidRequest, NotAuthenticated, NotJson, NotReady, PackedBody
from cds_service.every_answer import CALL
from cds_service.hooks.call_rate import CallRates
from cds_service.hooks.discovery import Service
from cds_service.hooks.feedback import Feedback, count_feedback, read_feedback
from cds_service.hooks.fhir_address import must_be_https
from cds_service.hooks.json_bounds import has_too_many_values
from cds_service.hooks.request import Draft, parse_request
from cds_service.ledger.keyed_hash import Hash
from cds_service.ledger.ledger import AnyLedger
from cds_service.ledger.tallies import Said
from cds_service.log import Call
from cds_service.past_flask import PastFlask
from cds_service.review import Review, Reviewer
from cds_service.rule_base import rule_base_version
from cds_service.what_was_said import count_opinions, what_was_said

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

DISCOVERY = "/cds-services"

# Orders that the hook library names and nobody reviews here; of drugs, an EHR on DSTU2 sends the first and no other.
_OTHER_ORDERS = frozenset({
    "MedicationOrder", "ProcedureRequest", "DiagnosticOrder", "DeviceUseRequest", "DeviceRequest", "ReferralRequest",
    "NutritionOrder", "VisionPrescription",
})  # fmt: skip

Clock = Callable[[], datetime]
View = Callable[[], AnyResponse]


class Doors(NamedTuple):
    """Who may come in, to the services and to discovery, and how often. `hash` makes words for the log of theirs."""

    services: Authentication
    discovery: Authentication
    rates: CallRates
    hash: Hash


def add_routes(
    app: Flask,
    offered: tuple[Service, ...],
    document: dict[str, Any],
    reviewer: Reviewer,
    clock: Clock,
    limits: Limits,
    doors: Doors,
    ledger: AnyLedger,
) -> None:
    """Adds the endpoints of every service that is offered, each hook with a way past Flask."""
    books, calls = books_of(offered, ledger), {}
    app.add_url_rule(DISCOVERY, "discovery", _discovery(document, doors.discovery))
    for service in offered:
        address = f"{DISCOVERY}/{service.id}"
        calls[address] = partial(call, service, reviewer, clock, limits, doors, books)
        app.add_url_rule(address, service.id, partial(_call_through_flask, calls[address]), methods=["POST"])
        of_feedback = partial(feedback, service, limits, doors, books)
        app.add_url_rule(f"{address}/feedback", f"{service.id} feedback", of_feedback, methods=["POST"])
    app.wsgi_app = PastFlask(app, calls)  # type: ignore[method-assign]


def books_of(offered: tuple[Service, ...], ledger: AnyLedger) -> Bookkeeping:
    """The books of the services that are offered."""
    reasons = {reason for service in offered for card in service.cards for reason in card.knowledge.override_reasons}
    return Bookkeeping(ledger, (card for service in offered for card in service.cards), reasons)


def add_unready_routes(app: Flask) -> None:
    """Without a valid rule base every endpoint says so: no answer is better than an empty one."""
    app.add_url_rule(DISCOVERY, "discovery", _refuse_unready)
    app.add_url_rule(f"{DISCOVERY}/<path:_>", "any service", _refuse_unready, methods=["POST"])


def call(
    service: Service,
    reviewer: Reviewer,
    clock: Clock,
    limits: Limits,
    doors: Doors,
    books: Bookkeeping,
    environ: WSGIEnvironment,
) -> bytes:
    """A hook call: which cards are worth showing for these orders? The JSON of the answer."""
    line = _line(service, environ)
    caller = _admitted(doors, line, service, environ)
    body = _body(environ, limits.body_bytes)
    hook_request = parse_request(body, at_most_entries=limits.entries, hook=service.hook, caller=caller)
    arrived_at = environ.get(ARRIVED) or monotonic()
    hook_request = hook_request._replace(reads_end_at=arrived_at + limits.seconds_until_reads_end)
    line.instance, line.other_orders = hook_request.instance, _other_orders(hook_request.drafts)
    line.dangling_selections = hook_request.dangling_selections
    if must_be_https(caller, hook_request.fhir_server):
        raise InvalidRequest("fhirServer", "an https address")
    try:
        review = reviewer.review(hook_request, service.catalogue, clock(), caller, reads=line.reads)
    except DataNotAvailable as refusal:
        line.fhir_access = refusal.no_access
        raise
    said = what_was_said(review)
    _note(review, said, line)
    books.close_call(review, said, hook_request, caller, service.id)
    return orjson.dumps(review.answer)


def feedback(service: Service, limits: Limits, doors: Doors, books: Bookkeeping) -> Response:
    """What became of the cards: checked, counted, stored and only then acknowledged."""
    environ = request.environ
    line = _line(service, environ)
    caller = _admitted(doors, line, service, environ, is_feedback=True)
    received = take_feedback(_body(environ, limits.body_bytes), caller, service, books)
    line.feedback = count_feedback(received, books.known_reasons)
    return json_response({"received": len(received)})


def take_feedback(body: bytes, caller: Caller, service: Service, books: Bookkeeping) -> tuple[Feedback, ...]:
    """Reads feedback and has it stored when this returns. Raises InvalidRequest, LedgerUnavailable."""
    received = read_feedback(body, datetime.now(UTC), is_strict=caller.is_strict)
    books.keep(received, caller, service.id)
    return received


def json_response(body: dict[str, Any], status: int = 200) -> Response:
    """A JSON answer, member order kept."""
    return Response(orjson.dumps(body), status, content_type="application/json")


def _discovery(document: dict[str, Any], authentication: Authentication) -> View:
    body = orjson.dumps(document)

    def discovery() -> AnyResponse:
        _caller(authentication, Call(), DISCOVERY, request.environ)
        response = Response(body, content_type="application/json")
        response.add_etag()
        return response.make_conditional(request)

    return discovery


def _refuse_unready(_: str = "") -> AnyResponse:
    raise NotReady


def _line(service: Service, environ: WSGIEnvironment) -> Call:
    """The line of this call in the log."""
    line = Call(service.id, service.hook, trace_parent=environ.get("HTTP_TRACEPARENT", ""))
    environ[CALL] = line
    return line


def _admitted(
    doors: Doors, line: Call, service: Service, environ: WSGIEnvironment, *, is_feedback: bool = False
) -> Caller:
    """Who calls this service. Raises NotAuthenticated, TooManyCalls."""
    caller = _caller(doors.services, line, f"{DISCOVERY}/{service.id}", environ, is_feedback=is_feedback)
    if caller.client is not None:
        is_listed = caller.tenant in caller.client.tenants
        line.tenant = caller.tenant if is_listed else doors.hash(caller.tenant)
        line.token = doors.hash(caller.jti)
    doors.rates.take(caller)
    return caller


def _caller(
    authentication: Authentication, line: Call, address: str, environ: WSGIEnvironment, *, is_feedback: bool = False
) -> Caller:
    """Who calls. Raises NotAuthenticated; its reason is for the log alone."""
    try:
        caller = authentication.caller(environ.get("HTTP_AUTHORIZATION"), address, is_feedback=is_feedback)
    except NotAuthenticated as refusal:
        line.client, line.auth_failure = refusal.client, refusal.reason
        environ[CALL] = line
        raise
    line.client = caller.name
    return caller


def _call_through_flask(answer: Callable[[WSGIEnvironment], bytes]) -> Response:
    """For an address that is written otherwise ("//cds-services/…")."""
    return Response(answer(request.environ), content_type="application/json")


def _body(environ: WSGIEnvironment, largest: int) -> bytes:
    """The body of this request. Raises NotJson, PackedBody."""
    media_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise NotJson
    if environ.get("HTTP_CONTENT_ENCODING", "").strip().lower() not in ("", "identity"):
        raise PackedBody
    body: bytes | None = environ.get(BODY)
    if body is None:  # too large to be waited for, which is said here; or no worker of ours around
        received = AnyRequest(environ)
        received.max_content_length = largest
        body = received.get_data(cache=False)
    if not environ.get("CONTENT_LENGTH") and len(body) >= largest:
        raise RequestEntityTooLarge  # a body sent in chunks is cut at the limit without a word
    if has_too_many_values(body, largest):
        raise RequestEntityTooLarge
    return body


def _other_orders(drafts: Iterable[Draft]) -> dict[str, int]:
    """How many drafts are passed over, by type: silence about them would else leave no trace."""
    kinds = [kind for draft in drafts if isinstance(kind := draft.resource.get("resourceType"), str)]
    return {} if _OTHER_ORDERS.isdisjoint(kinds) else Counter(kind for kind in kinds if kind in _OTHER_ORDERS)


def _note(review: Review, said: list[Said], line: Call) -> None:
    """What the log says of a review: rules, counts and keys, all of them words of our own."""
    line.fhir_access = review.no_access
    cards = review.answer["cards"]
    line.topics = [(card["source"]["topic"]["code"], card["indicator"]) for card in cards]
    line.cards = tuple(card["uuid"] for card in cards)
    if review.gaps is not None:
        line.unknown_drugs, line.drugs_by_name = review.gaps
    if not review.considered:
        return
    line.opinions, line.cannot_tell = count_opinions(said)
    shown = [one for one in reversed(review.considered) if one.is_shown]  # the most urgent of a rule stays
    line.rules = {one.card.rule: str(one.opinion.indicator) for one in shown if isinstance(one.opinion, Advice)}
    line.versions = {one.card.rule: one.card.knowledge.reviewed.on.isoformat() for one in shown}
    line.rule_base = rule_base_version()
    if review.collected is not None:
        line.prefetch = review.collected.satisfied_by_prefetch
