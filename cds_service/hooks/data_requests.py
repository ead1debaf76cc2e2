"""Data requests as FHIR queries: the prefetch template a client fills, and the search of our own for one patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import quote

from cards.concepts import ValueSets
from cards.facts import DataRequest

PATIENT = "{{context.patientId}}"
ENCOUNTER = "{{context.encounterId}}"

_TEMPLATE_SAFE = ":/|-._~"  # as the CDS Hooks examples write a token: clients encode the whole query themselves
_TIME_ZONE_DAYS = 1  # the server may count days in another time zone; the exact window is applied on reading


@dataclass(frozen=True, slots=True)
class _Query:
    """How records of one kind are asked for: FHIR type, and the search parameters that differ by type.

    `date_parameter`: only for a date that every record has, for a server leaves out what has none (book 1.1).
    `or_else`: a type that some senders put among the answers.
    """

    resource_type: str
    is_read: bool = False
    date_parameter: str = ""
    sort: str = ""
    include: str = ""
    or_else: str = ""


_QUERIES = {
    "patient": _Query("Patient", is_read=True),
    "encounter": _Query("Encounter", is_read=True),
    "diagnosis": _Query("Condition"),
    "measurement": _Query("Observation", sort="-date"),
    "medication_order": _Query("MedicationRequest", include="MedicationRequest:medication"),
    "administration": _Query(
        "MedicationAdministration",
        date_parameter="effective-time",
        include="MedicationAdministration:medication",
        or_else="MedicationDispense",
    ),
    "dispense": _Query("MedicationDispense", include="MedicationDispense:medication"),
    "procedure": _Query("Procedure"),
    "service_order": _Query("ServiceRequest"),
    "allergy": _Query("AllergyIntolerance"),
}
_TYPES = {kind: frozenset({query.resource_type, query.or_else}) - {""} for kind, query in _QUERIES.items()}


def fhir_types(request: DataRequest) -> frozenset[str]:
    """The resource types that answer this data request."""
    return _TYPES[request.kind]


def fhir_reads(request: DataRequest) -> tuple[tuple[str, bool], ...]:
    """What is read from a FHIR server for this data request: (resource type, is it searched and not read by its id?)"""
    query = _QUERIES[request.kind]
    asked = (query.resource_type, not query.is_read)
    return (asked, ("Medication", True)) if query.include else (asked,)


def prefetch_template(request: DataRequest, value_sets: ValueSets) -> str:
    """The query that discovery publishes: legal under CDS Hooks 2.0.1, so without dates, includes and counts."""
    query = _QUERIES[request.kind]
    if query.is_read:
        return f"{query.resource_type}/{ENCOUNTER if request.kind == 'encounter' else PATIENT}"
    return f"{query.resource_type}?" + "&".join([f"patient={PATIENT}", *_coded(request, value_sets, _TEMPLATE_SAFE)])


def own_query(
    request: DataRequest,
    value_sets: ValueSets,
    *,
    patient_id: str,
    encounter_id: str,
    as_of: date,
    count: int | None,
) -> str:
    """The query we send ourselves, relative to the server's base address.

    As the template, and in addition `count` records a page, with the Medications that orders refer to; doses given,
    which all have a date, only as far back as needed. Without a count it is the template's and no more.
    """
    query = _QUERIES[request.kind]
    if query.is_read:
        return read_query(query.resource_type, encounter_id if request.kind == "encounter" else patient_id)
    parts = [f"patient={_value(patient_id)}", *_coded(request, value_sets, "")]
    if count is None:
        return f"{query.resource_type}?" + "&".join(parts)
    if query.date_parameter and request.look_back_days is not None:
        first_day = as_of - timedelta(days=request.look_back_days + _TIME_ZONE_DAYS)
        parts.append(f"{query.date_parameter}=ge{first_day.isoformat()}")
    if query.include:
        parts.append(f"_include={quote(query.include, safe='')}")
    parts.append(f"_count={count}")
    return f"{query.resource_type}?" + "&".join(parts)


def read_query(resource_type: str, logical_id: str) -> str:
    """The query that reads one resource. The id cannot alter the path, whatever it holds."""
    if logical_id.strip(".") == "":  # "." and ".." mean a folder even when percent-encoded
        return f"{resource_type}?_id={_value(logical_id)}"
    return f"{resource_type}/{quote(logical_id, safe='')}"


def medications_query(logical_ids: list[str]) -> str:
    """The query for several Medications at once."""
    return f"Medication?_id={','.join(map(_value, logical_ids))}&_count={len(logical_ids)}"


def _value(text: str) -> str:
    """A search value: what separates values in FHIR is escaped first, then percent-encoded."""
    for sign in "\\$|,":
        text = text.replace(sign, "\\" + sign)
    return quote(text, safe="")


@lru_cache(maxsize=128)
def _coded(request: DataRequest, value_sets: ValueSets, safe: str) -> tuple[str, ...]:
    """The parameters that narrow a search to the codes of the request, newest result first; empty without concepts."""
    if not request.concepts:
        return ()
    by_system = (value_sets.concept(concept).codes.values() for concept in request.concepts)
    tokens = dict.fromkeys(f"{code.system}|{code.code}" for rows in by_system for codes in rows for code in codes)
    written = ",".join(quote(token, safe=safe) for token in tokens)
    sort = _QUERIES[request.kind].sort
    return (f"code={written}", f"_sort={sort}")
