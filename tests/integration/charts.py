"""What the FHIR server is loaded with: a chart for every case of every card, some more, and bulk exports of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cards.orders import Hook
from tests.situations.reading import Case, Situation, all_cases
from tests.situations.request import fetch_request, transaction

_WOMAN = {"age": 52, "sex": "female"}
_POSITIVE = {"hbsag": "negative, 30 days ago", "anti_hbc_total": "positive, 2000 days ago"}
_REPEATED = {**_POSITIVE, "hbsag": [f"negative, {days} days ago" for days in range(30, 75)]}
_TREATED = {"medications": ["entecavir 0.5 mg once daily, 60 days ago"]}


@cache
def cases() -> dict[str, Case]:
    """Every case, by the id of the patient that it has on the server."""
    return {f"case-{number}": case for number, case in enumerate(all_cases(), start=1)}


def telling_calls() -> Iterator[tuple[str, Hook]]:
    """(patient, hook) of the cases of the rule book, and of the first case of each answer that a card can give.

    All the others are fetched from a server in the tests' own process: tests/cards/test_cases_over_http.py.
    """
    seen = set()
    for patient_id, case in cases().items():
        for hook, expected in case.expected.items():
            answer = case.rule, hook, expected.kind, expected.level, expected.row
            if case.book or answer not in seen:
                seen.add(answer)
                yield patient_id, hook


@cache
def situations() -> dict[str, Situation]:
    """Every situation on the server by its patient: those of the cases, and five women before rituximab.

    In `many-pages` the one result that matters stands behind more than two pages of others, in `one-page` it does not.
    `treated` has an antiviral on record, `treated-by-reference` the same by way of a Medication, `untreated` none.
    """
    day = next(iter(cases().values())).situation.as_of
    before_rituximab = {
        "one-page": _POSITIVE,
        "many-pages": _REPEATED,
        "untreated": _POSITIVE,
        "treated": _POSITIVE | _TREATED,
        "treated-by-reference": _POSITIVE | _TREATED,
    }
    women = {
        patient_id: Situation(day, {**_WOMAN, **record}, ("rituximab 1000 mg IV once",))
        for patient_id, record in before_rituximab.items()
    }
    return {patient_id: case.situation for patient_id, case in cases().items()} | women


def hook_call(patient_id: str, hook: Hook) -> dict[str, Any]:
    """The call that a situation makes at a hook, without prefetch and FHIR server."""
    body = fetch_request(situations()[patient_id], hook, server="", patient_id=patient_id)
    del body["fhirServer"]
    return body


def refer_to_medication(order: dict[str, Any], medication_id: str) -> dict[str, Any]:
    """Moves the drug of an order into a Medication that the order then refers to; returns the Medication."""
    order["medicationReference"] = {"reference": f"Medication/{medication_id}"}
    return {"resourceType": "Medication", "id": medication_id, "code": order.pop("medicationCodeableConcept")}


def write_charts(folder: Path) -> None:
    """One transaction Bundle for each situation."""
    for patient_id, situation in situations().items():
        bundle = transaction(situation, patient_id=patient_id)
        if patient_id == "treated-by-reference":
            orders = [
                one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "MedicationRequest"
            ]
            bundle["entry"] += [{"resource": refer_to_medication(order, f"of-{order['id']}")} for order in orders]
        _write(folder, patient_id, bundle)
    rituximab = refer_to_medication(first_draft(hook_call("untreated", Hook.ORDER_SIGN)), "rituximab")
    _write(folder, "medications", {"resourceType": "Bundle", "entry": [{"resource": rituximab}]})


def first_draft(body: dict[str, Any]) -> dict[str, Any]:
    """The first draft order of a call, to be changed in place."""
    draft: dict[str, Any] = body["context"]["draftOrders"]["entry"][0]["resource"]
    return draft


def write_bulk_export(export: Path, folder: Path) -> None:
    """Bulk export files (one resource a line) as one Bundle."""
    entries = [
        {"resource": json.loads(line)}
        for file in sorted(export.glob("*.ndjson"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    _write(folder, export.name, {"resourceType": "Bundle", "type": "collection", "entry": entries})


def _write(folder: Path, name: str, bundle: dict[str, Any]) -> None:
    (folder / f"{name}.json").write_text(json.dumps(bundle), encoding="utf-8")
