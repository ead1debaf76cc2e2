"""A FHIR server on this machine that holds the chart of one situation: reads, and searches by patient and code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cards.catalogue import load_data_requests
from cards.facts import DataRequest
from cds_service.hooks.data_requests import fhir_reads
from tests.cds_service.hooks.loopback_server import Call, LoopbackServer
from tests.situations.chart import Chart, build_chart
from tests.situations.codes import value_sets
from tests.situations.reading import Situation
from tests.situations.request import PATIENT_ID, page

FORBIDDEN = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}


class FhirStore:
    """Answers as an EHR would. What the situation calls unknown is forbidden; the second page of a first one fails."""

    def __init__(self) -> None:
        self.server = LoopbackServer(self._answer)
        self._chart = Chart()

    def hold(self, situation: Situation) -> None:
        """From now on this chart and no other."""
        self._chart = build_chart(situation.patient, patient_id=PATIENT_ID, as_of=situation.as_of)

    def _answer(self, call: Call) -> None:
        address = urlsplit(call.path)
        resource_type, _, logical_id = address.path.removeprefix("/fhir/").partition("/")
        asked = parse_qs(address.query)
        needs = [need for need in _needs(resource_type, asked) if need in self._chart.resources]
        if "page" in asked or not needs or not self._chart.unknown.isdisjoint(needs):
            call.json(FORBIDDEN, 403)
            return
        [need] = needs
        if logical_id:
            found = [resource for resource in self._chart.resources[need] if resource["id"] == logical_id]
            call.json(found[0] if found else FORBIDDEN, 200 if found else 404)
        else:
            call.json(page(self._chart, need, self.server.base))


def _needs(resource_type: str, asked: dict[str, list[str]]) -> Iterator[str]:
    """The data requests that a query is about: one, since codes tell searches of one type apart."""
    codes = {token.partition("|")[2] for value in asked.get("code", ()) for token in value.split(",")}
    for name, request in load_data_requests().items():
        if resource_type == fhir_reads(request)[0][0] and (not request.concepts or codes & _codes(request)):
            yield name


def _codes(request: DataRequest) -> set[str]:
    by_system: list[Any] = [value_sets().concept(concept).codes for concept in request.concepts]
    return {code.code for codes in by_system for rows in codes.values() for code in rows}
