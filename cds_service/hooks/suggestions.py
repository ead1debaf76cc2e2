"""Suggestions in clinical words become CDS Hooks actions with whole FHIR resources."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import orjson

from cards.concepts import Code
from cards.opinion import (
    AddNote,
    OrderService,
    ProposeDrug,
    RegimenLine,
    RemoveOrder,
    SetDate,
    SetDosage,
    SetDose,
    SetProduct,
    SetReason,
    SetSchedule,
    Suggestion,
)
from cards.orders import Amount
from cards.suggested_orders import AT_MOST
from cards.wording import joined
from cds_service.clients import Answers
from cds_service.errors import place_of
from cds_service.fhir.draft_dosage import DoseLineChange, left_out, with_dosage, with_dose, with_timing
from cds_service.fhir.draft_order import (
    ProductChange,
    Resource,
    with_note,
    with_occurrence,
    with_product,
    with_reason,
    without_refills,
)
from cds_service.fhir.quantity import ucum_quantity
from cds_service.hooks.client_suggestions import AS_SPECIFIED, as_chosen, for_client
from cds_service.hooks.identifier import new_uuid
from cds_service.hooks.markdown import plain_line

Check = Callable[[Resource], str]

_LARGEST_DRAFT = 256 * 1024  # bytes; each suggestion of each card would send the order back once more

_log = logging.getLogger(__name__)
TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}
MOMENTS = {  # FHIR event timings as a sig says them, for it is the text that is dispensed by
    "MORN": "in the morning", "NOON": "at noon", "AFT": "in the afternoon", "EVE": "in the evening",
    "NIGHT": "at night", "HS": "at bedtime", "PCV": "after the evening meal",
}  # fmt: skip


class Occasion(NamedTuple):
    """What an action needs of the request. `draft(id)` is the sender's own resource, decimals as they came."""

    patient_id: str
    encounter_id: str | None
    draft: Callable[[str], Resource | None]


def write_suggestions(
    suggestions: tuple[Suggestion, ...],
    occasion: Occasion,
    check: Check | None = None,
    answers: Answers = AS_SPECIFIED,
) -> list[dict[str, Any]]:
    """At most three suggestions; one for a draft that cannot be addressed (it has no id) is left out.

    `check` says what is wrong with a resource; a suggestion that would send a wrong one is left out and logged.
    `answers`: as the client wants them; what it cannot carry out is left to `offers_in_words`.
    """
    written = islice(_written(for_client(suggestions, answers), occasion, check), AT_MOST)
    return as_chosen(list(written), answers)


def _written(suggestions: Iterable[Suggestion], occasion: Occasion, check: Check | None) -> Iterator[dict[str, Any]]:
    for suggestion in suggestions:
        action = _whole_action(suggestion, occasion, check)
        if action is not None:
            yield {
                "label": plain_line(suggestion.label),
                "uuid": new_uuid(),
                "isRecommended": suggestion.recommended,
                "actions": [action],
            }


def _whole_action(suggestion: Suggestion, occasion: Occasion, check: Check | None) -> dict[str, Any] | None:
    """The action of a suggestion; None where there is none, where it is faulty or where writing it fails."""
    try:
        action = _action(suggestion, occasion)
        return None if action is None or (check and _is_faulty(action, occasion, check)) else action
    except Exception as error:  # noqa: BLE001 - whatever is odd about a draft, the card is shown without the offer
        kind = type(error).__name__
        _log.error("suggestion left out", extra={"error": kind, "at": place_of(error)})
        return None


def _is_faulty(action: dict[str, Any], occasion: Occasion, check: Check) -> bool:
    """Is a resource of our making wrong? A changed draft is as valid as the draft was."""
    resource = action.get("resource")
    if resource is None:
        return False
    problem = check(resource)
    if problem and action["type"] == "update":
        draft = occasion.draft(f"{resource['resourceType']}/{resource['id']}")
        problem = "" if draft is None or check(draft) else problem
    if problem:
        _log.error("suggestion left out", extra={"why": problem})
    return bool(problem)


def _action(suggestion: Suggestion, occasion: Occasion) -> dict[str, Any] | None:
    match suggestion:
        case OrderService():
            return _create(suggestion.label, _service_request(suggestion, occasion))
        case ProposeDrug():
            return _create(suggestion.label, _medication_request(suggestion, occasion))
        case RemoveOrder():
            if occasion.draft(suggestion.order_id) is None:
                return None
            return {"type": "delete", "description": plain_line(suggestion.label), "resourceId": suggestion.order_id}
        case _:
            draft = occasion.draft(suggestion.order_id)
            if draft is None or len(orjson.dumps(draft)) > _LARGEST_DRAFT:
                return None
            changed = _changed(suggestion, draft)
            if changed is None:
                return None
            gone = left_out(draft, changed, is_new_schedule=isinstance(suggestion, SetSchedule))
            words = f"{suggestion.label}; not kept from the order: {joined(gone)}" if gone else suggestion.label
            return {"type": "update", "description": plain_line(words), "resource": changed}


def _changed(
    suggestion: SetDosage | SetDose | SetSchedule | SetProduct | SetDate | SetReason | AddNote, draft: Resource
) -> Resource | None:
    """The changed draft; None where the change would lose what the draft says."""
    match suggestion:
        case SetDate():
            return with_occurrence(draft, suggestion.day)
        case SetDosage():
            product = suggestion.product
            named = None if product is None else ProductChange(product.system, product.code, product.display)
            return with_dosage(draft, [_dose_line(line, product) for line in suggestion.lines], named)
        case SetDose():
            return with_dose(draft, suggestion.dose, suggestion.unit, suggestion.text)
        case SetSchedule():
            timed = with_timing(draft, _repeat(suggestion), suggestion.text or suggestion.label, _dose(suggestion.dose))
            return without_refills(timed) if suggestion.ends_refills else timed
        case SetProduct():
            return with_product(draft, _concept(suggestion.code, suggestion.text))
        case SetReason():
            return with_reason(draft, _concept(suggestion.code, suggestion.text))
        case AddNote():
            return with_note(draft, suggestion.note)


def _dose_line(line: RegimenLine, product: Code | None) -> DoseLineChange:
    times = f"{TIMES.get(line.per_day, f'{line.per_day} times')} daily"
    if line.when in MOMENTS:
        times += f" {MOMENTS[line.when]}"
    if line.times_of_day:
        times += f" at {joined(line.times_of_day)}"
    days = f" for {line.days} days" if line.days is not None else ""
    text = f"{line.dose_mg:g} mg {times}{days}"
    if line.count is None:
        return DoseLineChange(text, line.dose_mg, "mg", "mg", line.per_day, line.days, line.when, line.times_of_day)
    unit = line.form or "unit"
    if line.form:  # else the sig says mg only: "2 units" would read as units of activity
        text = f"{line.count:g} {unit}{'' if line.count == 1 else 's'} ({line.dose_mg:g} mg) {times}{days}"
    code = None if product is None else f"{{{unit}}}"
    return DoseLineChange(text, line.count, unit, code, line.per_day, line.days, line.when, line.times_of_day)


def _repeat(schedule: SetSchedule) -> dict[str, Any]:
    repeat: dict[str, Any] = {}
    if schedule.days is not None:
        repeat["boundsDuration"] = ucum_quantity(schedule.days, "d")
    if schedule.count is not None:
        repeat["count"] = schedule.count
    return repeat | {
        "frequency": schedule.frequency,
        "period": schedule.period,
        "periodUnit": schedule.period_unit,
    }


def _dose(amount: Amount | None) -> dict[str, Any] | None:
    return None if amount is None else ucum_quantity(amount.high, amount.unit)


def _service_request(suggestion: OrderService, occasion: Occasion) -> Resource:
    request: Resource = {"resourceType": "ServiceRequest", "status": "draft", "intent": "order"}
    if suggestion.urgent:
        request["priority"] = "stat"
    if suggestion.times_a_day is not None:
        repeat = {"frequency": suggestion.times_a_day, "period": 1, "periodUnit": "d"}
        request["occurrenceTiming"] = {"repeat": repeat}
    return request | {"code": _concept(suggestion.code, suggestion.text)} | _for_patient(occasion)


def _medication_request(suggestion: ProposeDrug, occasion: Occasion) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": _concept(suggestion.code, suggestion.text),
    } | _for_patient(occasion)


def _for_patient(occasion: Occasion) -> Resource:
    about: Resource = {"subject": {"reference": f"Patient/{occasion.patient_id}"}}
    if occasion.encounter_id:
        about["encounter"] = {"reference": f"Encounter/{occasion.encounter_id}"}
    return about


def _concept(code: Code | None, text: str) -> Resource:
    if code is None:
        return {"text": text}
    return {"coding": [{"system": code.system, "code": code.code, "display": code.display}], "text": text}


def _create(label: str, resource: Resource) -> dict[str, Any]:
    return {"type": "create", "description": plain_line(label), "resource": resource}
