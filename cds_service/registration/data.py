"""What is read of a patient: prefetch templates, resource types, the scopes that cover them and no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cards.facts import DataRequest
from cds_service.hooks.client_suggestions import ACTIONS
from cds_service.hooks.data_requests import fhir_reads
from cds_service.hooks.discovery import Service
from cds_service.registration.counterpart import Counterpart
from cds_service.registration.running import Running
from cds_service.registration.sheet import ITEMS, Column, Row, Table, exact

_TOKEN = re.compile(r"\{\{([^}]*)\}\}")
_DRUGS = "Medication"  # also read by their ids, before it is known which cards an order triggers
_OF_DRAFTS = "draft orders that name their drug by reference"
_OF_DRAFTS_SENT = (
    "the types read in context.draftOrders; an EHR that sends drafts only under a scope of their own has to grant it"
    " for these"
)
_PREFETCH = (
    "One query for each key, relative to the FHIR base address. A key that is null means: none on file. A key that is"
    " left out means: not asked, and is read from the FHIR server if there is access. Keys that are not listed are"
    " ignored."
)
_SCOPES = (
    "Derived from the queries. All reading is about the one patient of the call, so patient scopes are enough; user"
    " scopes are the wider alternative for an EHR that grants nothing else."
)


class Template(NamedTuple):
    """A prefetch template: our key, the client's, the query, the ids of the services that publish it."""

    key: str
    key_there: str
    query: str
    services: tuple[str, ...]


class TypeRead(NamedTuple):
    """A resource type, for which prefetch keys it is read, and whether by search or by its id alone."""

    name: str
    keys: tuple[str, ...]
    is_searched: bool

    def scope(self, compartment: str) -> str:
        """The SMART v1 scope that covers it."""
        return f"{compartment}/{self.name}.read"

    def scope_v2(self, compartment: str) -> str:
        """The SMART v2 scope that covers it: reading by id needs no search."""
        return f"{compartment}/{self.name}.{'rs' if self.is_searched else 'r'}"


def prefetch(running: Running, counterpart: Counterpart) -> Table:
    """Each template once, under the client's own name of the key where it has one, with the services that use it."""
    found = tuple(templates(running, counterpart))
    columns = [Column("key", "Key"), Column("query", "Query"), Column("services", "Services")]
    rows: list[Row] = [(exact(one.key_there), exact(one.query), ", ".join(one.services)) for one in found]
    if counterpart.client.prefetch_keys:
        columns.append(Column("key_here", "Our name of the key"))
        rows = [(*row, exact(one.key)) for row, one in zip(rows, found, strict=True)]
    remarks = tuple(_fillable(found, counterpart))
    return Table("prefetch", "Prefetch templates", _PREFETCH, tuple(columns), tuple(rows), remarks=remarks)


def resources(running: Running, counterpart: Counterpart) -> Table:
    """The resource types read, how, for which keys, and the scope of each in both forms."""
    columns = (
        Column("type", "Resource type"),
        Column("how", "How it is read"),
        Column("keys", "For the prefetch keys"),
        Column("v1", "SMART v1 scope"),
        Column("v2", "SMART v2 scope"),
    )
    rows = tuple(
        (exact(one.name), _how(one), ", ".join(one.keys), exact(one.scope("patient")), exact(one.scope_v2("patient")))
        for one in types_read(running, counterpart)
    )
    says = "What the service asks the FHIR server for when prefetch lacks it. It writes nothing there."
    return Table("resources", "FHIR resources read", says, columns, rows)


def scopes(running: Running, counterpart: Counterpart) -> Table:
    """The scopes as lists to be pasted."""
    types = types_read(running, counterpart)
    drafted = sorted({resource_type for _, resource_type in ACTIONS})
    rows = (
        ("SMART v1", exact(scope_list(types)), "patient scopes, as CDS Hooks 2.0.1 writes them"),
        ("SMART v2", exact(" ".join(one.scope_v2("patient") for one in types)), "the same, as CDS Hooks 3.0 does"),
        ("SMART v1, user", exact(scope_list(types, "user")), "instead of the patient scopes, not beside them"),
        ("SMART v2, user", exact(" ".join(one.scope_v2("user") for one in types)), "instead, likewise"),
        ("system scopes", "none", "the service asks for no token: it uses the one that a call brings, in that call"),
        ("Scopes to write", "none", "what a card suggests is carried out by the EHR, when the clinician takes it"),
        ("Draft orders", exact(*drafted, _DRUGS), _OF_DRAFTS_SENT),
    )
    return Table("scopes", "Scopes", _SCOPES, ITEMS, rows)


def scope_list(types: Iterable[TypeRead], compartment: str = "patient") -> str:
    """The v1 scopes of these types, as a token states them."""
    return " ".join(one.scope(compartment) for one in types)


def types_read(running: Running, counterpart: Counterpart) -> tuple[TypeRead, ...]:
    """What is read from a FHIR server for the cards of this client, in the order of the data requests."""
    found: dict[str, TypeRead] = {}
    for request in _requests(running, counterpart):
        for name, is_searched in fhir_reads(request):
            before = found.get(name, TypeRead(name, (), is_searched=False))
            found[name] = TypeRead(name, (*before.keys, request.name), before.is_searched or is_searched)
    drugs = found.get(_DRUGS, TypeRead(_DRUGS, (), is_searched=False))
    found[_DRUGS] = drugs._replace(keys=(*drugs.keys, _OF_DRAFTS))
    return tuple(found.values())


def templates(running: Running, counterpart: Counterpart) -> Iterator[Template]:
    """What discovery publishes and the cards of this client need, each query once."""
    theirs = {ours: key for key, ours in counterpart.client.prefetch_keys.items()}
    published = {entry["id"]: entry.get("prefetch", {}) for entry in running.document["services"]}
    for request in _requests(running, counterpart):
        key = request.name
        users = tuple(service.id for service in running.services if key in _needs(service, counterpart))
        yield Template(key, theirs.get(key, key), published[users[0]][key], users)


def _requests(running: Running, counterpart: Counterpart) -> Iterator[DataRequest]:
    """The data requests of the cards that this client gets."""
    catalogue = running.rules.catalogue
    yield from (catalogue.requests[need] for need in catalogue.needs(running.cards(counterpart.ways)))


def _needs(service: Service, counterpart: Counterpart) -> tuple[str, ...]:
    """The prefetch keys of a service, less those of cards that this client does not get."""
    return service.catalogue.needs(card for card in service.cards if card.rule not in counterpart.ways.left_out)


def _how(one: TypeRead) -> str:
    if one.name == _DRUGS:
        return "search and read by id" if one.is_searched else "read by id"
    return "search" if one.is_searched else "read by id"


def _fillable(found: Iterable[Template], counterpart: Counterpart) -> Iterator[str]:
    """Whether the EHR documents the tokens that the templates hold."""
    if counterpart.notes is None or not counterpart.notes.prefetch_tokens:
        return
    used = sorted({token for one in found for token in _TOKEN.findall(one.query)})
    foreign = [token for token in used if token not in counterpart.notes.prefetch_tokens]
    if foreign:
        yield f"Not among the tokens that it documents: {', '.join(foreign)}."
    else:
        yield f"It documents all tokens that these queries hold: {', '.join(used)}."
