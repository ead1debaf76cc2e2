"""Concept names and code shapes → CodeableConcept: the first confirmed code of a concept, else its words."""

from __future__ import annotations

import re
from typing import Any

from cards.concepts import Code, ValueSets, load_value_sets
from cds_service.order_product import coding

_SYSTEM_ORDER = ("rxnorm", "loinc", "icd-10-cm", "snomed", "icd-10-pcs", "hcpcs", "ctcae-grade", "interpretation")
_ICD = re.compile(r"[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")
_SNOMED = re.compile(r"\d{6,18}")


def value_sets() -> ValueSets:
    """All value sets, the licensed ones too."""
    return load_value_sets()


def first_code(concept: str, *systems: str) -> Code | None:
    """First confirmed code of a concept, by preference of systems."""
    by_system = value_sets().concept(concept).codes
    for system in systems or _SYSTEM_ORDER:
        for code in by_system.get(system, ()):
            if code.confirmed:
                return code
    return None


def concept_as_codeable(concept: str, *systems: str) -> dict[str, Any]:
    """A concept of the value sets as CodeableConcept."""
    code = first_code(concept, *systems)
    if code is not None:
        return {"coding": [coding(code)], "text": code.display}
    found = value_sets().concept(concept)
    if not found.text:
        raise ValueError(f"'{concept}' has neither a confirmed code nor words; name a code")
    return {"text": found.text[0]}


def system_of(code: str) -> str | None:
    """Short name of the system that a code has the shape of; None: no code but words."""
    if _ICD.fullmatch(code):
        return "icd-10-cm"
    return "snomed" if _SNOMED.fullmatch(code) else None


def codeable(
    said: str, *, system: str | None = None, text: str | None = None, display: str | None = None
) -> dict[str, Any]:
    """A code, the name of a concept, or words, as CodeableConcept."""
    system = system or system_of(said)
    if system is None and said in value_sets():
        return concept_as_codeable(said)
    if system is None:
        return {"text": said}
    uri = value_sets().system_uri(system) or system
    display = display or _display(uri, said)
    found = {"system": uri, "code": said} | ({"display": display} if display else {})
    return {"coding": [found]} | ({"text": text} if text else {})


def _display(system: str, code: str) -> str | None:
    for concept in sorted(value_sets().coded(system, code)):
        row = value_sets().row(concept, system, code)
        if row is not None:
            return row.display
    return None
