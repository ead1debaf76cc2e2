"""Does a resource count? Statuses of R4 and R5, and the bare codes of STU3."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from cds_service.fhir.coding import as_dict, as_list, code_of, codings, text_of


class Standing(Enum):
    """What a record's status makes of it.

    COUNTS: it happened, or holds. PENDING: it is under way or planned, without an outcome yet. IGNORED: it does not
    count. UNSTATED: the status is missing.
    """

    COUNTS = "counts"
    PENDING = "pending"
    IGNORED = "ignored"
    UNSTATED = "unstated"


_C, _P, _I = Standing.COUNTS, Standing.PENDING, Standing.IGNORED

_STANDINGS: Mapping[str, Mapping[str, Standing]] = {
    "Observation": {"final": _C, "amended": _C, "corrected": _C, "preliminary": _P, "registered": _P},
    # stopped and aborted: begun, so something was done
    "Procedure": {
        "completed": _C, "in-progress": _C, "stopped": _C, "aborted": _C,
        "preparation": _P, "on-hold": _P, "suspended": _P,
    },
    "MedicationAdministration": {"completed": _C, "in-progress": _C, "stopped": _C, "on-hold": _C},
    "MedicationDispense": {"completed": _C, "in-progress": _P, "preparation": _P, "on-hold": _P},
    # recorded: R5, where adherence says the rest
    "MedicationStatement": {
        "active": _C, "completed": _C, "recorded": _C, "stopped": _C, "on-hold": _C, "intended": _P,
    },
    "Encounter": {
        "in-progress": _C, "arrived": _C, "triaged": _C, "onleave": _C, "on-hold": _C, "finished": _C, "completed": _C,
        "discharged": _C, "planned": _P, "unknown": Standing.UNSTATED,
    },
}  # fmt: skip


_DENIABLE = ("Procedure", "MedicationAdministration", "MedicationStatement")


def standing(resource: Mapping[str, Any]) -> Standing:
    """What the status of an event or result makes of it; a status that is not listed is ignored (book 1.1)."""
    kind = resource.get("resourceType", "")
    if kind in _DENIABLE and _is_denied(resource):
        return Standing.IGNORED
    word = status_word(resource.get("status"))
    return _STANDINGS.get(kind, {}).get(word, Standing.IGNORED) if word else Standing.UNSTATED


def _is_denied(resource: Mapping[str, Any]) -> bool:
    """Does another element say that it was not done? STU3 and R5 say so beside the status."""
    if resource.get("notDone") is True or resource.get("notGiven") is True or resource.get("wasNotGiven") is True:
        return True
    if resource.get("taken") == "n":  # STU3 MedicationStatement
        return True
    adherence = resource.get("adherence")  # R5 MedicationStatement
    return adherence is not None and code_of(as_dict(adherence).get("code")).startswith("not-taking")


# How sure a diagnosis is, on the code itself (German base profiles): excluded, suspected, "state after".
_SURENESS_URL = "diagnosesicherheit"
_SURENESS = {"A": "refuted", "V": "provisional", "Z": "resolved"}


def sureness_on_code(concept: Any) -> frozenset[str]:
    """What extensions on the codings of a diagnosis say of it, as FHIR's own statuses; nearly always nothing."""
    said = (
        entry
        for coding in as_list(as_dict(concept).get("coding"))
        if isinstance(coding, dict) and "extension" in coding
        for entry in as_list(coding["extension"])
        if isinstance(entry, dict) and _SURENESS_URL in str(entry.get("url")).lower()
    )
    return frozenset(
        _SURENESS[code]
        for entry in said
        for name in ("valueCoding", "valueCode", "valueCodeableConcept")
        if (code := code_of(entry.get(name)).upper()) in _SURENESS
    )


def status_word(value: Any) -> str:
    """A status or intent in lower case, bare or inside a concept; empty: missing."""
    return code_of(value).lower() if value else ""


def status_in(value: Any, known: tuple[str, ...]) -> str:
    """A status that came bare (STU3) or as a concept (R4), among the codes `known`.

    Empty: missing. A code that is not known is given as it came.
    """
    if not value:
        return ""
    try:  # nearly always: one standard code
        code = value["coding"][0]["code"]
        if code in known:
            return str(code)
    except (KeyError, TypeError, IndexError):
        pass
    if isinstance(value, str):
        return value.strip().lower()
    for entry in as_list(as_dict(value).get("coding")):  # a local code may stand before the standard one
        code = entry.get("code") if isinstance(entry, dict) else None
        if code in known:
            return str(code)
    code = code_of(value).lower()
    found = codings(value)
    said = (*(one.code for one in found), *(one.display for one in found), text_of(value))  # "413322009", "Resolved"
    return next((word.lower() for word in said if word.lower() in known), code)
