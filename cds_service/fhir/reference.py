"""Which resource does a reference mean: one inside the resource that refers to it, or one at hand elsewhere?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cds_service.fhir.coding import as_list

Resource = dict[str, Any]
Resolve = Callable[[str], Resource | None]

_MOST_CONTAINED = 100  # resources inside a resource that are looked at


def target(resource: Mapping[str, Any], reference: str, resolve: Resolve) -> Resource | None:
    """The resource that a reference means, inside the one that refers to it or elsewhere."""
    return contained(resource, reference) if reference.startswith("#") else resolve(reference)


def contained(resource: Mapping[str, Any], reference: str) -> Resource | None:
    """The contained resource that a reference beginning with "#" means."""
    for inner in as_list(resource.get("contained"))[:_MOST_CONTAINED]:
        # some senders write the "#" into the id of the contained resource as well
        if isinstance(inner, dict) and str(inner.get("id", "")).lstrip("#") == reference[1:]:
            return inner
    return None


def by_reference(resources: Iterable[tuple[str, Resource]]) -> dict[str, Resource]:
    """Resources by every name under which another may refer to them, from pairs of fullUrl and resource."""
    names: dict[str, Resource] = {}
    for full_url, resource in resources:
        own = f"{resource.get('resourceType')}/{resource.get('id')}"
        for name in (full_url, own if resource.get("id") else ""):
            if name:
                names.setdefault(name, resource)
    return names


def referred(names: Mapping[str, Resource], reference: str) -> Resource | None:
    """The resource a reference means: prefetch was seen with absolute references, drafts with relative ones."""
    found = names.get(reference)
    return found if found is not None else names.get(relative(reference))


def relative(reference: str) -> str:
    """`Type/id` of a reference, absolute or with a version; one without a type means a Medication.

    `urn:uuid:` and contained references stay as they are.
    """
    if reference.startswith(("#", "urn:")):
        return reference
    steps = reference.split("/_history/")[0].rstrip("/").split("/")
    return "/".join(steps[-2:]) if len(steps) > 1 else f"Medication/{steps[0]}"
