"""Charts and orders in clinical words, built directly, for the tests of this folder."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from cards.catalogue import load_data_requests
from cards.concepts import Strength
from cards.facts import Facts, Measurement, Patient, Sex, State, Supplied
from cards.knowledge import Threshold
from cards.orders import Amount, Basket, DoseLine, Drug, Hook, MedicationOrder, OrderedDrug, Timing, not_replaced

AS_OF = date(2026, 6, 15)
EMPTY = Supplied(State.ABSENT)
SEARCHED = (
    "encounter",
    "conditions",
    "procedures",
    "service_requests",
    "medication_orders",
    "renal_function",
    "body_size",
)

PREGABALIN = Drug("pregabalin", frozenset({"pregabalin", "gabapentinoid"}))
CAPSULE_75 = Drug("pregabalin", PREGABALIN.concepts, strength=Strength(75, "mg", "capsule"))


def ago(days: int) -> date:
    """So many days before the day of the call; negative: after it."""
    return AS_OF - timedelta(days=days)


def present(*records: Any, is_complete: bool = True) -> Supplied:
    """A data request that was answered with these records."""
    return Supplied(State.PRESENT, read=lambda: records, is_complete=is_complete)


def measured(concept: str, value: float | None, days: int = 20, **details: Any) -> Measurement:
    """A result of so many days ago."""
    return Measurement(concept, on=ago(days), value=value, **details)


def creatinine(value: float | None, days: int = 20, **details: Any) -> Measurement:
    """A serum creatinine in mg/dL."""
    return measured("serum_creatinine", value, days, unit="mg/dL", **details)


def weight(kg: float, days: int = 20, **details: Any) -> Measurement:
    """A body weight."""
    return measured("body_weight", kg, days, unit="kg", **details)


def tall(cm: float, days: int = 20, **details: Any) -> Measurement:
    """A body height."""
    return measured("body_height", cm, days, unit="cm", **details)


def chart(
    *, age: int | None = 60, sex: Sex | None = Sex.MALE, basket: Basket | None = None, **supplied: Supplied
) -> Facts:
    """A chart in which everything was searched; what is not given was not found."""
    born = None if age is None else date(AS_OF.year - age, 1, 1)
    answers = {"patient": present(Patient(born, sex)), **dict.fromkeys(SEARCHED, EMPTY), **supplied}
    return Facts(as_of=AS_OF, supplied=answers, requests=load_data_requests(), basket=basket)


def kidneys(
    age: int, sex: Sex | None, kg: float, cm: float | None, *results: Measurement, **supplied: Supplied
) -> Facts:
    """A chart with a weight, a height and these laboratory results."""
    size = (weight(kg), *(() if cm is None else (tall(cm),)))
    return chart(age=age, sex=sex, body_size=present(*size), renal_function=present(*results), **supplied)


def mg(low: float, high: float | None = None) -> Amount:
    """A dose in milligrams."""
    return Amount(low, low if high is None else high, "mg")


def a_day(times: float, **details: Any) -> Timing:
    """So many times a day."""
    return Timing(frequency=times, period=1, period_unit="d", **details)


def line(dose: Amount | None, timing: Timing | None, **details: Any) -> DoseLine:
    """One dose line."""
    return DoseLine(amount=dose, timing=timing, **details)


def order(
    *lines: DoseLine, drug: Drug = PREGABALIN, id: str = "MedicationRequest/1", **details: Any
) -> MedicationOrder:
    """One order."""
    return MedicationOrder(id, drug, lines, **details)


def signed(*drafts: MedicationOrder) -> OrderedDrug:
    """Drafts of one drug, about to be signed."""
    return OrderedDrug(Hook.ORDER_SIGN, tuple(not_replaced(drafts)))


def label_table(*bands: dict[str, Any]) -> Threshold:
    """A table by clearance."""
    return Threshold.model_validate(
        {
            "unit": "mg/d",
            "by": {"quantity": "creatinine clearance", "unit": "mL/min"},
            "evidence": "label",
            "status": "V",
            "bands": bands,
        }
    )


PREGABALIN_MAXIMUM = label_table(
    {"from": 60, "value": 600}, {"from": 30, "value": 300}, {"from": 15, "value": 150}, {"from": 0, "value": 75}
)
GABAPENTIN_MAXIMUM = label_table(
    {"from": 60, "value": 3600}, {"above": 30, "value": 1400}, {"above": 15, "value": 700}, {"from": 0, "value": 300}
)
