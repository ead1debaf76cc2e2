"""What is offered: the services, and the discovery document that an EHR reads before it calls them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cards.catalogue import Card, Catalogue
from cards.concepts import ValueSets
from cards.knowledge import FAMILIES
from cards.orders import Hook
from cds_service.config import SiteConfig
from cds_service.hooks.data_requests import prefetch_template

CDS_HOOKS_3 = "3.0.0"
HOOK_VERSION = "1.0"  # what both published hooks say of themselves, whatever their change logs count

_MOMENT = {Hook.ORDER_SELECT: "while they are being chosen", Hook.ORDER_SIGN: "before they are signed"}
_USAGE = (
    "FHIR R4. What is missing from prefetch is read from fhirServer if it may be called; what can be had by neither "
    "is named on the cards. If nothing at all can be had, the answer is 412."
)


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of discovery: the cards of `catalogue` that speak at `hook`. `family` empty: those of all families."""

    id: str
    hook: Hook
    catalogue: Catalogue
    family: str = ""

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards that can say something here."""
        return tuple(card for card in self.catalogue.cards if card.speaks_at(self.hook))

    @property
    def needs(self) -> tuple[str, ...]:
        """The data requests of those cards: the prefetch keys, in the order of `data_requests.yaml`."""
        return self.catalogue.needs(self.cards)


def offered_services(catalogue: Catalogue, site: SiteConfig) -> tuple[Service, ...]:
    """One service per hook, or one per family and hook where the site wants them apart."""
    if site.services.split_by == "hook":
        return tuple(Service(f"neuropathy-{hook}", hook, catalogue) for hook in Hook)
    return tuple(_by_family(catalogue))


def discovery_document(
    services: tuple[Service, ...], value_sets: ValueSets, site: SiteConfig, source_attributes: str = ""
) -> dict[str, Any]:
    """The answer to GET /cds-services. `source_attributes` is where those of all rules can be had; empty: not told."""
    entries = [_entry(service, value_sets, site) for service in services]
    if source_attributes:
        extension = {f"{_reverse_domain(site.code_systems)}.source-attributes": source_attributes}
        entries = [{**entry, "extension": extension} for entry in entries]
    return {"services": entries}


def _reverse_domain(address: str) -> str:
    """The host of an address from its end, by which names are made that are unique: "org.example.cds"."""
    return ".".join(reversed((urlsplit(address).hostname or "").split(".")))


def _by_family(catalogue: Catalogue) -> Iterator[Service]:
    for family in FAMILIES:
        cards = [card for card in catalogue.cards if card.family == family]
        for hook in Hook:
            if any(card.speaks_at(hook) for card in cards):
                yield Service(f"{family.replace('_', '-')}-{hook}", hook, Catalogue(cards, catalogue.requests), family)


def _entry(service: Service, value_sets: ValueSets, site: SiteConfig) -> dict[str, Any]:
    about = service.family.replace("_", " ") or "neuropathy and immunotherapy"
    entry: dict[str, Any] = {
        "hook": str(service.hook),
        "id": service.id,
        "title": f"{about.capitalize()} ordering safety ({service.hook})",
        "description": f"Reviews drug orders for {about} safety {_MOMENT[service.hook]}. Informs, never blocks.",
        "usageRequirements": _USAGE,
    }
    templates = {need: prefetch_template(service.catalogue.requests[need], value_sets) for need in service.needs}
    if templates:
        entry["prefetch"] = templates
    if site.profile == "3.0":
        entry["version"] = CDS_HOOKS_3
        entry["hookVersion"] = HOOK_VERSION
    return entry
