"""The same situation in another sender's words: what must not change any card."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from cards.concepts import Code
from cds_service.order_product import coding
from tests.situations.codes import value_sets
from tests.situations.request import BASE, PATIENT_ID

Request = dict[str, Any]
Resource = dict[str, Any]

_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_RXNORM_OID = "urn:oid:2.16.840.1.113883.6.88"
_OTHER_UNITS: dict[str, tuple[str, Callable[[float], float]]] = {
    "kg": ("[lb_av]", lambda kg: kg / 0.45359237),
    "cm": ("m", lambda cm: cm / 100),
    "%": ("mmol/mol", lambda ngsp: (ngsp - 2.152) / 0.09148),
}
_CREATININE = ("umol/L", lambda mg_dl: mg_dl * 88.4, "14682-9")


def shuffled(request: Request) -> Request:
    """Search results in another order."""
    order = random.Random(7)
    for bundle in _bundles(request):
        order.shuffle(bundle.get("entry", []))
    return request


def in_other_units(request: Request) -> Request:
    """Creatinine in umol/L, weight in pounds, height in metres, HbA1c in mmol/mol."""
    for resource in _resources(request):
        quantity = resource.get("valueQuantity", {})
        if quantity.get("code") == "mg/dL" and _is_about(resource, "serum_creatinine"):
            unit, convert, code = _CREATININE
            resource["code"] = {"coding": [{"system": "http://loinc.org", "code": code}]}
            quantity |= {"value": convert(quantity["value"]), "unit": unit, "code": unit}
        elif quantity.get("code") == "%" and not _is_about(resource, "hba1c"):
            continue  # an ejection fraction is no HbA1c
        elif quantity.get("code") in _OTHER_UNITS and not quantity.get("comparator"):
            unit, convert = _OTHER_UNITS[quantity["code"]]
            quantity |= {"value": convert(quantity["value"]), "unit": unit, "code": unit}
    return request


def in_split_doses(request: Request) -> Request:
    """Every plain oral dose of some mg as two lines of half as much, given together."""
    for draft in _drafts(request):
        lines = draft.get("dosageInstruction", [])
        if len(lines) == 1 and _can_be_halved(lines[0]):
            half = copy.deepcopy(lines[0])
            half.pop("text", None)
            half["doseAndRate"][0]["doseQuantity"]["value"] /= 2
            draft["dosageInstruction"] = [half, copy.deepcopy(half)]
    return request


def by_the_hour(request: Request) -> Request:
    """Twice daily as every 12 hours, three times daily as every 8."""
    for draft in _drafts(request):
        for line in draft.get("dosageInstruction", []):
            repeat = line.get("timing", {}).get("repeat", {})
            times = repeat.get("frequency")
            if times in (2, 3, 4, 6) and repeat == {"frequency": times, "period": 1, "periodUnit": "d"}:
                repeat |= {"frequency": 1, "period": 24 // times, "periodUnit": "h"}
                line.pop("text", None)
    return request


def as_capsules(request: Request) -> Request:
    """A dose in mg as so many capsules of that strength, where there is such a capsule."""
    for draft in _drafts(request):
        lines = draft.get("dosageInstruction", [])
        if len(lines) == 1 and _can_be_halved(lines[0]):
            quantity = lines[0]["doseAndRate"][0]["doseQuantity"]
            code = _capsule(draft.get("medicationCodeableConcept", {}), quantity["value"])
            if code is not None:
                draft["medicationCodeableConcept"] = {"coding": [coding(code)], "text": code.display}
                quantity |= {"value": 1, "unit": "capsule", "code": "{capsule}"}
                lines[0].pop("text", None)
    return request


def with_other_ids(request: Request) -> Request:
    """Another patient id, other ids of every record on file."""
    ids = {resource["id"] for resource in _resources(request)} - {PATIENT_ID}
    text = json.dumps(request).replace(PATIENT_ID, "0b3c2a9e-77d1-4c39")
    for id in sorted(ids, key=len, reverse=True):
        text = text.replace(f'"{id}"', f'"x.{id}"').replace(f'/{id}"', f'/x.{id}"')
    return _object(text)


def with_unrelated_records(request: Request) -> Request:
    """Records that no rule asks for among those that it asks for."""
    subject = {"reference": f"Patient/{PATIENT_ID}"}
    day = "2026-06-01"
    extra: dict[str, Resource] = {
        "conditions": {
            "resourceType": "Condition",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "H61.20"}], "text": "Ear wax"},
            "clinicalStatus": {"coding": [{"code": "active"}]},
            "recordedDate": day,
        },
        "renal_function": {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}], "text": "Heart rate"},
            "effectiveDateTime": day,
            "valueQuantity": {"value": 72, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
        },
        "medication_orders": {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": "artificial tears eye drops"},
            "authoredOn": day,
        },
        "procedures": {
            "resourceType": "Procedure",
            "status": "completed",
            "code": {"text": "Removal of sutures"},
            "performedDateTime": day,
        },
    }
    for need, resource in extra.items():
        if need in request["prefetch"]:
            entry = {"resource": {**resource, "id": f"unrelated-{need}", "subject": subject}}
            request["prefetch"][need].setdefault("entry", []).insert(0, entry)
            request["prefetch"][need].pop("total", None)
    return request


def with_absolute_references(request: Request) -> Request:
    """Subjects named by the full address of the client's server."""
    return _object(json.dumps(request).replace(f'"Patient/{PATIENT_ID}"', f'"{BASE}/Patient/{PATIENT_ID}"'))


def with_rxnorm_as_oid(request: Request) -> Request:
    """RxNorm under its OID."""
    return _object(json.dumps(request).replace(_RXNORM, _RXNORM_OID))


def with_contained_medications(request: Request) -> Request:
    """Drugs named by a contained Medication instead of a code on the order."""
    for resource in _resources(request):
        concept = resource.pop("medicationCodeableConcept", None)
        if concept is not None:
            resource["contained"] = [{"resourceType": "Medication", "id": "med", "code": concept}]
            resource["medicationReference"] = {"reference": "#med"}
    return request


def with_private_fields(request: Request) -> Request:
    """Fields of the sender's own and empty optional ones, everywhere."""
    request |= {"extension": {"com.example.vendor": {"debug": True}}, "fhirAuthorization": None, "user": {"name": "x"}}
    for resource in _resources(request):
        resource["_resolvedMedication"] = {"code": {"coding": [{"system": _RXNORM, "code": "161"}]}}
        resource["meta"] = {"versionId": "3", "lastUpdated": "2026-06-14T08:00:00Z", "profile": ["urn:example:p"]}
    return request


def with_everything_twice(request: Request) -> Request:
    """Every record of a search twice, as where pages shift while they are read."""
    for bundle in _bundles(request):
        bundle["entry"] = [*bundle.get("entry", []), *copy.deepcopy(bundle.get("entry", []))]
        bundle.pop("total", None)
    return request


def in_other_shapes(request: Request) -> Request:
    """Days as periods, amended results, statuses with names, drugs as in R5, full addresses, other order."""
    for draft in request["context"]["draftOrders"]["entry"]:
        draft["fullUrl"] = f"{BASE}/{draft['resource']['resourceType']}/{draft['resource']['id']}"
    for resource in _resources(request):
        day = resource.pop("effectiveDateTime", None)
        if day is not None:
            resource["effectivePeriod"] = {"start": day, "end": day}
        if resource["resourceType"] == "Observation" and resource["status"] == "final":
            resource["status"] = "amended"
        for name in ("clinicalStatus", "verificationStatus"):
            if name in resource:
                word = resource[name]["coding"][0]["code"]
                resource[name] = {
                    "coding": [{**resource[name]["coding"][0], "display": word.title()}],
                    "text": word.title(),
                }
        if "medicationCodeableConcept" in resource:
            resource["medication"] = {"concept": resource.pop("medicationCodeableConcept")}
    return _in_another_order(request)


REWORDINGS: dict[str, Callable[[Request], Request]] = {
    "shuffled": shuffled,
    "other units": in_other_units,
    "split doses": in_split_doses,
    "by the hour": by_the_hour,
    "other ids": with_other_ids,
    "unrelated records": with_unrelated_records,
    "absolute references": with_absolute_references,
    "RxNorm as OID": with_rxnorm_as_oid,
    "contained medications": with_contained_medications,
    "private fields": with_private_fields,
    "everything twice": with_everything_twice,
    "other shapes": in_other_shapes,
}


# The same as far as the decision goes; a suggestion keeps the product that was ordered.
REWORDINGS_OF_THE_PRODUCT: dict[str, Callable[[Request], Request]] = {"capsules": as_capsules}


def reworded(request: Request, how: str) -> Request:
    """The request in other words; the one given stays as it is."""
    return (REWORDINGS | REWORDINGS_OF_THE_PRODUCT)[how](orjson.loads(orjson.dumps(request)))


def _bundles(request: Request) -> Iterator[Resource]:
    for answer in request["prefetch"].values():
        if isinstance(answer, dict) and answer["resourceType"] == "Bundle":
            yield answer


def _drafts(request: Request) -> Iterator[Resource]:
    for entry in request["context"]["draftOrders"]["entry"]:
        yield entry["resource"]


def _resources(request: Request) -> Iterator[Resource]:
    yield from _drafts(request)
    for bundle in _bundles(request):
        for entry in bundle.get("entry", []):
            yield entry["resource"]


def _in_another_order(value: Any) -> Any:
    """The same, the members of every object the other way round."""
    if isinstance(value, dict):
        return {name: _in_another_order(value[name]) for name in reversed(value)}
    return [_in_another_order(item) for item in value] if isinstance(value, list) else value


def _is_about(resource: Resource, concept: str) -> bool:
    return any(
        concept in value_sets().coded(coding.get("system"), coding.get("code", ""))
        for coding in resource["code"].get("coding", [])
    )


def _capsule(concept: Resource, mg: float) -> Code | None:
    """The plain capsule of this many mg of a coded ingredient."""
    ingredient = next((found["display"] for found in concept.get("coding", []) if "display" in found), None)
    if ingredient not in value_sets():
        return None
    for code in value_sets().concept(ingredient).codes.get("rxnorm", ()):
        strength = code.strength
        if (
            strength
            and (strength.value, strength.unit, strength.per) == (mg, "mg", "capsule")
            and "[" not in code.display
        ):
            return code
    return None


def _can_be_halved(line: Resource) -> bool:
    repeat = line.get("timing", {}).get("repeat", {})
    dose = line.get("doseAndRate", [{}])[0].get("doseQuantity", {})
    is_plain = set(line) <= {"text", "timing", "doseAndRate"} and set(repeat) == {"frequency", "period", "periodUnit"}
    is_positive = isinstance(dose.get("value"), int | float) and dose["value"] > 0
    return is_plain and is_positive and dose.get("code") == "mg" and repeat["periodUnit"] in ("d", "h")


def _object(text: str) -> Request:
    found: Request = json.loads(text)
    return found
