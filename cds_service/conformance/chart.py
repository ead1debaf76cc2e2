"""A made-up chart: answers reads and searches as a FHIR server does, and fills prefetch templates from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Resource = dict[str, Any]
_TOKENS = {"code", "category", "_id"}  # the parameters that choose; the others only narrow what is small already


class Chart:
    """The resources of one patient."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = tuple(resources)

    @classmethod
    def of_prefetch(cls, prefetch: Mapping[str, Any]) -> Chart:
        """What a request brought along."""
        found: list[Resource] = []
        for value in prefetch.values():
            if isinstance(value, dict) and value.get("resourceType") == "Bundle":
                found += [entry["resource"] for entry in value.get("entry", ()) if "resource" in entry]
            elif isinstance(value, dict):
                found.append(value)
        return cls(found)

    def __iter__(self) -> Any:
        return iter(self._resources)

    def answer(self, query: str) -> Resource | None:
        """The answer to "Type/id" or "Type?parameters"; None when there is no such resource to read."""
        parts = urlsplit(query)
        steps = [unquote(step) for step in parts.path.strip("/").split("/")]
        if len(steps) >= 2:
            return next((r for r in self._resources if [r.get("resourceType"), r.get("id")] == steps[-2:]), None)
        found = [r for r in self._resources if r.get("resourceType") == steps[-1] and _matches(r, parts.query)]
        return searchset(found)

    def prefetch(self, templates: Mapping[str, str], context: Mapping[str, Any]) -> dict[str, Any]:
        """A value for each prefetch template, as a client would get it; a template with an unknown token has none."""
        filled = {key: _filled(template, context) for key, template in templates.items()}
        return {key: self.answer(query) for key, query in filled.items() if "{{" not in query}


def searchset(resources: Iterable[Resource]) -> Resource:
    """A searchset Bundle."""
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return {**bundle, "entry": entries} if entries else bundle


def _filled(template: str, context: Mapping[str, Any]) -> str:
    for name, value in context.items():
        if isinstance(value, str):
            template = template.replace(f"{{{{context.{name}}}}}", value)
    return template


def _matches(resource: Resource, query: str) -> bool:
    return all(
        _has_code(resource, name, value.split(","))
        for name, value in parse_qsl(query)
        if name.partition(":")[0] in _TOKENS
    )


def _has_code(resource: Resource, name: str, wanted: list[str]) -> bool:
    if name == "_id":
        return resource.get("id") in wanted
    concepts = resource.get(name) or resource.get("medicationCodeableConcept") or []
    codes = [
        (str(coding.get("system")), str(coding.get("code")))
        for concept in (concepts if isinstance(concepts, list) else [concepts])
        for coding in concept.get("coding", ())
    ]
    return any(f"{system}|{code}" in wanted or code in wanted for system, code in codes)
