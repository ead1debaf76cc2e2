"""A value set as a FHIR R4 ValueSet: what the service takes a code for."""

from __future__ import annotations

from typing import Any

from cards.concepts import ValueSets


def value_set_resource(value_sets: ValueSets, name: str, base: str) -> dict[str, Any]:
    """The ValueSet of this concept: confirmed codes by code system, ICD-10 prefixes and words as they stand.

    Codes of included concepts are among them. A prefix has no form in `compose`: it is told in `description`.
    """
    concept = value_sets.concept(name)
    by_system: dict[str, list[dict[str, str]]] = {}
    for _, code in concept.rows.values():
        if code.confirmed:
            entry = {"code": code.code, "display": code.display} if code.display else {"code": code.code}
            by_system.setdefault(code.system, []).append(entry)
    resource: dict[str, Any] = {
        "resourceType": "ValueSet",
        "id": name.replace("_", "-"),
        "url": f"{base.rstrip('/')}/value-sets/{name}",
        "name": name,
        "title": concept.title,
        "status": "active",
        "experimental": False,
        "description": _description(concept.description, [prefix.start for prefix in concept.prefixes], concept.text),
    }
    if by_system:
        resource["compose"] = {"include": [{"system": s, "concept": codes} for s, codes in sorted(by_system.items())]}
    return resource


def _description(said: str, prefixes: list[str], words: tuple[str, ...]) -> str:
    parts = [said.strip()] if said.strip() else []
    if prefixes:
        parts.append(f"All ICD-10 codes that begin with {', '.join(sorted(prefixes))}.")
    if words:
        parts.append(f"By words: {', '.join(words)}.")
    return " ".join(parts) or "Codes only."
