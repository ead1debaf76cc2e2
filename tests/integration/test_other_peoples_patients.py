"""Patients that nobody made for this service: whether a client prefetches or not, the cards are the same."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from cards.orders import Hook
from tests.integration.client import Ehr, Service
from tests.situations.reading import Situation
from tests.situations.request import fetch_request

DATA = Path(os.environ["CDS_TEST_DATA"])
ORDERS = {
    "pregabalin": ("pregabalin 75 mg twice daily",),
    "pregabalin high": ("pregabalin 300 mg twice daily, because E11.42",),
    "immunoglobulin": ("IVIG 30 g daily for 5 days, because G61.81",),
    "rituximab": ("rituximab 1000 mg IV once",),
    "two drugs": ("pregabalin ER 330 mg once daily", "rituximab 500 mg IV once"),
}


def patients() -> Iterator[tuple[str, str, date]]:
    """(name, id, day of the last entry) of every patient."""
    for path in sorted((DATA / "synthea-r4").glob("*-*.json")):
        bundle = json.loads(path.read_text(encoding="utf-8"))
        resources = [entry["resource"] for entry in bundle["entry"]]
        patient = next(one for one in resources if one["resourceType"] == "Patient")
        yield path.stem, patient["id"], max(map(day, resources))
    lines = (DATA / "synthea-2025-bulk" / "MedicationRequest.ndjson").read_text(encoding="utf-8").splitlines()
    orders = sorted((json.loads(line) for line in lines), key=patient_of)
    for number, (patient_id, ordered) in enumerate(groupby(orders, patient_of), start=1):
        yield f"bulk-{number}", patient_id, max(map(day, ordered))


def patient_of(resource: dict[str, Any]) -> str:
    """Id of the patient that an order is for."""
    return str(resource["subject"]["reference"]).rpartition("/")[2]


def day(resource: dict[str, Any]) -> date:
    """When something was recorded; long ago when it does not say."""
    found = [resource.get(key) for key in ("effectiveDateTime", "authoredOn", "recordedDate")]
    return max((date.fromisoformat(text[:10]) for text in found if text), default=date.min)


ALL_CALLS = [
    pytest.param(patient_id, on, hook, orders, id=f"{name}-{hook}-{ordered}")
    for name, patient_id, on in patients()
    for ordered, orders in ORDERS.items()
    for hook in Hook
]


@pytest.mark.parametrize(("patient_id", "on", "hook", "orders"), ALL_CALLS)
def test_prefetched_or_fetched_the_cards_are_the_same(
    service: Service, ehr: Ehr, patient_id: str, on: date, hook: Hook, orders: tuple[str, ...]
) -> None:
    body = fetch_request(Situation(on, {}, orders), hook, server=ehr.base, patient_id=patient_id)
    fetched = service.call(ehr.without_prefetch(body), on)
    assert fetched.status == 200
    del body["fhirServer"]
    assert service.call(ehr.with_prefetch(body), on).without_note == fetched.without_note
    assert service.call(ehr.with_first_pages(body), on) == fetched
