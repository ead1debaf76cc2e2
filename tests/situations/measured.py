"""Results as cases write them ("1.0 mg/dL, 20 days ago", "positive, 2019-03-01", "pending") → Observation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from cards.concepts import Code
from cds_service.fhir.quantity import UCUM
from cds_service.order_product import coding
from tests.situations.codes import concept_as_codeable, first_code, value_sets
from tests.situations.days import fhir_day
from tests.situations.orders import split_day

DEFAULT_DAY = "20 days ago"  # of the book's patients (1.11): what is said without a day was measured then
_QUANTITY = re.compile(r"(?P<comparator><=|>=|<|>)?\s*(?P<value>-?\d+(?:\.\d+)?)(?:\s*(?P<unit>\S.*))?")
_FINDINGS = {
    "positive": "positive", "reactive": "positive", "detected": "positive", "weakly positive": "weakly_positive",
    "negative": "negative", "non-reactive": "negative", "not detected": "negative",
    "equivocal": "indeterminate", "indeterminate": "indeterminate", "grayzone": "indeterminate",
}  # fmt: skip
_NO_VALUE = {"pending": "registered", "registered": "registered", "cancelled": "cancelled"}
_MOLAR = ("mol/",)
_KEYS = frozenset(
    [
        "value",
        "on",
        "at",
        "code",
        "system",
        "status",
        "text",
        "interpretation",
        "performer",
        "issued",
        "period_end",
        "upper_limit",
        "posture",
    ]
)


def results(concept: str, said: object, *, as_of: date) -> list[dict[str, Any]]:
    """The Observations, without id and subject, of one key of a patient: one result or a list of them."""
    return [_result(concept, one, as_of) for one in (said if isinstance(said, list) else [said])]


def _result(concept: str, said: object, as_of: date) -> dict[str, Any]:
    if isinstance(said, Mapping):
        unknown = sorted(set(said) - _KEYS)
        if unknown:
            raise ValueError(f"a result knows no '{unknown[0]}'; it knows {', '.join(sorted(_KEYS))}")
        words, details = str(said.get("value", "")), said
        if "on" not in said and "value" in said:
            words, day = split_day(words)
            details = said if day is None else {**said, "on": day}
    else:
        words, day = split_day(str(said))
        details = {} if day is None else {"on": day}
    words = words.strip()
    status = str(details.get("status") or _NO_VALUE.get(words, "final"))
    result: dict[str, Any] = {
        "resourceType": "Observation",
        "status": status,
        "category": [_category(concept)],
        "code": _code(concept, words, details),
    }
    _write_time(result, details, as_of)
    if words not in _NO_VALUE and words:
        result |= _value(concept, words)
    if "interpretation" in details:
        interpretation = concept_as_codeable(_FINDINGS[details["interpretation"]], "interpretation")
        result["interpretation"] = [interpretation]
    if "posture" in details:
        url = "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition"
        result["extension"] = [{"url": url, "valueCodeableConcept": {"text": details["posture"]}}]
    if "upper_limit" in details:
        limit = _QUANTITY.fullmatch(str(details["upper_limit"]))
        assert limit is not None, "upper_limit: a number with a unit"
        result["referenceRange"] = [{"high": _quantity(limit)}]
    if "performer" in details:
        result["performer"] = [{"display": details["performer"]}]
    return result


def _write_time(result: dict[str, Any], details: Mapping[str, Any], as_of: date) -> None:
    if "issued" in details:
        result["issued"] = f"{fhir_day(details['issued'], as_of)}T09:30:00Z"
    if "period_end" in details:
        result["effectivePeriod"] = {"end": fhir_day(details["period_end"], as_of)}
    if "issued" in details or "period_end" in details:
        return
    day = fhir_day(details.get("on", DEFAULT_DAY), as_of)
    if day is not None:
        result["effectiveDateTime"] = f"{day}T{details['at']}:00Z" if "at" in details else day


def _category(concept: str) -> dict[str, Any]:
    kind = "vital-signs" if value_sets().concept(concept).kind == "vital" else "laboratory"
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {"coding": [{"system": system, "code": kind}]}


def _code(concept: str, words: str, details: Mapping[str, Any]) -> dict[str, Any]:
    if "code" in details:
        system = value_sets().system_uri(details.get("system", "loinc")) or details["system"]
        row = value_sets().row(concept, system, details["code"])
        return {"coding": [coding(row) if row else {"system": system, "code": details["code"]}]}
    if "text" in details:
        return {"text": details["text"]}
    is_molar = any(sign in words for sign in _MOLAR)
    codes = [code for code in value_sets().concept(concept).codes.get("loinc", ()) if code.confirmed]
    chosen = next((code for code in codes if _is_molar(code) == is_molar), None) or first_code(concept, "loinc")
    if chosen is None:
        raise ValueError(f"'{concept}' has no confirmed LOINC code; name one: {{value: …, code: …}}")
    return {"coding": [coding(chosen)], "text": chosen.display}


def _is_molar(code: Code) -> bool:
    return str(code.hints.get("property", "")).startswith("SCnc")


def _value(concept: str, words: str) -> dict[str, Any]:
    quantity = _QUANTITY.fullmatch(words)
    if concept == "adverse_event_grade" and words.isdigit():
        grades = value_sets().concept("ctcae_grade_values").codes["ctcae-grade"]
        grade = next(code for code in grades if code.code == words)
        return {"valueCodeableConcept": {"coding": [coding(grade)], "text": grade.display}}
    if quantity is not None:
        return {"valueQuantity": _quantity(quantity)}
    if words in _FINDINGS:
        return {"valueCodeableConcept": {**concept_as_codeable(_FINDINGS[words], "snomed", "loinc"), "text": words}}
    return {"valueString": words}


def _quantity(match: re.Match[str]) -> dict[str, Any]:
    number = float(match["value"])
    quantity: dict[str, Any] = {"value": int(number) if number == int(number) else number}
    if match["comparator"]:
        quantity["comparator"] = match["comparator"]
    if match["unit"]:
        quantity["unit"] = match["unit"]
        code = value_sets().unit(match["unit"])
        if code is not None:  # else the sender wrote a unit that is no UCUM code
            quantity |= {"system": UCUM, "code": code}
    return quantity
