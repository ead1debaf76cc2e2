"""The usual orders on the Synthea patients of CDS_TEST_DATA, each as of the last day of the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cards.catalogue import load_data_requests
from cards.orders import Hook
from cds_service.hooks.data_requests import fhir_types
from tests.burden.replay import Answered, answered, usual_orders
from tests.real_data.charts import Chart, chart_in
from tests.real_data.records import SYNTHEA, names
from tests.situations.orders import drafted


def on_synthea_charts() -> Iterator[Answered]:
    """What every usual order would bring each of them, at both hooks."""
    for name in names(SYNTHEA):
        chart = chart_in(SYNTHEA, name)
        person, prefetch = name.removesuffix(".json"), _prefetch(chart)
        for order in usual_orders():
            draft = drafted(order, number=1, patient_id=chart.patient_id, as_of=chart.last_day)
            for hook in Hook:
                body = _body(chart, hook, draft, prefetch)
                yield answered(person, order, hook, body, chart.last_day)


def _prefetch(chart: Chart) -> dict[str, Any]:
    """Everything of each type: the look-back and the codes are applied on reading."""
    (patient,) = chart.of_type("Patient")
    found: dict[str, Any] = {}
    for name, request in load_data_requests().items():
        resources = [one for kind in fhir_types(request) for one in chart.of_type(kind)]
        entries = [{"resource": resource} for resource in resources]
        found[name] = {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}
    return found | {"patient": patient, "encounter": None}


def _body(chart: Chart, hook: Hook, draft: dict[str, Any], prefetch: dict[str, Any]) -> dict[str, Any]:
    return {
        "hook": hook.value,
        "hookInstance": "6f0f8f7e-5f3b-4b8e-9d8f-3c1d6a1f0001",
        "context": {
            "userId": "Practitioner/1",
            "patientId": chart.patient_id,
            "selections": [f"MedicationRequest/{draft['id']}"],
            "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]},
        },
        "prefetch": prefetch,
    }
