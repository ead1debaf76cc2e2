"""The Medication resources that orders refer to: what the request brought along, and what the FHIR server adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from cds_service.fhir.bundle import unwrapped
from cds_service.fhir.coding import as_dict, as_list
from cds_service.fhir.medication import medication_of, names_a_drug, referred_medication
from cds_service.fhir.reference import by_reference, referred, relative
from cds_service.hooks.data_requests import medications_query, read_query
from cds_service.hooks.fhir_reply import Reply
from cds_service.hooks.fhir_server import FhirServer, NoFhirServer
from cds_service.hooks.request import HookRequest

Resource = dict[str, Any]

_MOST_DRAFTED = 10  # reads before it is known which cards are triggered
_MOST_ON_RECORD = 100  # ids in one search: an address of 4 kB


class Medications:
    """Medication resources at hand in one call; those of the request are looked through when first needed."""

    def __init__(self, request: HookRequest) -> None:
        self._request = request
        self._names: dict[str, Resource] | None = None

    def resolve(self, reference: str) -> Resource | None:
        """The Medication that a reference means; None when it is not at hand."""
        return referred(self._at_hand(), reference)

    def add(self, resources: Iterable[Resource]) -> None:
        """Medications that a FHIR server sent."""
        for name, resource in by_reference(("", one) for one in resources if _is_medication(one)).items():
            self._at_hand().setdefault(name, resource)

    def read_drafted(self, server: FhirServer | NoFhirServer) -> None:
        """Reads the Medications that alone name the drug of a draft: what cards it triggers depends on them."""
        if isinstance(server, NoFhirServer):
            return
        drafts = [draft.resource for draft in self._request.drafts]
        ids = self._ids_of(map(self.missing, drafts), server)[:_MOST_DRAFTED]
        if ids:
            jobs = {one: partial(server.get, read_query("Medication", one)) for one in ids}
            replies = server.in_parallel(jobs, late=Reply())
            self.add(reply.body for reply in replies.values() if reply.body is not None)

    def read_referred(self, resources: Iterable[Resource], server: FhirServer) -> None:
        """Reads the Medications that alone name the drug of these orders on record, by one search."""
        ids = self._ids_of(map(self.missing, resources), server)[:_MOST_ON_RECORD]
        if ids:
            job = partial(server.get_pages, medications_query(ids))
            reply = server.in_parallel({"medications": job}, late=Reply())["medications"]
            self.add(_resources(reply.body))

    def missing(self, resource: Resource) -> str:
        """The reference that alone names the drug of an order, if it leads nowhere; empty otherwise."""
        if "medicationReference" not in resource and "medication" not in resource:
            return ""  # nearly always
        reference = referred_medication(resource)
        if not reference or self.resolve(reference) is not None:
            return ""
        return "" if medication_of(resource, self.resolve).codings else reference

    def is_nameless(self, resource: Resource) -> bool:
        """Is a drug named, and nothing at all known of it: its Medication could not be had, or no name can be read?"""
        if _has_code(resource.get("medicationCodeableConcept")):  # nearly always
            return False
        product = medication_of(resource, self.resolve)
        is_known = bool(product.texts) or any(coding.code for coding in product.codings)
        return not is_known and names_a_drug(resource)

    def _ids_of(self, references: Iterable[str], server: FhirServer) -> list[str]:
        """Logical ids of the Medications at this server; a reference to any other server is never followed."""
        found = dict[str, None]()
        for reference in references:
            if "://" in reference and not reference.startswith(f"{server.base_address}/"):
                continue
            kind, _, logical_id = relative(reference).partition("/")
            if kind == "Medication" and logical_id:
                found.setdefault(logical_id)
        return list(found)

    def _at_hand(self) -> dict[str, Resource]:
        if self._names is None:
            self._names = by_reference(_sent_along(self._request))
        return self._names


def _sent_along(request: HookRequest) -> Iterator[tuple[str, Resource]]:
    """Medications among the drafts and in prefetch under whatever key, with their fullUrl.

    The Da Vinci request generator prefetches the order's Medication under a key of its own.
    """
    for draft in request.drafts:
        if _is_medication(draft.resource):
            yield draft.full_url, draft.resource
    for value in request.prefetch.values():
        for full_url, resource in sent_in(value):
            if _is_medication(resource):
                yield full_url, resource


def sent_in(value: Any) -> Iterator[tuple[str, Resource]]:
    """Resources of a prefetch value, with their fullUrl; it is empty where there is none."""
    for entry in _entries(as_dict(unwrapped(as_dict(value)))):
        full_url = as_dict(entry).get("fullUrl")
        yield full_url if isinstance(full_url, str) else "", as_dict(as_dict(entry).get("resource"))


def _entries(value: Resource) -> list[Any]:
    """Entries of a Bundle; a resource alone as the one entry."""
    return as_list(value["entry"]) if "entry" in value else [{"resource": value}]


def _resources(bundle: Resource | None) -> Iterator[Resource]:
    for entry in as_list(as_dict(bundle).get("entry")):
        yield as_dict(as_dict(entry).get("resource"))


def _has_code(concept: Any) -> bool:
    """Is the first coding of a concept a code? What is not read so quickly counts as no."""
    try:
        code = concept["coding"][0]["code"]
    except (KeyError, TypeError, IndexError):
        return False
    return isinstance(code, str) and bool(code.strip())


def _is_medication(resource: Resource) -> bool:
    return resource.get("resourceType") == "Medication"
