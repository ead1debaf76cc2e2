"""What is tried: patient, moment, day and orders, all in the address, so that a link shows anybody the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cards.orders import Hook
from cds_service.playground.packing import NotPacked, packed, unpacked
from cds_service.playground.patients import Example, FixturePatient

Resource = dict[str, Any]

FROM_SERVER = "from-a-server"  # in place of a patient of ours
PICKED, TYPED = "pick", "type"
LONGEST_TEXT = 400  # characters of one field
MOST_DRAFTS = 20

ORDER_TYPES = ("MedicationRequest", "ServiceRequest")


class OrderFields(NamedTuple):
    """One order as the form has it: typed in one line, or picked part by part. Not checked yet."""

    how: str = TYPED
    text: str = ""
    drug: str = ""
    dose: str = ""
    often: str = ""
    days: str = ""
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Is nothing ordered here?"""
        return not (self.drug if self.how == PICKED else self.text)

    @property
    def is_drug_alone(self) -> bool:
        """Was a drug picked, and no dose yet?"""
        return self.how == PICKED and not self.dose

    @property
    def line(self) -> str:
        """The order in one line, as `order_text` reads it."""
        if self.how != PICKED:
            return self.text
        lasts = f" for {self.days} days" if self.days else ""
        because = f", because {self.reason}" if self.reason else ""
        return f"{self.drug} {self.dose} {self.often}{lasts}{because}"


_NAMES = {part: "order" if part == "text" else part for part in OrderFields._fields}  # of the fields of the form
SLOTS = (1, 2)


class Scenario(NamedTuple):
    """One scenario as the address has it; texts, not checked yet.

    `drafts` is the packed basket: what suggestions made of orders. `session` tells two evaluations apart that an
    override connects: without one, each is somebody else's.
    """

    patient: str = ""
    server: str = ""
    patient_id: str = ""
    hook: str = Hook.ORDER_SIGN.value
    as_of: str = ""
    orders: tuple[OrderFields, OrderFields] = (OrderFields(), OrderFields())
    drafts: str = ""
    session: str = ""

    @property
    def is_from_server(self) -> bool:
        """Is the patient one of a FHIR server?"""
        return self.patient == FROM_SERVER

    @property
    def is_incomplete(self) -> bool:
        """Was a FHIR server chosen, and no patient there yet?"""
        return self.is_from_server and not self.patient_id

    @property
    def basket(self) -> list[Resource]:
        """The drafts that are no longer words. Raises NotPacked."""
        return read_basket(self.drafts)

    def with_basket(self, drafts: list[Resource]) -> Scenario:
        """The same with other drafts."""
        return self._replace(drafts=packed(drafts) if drafts else "")

    def query(self, **more: str) -> str:
        """The part of the address behind the question mark; what says nothing is left out."""
        return urlencode([*self.fields(), *more.items()])

    def fields(self) -> list[tuple[str, str]]:
        """Name and value of each field that says something."""
        return [(name, value) for name, value in self._all() if value]

    def _all(self) -> Iterator[tuple[str, str]]:
        yield "patient", self.patient
        if self.is_from_server:
            yield "server", self.server
            yield "id", self.patient_id
        yield "hook", self.hook
        yield "as_of", self.as_of
        for slot, order in zip(SLOTS, self.orders, strict=True):
            if not order.is_empty:
                yield from _fields_of(order, slot)
        yield "drafts", self.drafts
        yield "session", self.session


def _fields_of(order: OrderFields, slot: int) -> Iterator[tuple[str, str]]:
    if order.how == PICKED:
        yield f"how{slot}", PICKED
    for part, name in _NAMES.items():
        if part != "how" and (part == "text") == (order.how != PICKED):
            yield f"{name}{slot}", getattr(order, part)


def read_scenario(said: Mapping[str, str]) -> Scenario:
    """The scenario that these fields hold; what is too long is cut, what is unknown is passed over."""
    first, second = (_order(said, slot) for slot in SLOTS)
    return Scenario(
        patient=_text(said, "patient"),
        server=_text(said, "server"),
        patient_id=_text(said, "id"),
        hook=_text(said, "hook") or Hook.ORDER_SIGN.value,
        as_of=_text(said, "as_of"),
        orders=(first, second),
        drafts=said.get("drafts", ""),
        session=_text(said, "session")[:40],
    )


def example_of(patient: FixturePatient, example: Example) -> Scenario:
    """The scenario of an example order."""
    orders = (OrderFields(text=example.order), OrderFields(text=example.second))
    return Scenario(patient=patient.id, hook=example.hook.value, orders=orders)


def read_basket(text: str) -> list[Resource]:
    """The drafts of a packed basket. Raises NotPacked."""
    drafts = unpacked(text) if text else []
    if not isinstance(drafts, list) or len(drafts) > MOST_DRAFTS or not all(map(_is_order, drafts)):
        raise NotPacked
    return drafts


def _is_order(draft: object) -> bool:
    if not isinstance(draft, dict) or draft.get("resourceType") not in ORDER_TYPES:
        return False
    id = draft.get("id")
    return isinstance(id, str) and bool(id)


def _order(said: Mapping[str, str], slot: int) -> OrderFields:
    parts = {part: _text(said, f"{name}{slot}") for part, name in _NAMES.items()}
    return OrderFields(**(parts | {"how": PICKED if parts["how"] == PICKED else TYPED}))


def _text(said: Mapping[str, str], name: str) -> str:
    return " ".join(said.get(name, "")[:LONGEST_TEXT].split())
