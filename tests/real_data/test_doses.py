"""What does each of other people's MedicationRequests amount to in a day (book 1.5)? As it was reviewed, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import pytest

from cards.concepts import load_value_sets
from cards.errors import NotKnown
from cards.orders import MedicationOrder
from cards.pharmacology.daily_dose import DailyDose, order_dose
from cards.pharmacology.dose_line import per_day
from cds_service.chart.orders import read_medication_order
from tests.real_data.records import ORDERS, Resource, content, folder, names, reviewed

EXPECTED = reviewed("expected_doses.yaml")
_AN_ORDER = {"status": "active", "intent": "order", "doNotPerform": False}


def read(resource: Resource, file: str) -> MedicationOrder | None:
    """The order as the service reads it; the Medication it refers to lies beside it."""
    beside = file.replace(".json", ".medication.json")
    medication = content(ORDERS, beside) if (folder() / ORDERS / beside).exists() else {}

    def resolve(reference: str) -> Resource | None:
        return medication if medication and reference == f"Medication/{medication['id']}" else None

    return read_medication_order(resource, value_sets=load_value_sets(), zone=UTC, resolve=resolve)


def in_own_unit(order: MedicationOrder) -> tuple[float, str] | None:
    """The dose of a day in the unit of the order; None when a line lacks its amount or its timing."""
    total, units = 0.0, set()
    for line in order.lines:
        if line.amount is None:
            return None
        try:
            total += line.amount.high * per_day(line.timing).high
        except NotKnown:
            return None
        units.add(line.amount.unit)
    return (total, units.pop()) if len(units) == 1 else None


def milligrams(expected: float | Mapping[str, float]) -> tuple[float, float, float, float]:
    """Start, final, peak and least daily dose as the file says it."""
    if not isinstance(expected, Mapping):
        return expected, expected, expected, expected
    if "at_most" in expected:
        most = expected["at_most"]
        return most, most, most, expected["at_least"]
    start, final, peak = expected["start"], expected["final"], expected["peak"]
    return start, final, peak, min(start, final)


def manner(dose: DailyDose) -> str:
    """What else the reading says of the dose."""
    said = {"as needed": dose.is_as_needed, "taper": dose.is_taper, "once": dose.is_one_time}
    return ", ".join(word for word, holds in said.items() if holds)


def test_every_order_was_reviewed() -> None:
    assert list(EXPECTED) == names(ORDERS)
    assert len(EXPECTED) == 80


@pytest.mark.parametrize("file", EXPECTED)
def test_an_order_amounts_to_what_was_reviewed(file: str) -> None:
    expected: Mapping[str, Any] = EXPECTED[file]
    sent = content(ORDERS, file)
    order = read(sent, file)
    assert (order is None) is ("left_out" in expected)
    order = order or read({**sent, **_AN_ORDER}, file)
    assert order is not None
    dose = order_dose(order)
    assert (dose.status, dose.why) == (expected["status"], expected.get("why", ""))
    assert manner(dose) == expected.get("how", "")
    if dose.status == "unknown":
        assert in_own_unit(order) == _in_words(expected.get("own"))
    else:
        assert (dose.start_mg, dose.final_mg, dose.peak_mg, dose.minimum_mg) == pytest.approx(
            milligrams(expected["mg"])
        )
        assert dose.steps, "a card shows how the dose was worked out"


def _in_words(own: str | None) -> Any:
    if own is None:
        return None
    number, _, unit = own.partition(" ")
    return pytest.approx(float(number), abs=0.001), unit
