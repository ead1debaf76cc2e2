"""Every data request of the triggered cards gets its answer: from prefetch, else from the client's FHIR server."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from cards.concepts import ValueSets
from cards.facts import DataRequest
from cds_service.errors import OtherPatient
from cds_service.fhir.bundle import Answer, read_answer, unknown, unwrapped
from cds_service.fhir.coding import as_dict
from cds_service.fhir.reference import Resolve
from cds_service.hooks.data_requests import fhir_types, own_query
from cds_service.hooks.fhir_reply import LATE, NOT_ACCEPTED, NOT_SUPPLIED, UNREADABLE
from cds_service.hooks.fhir_server import FhirServer, NoFhirServer
from cds_service.hooks.medications import Medications
from cds_service.hooks.request import HookRequest

_NAMELESS = "the drug of some orders could not be read"
_OTHER_ENCOUNTER = "another encounter was sent"
_NO_PATIENT = "the client says that it has none"
_WITH_DRUGS = frozenset({"medication_order", "administration", "dispense"})


class Collected(NamedTuple):
    """Answers by data request, with `resolve` for the Medications they refer to.

    `asked_for`: those of which an answer was to be had (not the encounter of a call in none).
    """

    answers: Mapping[str, Answer]
    resolve: Resolve
    satisfied_by_prefetch: tuple[str, ...]
    asked_for: tuple[str, ...]

    def could_have_none_of(self, needs: Container[str]) -> bool:
        """Could nothing be had of what was asked for among these? False where nothing of it was asked for."""
        states = [self.answers[name].state for name in self.asked_for if name in needs]
        return bool(states) and states.count("unknown") == len(states)


def collect(
    request: HookRequest,
    needs: Iterable[DataRequest],
    server: FhirServer | NoFhirServer,
    medications: Medications,
    *,
    value_sets: ValueSets,
    as_of: date,
    at_most: int,
) -> Collected:
    """The answer to each of these needs: what prefetch brought, and what it lacks, fetched all at once.

    At most so many entries of a Bundle are read. What prefetch says is not there is not asked for again. Raises
    OtherPatient when the server gives another Patient than it was asked for.
    """
    wanted = tuple(needs)
    prefetch = request.prefetch
    answers = {
        need.name: _read(need, prefetch[need.name], request, at_most)
        if need.name in prefetch
        else _not_prefetched(need, request)
        for need in wanted
    }
    satisfied = tuple(
        [name for name, answer in answers.items() if answer.state != "unknown" and name in request.prefetch]
    )
    if isinstance(server, FhirServer):
        _Fetch(request, server, value_sets, as_of, at_most).add_to(answers, wanted)
        _check_patient(wanted, answers)
        medications.add(resource for answer in answers.values() for resource in answer.included)
        on_record = [resource for need in _with_drugs(wanted) for resource in answers[need.name].resources]
        medications.read_referred(on_record, server)
    else:
        for name, answer in answers.items():
            if answer.why == NOT_SUPPLIED:
                answers[name] = unknown(server.why)
    for need in _with_drugs(wanted):
        answers[need.name] = _if_named(answers[need.name], medications)
    return Collected(
        answers=answers,
        resolve=medications.resolve,
        satisfied_by_prefetch=satisfied,
        asked_for=tuple([need.name for need in wanted if not _has_no_subject(need, request)]),
    )


def _with_drugs(needs: Iterable[DataRequest]) -> Iterable[DataRequest]:
    return [need for need in needs if need.kind in _WITH_DRUGS]


def _has_no_subject(need: DataRequest, request: HookRequest) -> bool:
    """Is this the encounter of a call that takes place in none?"""
    return need.kind == "encounter" and not request.encounter_id


def _not_prefetched(need: DataRequest, request: HookRequest) -> Answer:
    """What a key says that is not there: unknown, unless there is nothing that it could hold."""
    return Answer("absent") if _has_no_subject(need, request) else unknown(NOT_SUPPLIED)


def _read(need: DataRequest, value: Any, request: HookRequest, at_most: int) -> Answer:
    answer = read_answer(value, patient_id=request.patient_id, types=fhir_types(need), at_most=at_most)
    if need.kind == "patient" and answer.state == "absent":  # there is one, for the call is about somebody
        return unknown(_NO_PATIENT)
    if need.kind != "encounter" or not request.encounter_id:
        return answer
    own_first = sorted(answer.resources, key=lambda resource: resource.get("id") != request.encounter_id)
    if own_first and own_first[0].get("id") not in (None, request.encounter_id):
        return unknown(_OTHER_ENCOUNTER)
    return answer._replace(resources=tuple(own_first))


class _Fetch(NamedTuple):
    """What is asked of the client's FHIR server in one call."""

    request: HookRequest
    server: FhirServer
    value_sets: ValueSets
    as_of: date
    at_most: int

    def add_to(self, answers: dict[str, Answer], needs: Iterable[DataRequest]) -> None:
        """Puts into `answers` what the server adds to those that could not be had, or not to their end."""
        jobs: dict[str, Callable[[], Answer | None]] = {}
        for need in needs:
            answer = answers[need.name]
            if _is_all(answer, self.at_most) or answer.why == _NO_PATIENT or _has_no_subject(need, self.request):
                continue
            if answer.next_url is not None:
                jobs[need.name] = partial(self._read_on, need)
                continue
            if answer.state == "unknown":
                answers[need.name] = unknown(LATE)
            jobs[need.name] = partial(self._ask, need)
        for name, got in self.server.in_parallel(jobs, late=None).items():
            if got is not None:
                answers[name] = _better(answers[name], got)

    def _read_on(self, need: DataRequest) -> Answer:
        """What prefetch brought, with the pages that follow it; where they cannot be had, what our own query brings."""
        bundle = as_dict(unwrapped(self.request.prefetch[need.name]))
        answer = _read(need, self.server.with_next_pages(bundle), self.request, self.at_most)
        return answer if _is_all(answer, self.at_most) else _better(answer, self._ask(need))

    def _ask(self, need: DataRequest) -> Answer:
        """The answer to a query of our own. A search that brings no Bundle, or a read that does, brought nothing.

        Some servers refuse a search for a parameter that others pass over: they are asked as the template asks.
        """
        query = self._query(need, self.at_most)
        reply = self.server.get_pages(query)
        if reply.why == NOT_ACCEPTED and (plain := self._query(need, None)) != query:
            reply = self.server.get_pages(plain)
        if reply.body is None:
            return unknown(reply.why)
        is_bundle = reply.body["resourceType"] == "Bundle"
        if is_bundle is not ("?" in query):
            return unknown(UNREADABLE)
        return _read(need, reply.body, self.request, self.at_most)

    def _query(self, need: DataRequest, count: int | None) -> str:
        return own_query(
            need,
            self.value_sets,
            patient_id=self.request.patient_id,
            encounter_id=self.request.encounter_id,
            as_of=self.as_of,
            count=count,
        )


def _is_all(answer: Answer, at_most: int) -> bool:
    """Is this all there is, or all that is read of it?"""
    return not answer.why and (answer.is_complete or len(answer.resources) + len(answer.included) >= at_most)


def _better(had: Answer, got: Answer) -> Answer:
    """What the server gave, unless it takes matches away that came before."""
    if had.state == "unknown":
        return got
    is_more = got.state == "present" and (got.is_complete or len(got.resources) >= len(had.resources))
    return got if is_more else had


def _check_patient(needs: Iterable[DataRequest], answers: Mapping[str, Answer]) -> None:
    for need in needs:
        if need.kind == "patient" and answers[need.name].state == "unknown" and answers[need.name].foreign:
            raise OtherPatient("fhirServer", "a server that gives the patient of context.patientId")


def _if_named(answer: Answer, medications: Medications) -> Answer:
    """The answer, no longer complete when it holds orders of which nobody knows the drug: it could be any."""
    if answer.is_complete and any(map(medications.is_nameless, answer.resources)):
        return answer._replace(is_complete=False, why=_NAMELESS)
    return answer
