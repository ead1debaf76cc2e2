"""A chart as a person reads it: one line for each record, by kind, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from cards.facts import completed_years
from cds_service.fhir.coding import as_dict, as_list
from cds_service.playground.basket import described

Resource = Mapping[str, Any]

_KINDS = {
    "Condition": "Problems",
    "MedicationRequest": "Medication orders",
    "MedicationAdministration": "Doses given",
    "MedicationDispense": "Doses handed out",
    "Observation": "Results and measurements",
    "Procedure": "Procedures",
    "ServiceRequest": "Tests and referrals ordered",
    "AllergyIntolerance": "Allergies",
}
_DAYS = (
    "effectiveDateTime", "authoredOn", "onsetDateTime", "recordedDate", "performedDateTime", "occurrenceDateTime",
    "whenHandedOver", "issued",
)  # fmt: skip
_WITH_STATUS = ("Observation", "MedicationAdministration", "MedicationDispense")
_PERIODS = ("effectivePeriod", "performedPeriod")


class ChartLine(NamedTuple):
    """One record: its day as far as it is known (YYYY-MM-DD; empty: undated), what it is, its value."""

    day: str
    what: str
    value: str = ""


def chart_by_kind(resources: Iterable[Resource]) -> dict[str, list[ChartLine]]:
    """The records by kind, in the order in which a chart is read; kinds without records are left out."""
    found: dict[str, list[ChartLine]] = {title: [] for title in _KINDS.values()}
    for resource in resources:
        title = _KINDS.get(str(resource.get("resourceType")))
        if title is not None:
            found[title].append(chart_line(resource))
    return {title: sorted(lines, key=lambda line: line.day, reverse=True) for title, lines in found.items() if lines}


def chart_line(resource: Resource) -> ChartLine:
    """One record in a line."""
    kind = resource.get("resourceType")
    if kind == "MedicationRequest":
        return ChartLine(_day(resource), described(dict(resource)))
    concept = as_dict(resource.get("medicationCodeableConcept") or resource.get("code"))
    return ChartLine(_day(resource), _name(concept), _value(resource))


def about_patient(resources: Iterable[Resource], as_of: date) -> str:
    """Sex and age of the patient among these records, as far as they are known."""
    person = next((one for one in resources if one.get("resourceType") == "Patient"), {})
    said = [str(person["gender"])] if person.get("gender") else []
    try:
        born = date.fromisoformat(str(person.get("birthDate")))
    except ValueError:
        return ", ".join(said)
    return ", ".join([*said, f"{completed_years(born, as_of)} years"])


def reasons_of(resources: Iterable[Resource]) -> list[tuple[str, str]]:
    """(code, words) of the problems that have a code: what an order may be for."""
    found = {}
    for resource in resources:
        if resource.get("resourceType") == "Condition":
            for coding in map(as_dict, as_list(as_dict(resource.get("code")).get("coding"))):
                if coding.get("code"):
                    found[str(coding["code"])] = str(coding.get("display") or "")
    return list(found.items())


def _day(resource: Resource) -> str:
    said = next((resource[name] for name in _DAYS if resource.get(name)), None)
    for name in _PERIODS:
        said = said or as_dict(resource.get(name)).get("start")
    return str(said or "")[:10]


def _name(concept: Mapping[str, Any]) -> str:
    codings = [as_dict(coding) for coding in as_list(concept.get("coding"))]
    displays = [str(coding["display"]) for coding in codings if coding.get("display")]
    codes = [str(coding["code"]) for coding in codings if coding.get("code")]
    name = str(concept.get("text") or next(iter(displays), "")) or "without a name"
    return f"{name} ({codes[0]})" if codes and name != codes[0] else name


def _value(resource: Resource) -> str:
    quantity = as_dict(resource.get("valueQuantity"))
    if "value" in quantity:
        sign, unit = quantity.get("comparator") or "", quantity.get("unit") or quantity.get("code") or ""
        return f"{sign}{quantity['value']} {unit}".strip()
    concept = as_dict(resource.get("valueCodeableConcept"))
    if concept:
        return _name({"text": concept.get("text"), "coding": concept.get("coding")}).partition(" (")[0]
    said = resource.get("valueString") or resource.get("status")
    return str(said) if resource.get("resourceType") in _WITH_STATUS else ""
