"""What in a request tells who the patient is: ids, names, birth dates, numbers. None of it may be repeated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

SHORTEST = 3  # an initial is found in any text
_PLAIN = re.compile(r'"(?:patientId|birthDate)"\s*:\s*"([^"]+)"')
_OF_A_PERSON = ("family", "given", "birthDate", "line")


def identifiers(text: str) -> frozenset[str]:
    """Everything in a body that names the patient; of one that is no JSON, what stands plainly in its text."""
    found = set(_PLAIN.findall(text))
    with suppress(json.JSONDecodeError):
        found.update(_in_resources(json.loads(text)))
    found |= {value.removeprefix("Patient/") for value in found}
    return frozenset(value for value in found if len(value) >= SHORTEST)


def named_in(text: str, who: frozenset[str]) -> set[str]:
    """Which of these stand in a text as words of their own."""
    return {value for value in who if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text)}


def _in_resources(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _in_resources(inner)
    elif isinstance(value, dict):
        if value.get("resourceType") == "Patient":
            yield from _of_patient(value)
        for name in ("subject", "patient"):
            reference = value.get(name)
            if isinstance(reference, dict):
                yield from (reference[part] for part in ("reference", "display") if part in reference)
        for inner in value.values():
            yield from _in_resources(inner)


def _of_patient(patient: dict[str, Any]) -> Iterator[str]:
    if "id" in patient:
        yield patient["id"]
    for entry in (*patient.get("identifier", ()), *patient.get("telecom", ())):
        yield str(entry.get("value", ""))
    yield from _strings(patient)


def _strings(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, name)
    elif name in _OF_A_PERSON:
        yield str(value)
