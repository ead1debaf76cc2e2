"""Orders, drafted or on record: FHIR requests → the orders that rules are asked about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta, tzinfo
from functools import partial
from math import isclose
from typing import Any

from cards.concepts import ValueSets
from cards.errors import NotKnown
from cards.orders import Amount, Cap, DoseLine, Drug, MedicationOrder, OrderOnRecord, Route, ServiceOrder, Timing
from cards.pharmacology.dose_line import MG_PER_UNIT, mg_of
from cds_service.chart.amounts import COUNT, contradict, unit_of
from cds_service.chart.medications import read_drug
from cds_service.chart.reasons import stated_reasons
from cds_service.fhir.coding import as_dict, as_list, codings, plain, text_of
from cds_service.fhir.date import day_of
from cds_service.fhir.dosage import Dosage, Dose, dosages
from cds_service.fhir.quantity import number_of, read_quantity
from cds_service.fhir.reference import Resolve, relative
from cds_service.fhir.status import status_word
from cds_service.fhir.timing import days_in

_ORDER_LIKE = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
_DRAFTED = frozenset({"draft", "active"})  # active: signed again after a revision
_ON_RECORD = frozenset({"active", "on-hold", "completed", "stopped", "unknown"})
_SERVICES_ON_RECORD = _ON_RECORD | {"draft"}  # a test drafted on record counts as ordered (book 0.7.5, 1.12)
_PLAIN_STATUS = ("active", "completed", "stopped")  # nearly always: need no second look
_ENDING = ("stopped", "cancelled")  # of a draft that takes an order back
_GOING_ON = ("draft", "active", "on-hold")
_SERVICE_KINDS = ("lab", "proc", "referral", "order", "obs", "vital", "book")
_SAME = 0.01  # two statements of one dose differ by rounding at most
_MOST_PIECES = 10  # nobody takes more at once: a greater number without a unit is no count
_SHOWN = 120  # characters of a name that are shown
_LONGEST_TEXT = 2_000  # characters of instructions and notes that are read

_REPLACING = frozenset({"priorPrescription", "basedOn", "replaces"})
_NONE: frozenset[str] = frozenset()

Resource = dict[str, Any]


def is_reviewed(resource: Mapping[str, Any]) -> bool:
    """Is this draft an order to review? Not a plan, a refusal, or one that is no longer to be carried out (book 0.7.3).

    Missing status or intent reads as a draft order.
    """
    status, intent = resource.get("status"), resource.get("intent")
    if status == "draft" and intent == "order":  # nearly always
        return resource.get("doNotPerform") is not True
    status, intent = status_word(status), status_word(intent)
    is_order = (not status or status in _DRAFTED) and (not intent or intent in _ORDER_LIKE)
    return is_order and resource.get("doNotPerform") is not True


def read_medication_order(
    resource: Mapping[str, Any],
    *,
    value_sets: ValueSets,
    zone: tzinfo,
    resolve: Resolve,
    is_draft: bool = False,
    is_selected: bool = True,
) -> MedicationOrder | None:
    """One MedicationRequest; None when nothing was, or is to be, given on it. `resolve` finds what it refers to."""
    status = _status(resource, is_draft)
    if not status:
        return None
    drug = read_drug(resource, value_sets, resolve)
    return _in_full(resource, status, drug, value_sets, zone, resolve, is_draft=is_draft, is_selected=is_selected)


def read_order_on_record(
    resource: Mapping[str, Any], *, value_sets: ValueSets, zone: tzinfo, resolve: Resolve
) -> OrderOnRecord | None:
    """One MedicationRequest: its drug and day, the rest when asked for. None too when no value set knows the drug."""
    status = _status(resource, is_draft=False)
    drug = read_drug(resource, value_sets, resolve) if status else None
    if drug is None or not drug.concepts:
        return None
    read = partial(_in_full, resource, status, drug, value_sets, zone, resolve)
    return OrderOnRecord(drug, _authored_on(resource, zone), read)


def _in_full(
    resource: Mapping[str, Any],
    status: str,
    drug: Drug,
    value_sets: ValueSets,
    zone: tzinfo,
    resolve: Resolve,
    *,
    is_draft: bool = False,
    is_selected: bool = True,
) -> MedicationOrder:
    lines = tuple([_dose_line(dosage, drug, value_sets) for dosage in dosages(resource, zone)])
    authored_on = _authored_on(resource, zone)
    dispense = as_dict(resource.get("dispenseRequest"))
    refills = number_of(dispense.get("numberOfRepeatsAllowed")) if dispense else None
    return MedicationOrder(
        id=_reference(resource),
        drug=drug,
        lines=lines,
        status=status,
        route=_first_route(lines),
        authored_on=authored_on,
        ended_on=_ended_on(resource, status, lines, authored_on, zone),
        reasons=stated_reasons(resource, value_sets, zone, resolve),
        supply_days=days_in(dispense.get("expectedSupplyDuration")) if dispense else None,
        quantity=_quantity(dispense.get("quantity"), value_sets) if dispense else None,
        refills=None if refills is None else int(refills),
        replaces=_NONE if _REPLACING.isdisjoint(resource) else _replaced(resource),
        note=_note(resource["note"]) if "note" in resource else "",
        is_draft=is_draft,
        is_selected=is_selected,
        valid_until=day_of(as_dict(dispense.get("validityPeriod")).get("end"), zone) if dispense else None,
    )


def read_discontinuation(
    resource: Resource, *, value_sets: ValueSets, zone: tzinfo, resolve: Resolve
) -> MedicationOrder | None:
    """A draft that ends an order on record; None for any other draft."""
    if status_word(resource.get("status")) not in _ENDING:
        return None
    return read_medication_order({**resource, "status": "stopped"}, value_sets=value_sets, zone=zone, resolve=resolve)


def read_service_order(
    resource: Mapping[str, Any],
    *,
    value_sets: ValueSets,
    zone: tzinfo,
    resolve: Resolve,
    is_draft: bool = False,
    is_selected: bool = True,
) -> ServiceOrder | None:
    """One ServiceRequest: a test, a referral or a procedure; None when it was withdrawn or is no order."""
    status = _status(resource, is_draft, _SERVICES_ON_RECORD)
    if not status:
        return None
    concepts, by_text = read_service(resource, value_sets)
    code = resource.get("code")
    return ServiceOrder(
        id=_reference(resource),
        concepts=concepts,
        by_text=by_text,
        display=plain(text_of(code), _SHOWN),
        code=next((one.code for one in codings(code) if one.code), ""),
        status=status,
        authored_on=day_of(resource.get("authoredOn"), zone),
        planned_on=_planned_on(resource, zone),
        reasons=stated_reasons(resource, value_sets, zone, resolve),
        is_draft=is_draft,
        is_selected=is_selected,
    )


def read_service(resource: Mapping[str, Any], value_sets: ValueSets) -> tuple[frozenset[str], bool]:
    """(the value sets of what a ServiceRequest asks for, recognised by its name only)."""
    code = resource.get("code")
    found = codings(code)
    concepts = frozenset[str]().union(*(value_sets.coded(one.system, one.code) for one in found))
    if concepts:
        return concepts, False
    texts = {text_of(code), *(one.display for one in found)} - {""}
    concepts = concepts.union(*(value_sets.named(text, _SERVICE_KINDS) for text in texts))
    return concepts, bool(concepts)


# -- standing --------------------------------------------------------------------------------------------------------


def _status(resource: Mapping[str, Any], is_draft: bool, on_record: frozenset[str] = _ON_RECORD) -> str:
    """Status of an order that counts; empty for one that does not."""
    if is_draft:
        return (status_word(resource.get("status")) or "draft") if is_reviewed(resource) else ""
    status, intent = resource.get("status"), resource.get("intent")
    if intent != "order" or status not in _PLAIN_STATUS:
        status, intent = status_word(status) or "unknown", status_word(intent)
    status = "completed" if status == "ended" else status  # R5
    if status not in on_record or (intent and intent not in _ORDER_LIKE) or resource.get("doNotPerform") is True:
        return ""
    return status


def _reference(resource: Mapping[str, Any]) -> str:
    own_id = resource.get("id")
    return f"{resource.get('resourceType')}/{own_id}" if own_id and isinstance(own_id, str | int) else ""


def _authored_on(resource: Mapping[str, Any], zone: tzinfo) -> date | None:
    return day_of(resource.get("authoredOn") or resource.get("dateWritten"), zone)  # dateWritten: DSTU2


def _replaced(resource: Mapping[str, Any]) -> frozenset[str]:
    """References to the orders that this one continues or replaces."""
    references: set[str] = set()
    for name in _REPLACING:
        for entry in as_list(resource.get(name)):
            reference = as_dict(entry).get("reference")
            if not isinstance(reference, str) or not reference:
                continue
            own_id = reference.removeprefix("urn:uuid:")  # of Synthea and its kind: the uuid is the id as well
            references.add(relative(own_id if "/" in own_id else f"MedicationRequest/{own_id}"))
    return frozenset(references)


def _ended_on(
    resource: Mapping[str, Any], status: str, lines: tuple[DoseLine, ...], authored_on: date | None, zone: tzinfo
) -> date | None:
    """The day the order came to its end, by its own words; None when they do not say.

    The earliest of: the end of its last dose line, the day its status became final, the end of its validity (R5).
    """
    ends = [_last_dose_on(lines, authored_on)]
    if "effectiveDosePeriod" in resource:
        ends.append(day_of(as_dict(resource["effectiveDosePeriod"]).get("end"), zone))
    if status not in _GOING_ON:
        ends += [day_of(resource.get(name), zone) for name in ("statusChanged", "dateEnded")]  # R5, DSTU2
    return ends[0] if len(ends) == 1 else min((day for day in ends if day is not None), default=None)


def _last_dose_on(lines: tuple[DoseLine, ...], authored_on: date | None) -> date | None:
    """The last day of the dose lines; None when one of them has no end that is known.

    Lines of one length and one number run side by side (book 1.5.4); lengths of others may follow one another.
    """
    ends = []
    are_together = len({(line.sequence, line.timing and line.timing.lasts_days) for line in lines}) == 1
    for line in lines:
        timing = line.timing
        if timing is None:
            return None
        start = timing.starts_on or authored_on
        if timing.ends_on is not None:
            if timing.starts_on is not None and timing.ends_on < timing.starts_on:
                return None  # a slip of the year, say: nobody knows which of the two is meant
            ends.append(timing.ends_on)
        elif are_together and timing.lasts_days is not None and start is not None and 0 < timing.lasts_days < 36_500:
            ends.append(start + timedelta(days=round(timing.lasts_days)))
        else:
            return None
    return max(ends, default=None)


# -- dose lines ------------------------------------------------------------------------------------------------------


def _first_route(lines: tuple[DoseLine, ...]) -> Route | None:
    for line in lines:
        if line.route is not None:
            return line.route
    return None


def _dose_line(dosage: Dosage, drug: Drug, value_sets: ValueSets) -> DoseLine:
    amount, wrong = _amount(dosage.dose, drug, value_sets)
    if amount is not None and dosage.said is not None:
        in_words, _ = _amount(dosage.said, drug, value_sets)
        if in_words is not None and _differ(amount, in_words, drug):
            wrong = "the text and the dose disagree"
    limit = dosage.limit
    return DoseLine(
        dosage.sequence,
        plain(dosage.text, _LONGEST_TEXT),
        plain(dosage.patient_instruction, _LONGEST_TEXT) if dosage.patient_instruction else "",
        amount,
        None if dosage.schedule is None else Timing._make(dosage.schedule),
        dosage.as_needed,
        limit and Cap(Amount(limit.most, limit.most, unit_of(limit.unit, value_sets)), limit.days),
        dosage.after_dialysis,
        dosage.from_text,
        dosage.unreadable or wrong,
        Route(dosage.route) if dosage.route else None,
        dosage.only_timing_unreadable and not wrong,
        _amount(dosage.calculated, drug, value_sets)[0],
    )


def _amount(dose: Dose | None, drug: Drug, value_sets: ValueSets) -> tuple[Amount | None, str]:
    """(the dose, why its unit is not understood)."""
    if dose is None:
        return None, ""
    unit = unit_of(dose.unit, value_sets)
    if dose.words and contradict(dose.unit, dose.words, value_sets):
        return None, "the unit's code and its words disagree"
    if not dose.unit and not _can_be_count(dose, drug):
        # "75" of a 75 mg capsule is 75 mg, or 75 capsules: never guessed
        return None, "a dose without a unit that can be a count or an amount"
    return Amount(dose.low, dose.high, unit), ""


def _can_be_count(dose: Dose, drug: Drug) -> bool:
    """Can a number without a unit only be meant as a count? Not of a liquid, nor when it could be an amount."""
    strength = drug.strength
    if strength is None:
        return True
    if dose.high > _MOST_PIECES:  # "300" of a 600 mg tablet is half of one
        return False
    return strength.per != "mL" and dose.high < strength.value * MG_PER_UNIT[strength.unit]


def _differ(one: Amount, other: Amount, drug: Drug) -> bool:
    """Are these two statements of one dose that cannot both be true?"""
    if one.unit == other.unit:
        return one != other
    try:
        return not isclose(mg_of(one, drug), mg_of(other, drug), rel_tol=_SAME)
    except NotKnown:
        return False


def _quantity(value: Any, value_sets: ValueSets) -> Amount | None:
    found = read_quantity(value)
    if found is None or found.value is None:
        return None
    return Amount(found.value, found.value, unit_of(found.unit, value_sets) if found.unit else COUNT)


# -- words and dates -------------------------------------------------------------------------------------------------


def _planned_on(resource: Mapping[str, Any], zone: tzinfo) -> date | None:
    timing = as_dict(resource.get("occurrenceTiming"))
    days = [
        day_of(resource.get("occurrenceDateTime"), zone),
        day_of(as_dict(resource.get("occurrencePeriod")).get("start"), zone),
        *(day_of(event, zone) for event in as_list(timing.get("event"))),
        day_of(as_dict(as_dict(timing.get("repeat")).get("boundsPeriod")).get("start"), zone),
    ]
    return next((day for day in days if day is not None), None)


def _note(notes: Any) -> str:
    """All notes in one text; DSTU2 has a bare string."""
    texts = (note if isinstance(note, str) else as_dict(note).get("text") for note in as_list(notes))
    return " ".join(plain(text, _LONGEST_TEXT) for text in texts if text)
