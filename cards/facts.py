"""What a clinician would know about the patient: the facts a rule may ask for, and how sure we are of them.

Every fact belongs to a data request (`data_requests.yaml`) whose answer is PRESENT, ABSENT or UNKNOWN. Accessors raise
`NotKnown` where the answer is UNKNOWN, so that no rule can mistake "could not be had" for "is not there". The encounter
alone is None in both cases: most calls have none, and nobody is taken for an inpatient because one could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from cards import site_settings
from cards.data_requests import DataRequest, Supplied
from cards.errors import NotKnown, UndeclaredNeed
from cards.orders import Basket, MedicationOrder, OrderOnRecord, ServiceOrder
from cards.record_order import Diagnoses, by_concept, newest_first, newest_known_first
from cards.records import (
    Administration,
    Allergy,
    Diagnosis,
    Encounter,
    Finding,
    Measurement,
    Patient,
    Procedure,
    Record,
    Sex,
    State,
)

__all__ = [
    "Administration",
    "Allergy",
    "DataRequest",
    "Diagnosis",
    "Encounter",
    "Facts",
    "Finding",
    "Measurement",
    "Patient",
    "Procedure",
    "Record",
    "Sex",
    "State",
    "Supplied",
]

T = TypeVar("T")

_NOT_YET: Any = object()

FUTURE_TOLERANCE_DAYS = 1  # book 1.1: a fact dated more than a day ahead is ignored


def completed_years(born: date, on: date) -> int:
    """The age of somebody on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(slots=True)
class _Worked:
    """What has been worked out so far; shared by every card of one call."""

    records: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    patient: Patient | None = None
    measured: dict[str, dict[str, tuple[Measurement, ...]]] = field(default_factory=dict)
    values: dict[Any, Any] = field(default_factory=dict)
    settings: dict[Any, tuple[str, ...]] = field(default_factory=dict)  # numbers of the site's that values rest on


class Facts:
    """The chart of one patient as of one day, read on demand. See the module docstring for UNKNOWN.

    `as_of` is the calendar day of the call in the site's time zone, `at` the instant. `needs` limits a card to the
    data requests it declares: asking for more raises `UndeclaredNeed`, a mistake in the card. `worked`: what has been
    worked out for other cards of the call.
    """

    __slots__ = ("_complete", "_needs", "_requests", "_supplied", "_worked", "as_of", "at", "basket")

    def __init__(
        self,
        *,
        as_of: date,
        supplied: Mapping[str, Supplied],
        requests: Mapping[str, DataRequest],
        basket: Basket | None = None,
        at: datetime | None = None,
        needs: Collection[str] | None = None,
        worked: _Worked | None = None,
    ) -> None:
        self.as_of = as_of
        self.at = at
        self.basket = basket or Basket()
        self._supplied = supplied
        self._requests = requests
        self._needs = needs
        self._complete: set[str] = set()
        self._worked = worked or _Worked()

    def limited_to(self, needs: Collection[str]) -> Facts:
        """The same facts, seen by a card that declares these needs."""
        return Facts(
            as_of=self.as_of,
            supplied=self._supplied,
            requests=self._requests,
            basket=self.basket,
            at=self.at,
            needs=needs,
            worked=self._worked,
        )

    def once(self, compute: Callable[..., T], *arguments: Any) -> T:
        """compute(facts, *arguments), worked out once per call. What it raises, it raises every time."""
        key = (compute, *arguments)
        values = self._worked.values
        value: T | NotKnown = values.get(key, _NOT_YET)
        if value is _NOT_YET:
            value = values[key] = self._work_out(key, compute, arguments)
        elif self._worked.settings:
            site_settings.repeat(self._worked.settings.get(key, ()))
        if isinstance(value, NotKnown):
            raise value
        return value

    def _work_out(self, key: Any, compute: Callable[..., T], arguments: tuple[Any, ...]) -> T | NotKnown:
        if not site_settings.is_any():
            return _value_or_unknown(self, compute, arguments)
        with site_settings.noted() as used:
            value = _value_or_unknown(self, compute, arguments)
        if used:
            self._worked.settings[key] = tuple(used)
        return value

    # -- states ---------------------------------------------------------------------------------------------------

    def request_state(self, need: str) -> State:
        """Was this data request answered? PRESENT and ABSENT mean that it was."""
        self._check(need)
        supplied = self._supplied.get(need)
        return State.UNKNOWN if supplied is None else supplied.state

    def is_complete(self, need: str) -> bool:
        """Was everything read that there is? False: could not be had, or a page was left unread."""
        return self.request_state(need) is not State.UNKNOWN and self._supplied[need].is_complete

    def why_unknown(self, need: str) -> str:
        """Why a data request is UNKNOWN, in words for a card; empty when it is not."""
        supplied = self._supplied.get(need)
        if supplied is None:
            return "not supplied"
        return supplied.why if supplied.state is State.UNKNOWN else ""

    def state(self, concept: str, *, within_days: int | None = None) -> State:
        """State of a measured concept. The newest result unreadable, or a page unread without a match: UNKNOWN."""
        try:
            return State.ABSENT if self.latest(concept, within_days=within_days) is None else State.PRESENT
        except NotKnown:
            return State.UNKNOWN

    # -- the patient ----------------------------------------------------------------------------------------------

    @property
    def patient(self) -> Patient:
        """Demographics. Raises NotKnown when the Patient could not be had."""
        patient = self._worked.patient
        if patient is None or (self._needs is not None and "patient" not in self._needs):
            patients = self._of("patient", Patient)
            if not patients:
                raise NotKnown("patient", "not supplied")
            patient = patients[0]
            if patient.birth_date is not None and self.is_future(patient.birth_date):
                patient = patient._replace(birth_date=None)  # book 1.1: ignored, as any fact of the future
            self._worked.patient = patient
        return patient

    @property
    def age(self) -> int:
        """Age in completed years. Raises NotKnown without a birth date."""
        born = self.patient.birth_date
        if born is None:
            raise NotKnown("patient", "no birth date")
        return completed_years(born, self.as_of)

    @property
    def encounter(self) -> Encounter | None:
        """The encounter of the hook; None when there is none or it could not be had."""
        if self.request_state("encounter") is not State.PRESENT:
            return None
        return next(iter(self._of("encounter", Encounter)), None)

    # -- measurements ---------------------------------------------------------------------------------------------

    def measurements(self, concept: str, *, within_days: int | None = None) -> tuple[Measurement, ...]:
        """Results of `concept`, newest first, pending and unreadable ones included; undated ones last.

        Raises NotKnown when the search gave no answer, or found nothing on a first page of several.
        """
        need = self._request_of(concept)
        measured = self._worked.measured.get(need)
        if measured is None:
            known = [m for m in self._of(need, Measurement) if m.on is None or not self.is_future(m.on)]
            measured = self._worked.measured[need] = newest_first(known)
        found = measured.get(concept, ())
        if within_days is not None:
            found = tuple(m for m in found if m.on is not None and self.is_within(m.on, within_days))
        if not found and need not in self._complete:
            self._require_complete(need)
        return found

    def latest(self, concept: str, *, within_days: int | None = None) -> Measurement | None:
        """Newest final result of `concept`, in the concept's unit. None: searched, none there.

        Raises NotKnown: not searched, or the newest cannot be read (an older one never passes for current).
        """
        for measurement in self.measurements(concept, within_days=within_days):
            if measurement.is_pending or measurement.on is None:
                continue
            if measurement.unreadable:
                raise NotKnown(self._request_of(concept), f"{concept} could not be read: {measurement.unreadable}")
            return measurement
        return None

    # -- diagnoses, orders, procedures, allergies -------------------------------------------------------------------

    def diagnoses(self, *concepts: str) -> tuple[Diagnosis, ...]:
        """All diagnoses of these value sets (all of them when none is named), current and history, suspected too.

        Raises NotKnown when the problem list could not be had, or is incomplete and holds no match.
        """
        found = self.once(_problem_list).of(concepts)
        if not found and "conditions" not in self._complete:
            self._require_complete("conditions")
        return found

    def current(self, *concepts: str) -> tuple[Diagnosis, ...]:
        """Confirmed current diagnoses of these value sets. Raises NotKnown as `diagnoses`."""
        found = self.once(_confirmed_current).of(concepts)
        if not found:
            self.diagnoses(*concepts)
        return found

    def has(self, *concepts: str) -> bool:
        """Is any of these a confirmed current diagnosis? Raises NotKnown as `diagnoses`."""
        return bool(self.current(*concepts))

    def medication_orders(self, *concepts: str) -> tuple[MedicationOrder, ...]:
        """Orders on record (not the basket) of these value sets, newest first. Raises NotKnown."""
        found = self.once(_orders_on_record)
        if found and concepts:
            found = tuple([order for order in found if not order.drug.concepts.isdisjoint(concepts)])
        if not found and "medication_orders" not in self._complete:
            self._require_complete("medication_orders")
        return tuple([order.in_full if isinstance(order, OrderOnRecord) else order for order in found])

    def administrations(self, *concepts: str) -> tuple[Administration, ...]:
        """Doses given or reported, newest first. Raises NotKnown."""
        found = self._doses("medication_administrations", concepts, is_dispensed=False)
        if not found:
            self._require_complete("medication_administrations")
        return found

    def dispenses(self, *concepts: str) -> tuple[Administration, ...]:
        """Doses handed out, newest first, as far as they could be had: they only add to doses given and orders."""
        requests = ("medication_dispenses", "medication_administrations")  # some send them among the doses given
        known = [need for need in requests if self.request_state(need) is State.PRESENT]
        return tuple([dose for need in known for dose in self._doses(need, concepts, is_dispensed=True)])

    def procedures(self, *concepts: str) -> tuple[Procedure, ...]:
        """Procedures of these value sets. Raises NotKnown."""
        found = self._of("procedures", Procedure)
        if found and concepts:
            found = tuple([p for p in found if not p.concepts.isdisjoint(concepts)])
        if not found and "procedures" not in self._complete:
            self._require_complete("procedures")
        return found

    def service_orders(self, *concepts: str) -> tuple[ServiceOrder, ...]:
        """Tests, referrals and procedures ordered on record (not the basket). Raises NotKnown."""
        found = self._of("service_requests", ServiceOrder)
        if found and concepts:
            found = tuple([s for s in found if not s.concepts.isdisjoint(concepts)])
        if not found and "service_requests" not in self._complete:
            self._require_complete("service_requests")
        return found

    def basket_services(self, *concepts: str) -> tuple[ServiceOrder, ...]:
        """Drafted tests, referrals and procedures of these value sets."""
        found = self.basket.services
        return tuple([s for s in found if not s.concepts.isdisjoint(concepts)]) if found and concepts else found

    def allergies(self, *concepts: str) -> tuple[Allergy, ...]:
        """Recorded allergies to these value sets (of drugs or of findings). Raises NotKnown."""
        found = tuple(
            a
            for a in self._of("allergies", Allergy)
            if not concepts or not a.concepts.isdisjoint(concepts) or not a.drug_concepts.isdisjoint(concepts)
        )
        if not found:
            self._require_complete("allergies")
        return found

    # -- time -------------------------------------------------------------------------------------------------------

    def days_since(self, day: date) -> int:
        """Whole days from `day` to `as_of` (book 1.1)."""
        return (self.as_of - day).days

    def is_within(self, day: date, days: int) -> bool:
        """Is `day` in the window of `days` before `as_of`, the last day included? Future days are not."""
        return -FUTURE_TOLERANCE_DAYS <= (self.as_of - day).days <= days

    def is_future(self, day: date) -> bool:
        """Is `day` so far ahead that the fact is ignored?"""
        return (self.as_of - day).days < -FUTURE_TOLERANCE_DAYS

    # -- inside -----------------------------------------------------------------------------------------------------

    def _check(self, need: str) -> None:
        if need not in self._requests:
            raise UndeclaredNeed(need, "no such data request in data_requests.yaml")
        if self._needs is not None and need not in self._needs:
            raise UndeclaredNeed(need, "the card does not list it in its needs")

    def _request_of(self, concept: str) -> str:
        needs = self._needs if self._needs is not None else self._requests
        for name in needs:
            if concept in self._requests[name].concepts:
                return name
        raise UndeclaredNeed(concept, "no data request that the card lists in its needs holds it")

    def _doses(self, need: str, concepts: tuple[str, ...], *, is_dispensed: bool) -> tuple[Administration, ...]:
        """Doses of these value sets, newest first, those of the future left out. Raises NotKnown."""
        found = [
            dose
            for dose in self._of(need, Administration)
            if (dose.kind == "dispense") is is_dispensed
            and (not concepts or dose.drug.is_a(*concepts))
            and (dose.given_on is None or not self.is_future(dose.given_on))
        ]
        return tuple(sorted(found, key=lambda dose: dose.given_on or date.min, reverse=True))

    def _answered(self, need: str) -> Supplied:
        """The answer to a data request. Raises NotKnown when there is none, UndeclaredNeed."""
        supplied = self._supplied.get(need)
        if supplied is None or supplied.state is State.UNKNOWN or (self._needs is not None and need not in self._needs):
            self._check(need)
            raise NotKnown(need, self.why_unknown(need))
        return supplied

    def _require_complete(self, need: str) -> None:
        """Nothing was found: that proves something only if everything was read."""
        supplied = self._answered(need)
        if not supplied.is_complete:
            raise NotKnown(need, supplied.why or "only part of the record was sent")
        self._complete.add(need)

    def _of(self, need: str, kind: type[T]) -> tuple[T, ...]:
        """The records of a data request, which are all of the one kind that it asks for."""
        records: Any = self._worked.records.get(need)
        if records is None or (self._needs is not None and need not in self._needs):
            records = self._worked.records[need] = self._answered(need).read()
        return records  # type: ignore[no-any-return]  # of this kind, for it is what the request asks for


def _value_or_unknown(facts: Facts, compute: Callable[..., T], arguments: tuple[Any, ...]) -> T | NotKnown:
    try:
        return compute(facts, *arguments)
    except NotKnown as unknown:
        return unknown


def _problem_list(facts: Facts) -> Diagnoses:
    """All diagnoses but those of the future."""
    found = facts._of("conditions", Diagnosis)
    return by_concept(newest_known_first([d for d in found if (on := d.on) is None or not facts.is_future(on)]))


def _confirmed_current(facts: Facts) -> Diagnoses:
    every = facts.once(_problem_list).every
    return by_concept(tuple([d for d in every if d.is_current and not d.is_suspected]))


def _orders_on_record(facts: Facts) -> tuple[MedicationOrder | OrderOnRecord, ...]:
    recorded: tuple[MedicationOrder | OrderOnRecord, ...] = facts._of("medication_orders", MedicationOrder)
    orders = [order for order in recorded if order.authored_on is None or not facts.is_future(order.authored_on)]
    orders.sort(key=lambda order: order.drug.display or order.drug.name)  # of one day: by name, however sent
    orders.sort(key=lambda order: order.authored_on or date.min, reverse=True)
    return tuple(orders)
