"""Requests and records in which every text that anybody wrote holds a marker, to be seen wherever it turns up."""

from __future__ import annotations

import json
import re
from typing import Any

# Codes and dates of the protocol stay as they are, or nothing would be reviewed; all else is somebody's words.
_KEPT = frozenset(
    {"hook", "hookInstance", "resourceType", "status", "intent", "type", "system", "code", "gender", "token_type"}
    | {"unit", "periodUnit", "priority", "use", "mode", "relation", "when", "fhirServer", "birthDate"}
)
_DATE = re.compile(r"\d{4}(-\d\d){1,2}").match
BORN = "1937-08-23"


def seeded(value: Any, marker: str, name: str = "") -> Any:
    """The same, a marker in every text, in every id and in a member of its own in every object."""
    if isinstance(value, dict):
        inner = {key: seeded(member, marker, key) for key, member in value.items()}
        extra = {"name": _name(marker), "telecom": [{"value": marker}], "address": [{"text": marker}]}
        about = {**extra, "birthDate": BORN} if value.get("resourceType") == "Patient" else {}
        return {**inner, **about, f"x{marker}": marker}
    if isinstance(value, list):
        return [seeded(member, marker, name) for member in value]
    if not isinstance(value, str) or name in _KEPT or _DATE(value):
        return value
    if name in ("reference", "userId", "selections"):
        kind, sign, own_id = value.rpartition("/")
        return f"{kind}{sign}{marker}-{own_id}"
    return f"{marker}-{value}" if name in ("id", "patientId", "encounterId") else f"{value} {marker}"


def seeded_request(body: bytes, marker: str, **more: Any) -> dict[str, Any]:
    """A hook call, seeded; the members of prefetch keep their names."""
    request = json.loads(body)
    prefetch = {key: seeded(value, marker) for key, value in request.get("prefetch", {}).items()}
    return {**seeded(request, marker), "prefetch": {**prefetch, marker: marker}, **more}


def _name(marker: str) -> list[dict[str, Any]]:
    return [{"family": f"{marker}son", "given": [marker], "text": f"{marker} {marker}son"}]
