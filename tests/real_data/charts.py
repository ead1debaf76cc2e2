"""Whole patients of other projects, read as the service reads what a FHIR server sends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from typing import Any, NamedTuple

from cards.catalogue import load_data_requests
from cards.concepts import load_value_sets
from cards.facts import Diagnosis, Facts
from cards.orders import Basket, MedicationOrder
from cds_service.chart.diagnoses import read_diagnosis
from cds_service.chart.facts import read_facts
from cds_service.chart.orders import read_medication_order
from cds_service.fhir.bundle import Answer, read_answer
from cds_service.fhir.reference import by_reference, referred
from cds_service.hooks.data_requests import fhir_types
from tests.real_data.records import BULK, Resource, content, lines, records

DATED = (
    "effectiveDateTime",
    "effectiveInstant",
    "issued",
    "authoredOn",
    "onsetDateTime",
    "recordedDate",
    "dateRecorded",
    "abatementDateTime",
)


class Entry(NamedTuple):
    """A resource and the address it goes by."""

    full_url: str
    resource: Resource


class Chart:
    """The records of one patient; those of others may stand among them, as in an export."""

    def __init__(self, entries: list[Entry], patient_id: str) -> None:
        self.entries = entries
        self.patient_id = patient_id

    def of_type(self, kind: str) -> list[Resource]:
        """The resources of one type."""
        return [entry.resource for entry in self.entries if entry.resource["resourceType"] == kind]

    @cached_property
    def last_day(self) -> date:
        """The last day that any record is dated."""
        days = (entry.resource.get(name) for entry in self.entries for name in DATED)
        return max(date.fromisoformat(day[:10]) for day in days if day)

    def answers(self, *, backwards: bool = False) -> dict[str, Answer]:
        """What a search for each data request of the house would bring."""
        entries = self.entries[::-1] if backwards else self.entries
        found = {}
        for name, request in load_data_requests().items():
            types = fhir_types(request)
            bundle = {
                "resourceType": "Bundle",
                "type": "searchset",
                "entry": [{"resource": entry.resource} for entry in entries if entry.resource["resourceType"] in types],
            }
            found[name] = read_answer(bundle, patient_id=self.patient_id, types=types)
        return found

    def diagnoses(self, as_of: date) -> list[Diagnosis]:
        """Every problem, also those that no value set knows and no card could ask about."""
        read = partial(read_diagnosis, value_sets=load_value_sets(), as_of=as_of, zone=UTC)
        found = [read(resource) for resource in self.answers()["conditions"].resources]
        return [one for one in found if one is not None and (one.on is None or one.on <= as_of + timedelta(days=1))]

    def orders(self, as_of: date) -> list[MedicationOrder]:
        """Every drug order, also of drugs that no value set knows."""
        read = partial(read_medication_order, value_sets=load_value_sets(), zone=UTC, resolve=self._resolve)
        found = [read(resource) for resource in self.answers()["medication_orders"].resources]
        return [
            one
            for one in found
            if one is not None and (one.authored_on is None or one.authored_on <= as_of + timedelta(days=1))
        ]

    def _resolve(self, reference: str) -> Resource | None:
        return referred(by_reference((entry.full_url, entry.resource) for entry in self.entries), reference)

    def facts(self, as_of: date, *, backwards: bool = False) -> Facts:
        """The chart as of a day."""
        return read_facts(
            self.answers(backwards=backwards),
            requests=load_data_requests(),
            basket=Basket(),
            patient_id=self.patient_id,
            value_sets=load_value_sets(),
            as_of=as_of,
            at=datetime(as_of.year, as_of.month, as_of.day, 12, tzinfo=UTC),
            zone=UTC,
            resolve=self._resolve,
        )


def chart_in(folder: str, file: str) -> Chart:
    """The one patient of a Bundle."""
    entries = [Entry(entry.get("fullUrl", ""), entry["resource"]) for entry in content(folder, file)["entry"]]
    (patient,) = [entry.resource for entry in entries if entry.resource["resourceType"] == "Patient"]
    return Chart(entries, patient["id"])


def exported_charts() -> list[Chart]:
    """The patients of the bulk export, in its order, each among the records of all."""
    entries = [Entry("", resource) for resource in _exported()]
    patients = [entry.resource["id"] for entry in entries if entry.resource["resourceType"] == "Patient"]
    return [Chart(entries, patient_id) for patient_id in patients]


def _exported() -> Iterator[dict[str, Any]]:
    for path in records(BULK):
        yield from lines(BULK, path.name)
