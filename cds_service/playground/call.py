"""A scenario becomes a hook call, as an EHR would send it, and goes the way of every call: parsed, reviewed, booked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, time
from time import perf_counter
from typing import Any, NamedTuple
from uuid import uuid4

import orjson

from cards.concepts import ValueSets
from cards.orders import Hook
from cds_service.bookkeeping import Bookkeeping
from cds_service.clients import PLAYGROUND
from cds_service.config import SiteConfig
from cds_service.errors import DataNotAvailable, InvalidRequest, outcome_of
from cds_service.hooks.data_requests import prefetch_template
from cds_service.hooks.discovery import Service
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_reply import FhirRead, why_nothing_came
from cds_service.hooks.request import parse_request
from cds_service.playground.basket import FieldProblem, basket_of, selected
from cds_service.playground.patients import FixturePatient, ward
from cds_service.playground.scenario import Resource, Scenario
from cds_service.review import Review, Reviewer
from cds_service.what_was_said import what_was_said

USER = "Practitioner/playground"
_FIRST_YEAR, _LAST_YEAR = 1950, 2150


class Bench(NamedTuple):
    """What scenarios are tried on: the services as offered, their reviewer and books, and what may be called."""

    services: tuple[Service, ...]
    reviewer: Reviewer
    books: Bookkeeping
    site: SiteConfig
    value_sets: ValueSets
    policy: AddressPolicy


class Case(NamedTuple):
    """A scenario that could be read: the patient (None: of the server), the moment, the day and the drafts."""

    scenario: Scenario
    fixture: FixturePatient | None
    patient_id: str
    hook: Hook
    as_of: date
    drafts: list[Resource]


class Called(NamedTuple):
    """One call to one service and what came of it. `review` None: it was refused, `answer` says why.

    `why`: the same for a person who named a server, and why that gave nothing.
    """

    service: Service
    request: dict[str, Any]
    answer: dict[str, Any]
    milliseconds: float
    review: Review | None = None
    why: str = ""


def case_of(scenario: Scenario, bench: Bench, today: date) -> Case:
    """The case that a scenario describes. Raises FieldProblem."""
    hook = next((hook for hook in Hook if hook == scenario.hook), None)
    if hook is None:
        raise FieldProblem("hook", f"Choose {' or '.join(Hook)}.")
    fixture = None if scenario.is_from_server else _fixture(scenario.patient)
    if fixture is None:
        _check_server(scenario, bench.policy)
    patient_id = scenario.patient_id if fixture is None else fixture.id
    as_of = _day(scenario.as_of, today if fixture is None else ward().as_of)
    drafts = basket_of(scenario, patient_id, as_of, bench.value_sets)
    return Case(scenario, fixture, patient_id, hook, as_of, drafts)


def call(case: Case, bench: Bench) -> list[Called]:
    """The answers of the services of this hook, one unless the site splits them. Raises FieldProblem."""
    user = case.scenario.session or secrets.token_hex(4)
    return [_call(case, service, bench, user) for service in bench.services if service.hook == case.hook]


def session_of(called: list[Called]) -> str:
    """The session in which these answers were given."""
    return next((str(one.request["context"]["userId"]).removeprefix(f"{USER}-") for one in called), "")


def _call(case: Case, service: Service, bench: Bench, session: str) -> Called:
    request = _request(case, service, bench.value_sets, session)
    body = orjson.dumps(request)
    reads: list[FhirRead] = []
    began = perf_counter()
    try:
        parsed = parse_request(body, at_most_entries=bench.site.limits.entries, hook=service.hook, caller=PLAYGROUND)
        at = datetime.combine(case.as_of, time(12), bench.site.zone)
        review = bench.reviewer.review(parsed, service.catalogue, at, PLAYGROUND, reads=reads)
    except (DataNotAvailable, InvalidRequest) as refusal:
        is_servers = case.fixture is None and isinstance(refusal, DataNotAvailable)
        why = why_nothing_came(refusal.text, case.scenario.server, reads) if is_servers else ""
        return Called(service, request, outcome_of(refusal).body, _since(began), why=why)
    spent = _since(began)
    if review.has_no_patient:
        raise FieldProblem("id", "This FHIR server has no patient of this id.")
    bench.books.close_call(review, what_was_said(review), parsed, PLAYGROUND, service.id)
    return Called(service, request, review.answer, spent, review)


def _since(began: float) -> float:
    return (perf_counter() - began) * 1000


def _request(case: Case, service: Service, value_sets: ValueSets, session: str) -> dict[str, Any]:
    context: dict[str, Any] = {"userId": f"{USER}-{session}", "patientId": case.patient_id}
    if case.fixture is not None and case.fixture.encounter_id:
        context["encounterId"] = case.fixture.encounter_id
    if case.hook is Hook.ORDER_SELECT:
        context["selections"] = selected(case.drafts)
    entries = [{"resource": draft} for draft in case.drafts]
    context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    request: dict[str, Any] = {"hook": case.hook.value, "hookInstance": str(uuid4())}
    if case.fixture is None:
        return request | {"fhirServer": case.scenario.server.rstrip("/"), "context": context}
    return request | {"context": context, "prefetch": _prefetch(case.fixture, service, value_sets, context)}


def _prefetch(
    fixture: FixturePatient, service: Service, value_sets: ValueSets, context: Mapping[str, Any]
) -> dict[str, Any]:
    """What the EHR of this patient sends for exactly the templates that discovery names."""
    requests = service.catalogue.requests
    templates = {
        need: prefetch_template(requests[need], value_sets) for need in service.needs if need not in fixture.not_sent
    }
    return fixture.chart.prefetch(templates, context)


def _fixture(name: str) -> FixturePatient:
    found = ward().patients.get(name)
    if found is None:
        raise FieldProblem("patient", "There is no such patient here. Choose one of the list.")
    return found


def _check_server(scenario: Scenario, policy: AddressPolicy) -> None:
    if policy.reach(scenario.server) is None:
        raise FieldProblem("server", "This FHIR server may not be called from here. Choose or type another address.")


def _day(said: str, otherwise: date) -> date:
    if not said:
        return otherwise
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = date.min
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise FieldProblem("as_of", f"Write a day from {_FIRST_YEAR} to {_LAST_YEAR} as {otherwise.isoformat()}.")
    return day
