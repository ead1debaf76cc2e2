"""The fields of a vendor's form, filled with what stands on the sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cds_service.registration.cards_shown import link_addresses
from cds_service.registration.counterpart import Counterpart
from cds_service.registration.data import scope_list, types_read
from cds_service.registration.ehr_notes import FormField, Known
from cds_service.registration.running import Running
from cds_service.registration.sheet import Column, Exact, Table, ToFillIn, Value
from cds_service.registration.trust import audiences

_COLUMNS = (Column("field", "Field"), Column("required", "Required"), Column("value", "Value"))


def form(running: Running, counterpart: Counterpart) -> Table | None:
    """The fields in the vendor's order; None where no form is documented."""
    notes = counterpart.notes
    if notes is None or not notes.form:
        return None
    rows = tuple((one.field, one.required, _value(one, running, counterpart)) for one in notes.form)
    return Table("form", f"What {notes.title} asks for", f"Fields as in {notes.source}.", _COLUMNS, rows)


def _value(field: FormField, running: Running, counterpart: Counterpart) -> Value:
    if field.from_ is not None:
        return Exact(_FROM[field.from_](running, counterpart))
    return ToFillIn(field.by, field.what) if field.by else field.says


def _of_entries(member: str) -> Callable[[Running, Counterpart], tuple[str, ...]]:
    """This member of each service in discovery."""
    return lambda running, _: tuple(dict.fromkeys(entry[member] for entry in running.document["services"]))


_FROM: Mapping[Known, Callable[[Running, Counterpart], tuple[str, ...]]] = {
    "hooks": _of_entries("hook"),
    "titles": _of_entries("title"),
    "descriptions": _of_entries("description"),
    "calls": lambda running, _: tuple(map(running.address, running.services)),
    "feedback": lambda running, _: tuple(map(running.feedback_address, running.services)),
    "audiences": audiences,
    "scopes": lambda running, counterpart: (scope_list(types_read(running, counterpart)),),
    "link_addresses": link_addresses,
}
