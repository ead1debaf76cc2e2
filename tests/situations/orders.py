"""Orders as cases write them, in one line or as a mapping → MedicationRequest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cds_service.fhir.quantity import UCUM
from cds_service.order_product import medication
from cds_service.order_text import dosage_from_text, draft_from_text, quantity
from tests.situations.codes import codeable, concept_as_codeable, value_sets
from tests.situations.days import fhir_day, is_day

_PERIODS = {"h": "h", "d": "d", "wk": "wk", "mo": "mo", "a": "a", "min": "min"}
_ORDER_KEYS = (
    "order drug lines text as_needed max_per_day supply refills quantity reason status intent product system "
    "by_name timing note dosage route on ended id selected replaces dose"
)
_LINE_KEYS = (
    "dose times period days sequence text as_needed max_per_day when after_dialysis timing count starts ends "
    "route times_max period_max times_of_day days_of_week code"
)


def drafted(said: object, *, number: int, patient_id: str, as_of: date) -> dict[str, Any]:
    """One draft of the basket."""
    order = _order(said, patient_id, as_of)
    order.setdefault("status", "draft")
    order.setdefault("authoredOn", as_of.isoformat())
    return {"resourceType": "MedicationRequest", "id": f"draft-{number}", **order}


def on_record(said: object, *, number: int, patient_id: str, as_of: date) -> dict[str, Any]:
    """One order on record: "pregabalin 75 mg twice daily, 60 days ago", or a mapping."""
    order = _order(said, patient_id, as_of)
    order.setdefault("status", "active")
    return {"resourceType": "MedicationRequest", "id": f"order-{number}", **order}


def is_selected(said: object) -> bool:
    """Does order-select name this draft among its selections? `selected: false` leaves it as context."""
    return not isinstance(said, Mapping) or bool(said.get("selected", True))


def drug(name: str, *, by_name: bool = False) -> dict[str, Any]:
    """A drug by name, product or concept, as CodeableConcept."""
    if by_name:
        return {"text": name.replace("_", " ")}
    found = medication(name, value_sets())
    if "coding" in found or name not in value_sets():
        return found
    return concept_as_codeable(name, "rxnorm")


def split_day(text: str) -> tuple[str, str | None]:
    """("pregabalin 75 mg twice daily", "60 days ago"); None without a day at the end."""
    head, comma, last = text.rpartition(",")
    return (head.strip(), last.strip()) if comma and is_day(last) else (text, None)


def _order(said: object, patient_id: str, as_of: date) -> dict[str, Any]:
    if isinstance(said, str):
        return _from_text(said, patient_id, as_of)
    if not isinstance(said, Mapping):
        raise TypeError(f"an order is a text or a mapping, not {said!r}")
    unknown = sorted(set(said) - set(_ORDER_KEYS.split()))
    if unknown:
        raise ValueError(f"an order knows no '{unknown[0]}'; it knows {_ORDER_KEYS}")
    order = _from_text(said["order"], patient_id, as_of) if "order" in said else _bare(said, patient_id)
    _write_product(order, said)
    _write_dosage(order, said, as_of)
    _write_rest(order, said, as_of)
    return order


def _from_text(text: str, patient_id: str, as_of: date) -> dict[str, Any]:
    text, day = split_day(text)
    order = draft_from_text(text, patient_id=patient_id, value_sets=value_sets(), today=as_of)
    for name in ("resourceType", "id", "status"):
        del order[name]
    if day is None:
        del order["authoredOn"]
    else:
        order["authoredOn"] = fhir_day(day, as_of)
    if "coding" not in order["medicationCodeableConcept"]:  # "hbv_antivirals": a concept's name in place of a drug's
        order["medicationCodeableConcept"] = drug(order["medicationCodeableConcept"]["text"])
    return order


def _bare(said: Mapping[str, Any], patient_id: str) -> dict[str, Any]:
    return {
        "intent": "order",
        "medicationCodeableConcept": drug(said["drug"]) if "drug" in said else {},
        "subject": {"reference": f"Patient/{patient_id}"},
    }


def _write_product(order: dict[str, Any], said: Mapping[str, Any]) -> None:
    named = order["medicationCodeableConcept"]
    if said.get("by_name"):
        order["medicationCodeableConcept"] = {"text": named.get("text") or said["drug"]}
    if "product" in said:
        system = value_sets().system_uri(said.get("system", "rxnorm")) or said["system"]
        coding = {"system": system, "code": str(said["product"])}
        order["medicationCodeableConcept"] = {"coding": [coding]} | ({"text": named["text"]} if "text" in named else {})


def _write_dosage(order: dict[str, Any], said: Mapping[str, Any], as_of: date) -> None:
    if "dosage" in said:
        order["dosageInstruction"] = said["dosage"]
    elif "lines" in said:
        order["dosageInstruction"] = [line for one in said["lines"] for line in _lines(one, as_of)]
    elif "dose" in said:
        order["dosageInstruction"] = dosage_from_text(str(said["dose"]))
    elif "text" in said:
        order["dosageInstruction"] = [{"text": said["text"]}]
    elif "route" in said and "dosageInstruction" not in order:
        order["dosageInstruction"] = [{}]
    for line in order.get("dosageInstruction", ()):
        if "timing" in said:
            line["timing"] = {"repeat": said["timing"]} if "repeat" not in said["timing"] else said["timing"]
        _write_manner(line, said)
        if "text" in said:
            line["text"] = said["text"]


def _lines(said: object, as_of: date) -> list[dict[str, Any]]:
    if isinstance(said, str):
        return dosage_from_text(said)
    assert isinstance(said, Mapping), said
    unknown = sorted(set(said) - set(_LINE_KEYS.split()))
    if unknown:
        raise ValueError(f"a dose line knows no '{unknown[0]}'; it knows {_LINE_KEYS}")
    [line] = dosage_from_text(str(said["dose"])) if "dose" in said else [{}]
    line.pop("text", None)
    line |= {name: said[name] for name in ("sequence", "text") if name in said}
    repeat = {**line.pop("timing", {}).get("repeat", {}), **_repeat(said, as_of)}
    timing: dict[str, Any] = {"repeat": repeat} if repeat else {}
    if "timing" in said:
        is_whole = not {"repeat", "code", "event"}.isdisjoint(said["timing"])
        timing = said["timing"] if is_whole else {"repeat": said["timing"]}
    if "code" in said:
        system = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"
        timing["code"] = {"coding": [{"system": system, "code": said["code"]}]}
    if timing:
        line["timing"] = timing
    if said.get("after_dialysis"):
        line["additionalInstruction"] = [{"text": "after dialysis"}]
    _write_manner(line, said)
    return [line]


def _repeat(said: Mapping[str, Any], as_of: date) -> dict[str, Any]:
    repeat: dict[str, Any] = {}
    if "times" in said:
        count, unit = str(said.get("period", "1 d")).split()
        repeat.update(frequency=said["times"], period=_plain(float(count)), periodUnit=_PERIODS[unit])
    for name, element in (
        ("count", "count"), ("times_max", "frequencyMax"), ("period_max", "periodMax"),
        ("times_of_day", "timeOfDay"), ("days_of_week", "dayOfWeek"),
    ):  # fmt: skip
        if name in said:
            repeat[element] = said[name]
    if "when" in said:
        repeat["when"] = said["when"] if isinstance(said["when"], list) else [said["when"]]
    if "days" in said:
        repeat["boundsDuration"] = {"value": said["days"], "unit": "day", "system": UCUM, "code": "d"}
    if "starts" in said or "ends" in said:
        bounds = {"start": fhir_day(said.get("starts"), as_of), "end": fhir_day(said.get("ends"), as_of)}
        repeat["boundsPeriod"] = {name: day for name, day in bounds.items() if day}
    return repeat


def _write_manner(line: dict[str, Any], said: Mapping[str, Any]) -> None:
    if "as_needed" in said:
        needed = said["as_needed"]
        line |= (
            {"asNeededBoolean": needed} if isinstance(needed, bool) else {"asNeededCodeableConcept": {"text": needed}}
        )
    if "max_per_day" in said:
        most, unit = str(said["max_per_day"]).split()
        line["maxDosePerPeriod"] = {
            "numerator": quantity(float(most), unit), "denominator": {"value": 1, "system": UCUM, "code": "d"},
        }  # fmt: skip
    if "route" in said:
        line["route"] = {"text": said["route"]}


def _write_rest(order: dict[str, Any], said: Mapping[str, Any], as_of: date) -> None:
    order |= {name: said[name] for name in ("status", "intent") if name in said}
    if "on" in said and (day := fhir_day(said["on"], as_of)):
        order["authoredOn"] = day
    if "note" in said:
        order["note"] = [{"text": said["note"]}]
    if "reason" in said:
        reasons = said["reason"] if isinstance(said["reason"], list) else [said["reason"]]
        referred = [one for one in reasons if isinstance(one, Mapping) and "reference" in one]
        if referred:
            order["reasonReference"] = referred
        if len(referred) < len(reasons):
            order["reasonCode"] = [_reason(one) for one in reasons if one not in referred]
    if "replaces" in said:
        order["priorPrescription"] = {"reference": said["replaces"]}
    dispense = {**order.get("dispenseRequest", {}), **_dispense(order, said, as_of)}
    if dispense:
        order["dispenseRequest"] = dispense


def _dispense(order: Mapping[str, Any], said: Mapping[str, Any], as_of: date) -> dict[str, Any]:
    dispense: dict[str, Any] = {}
    if "supply" in said:
        dispense["expectedSupplyDuration"] = {"value": said["supply"], "unit": "days", "system": UCUM, "code": "d"}
    if "refills" in said:
        dispense["numberOfRepeatsAllowed"] = said["refills"]
    if "quantity" in said:
        count, unit = str(said["quantity"]).split()
        dispense["quantity"] = quantity(float(count), unit)
    if "ended" in said:
        start = {"start": order["authoredOn"]} if "authoredOn" in order else {}
        dispense["validityPeriod"] = {**start, "end": fhir_day(said["ended"], as_of)}
    return dispense


def _reason(said: object) -> dict[str, Any]:
    if isinstance(said, Mapping):
        return codeable(
            str(said.get("code", said.get("text"))),
            system=said.get("system"), text=said.get("text"), display=said.get("display"),
        )  # fmt: skip
    return codeable(str(said))


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number
