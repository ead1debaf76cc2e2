"""Orders as a clinician would read them: drug, route, dose lines, reason.

Nothing here is computed; adding dose lines up to a daily dose is `pharmacology/daily_dose.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar

from cards.concepts import Strength

if TYPE_CHECKING:
    from cards.records import Diagnosis


T = TypeVar("T")


class Hook(StrEnum):
    """The moment of ordering: while choosing (order-select) or on signing (order-sign)."""

    ORDER_SELECT = "order-select"
    ORDER_SIGN = "order-sign"


class Formulation(StrEnum):
    """Release form; products of different release are never interchangeable."""

    IMMEDIATE = "immediate release"
    EXTENDED = "extended release"
    GASTRORETENTIVE = "gastroretentive"
    ENACARBIL = "enacarbil"


_ADDED = {Formulation.IMMEDIATE, Formulation.EXTENDED}  # of which milligrams add up
_LISTS_OF_CODES = ("_ingredients", "_clinical_drugs", "_ndc")  # a drug is in those by whose codes or names it is known


class Route(StrEnum):
    """Route of administration, as far as the rules tell routes apart."""

    ORAL = "oral"
    INTRAVENOUS = "intravenous"
    SUBCUTANEOUS = "subcutaneous"
    INTRAMUSCULAR = "intramuscular"
    TOPICAL = "topical"
    OTHER = "other"


class Drug(NamedTuple):
    """What is ordered. `concepts` are the value sets it belongs to ("pregabalin", "ivig").

    `name` is the generic name in lower case where it is known, else the sender's words. `by_text` marks a drug
    recognised by its name only: its cards reach warning at most (book 0.3, 1.9). `strength` is the amount of active
    ingredient in one tablet, capsule or mL; None when not stated. `strength_conflict`: code and text disagree.
    """

    name: str
    concepts: frozenset[str] = frozenset()
    by_text: bool = False
    display: str = ""
    system: str = ""
    code: str = ""
    formulation: Formulation = Formulation.IMMEDIATE
    strength: Strength | None = None
    strength_conflict: bool = False
    dose_form: str = ""
    brand: str = ""

    def is_a(self, *concepts: str) -> bool:
        """Does the drug belong to any of these value sets?"""
        return not self.concepts.isdisjoint(concepts)


class Amount(NamedTuple):
    """One administration: `low` to `high` (equal unless a range) in `unit`.

    Units: UCUM ("mg", "g", "ug", "mL", "mg/kg", "g/kg", "mg/m2", "[IU]" …) or "count" for tablets and capsules.
    """

    low: float
    high: float
    unit: str


class Cap(NamedTuple):
    """The most that may be taken in a period (maxDosePerPeriod)."""

    amount: Amount
    period_days: float


class Timing(NamedTuple):
    """When a dose line is given, in the words of the order; nothing corrected, impossible values kept (book 1.5).

    `period_unit` is s, min, h, d, wk, mo or a, or None when missing. `per_day_by_code` is what a timing code (BID …)
    says. `lasts_days` comes from a bounds duration, `duration_days` from how long one administration takes. `frequency`
    None means that the order does not say.
    """

    frequency: float | None = None
    frequency_max: float | None = None
    period: float | None = None
    period_max: float | None = None
    period_unit: str | None = None
    when: tuple[str, ...] = ()
    times_of_day: tuple[str, ...] = ()
    days_of_week: tuple[str, ...] = ()
    count: float | None = None  # type: ignore[assignment]  # FHIR's own word; nobody counts in a timing
    count_max: float | None = None
    duration: float | None = None
    code: str = ""
    per_day_by_code: float | None = None
    once_by_code: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    lasts_days: float | None = None
    events: tuple[date, ...] = ()
    duration_days: float | None = None


class DoseLine(NamedTuple):
    """One line of the instructions. `from_text`: read from a free-text sig by the strict grammar of book 1.5.

    `unreadable` says why amount or timing could not be understood; such a line makes the daily dose unknown.
    `only_timing_unreadable`: its amount, the dose of one administration, is clear all the same. `calculated`: what an
    amount by body size (mg/kg, mg/m2) comes to, where the order says it.
    """

    sequence: int | None = None
    text: str = ""
    patient_instruction: str = ""
    amount: Amount | None = None
    timing: Timing | None = None
    as_needed: bool = False
    cap: Cap | None = None
    after_dialysis: bool = False
    from_text: bool = False
    unreadable: str = ""
    route: Route | None = None
    only_timing_unreadable: bool = False
    calculated: Amount | None = None


class MedicationOrder(NamedTuple):
    """A medication order, drafted or on record. `id` is its reference ("MedicationRequest/103").

    `ended_on` is the end by the order's own words; `valid_until` only how long it may be dispensed on.
    """

    id: str
    drug: Drug
    lines: tuple[DoseLine, ...] = ()
    status: str = "draft"
    route: Route | None = None
    authored_on: date | None = None
    ended_on: date | None = None
    reasons: tuple[Diagnosis, ...] = ()
    supply_days: float | None = None
    quantity: Amount | None = None
    refills: int | None = None
    replaces: frozenset[str] = frozenset()
    note: str = ""
    is_draft: bool = False
    is_selected: bool = True
    valid_until: date | None = None


class OrderOnRecord:
    """A medication order on record of which drug and day are known; the rest is read, once, when a rule asks for it."""

    __slots__ = ("_order", "_read", "authored_on", "drug")

    def __init__(self, drug: Drug, authored_on: date | None, read: Callable[[], MedicationOrder]) -> None:
        self.drug = drug
        self.authored_on = authored_on
        self._read = read
        self._order: MedicationOrder | None = None

    @property
    def in_full(self) -> MedicationOrder:
        """The whole order."""
        if self._order is None:
            self._order = self._read()
        return self._order


class ServiceOrder(NamedTuple):
    """A test, referral or procedure that is ordered, drafted or on record."""

    id: str
    concepts: frozenset[str] = frozenset()
    by_text: bool = False
    display: str = ""
    code: str = ""
    status: str = "active"
    authored_on: date | None = None
    planned_on: date | None = None
    reasons: tuple[Diagnosis, ...] = ()
    is_draft: bool = False
    is_selected: bool = True


class Basket(NamedTuple):
    """Everything drafted in this session: what is in the basket counts as ordered.

    `stopped` are the drafts that end an order (status stopped or cancelled): no rule is asked about them.
    """

    medications: tuple[MedicationOrder, ...] = ()
    services: tuple[ServiceOrder, ...] = ()
    stopped: tuple[MedicationOrder, ...] = ()

    def signs_again(self, recorded: MedicationOrder) -> bool:
        """Is an order on record among the drafts: revised, and not yet signed anew?"""
        return bool(recorded.id) and any(draft.id == recorded.id for draft in self.medications)


Order = TypeVar("Order", bound=MedicationOrder | ServiceOrder)


@dataclass(frozen=True, slots=True)
class _Drafts(Generic[Order]):
    """What a drug and a service have in common when a rule is asked about them: every draft of it in the basket.

    `drafts` holds at least one order; the last one is the one a suggestion changes.
    """

    hook: Hook
    drafts: tuple[Order, ...]

    @property
    def last(self) -> Order:
        """The draft that a suggestion changes."""
        return self.drafts[-1]

    @property
    def ids(self) -> tuple[str, ...]:
        """References of all drafts."""
        return tuple(draft.id for draft in self.drafts)

    @property
    def reasons(self) -> tuple[Diagnosis, ...]:
        """Diagnoses stated as the reason of any draft."""
        return tuple(reason for draft in self.drafts for reason in draft.reasons)

    @property
    def is_signing(self) -> bool:
        """Is this the moment of signing?"""
        return self.hook is Hook.ORDER_SIGN

    @property
    def by_text(self) -> bool:
        """Was any draft recognised by its name only?"""
        return any(_is_by_text(draft) for draft in self.drafts)

    @property
    def coded(self) -> Self | None:
        """The same without the drafts recognised by their name only; None: no draft is left."""
        drafts = tuple(draft for draft in self.drafts if not _is_by_text(draft))
        return replace(self, drafts=drafts) if drafts else None


def _is_by_text(draft: MedicationOrder | ServiceOrder) -> bool:
    return draft.drug.by_text if isinstance(draft, MedicationOrder) else draft.by_text


@dataclass(frozen=True, slots=True)
class OrderedDrug(_Drafts[MedicationOrder]):
    """What a rule is asked about: one drug, with every draft of it in the basket that counts (book 1.5.5, 1.10.1)."""

    drug: Drug = field(init=False)
    _worked: dict[Any, Any] = field(init=False, default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "drug", self.drafts[-1].drug)

    @property
    def formulation(self) -> Formulation:
        """Form of release. Immediate and extended together count as extended: the wider of the label's limits holds."""
        extended = any(draft.drug.formulation is Formulation.EXTENDED for draft in self.drafts)
        return Formulation.EXTENDED if extended else self.drug.formulation

    @property
    def is_mixed(self) -> bool:
        """Are forms of different release drafted together?"""
        return len({draft.drug.formulation for draft in self.drafts}) > 1

    def once(self, compute: Callable[[OrderedDrug], T]) -> T:
        """compute(self), worked out once however many cards ask."""
        if compute not in self._worked:
            self._worked[compute] = compute(self)
        value: T = self._worked[compute]
        return value

    @property
    def name(self) -> str:
        """What is ordered, in words."""
        return self.drug.name

    @property
    def concepts(self) -> frozenset[str]:
        """The value sets that what is ordered belongs to."""
        return self.drug.concepts


@dataclass(frozen=True, slots=True)
class OrderedService(_Drafts[ServiceOrder]):
    """What a rule is asked about when a test, referral or procedure triggers it."""

    @property
    def name(self) -> str:
        """What is ordered, in words."""
        return self.last.display or "service"

    @property
    def concepts(self) -> frozenset[str]:
        """The value sets that what is ordered belongs to."""
        return self.last.concepts


Ordered = OrderedDrug | OrderedService


def group_by_service(orders: Sequence[ServiceOrder], hook: Hook) -> tuple[OrderedService, ...]:
    """Drafts of one test, referral or procedure as one, in the order of the basket; unknown ones are left out."""
    groups: dict[frozenset[str], list[ServiceOrder]] = {}
    for order in orders:
        if order.concepts:
            groups.setdefault(order.concepts, []).append(order)
    return tuple(OrderedService(hook, tuple(drafts)) for drafts in groups.values())


def group_by_drug(orders: Sequence[MedicationOrder], hook: Hook) -> tuple[OrderedDrug, ...]:
    """Drafts of one ingredient as one ordered drug, in the order of the basket; none that another one replaces."""
    groups: list[list[MedicationOrder]] = []
    for order in orders:
        group = next((group for group in groups if _add_up(group[0].drug, order.drug)), None)
        if group is None:
            groups.append([order])
        else:
            group.append(order)
    return tuple(OrderedDrug(hook, tuple(not_replaced(drafts))) for drafts in groups)


def not_replaced(orders: Sequence[MedicationOrder]) -> Sequence[MedicationOrder]:
    """Those that none of the others replaces, for these do not add (book 1.5.5); all where each is replaced."""
    if len(orders) == 1:
        return orders
    replaced = {reference for order in orders for reference in order.replaces if reference != order.id}
    return [order for order in orders if order.id not in replaced] or orders


def _add_up(one: Drug, other: Drug) -> bool:
    """Are these the same ingredient, of which milligrams can be added? Immediate and extended release can."""
    if one.name != other.name:
        return False
    return _kinds(one) == _kinds(other) or {one.formulation, other.formulation} == _ADDED


def _kinds(drug: Drug) -> frozenset[str]:
    """What the drug is: its value sets but those that only list the codes of ingredients or of products."""
    return frozenset(concept for concept in drug.concepts if not concept.endswith(_LISTS_OF_CODES))
