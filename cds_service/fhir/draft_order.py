"""A copy of a draft order with one named change; everything else stays as the sender wrote it.

The draft keeps its shape: R4 `medicationCodeableConcept` or R5 `medication`, STU3 `doseQuantity` or R4 `doseAndRate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from cds_service.fhir.coding import as_dict, text_of

UCUM = "http://unitsofmeasure.org"
# Words about how much and when: an instruction that has one may contradict a new dose line.
_ON_DOSING = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|half|once|twice|thrice|times?|each|every|daily|days?|hours?|hourly|weeks?|weekly"
    r"|months?|mornings?|noon|midday|afternoons?|evenings?|nights?|nightly|bedtime|breakfast|lunch|dinner|supper|meals?"
    r"|tablets?|capsules?|tabs?|caps?|doses?|mg|ml|increase|decrease|reduce|titrate|taper|then|needed|prn"
    r"|bid|tid|qid|qd|hs|am|pm)\b",
    re.IGNORECASE,
)

Resource = dict[str, Any]


class DoseLineChange(NamedTuple):
    """One new dose line: `value` of `unit` (UCUM `code`; None: the unit of the draft's own count), times a day."""

    text: str
    value: float
    unit: str
    code: str | None
    per_day: int
    days: int | None = None
    when: str | None = None
    times_of_day: tuple[str, ...] = ()


class ProductChange(NamedTuple):
    """The product to name instead."""

    system: str
    code: str
    display: str


def with_dosage(draft: Resource, lines: Sequence[DoseLineChange], product: ProductChange | None) -> Resource:
    """The draft with these dose lines instead of its own, and with another product if one is given."""
    changed = dict(draft)
    own = _first(draft.get("dosageInstruction"))
    changed["dosageInstruction"] = [
        _dosage(line, sequence, own, numbered=len(lines) > 1) for sequence, line in enumerate(lines, start=1)
    ]
    if product is not None:
        _name_product(changed, {"coding": [product._asdict()], "text": product.display})
    return changed


def with_dose(draft: Resource, value: float, unit: str, text: str) -> Resource:
    """The draft with this dose (`unit` in UCUM) and this text on its first dose line, timing and all else kept."""
    changed = dict(draft)
    line, *rest = [dict(line) for line in _as_list(draft.get("dosageInstruction")) if isinstance(line, dict)] or [{}]
    quantity = {"value": int(value) if value == int(value) else value, "unit": unit, "system": UCUM, "code": unit}
    if "doseQuantity" in line:  # STU3 has the dose on the line itself
        line["doseQuantity"] = quantity
    else:
        own = {name: kept for name, kept in _first(line.get("doseAndRate")).items() if name != "doseRange"}
        line["doseAndRate"] = [{**own, "doseQuantity": quantity}]
    if text:
        line["text"] = text
    changed["dosageInstruction"] = [line, *rest]
    return changed


def with_product(draft: Resource, product: Mapping[str, Any]) -> Resource:
    """The draft with another product (a CodeableConcept), dosage kept."""
    changed = dict(draft)
    _name_product(changed, dict(product))
    return changed


def with_timing(
    draft: Resource, repeat: Mapping[str, Any], text: str, dose: Mapping[str, Any] | None = None
) -> Resource:
    """The draft with this timing on its first dose line, and this dose if one is given.

    Its first day and how long an infusion takes are kept; instructions that contradicted it are dropped.
    """
    changed = dict(draft)
    lines = [dict(line) for line in _as_list(draft.get("dosageInstruction")) if isinstance(line, dict)] or [{}]
    own = as_dict(as_dict(lines[0].get("timing")).get("repeat"))
    lines[0] = {
        **{key: value for key, value in lines[0].items() if key != "patientInstruction"},
        "text": text,
        "timing": {"repeat": _from_first_day(repeat, own) | _how_long(own)},
    }
    if dose is not None:
        _set_dose(lines[0], dose)
    changed["dosageInstruction"] = lines
    return changed


def without_refills(draft: Resource) -> Resource:
    """The draft without repeats of its dispense."""
    dispense = {**as_dict(draft.get("dispenseRequest")), "numberOfRepeatsAllowed": 0}
    return {**draft, "dispenseRequest": dispense}


def with_occurrence(draft: Resource, day: date) -> Resource | None:
    """The draft planned for another day; None for one that is planned as a period or a series."""
    if "occurrencePeriod" in draft or "occurrenceTiming" in draft:
        return None
    return {**draft, "occurrenceDateTime": day.isoformat()}


def with_reason(draft: Resource, reason: Mapping[str, Any]) -> Resource:
    """The draft with one more stated reason (a CodeableConcept)."""
    if "medication" in draft:  # R5
        return {**draft, "reason": [*_as_list(draft.get("reason")), {"concept": dict(reason)}]}
    return {**draft, "reasonCode": [*_as_list(draft.get("reasonCode")), dict(reason)]}


def with_note(draft: Resource, text: str) -> Resource:
    """The draft with one more note."""
    return {**draft, "note": [*_as_list(draft.get("note")), {"text": text}]}


def _from_first_day(repeat: Mapping[str, Any], own: Mapping[str, Any]) -> Resource:
    """The new timing from the first day that the draft names; so many days are then a period."""
    start, days = as_dict(own.get("boundsPeriod")).get("start"), as_dict(repeat.get("boundsDuration")).get("value")
    if not isinstance(start, str) or not isinstance(days, int):
        return dict(repeat)
    try:
        end = date.fromisoformat(start[:10]) + timedelta(days=days - 1)
    except (ValueError, OverflowError):  # a month or a year alone is no first day
        return dict(repeat)
    rest = {key: value for key, value in repeat.items() if key != "boundsDuration"}
    return {"boundsPeriod": {"start": start, "end": end.isoformat()}, **rest}


def _how_long(own: Mapping[str, Any]) -> Resource:
    """How many hours or minutes one infusion takes, where the draft says so; days are another schedule."""
    length, unit = own.get("duration"), own.get("durationUnit")
    if length is None or unit not in ("h", "min") or (isinstance(length, int) and length <= 0):
        return {}
    return {"duration": length, "durationUnit": unit}  # a number with decimals is sent back unread


def _set_dose(line: Resource, dose: Mapping[str, Any]) -> None:
    """Another dose in the place of the one that is there; a rate beside it stays."""
    if "doseQuantity" in line or "doseRange" in line:  # STU3 has the dose on the line itself
        line.pop("doseRange", None)
        line["doseQuantity"] = dict(dose)
        return
    own = _first(line.get("doseAndRate"))
    kept = {key: value for key, value in own.items() if key not in ("doseQuantity", "doseRange")}
    line["doseAndRate"] = [{**kept, "doseQuantity": dict(dose)}]


def _dosage(line: DoseLineChange, sequence: int, own: Mapping[str, Any], *, numbered: bool) -> Resource:
    dosage: Resource = {"sequence": sequence} if numbered else {}
    repeat: Resource = {"frequency": line.per_day, "period": 1, "periodUnit": "d"}
    if line.days is not None:
        repeat["boundsDuration"] = {"value": line.days, "unit": "d", "system": UCUM, "code": "d"}
    if line.when is not None:
        repeat["when"] = [line.when]
    if line.times_of_day:
        repeat["timeOfDay"] = [f"{hour}:00" for hour in line.times_of_day]  # FHIR writes the seconds
    dosage["text"] = line.text
    dosage["timing"] = {"repeat": repeat}
    for kept in ("route", "site", "method"):
        if kept in own:
            dosage[kept] = own[kept]
    dosage.update(_still_true(own))
    quantity = _quantity(line, own)
    if "doseQuantity" in own:  # STU3 has the dose on the line itself
        dosage["doseQuantity"] = quantity
    else:
        dosage["doseAndRate"] = [{"doseQuantity": quantity}]
    return dosage


def _still_true(own: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Instructions that say neither how much nor when ("with food"): true beside another dose too."""
    kept = [one for one in _as_list(own.get("additionalInstruction")) if _is_apart_from_dosing(text_of(one))]
    if kept:
        yield "additionalInstruction", kept
    said = own.get("patientInstruction")
    if isinstance(said, str) and _is_apart_from_dosing(said):
        yield "patientInstruction", said


def _is_apart_from_dosing(words: str) -> bool:
    return bool(words.strip()) and not _ON_DOSING.search(words)


def _quantity(line: DoseLineChange, own: Mapping[str, Any]) -> Resource:
    value: float | int = int(line.value) if line.value == int(line.value) else line.value
    if line.code is not None:
        return {"value": value, "unit": line.unit, "system": UCUM, "code": line.code}
    counted = own.get("doseQuantity") or _first(own.get("doseAndRate")).get("doseQuantity")
    if not isinstance(counted, dict):
        return {"value": value, "unit": line.unit}
    return {**{key: counted[key] for key in ("unit", "system", "code") if key in counted}, "value": value}


def _name_product(changed: Resource, concept: Resource) -> None:
    if "medication" in changed:  # R5
        _drop_contained(changed, (changed["medication"] or {}).get("reference"))
        changed["medication"] = {"concept": concept}
        return
    _drop_contained(changed, changed.pop("medicationReference", None))
    changed["medicationCodeableConcept"] = concept


def _drop_contained(changed: Resource, reference: Any) -> None:
    """A contained Medication that nothing refers to any more would make the order invalid."""
    target = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(target, str) or not target.startswith("#"):
        return
    rest = [r for r in _as_list(changed.get("contained")) if not (isinstance(r, dict) and r.get("id") == target[1:])]
    if rest:
        changed["contained"] = rest
    else:
        changed.pop("contained", None)


def _first(value: Any) -> Mapping[str, Any]:
    for item in _as_list(value):
        if isinstance(item, dict):
            return item
    return {}


def _as_list(value: Any) -> list[Any]:
    """Senders write an object where FHIR has a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
