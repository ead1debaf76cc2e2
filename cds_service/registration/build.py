"""registration_sheet(): all tables for one counterpart, with what is wrong about handing them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cds_service.operator_endpoints import version
from cds_service.registration import cards_shown, conduct, data, forms, identity, trust
from cds_service.registration.counterpart import Counterpart
from cds_service.registration.running import Running
from cds_service.registration.sheet import Sheet, Table

_TABLES: tuple[Callable[[Running, Counterpart], Table | None], ...] = (
    forms.form,
    identity.what_it_is,
    identity.addresses,
    identity.services,
    data.prefetch,
    data.resources,
    data.scopes,
    trust.token,
    trust.fhir_access,
    trust.browser,
    cards_shown.answers,
    cards_shown.actions,
    cards_shown.override_reasons,
    cards_shown.topics,
    cards_shown.link_hosts,
    cards_shown.links,
    conduct.errors,
    conduct.limits,
    conduct.kept,
)


def registration_sheet(running: Running, counterpart: Counterpart) -> Sheet:
    """The sheet for this counterpart."""
    notes = counterpart.notes
    return Sheet(
        title=running.vocabulary.publisher,
        intended_for=counterpart.called,
        version=version(),
        warnings=tuple(_warnings(running, counterpart)),
        sources=(f"{notes.title}: {notes.source}",) if notes else (),
        tables=tuple(_tables(running, counterpart)),
    )


def _tables(running: Running, counterpart: Counterpart) -> Iterator[Table]:
    remarks = counterpart.notes.remarks if counterpart.notes else {}
    for make in _TABLES:
        table = make(running, counterpart)
        if table is not None:
            yield table._replace(remarks=(*table.remarks, *remarks.get(table.key, ())))


def _warnings(running: Running, counterpart: Counterpart) -> Iterator[str]:
    base = running.settings.base_url
    if running.settings.public_url is None:
        yield (
            f"The addresses on this sheet begin with {base}, which is where the service listens, not what an EHR can"
            " call. Set CDS_SERVICE_PUBLIC_URL (https://…) before this sheet is handed out: addresses, aud and the"
            " source of cards follow from it."
        )
    elif not running.is_public:
        yield f"{base} is not an https address that others can reach: fit for trials on this machine only."
    if not running.site.clients:
        yield "The service runs in open mode: it asks nobody for a token. List the EHR in the site file first."
    if counterpart.client.test:
        yield "The private keys of this client are public: for trials only, never where patients are treated."
    yield from _of_hooks(running, counterpart)


def _of_hooks(running: Running, counterpart: Counterpart) -> Iterator[str]:
    """Whether the vendor documents the hooks that are offered."""
    notes = counterpart.notes
    if notes is None or not notes.hooks:
        return
    others = dict.fromkeys(service.hook for service in running.services if service.hook not in notes.hooks)
    if others:
        yield (
            f"{notes.title} documents {', '.join(notes.hooks)} and no other hook. Ask the vendor before you count on"
            f" calls at {' and '.join(others)}."
        )
