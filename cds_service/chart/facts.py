"""Puts the answers to the data requests before the cards, each read when a card first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, NamedTuple

from cards.concepts import ValueSets
from cards.facts import (
    DataRequest,
    Facts,
    Record,
    State,
    Supplied,
)
from cards.orders import Basket
from cds_service.chart.diagnoses import read_problems
from cds_service.chart.history import read_administration, read_allergy, read_procedure
from cds_service.chart.measurements import read_measurements
from cds_service.chart.orders import read_order_on_record, read_service_order
from cds_service.chart.patients import read_encounters, read_patient
from cds_service.fhir.bundle import Answer
from cds_service.fhir.date import day_of
from cds_service.fhir.reference import Resolve, by_reference, referred

_STATES = {"present": State.PRESENT, "absent": State.ABSENT, "unknown": State.UNKNOWN}

Resource = dict[str, Any]


def read_facts(
    answers: Mapping[str, Answer],
    *,
    requests: Mapping[str, DataRequest],
    basket: Basket,
    patient_id: str,
    value_sets: ValueSets,
    as_of: date,
    at: datetime | None,
    zone: tzinfo,
    resolve: Resolve,
) -> Facts:
    """The chart as the cards see it. Nothing is read before a card asks; what is read is read once.

    Problems and drug orders that no value set knows are passed over: no card could ask about them. Of the other orders
    only the drug and the day are read until a card asks for the drug.

    `resolve` finds a Medication by reference where the answer itself did not bring it.
    """
    reader = _Reader(value_sets, patient_id, as_of, zone, resolve, _born(answers.get("patient"), zone))
    supplied = {
        need: Supplied(
            _STATES[answer.state],
            partial(_read, reader, requests[need], answer),
            answer.is_complete,
            answer.why,
            answer.foreign,
        )
        for need, answer in answers.items()
    }
    return Facts(as_of=as_of, supplied=supplied, requests=requests, basket=basket, at=at)


def _born(answer: Answer | None, zone: tzinfo) -> date | None:
    """The patient's birthday; None where the day is not known."""
    text = answer.resources[0].get("birthDate") if answer is not None and answer.resources else None
    return day_of(text, zone) if isinstance(text, str) and len(text) >= len("YYYY-MM-DD") else None


class _Reader(NamedTuple):
    """What reading a resource takes."""

    value_sets: ValueSets
    patient_id: str
    as_of: date
    zone: tzinfo
    resolve: Resolve
    born: date | None

    def patient(self, resource: Resource) -> Record:
        return read_patient(resource, zone=self.zone)

    def medication_order(self, resource: Resource) -> Record | None:
        return read_order_on_record(resource, value_sets=self.value_sets, zone=self.zone, resolve=self.resolve)

    def service_order(self, resource: Resource) -> Record | None:
        return read_service_order(resource, value_sets=self.value_sets, zone=self.zone, resolve=self.resolve)

    def administration(self, resource: Resource) -> Record | None:
        return read_administration(resource, value_sets=self.value_sets, zone=self.zone, resolve=self.resolve)

    def procedure(self, resource: Resource) -> Record | None:
        return read_procedure(resource, value_sets=self.value_sets, as_of=self.as_of, zone=self.zone)

    def allergy(self, resource: Resource) -> Record | None:
        return read_allergy(resource, value_sets=self.value_sets, zone=self.zone)


_ONE_BY_ONE: Mapping[str, Callable[[_Reader, Resource], Record | None]] = {
    "patient": _Reader.patient,
    "medication_order": _Reader.medication_order,
    "service_order": _Reader.service_order,
    "administration": _Reader.administration,
    "dispense": _Reader.administration,
    "procedure": _Reader.procedure,
    "allergy": _Reader.allergy,
}


def _read(reader: _Reader, request: DataRequest, answer: Answer) -> tuple[Record, ...]:
    """The records of one answer, those before the look-back of the request left out, undated ones kept (book 1.12)."""
    if answer.included:
        reader = reader._replace(resolve=_included_or(answer, reader.resolve))
    records = _records(reader, request, answer)
    last_day = _LAST_DAYS.get(request.kind)
    if request.look_back_days is None or last_day is None:
        return tuple(records)
    earliest = reader.as_of - timedelta(days=request.look_back_days)
    return tuple([record for record in records if (last_day(record) or earliest) >= earliest])


def _records(reader: _Reader, request: DataRequest, answer: Answer) -> Iterable[Record]:
    if not answer.resources:
        return ()
    if request.kind == "measurement":
        return read_measurements(
            answer.resources,
            frozenset(request.concepts),
            value_sets=reader.value_sets,
            patient_id=reader.patient_id,
            zone=reader.zone,
        )
    if request.kind == "diagnosis":
        return read_problems(
            answer.resources,
            value_sets=reader.value_sets,
            as_of=reader.as_of,
            zone=reader.zone,
            born=reader.born,
        )
    if request.kind == "encounter":
        return read_encounters(answer.resources, value_sets=reader.value_sets)
    read = _ONE_BY_ONE[request.kind]
    return [record for resource in answer.resources if (record := read(reader, resource)) is not None]


# The last day a record tells of, None when undated; kinds that are not here are true whatever their age (an allergy).
_LAST_DAYS: Mapping[str, Callable[[Any], date | None]] = {
    "measurement": lambda record: record.on,
    "procedure": lambda record: record.done_on,
    "administration": lambda record: record.ended_on or record.given_on,
    "dispense": lambda record: record.given_on,
    "medication_order": lambda record: record.in_full.ended_on or record.authored_on,
    "service_order": lambda record: record.planned_on or record.authored_on,
}


def _included_or(answer: Answer, resolve: Resolve) -> Resolve:
    """Finds what came along with the answer before it asks elsewhere."""
    # the reference may be to the fullUrl of the entry, which is the id as a urn where it is no address
    names = by_reference((f"urn:uuid:{resource.get('id')}", resource) for resource in answer.included)
    return lambda reference: referred(names, reference) or resolve(reference)
