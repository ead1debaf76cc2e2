"""The request bodies that are measured, made from the language of the cases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cards.orders import Hook
from tests.situations.reading import Situation, patient_of
from tests.situations.request import fetch_request, hook_request

PATIENT = {
    "age": 60,
    "sex": "male",
    "weight": "80 kg, 20 days ago",
    "height": "178 cm, 20 days ago",
    "serum_creatinine": ["1.0 mg/dL, 20 days ago", "1.1 mg/dL, 200 days ago", "1.0 mg/dL, 400 days ago"],
    "conditions": ["E11.42", "I10", "E78.5", "M54.50", "J45.909", "K21.9"],
    "medications": [
        "pregabalin 75 mg twice daily, 60 days ago",
        {"order": "metformin 1000 mg twice daily", "on": "400 days ago"},
        {"order": "lisinopril 10 mg once daily", "on": "300 days ago"},
        {"order": "atorvastatin 20 mg once daily", "on": "300 days ago"},
    ],
}
ORDER = "pregabalin 75 mg twice daily"
ORDER_OF_ONE_CARD = "amitriptyline 100 mg at bedtime"
SILENT_ORDER_OF_ONE_CARD = "amitriptyline 10 mg at bedtime"
QUIET_ORDER = "amoxicillin 500 mg three times daily for 7 days"
FULL_BYTES = 20_000


def _situation(order: str, **patient: Any) -> Situation:
    """As of today, because the service that is measured keeps to the clock."""
    return Situation(datetime.now(UTC).date(), patient_of(PATIENT | patient), (order,))


def one_triggered() -> bytes:
    """About 20 KB of full prefetch; the order triggers one card, and it speaks: a high dose of a tricyclic."""
    return _padded(hook_request(_situation(ORDER_OF_ONE_CARD), Hook.ORDER_SIGN))


def one_silent() -> bytes:
    """The same chart; the order triggers one card, which has nothing to say of it: a low dose of a tricyclic."""
    return _padded(hook_request(_situation(SILENT_ORDER_OF_ONE_CARD), Hook.ORDER_SIGN))


def one_card() -> bytes:
    """About 20 KB of full prefetch; the order triggers three cards, one speaks and suggests a dose."""
    return _padded(hook_request(_situation(ORDER), Hook.ORDER_SIGN))


def no_card() -> bytes:
    """The same chart; an order that triggers nothing."""
    return _padded(hook_request(_situation(QUIET_ORDER), Hook.ORDER_SIGN))


def without_prefetch(server: str) -> bytes:
    """The same order; everything is to be fetched from `server`."""
    return json.dumps(fetch_request(_situation(ORDER), Hook.ORDER_SIGN, server=server)).encode()


def _padded(request: dict[str, Any]) -> bytes:
    """Fills the problem list with other problems until the body has its size."""
    conditions = request["prefetch"]["conditions"]
    pattern = conditions["entry"][-1]
    while len(json.dumps(request)) < FULL_BYTES:
        number = len(conditions["entry"])
        resource = {**pattern["resource"], "id": f"other-{number}"}
        conditions["entry"].append({**pattern, "resource": resource})
    conditions["total"] = len(conditions["entry"])
    return json.dumps(request).encode()
