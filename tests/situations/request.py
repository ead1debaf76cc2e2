"""A situation → the hook request that an EHR would send, with its prefetch; → the same chart for a FHIR server."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cards.catalogue import load_data_requests
from cards.orders import Hook
from tests.situations.chart import Chart, build_chart, service_request
from tests.situations.orders import drafted, is_selected
from tests.situations.reading import Situation

PATIENT_ID = "p-5501"
BASE = "https://ehr.example/fhir"
HOOK_INSTANCE = "6f0f8f7e-5f3b-4b8e-9d8f-3c1d6a1f0001"


def hook_request(situation: Situation, hook: Hook, *, patient_id: str = PATIENT_ID) -> dict[str, Any]:
    """The whole request, every data request prefetched; one that the situation calls unknown is left out."""
    chart = build_chart(situation.patient, patient_id=patient_id, as_of=situation.as_of)
    return {
        "hook": hook.value,
        "hookInstance": HOOK_INSTANCE,
        "context": _context(situation, hook, chart, patient_id),
        "prefetch": prefetch(chart),
    }


def prefetch(chart: Chart, needs: Collection[str] | None = None) -> dict[str, Any]:
    """What the EHR sends for each data request (all of them, or these)."""
    return {
        name: _answer(name, chart)
        for name in load_data_requests()
        if name not in chart.unknown and (needs is None or name in needs)
    }


def transaction(situation: Situation, *, patient_id: str = PATIENT_ID) -> dict[str, Any]:
    """The chart as a transaction that puts every resource on a FHIR server, under ids of this patient alone."""
    chart = build_chart(situation.patient, patient_id=patient_id, as_of=situation.as_of)
    resources = [resource for found in chart.resources.values() for resource in found]
    entries = []
    for resource in resources:
        id = resource["id"] if resource["resourceType"] == "Patient" else f"{patient_id}-{resource['id']}"
        url = f"{resource['resourceType']}/{id}"
        entries.append({"resource": {**resource, "id": id}, "request": {"method": "PUT", "url": url}})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def fetch_request(situation: Situation, hook: Hook, *, server: str, patient_id: str = PATIENT_ID) -> dict[str, Any]:
    """The request without prefetch, of a client whose FHIR server holds `transaction(situation)`."""
    chart = build_chart(situation.patient, patient_id=patient_id, as_of=situation.as_of)
    for encounter in chart.resources["encounter"]:
        encounter["id"] = f"{patient_id}-{encounter['id']}"
    return {
        "hook": hook.value,
        "hookInstance": HOOK_INSTANCE,
        "fhirServer": server,
        "context": _context(situation, hook, chart, patient_id),
    }


def drafts(situation: Situation, patient_id: str = PATIENT_ID) -> list[dict[str, Any]]:
    """The basket: drafted MedicationRequests and ServiceRequests."""
    medications = [
        drafted(said, number=number, patient_id=patient_id, as_of=situation.as_of)
        for number, said in enumerate(situation.orders, start=1)
    ]
    services = [
        service_request(
            said, patient_id=patient_id, as_of=situation.as_of, status="draft", id=f"service-draft-{number}"
        )
        for number, said in enumerate(situation.services, start=1)
    ]
    return medications + services


def _context(situation: Situation, hook: Hook, chart: Chart, patient_id: str) -> dict[str, Any]:
    basket = drafts(situation, patient_id)
    context: dict[str, Any] = {"userId": "Practitioner/d-17", "patientId": patient_id}
    encounters = chart.resources["encounter"]
    if encounters:
        context["encounterId"] = encounters[0]["id"]
    if hook is Hook.ORDER_SELECT:
        said = (*situation.orders, *situation.services)
        context["selections"] = [
            f"{draft['resourceType']}/{draft['id']}"
            for draft, one in zip(basket, said, strict=True)
            if is_selected(one)
        ]
    context["draftOrders"] = {
        "resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft} for draft in basket],
    }  # fmt: skip
    return context


def _answer(need: str, chart: Chart) -> Any:
    if need in ("patient", "encounter"):
        found = chart.resources[need]
        return found[0] if found else None
    return page(chart, need, BASE)


def page(chart: Chart, need: str, base: str) -> dict[str, Any]:
    """The searchset that answers a data request; of an incomplete one the first page."""
    found = chart.resources[need]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if need in chart.incomplete:
        bundle["link"] = [{"relation": "next", "url": f"{base}/{need}?page=2"}]
    else:
        bundle["total"] = len(found)
    if found:  # R4 forbids an empty list
        bundle["entry"] = [
            {
                "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
                "resource": resource,
                "search": {"mode": "match"},
            }
            for resource in found
        ]
    return bundle
