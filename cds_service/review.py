"""Reviews the orders of one call: the story of the house without HTTP, for the endpoints and the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple, TypeVar

from cards.catalogue import Catalogue
from cards.consult import Considered, Manners, Question, consult, questions
from cards.facts import DataRequest, Facts
from cards.opinion import Advice
from cards.orders import Basket, Drug, MedicationOrder, Ordered, ServiceOrder, group_by_drug, group_by_service
from cds_service.chart.facts import read_facts
from cds_service.chart.medications import read_drug
from cds_service.chart.orders import (
    is_reviewed,
    read_discontinuation,
    read_medication_order,
    read_service,
    read_service_order,
)
from cds_service.client_ways import USUAL, Ways
from cds_service.clients import ANYBODY, Caller
from cds_service.config import SiteConfig
from cds_service.errors import DataNotAvailable
from cds_service.fhir.bundle import Answer
from cds_service.fhir.date import day_of
from cds_service.fhir.medication import names_a_drug
from cds_service.fhir.reference import Resolve, by_reference, referred
from cds_service.hooks.collect import Collected, collect
from cds_service.hooks.fhir_address import AddressPolicy, policy_of
from cds_service.hooks.fhir_reply import NOT_FOUND, NOT_SUPPLIED, FhirRead
from cds_service.hooks.fhir_server import FhirServer, FhirServers, NoFhirServer
from cds_service.hooks.medications import Medications, sent_in
from cds_service.hooks.r4_check import r4_problem
from cds_service.hooks.request import Draft, HookRequest
from cds_service.hooks.response import ResponseWriter, Vocabulary
from cds_service.hooks.suggestions import Occasion
from cds_service.ledger.ledger import AnyLedger, NoLedger
from cds_service.repetition import without_repetitions
from cds_service.rule_base import RuleBase
from cds_service.unmapped_drugs import Gaps, gaps

Order = TypeVar("Order", MedicationOrder, ServiceOrder)

_DRUG_ORDER, _SERVICE_ORDER = "MedicationRequest", "ServiceRequest"
_ORDERS = ("medication_order", "service_order")  # kinds of data requests that may hold the drafts themselves


class Review(NamedTuple):
    """What came of a call: the answer, every opinion behind it, and what was collected (None: nothing was needed).

    `gaps`: ordered drugs that no known code stands for. `repetitions`: by a card's uuid, the hash by which it is known
    again once it was overridden (none: it may be repeated). `no_access`: why the FHIR server that was named is not
    called. `facts`: what the rules read (None: nothing was needed).
    """

    answer: dict[str, Any]
    considered: tuple[Considered, ...] = ()
    collected: Collected | None = None
    gaps: Gaps | None = None
    repetitions: Mapping[str, str | None] = {}
    no_access: str = ""
    facts: Facts | None = None

    @property
    def has_no_patient(self) -> bool:
        """Does the FHIR server say that it has no such patient?"""
        answers = {} if self.collected is None else self.collected.answers
        return any(need == "patient" and answer.why == NOT_FOUND for need, answer in answers.items())


class Reviewer:
    """Reviews calls; what does not change from call to call is prepared once.

    `policy` holds for open mode; for a trusted client its own FHIR servers are called and no others.
    """

    def __init__(
        self,
        rules: RuleBase,
        site: SiteConfig,
        servers: FhirServers,
        policy: AddressPolicy,
        ledger: AnyLedger | None = None,
        rule_pages: str = "",
    ) -> None:
        self._value_sets = rules.value_sets
        self._tables = rules.tables
        self._site = site
        self._servers = servers
        self._policy = policy
        self._ledger = ledger or NoLedger()
        self._ways = rules.ways
        self._manners = Manners(site.cards.at_most, site.cards.at_most_info)
        check = r4_problem if site.check_resources else None
        vocabulary = vocabulary_of(rules, site, rule_pages)
        self._writer = ResponseWriter(rules.catalogue, vocabulary, site.cards.could_not_check, check)

    def review(
        self,
        request: HookRequest,
        catalogue: Catalogue,
        at: datetime,
        caller: Caller = ANYBODY,
        *,
        reads: list[FhirRead] | None = None,
    ) -> Review:
        """The answer to a call, as of the instant `at`. Raises DataNotAvailable when nothing needed could be had.

        Requests sent to a FHIR server are added to `reads`, whatever becomes of the call.
        """
        ways = USUAL if caller.client is None else self._ways[caller.name]
        catalogue = catalogue.without(ways.left_out).silencing(ways.silent)
        medications = Medications(request)
        server = self._read_missing_drugs(request, medications, caller, reads)
        unread = 0 if ways.is_silent else _unread(request, medications)
        drugs = [
            read_drug(draft.resource, self._value_sets, medications.resolve)
            for draft in request.drafts
            if draft.is_selected and _is_drug_order(draft) and names_a_drug(draft.resource)
        ]
        unmapped = gaps(drugs, self._value_sets)
        if not self._may_trigger(request, drugs, catalogue):
            return Review(self._written((), request, ways, unread), gaps=unmapped)
        basket, asked = self._read_orders(request, medications.resolve, catalogue)
        if all(question.moot for question in asked):
            considered = consult(asked, _no_facts(at, self._site.zone), self._manners, self._tables)
            answer = self._written(considered, request, ways, unread)
            return Review(answer, considered, gaps=unmapped)  # nothing is shown but the note on what was not read
        as_of = at.astimezone(self._site.zone).date()
        server = server or self._server(request, caller, reads)
        needs, needed_to_speak = _needs(catalogue, asked), _needed_to_speak(catalogue, asked)
        collected = collect(
            request,
            [catalogue.requests[need] for need in needs],
            server,
            medications,
            value_sets=self._value_sets,
            as_of=as_of,
            at_most=self._site.limits.entries,
        )
        if any("reasonReference" in draft.resource or "reason" in draft.resource for draft in request.drafts):
            # the reason may be a problem of the list, which was not at hand before
            basket, asked = self._read_orders(request, _or_problem(collected, catalogue.requests, request), catalogue)
        facts = read_facts(
            _without_drafts(collected.answers, catalogue.requests, request, as_of, self._site.zone),
            requests=catalogue.requests,
            basket=basket,
            patient_id=request.patient_id,
            value_sets=self._value_sets,
            as_of=as_of,
            at=at,
            zone=self._site.zone,
            resolve=collected.resolve,
        )
        considered = consult(asked, facts, self._manners, self._tables)
        if collected.could_have_none_of(needed_to_speak) and not any(_follows_from_order(one) for one in considered):
            raise DataNotAvailable(needed_to_speak, _why_not_called(server))
        considered, hashes = without_repetitions(considered, request, caller, self._ledger)
        answer = self._written(considered, request, ways, unread)
        # cards are written in the order of what is shown; the note that may follow may be repeated
        repetitions = {card["uuid"]: known for card, known in zip(answer["cards"], hashes, strict=False)}
        return Review(answer, considered, collected, unmapped, repetitions, _why_not_called(server), facts)

    def _written(
        self, considered: tuple[Considered, ...], request: HookRequest, ways: Ways, unread: int
    ) -> dict[str, Any]:
        return self._writer.write(considered, _occasion(request), request.hook, unread, ways.answers)

    def _server(self, request: HookRequest, caller: Caller, reads: list[FhirRead] | None) -> FhirServer | NoFhirServer:
        if request.no_access:
            return NoFhirServer(request.no_access)
        policy = policy_of(caller, self._policy)
        return self._servers.of_call(
            request.fhir_server, request.authorization, policy, reads, ends_at=request.reads_end_at
        )

    def _read_missing_drugs(
        self, request: HookRequest, medications: Medications, caller: Caller, reads: list[FhirRead] | None
    ) -> FhirServer | NoFhirServer | None:
        """Reads from the server the drugs that only it can name; None when there was no need to look for one."""
        if not any(_is_drug_order(draft) and medications.missing(draft.resource) for draft in request.drafts):
            return None
        server = self._server(request, caller, reads)
        medications.read_drafted(server)
        return server

    def _may_trigger(self, request: HookRequest, drugs: Iterable[Drug], catalogue: Catalogue) -> bool:
        """Could any selected draft make a card speak?"""
        hook = request.hook
        return any(drug.concepts and catalogue.triggered_by(drug.concepts, hook) for drug in drugs) or any(
            catalogue.triggered_by(read_service(draft.resource, self._value_sets)[0], hook)
            for draft in request.drafts
            if draft.is_selected and _is_service_order(draft)
        )

    def _read_orders(
        self, request: HookRequest, resolve: Resolve, catalogue: Catalogue
    ) -> tuple[Basket, tuple[Question, ...]]:
        """The basket, and what its selected drugs and services make us ask."""
        basket = self._read_basket(request, resolve)
        # with the unselected drafts of the same drug, for doses add up
        drugs = group_by_drug(_selected_last(basket.medications), request.hook)
        services = group_by_service(_selected_last(basket.services), request.hook)
        ordered: tuple[Ordered, ...] = (*drugs, *services)
        return basket, questions(catalogue, (one for one in ordered if one.last.is_selected))

    def _read_basket(self, request: HookRequest, resolve: Resolve) -> Basket:
        drugs: list[MedicationOrder] = []
        services: list[ServiceOrder] = []
        stopped: list[MedicationOrder] = []
        for draft in request.drafts:
            kind = draft.resource.get("resourceType")
            if kind == _DRUG_ORDER:
                if drug := self._read(read_medication_order, draft, resolve):
                    drugs.append(drug)
                elif ended := read_discontinuation(
                    draft.resource, value_sets=self._value_sets, zone=self._site.zone, resolve=resolve
                ):
                    stopped.append(ended)
            elif kind == _SERVICE_ORDER and (service := self._read(read_service_order, draft, resolve)):
                services.append(service)
        return Basket(tuple(drugs), tuple(services), tuple(stopped))

    def _read(self, read: Callable[..., Order | None], draft: Draft, resolve: Resolve) -> Order | None:
        return read(
            draft.resource,
            value_sets=self._value_sets,
            zone=self._site.zone,
            resolve=resolve,
            is_draft=True,
            is_selected=draft.is_selected,
        )


def vocabulary_of(rules: RuleBase, site: SiteConfig, rule_pages: str) -> Vocabulary:
    """The code systems on cards. `rule_pages`: where the pages of rules are; empty: not reachable over https."""
    return Vocabulary(
        topic_system=f"{site.code_systems}/topic",
        override_system=f"{site.code_systems}/override-reasons",
        override_reasons=rules.override_reasons,
        rule_pages=rule_pages,
    )


def _why_not_called(server: FhirServer | NoFhirServer) -> str:
    """Why the FHIR server that was named is not called; empty when it may be, or when none was named."""
    return server.why if isinstance(server, NoFhirServer) and server.why != NOT_SUPPLIED else ""


def _is_drug_order(draft: Draft) -> bool:
    return draft.resource.get("resourceType") == _DRUG_ORDER and is_reviewed(draft.resource)


def _unread(request: HookRequest, medications: Medications) -> int:
    """Drafts whose drug nobody can tell."""
    return sum(_is_drug_order(draft) and medications.is_nameless(draft.resource) for draft in request.drafts)


def _selected_last(orders: tuple[Order, ...]) -> list[Order]:
    return sorted(orders, key=lambda order: order.is_selected)


def _is_service_order(draft: Draft) -> bool:
    return draft.resource.get("resourceType") == _SERVICE_ORDER and is_reviewed(draft.resource)


def _needs(catalogue: Catalogue, asked: Iterable[Question]) -> tuple[str, ...]:
    return catalogue.needs(question.card for question in asked if not question.moot)


def _needed_to_speak(catalogue: Catalogue, asked: tuple[Question, ...]) -> tuple[str, ...]:
    """What cards need that somebody would see: for want of the rest no call is refused."""
    return _needs(catalogue, [question for question in asked if not question.card.is_silent])


def _or_problem(collected: Collected, requests: Mapping[str, DataRequest], request: HookRequest) -> Resolve:
    """Finds what was found before, and the problems of the list, by their id or the fullUrl they were sent with."""
    needs = [need for need in collected.answers if requests[need].kind == "diagnosis"]
    listed = [resource for need in needs for resource in collected.answers[need].resources]
    sent = {id(resource): full_url for need in needs for full_url, resource in sent_in(request.prefetch.get(need))}
    problems = by_reference((sent.get(id(resource), ""), resource) for resource in listed)
    return lambda reference: referred(problems, reference) or collected.resolve(reference)


def _no_facts(at: datetime, zone: tzinfo) -> Facts:
    return Facts(as_of=at.astimezone(zone).date(), supplied={}, requests={})


def _without_drafts(
    answers: Mapping[str, Answer],
    requests: Mapping[str, DataRequest],
    request: HookRequest,
    as_of: date,
    zone: tzinfo,
) -> Mapping[str, Answer]:
    """A draft may be stored already: it is not its own history.

    A drug order of an earlier day that is signed again stays: the cards see since when and at what dose it was taken.
    """
    drafted = [_named(draft.resource) for draft in request.drafts if draft.resource.get("id")]

    def is_draft(resource: Mapping[str, Any]) -> bool:
        if _named(resource) not in drafted:
            return False
        ordered_on = day_of(resource.get("authoredOn"), zone)
        return resource.get("resourceType") != _DRUG_ORDER or ordered_on is None or ordered_on >= as_of

    return {
        name: _without(is_draft, answer) if requests[name].kind in _ORDERS and answer.state == "present" else answer
        for name, answer in answers.items()
    }


def _without(is_draft: Callable[[Mapping[str, Any]], bool], answer: Answer) -> Answer:
    kept = tuple([resource for resource in answer.resources if not is_draft(resource)])
    return answer._replace(resources=kept, state="present" if kept else "absent")


def _named(resource: Mapping[str, Any]) -> tuple[Any, Any]:
    return resource.get("resourceType"), resource.get("id")


def _follows_from_order(one: Considered) -> bool:
    """Is this advice although nothing of the chart could be had? "Could not be checked" is no such advice."""
    return one.is_shown and isinstance(one.opinion, Advice) and not one.opinion.unchecked


def _occasion(request: HookRequest) -> Occasion:
    return Occasion(request.patient_id, request.encounter_id or None, _ExactDrafts(request).get)


class _ExactDrafts:
    """The drafts as the sender wrote them. Reads the body again, so only when a suggestion sends a draft back."""

    def __init__(self, request: HookRequest) -> None:
        self._request = request
        self._drafts: Mapping[str, dict[str, Any]] | None = None

    def get(self, reference: str) -> dict[str, Any] | None:
        """The draft of this Type/id."""
        if self._drafts is None:
            self._drafts = self._request.exact_drafts()
        return self._drafts.get(reference)
