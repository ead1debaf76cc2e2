"""How much systemic corticosteroid does an order give, in prednisone, and for how long? Book 1.3, 1.5, 3.7-3.9."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from cards.coding_systems import words
from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import TOLERANCE
from cards.opinion import CannotTell, NothingToAdd
from cards.orders import Amount, DoseLine, MedicationOrder, OrderedDrug, Route, Timing
from cards.pharmacology.body_size import weight_for_dosing
from cards.pharmacology.daily_dose import DailyDose, daily_dose, order_dose
from cards.pharmacology.dose_line import mg_of, per_day
from cards.pharmacology.steroid.prednisone_equivalent import equivalents, steroid_ingredient
from cards.wording import number

PER_KG = "mg/kg"
PER_KG_A_DAY = ("mg/kg/d", "mg/kg/day")  # the dose of a day, however many times it is given in
NOT_SYSTEMIC = (Route.TOPICAL, Route.OTHER)
# Preparations that act where they are applied, by the words of the product; the route is often left out.
LOCAL = frozenset({
    "cream", "ointment", "lotion", "gel", "foam", "topical", "spray", "nasal", "inhaler", "inhalation", "ophthalmic",
    "otic", "drops", "enema", "suppository", "rectal",
})  # fmt: skip


class Stage(NamedTuple):
    """A stretch of days on one daily dose, in mg of prednisone a day. `days` None: no end is stated."""

    mg_per_day: float
    days: float | None


class SteroidCourse(NamedTuple):
    """A systemic steroid order: `factor` is mg of prednisone for one mg of the `ingredient`; stages in prednisone.

    `doses` counts the administrations of an order that ends and does not change; None otherwise.
    """

    ingredient: str
    factor: float
    dose: DailyDose
    stages: tuple[Stage, ...]
    doses: float | None = None

    @property
    def peak_mg(self) -> float:
        """The highest daily dose, mg of prednisone a day."""
        return max(stage.mg_per_day for stage in self.stages)

    def peak_in(self, ingredient: str) -> float:
        """The highest daily dose in mg of another steroid."""
        return self.peak_mg / equivalents().value(ingredient)

    @property
    def is_single_dose(self) -> bool:
        """Is it one administration, once and for all?"""
        return self.doses is not None and self.doses <= 1 + TOLERANCE

    @property
    def conversion(self) -> str:
        """The conversion in words for a card."""
        own = number(self.peak_mg / self.factor)
        prednisone = number(self.peak_mg)
        return f"{own} mg/day {self.ingredient} × {number(self.factor, 2)} = {prednisone} mg/day prednisone equivalent"

    def days_at(self, mg_per_day: float) -> float:
        """Days at this daily dose of prednisone or above; infinite where no end is stated."""
        high = [stage.days for stage in self.stages if stage.mg_per_day >= mg_per_day - TOLERANCE]
        return sum(inf if days is None else days for days in high)

    def doses_at(self, mg_per_day: float) -> float:
        """Administrations on days at this daily dose or above; at least one a day."""
        days = self.days_at(mg_per_day)
        return self.doses if days and self.doses is not None else days


def steroid_course(order: OrderedDrug) -> SteroidCourse | NothingToAdd | CannotTell:
    """The course that is ordered, or why no rule on steroid doses speaks about it (book 1.5.8)."""
    return order.once(_course)


def _course(order: OrderedDrug) -> SteroidCourse | NothingToAdd | CannotTell:
    if not all(is_systemic(draft) for draft in order.drafts):
        return NothingToAdd("not given systemically")
    ingredient = steroid_ingredient(order.drug.name) or steroid_ingredient(order.drug.display)
    if ingredient is None:
        return CannotTell(f"no prednisone equivalent for {order.drug.name}", ("order",), book_is_silent=True)
    dose = daily_dose(order)
    if dose.status == "unknown":
        return CannotTell(f"daily dose: {dose.why}", ("order",), book_is_silent=True)
    if dose.is_only_after_dialysis:
        return NothingToAdd("only after dialysis")
    factor = equivalents().value(ingredient)
    if dose.is_one_time:
        days = tuple(Stage(phase.high * factor, phase.days or 1) for phase in dose.phases)
        doses = sum(len(draft.lines) for draft in order.drafts)
        return SteroidCourse(ingredient, factor, dose, days, doses if len(days) == 1 else None)
    stages = tuple(Stage(phase.high * factor, phase.days) for phase in dose.phases)
    if len(stages) == 1 and stages[0].days is None:
        stages = (stages[0]._replace(days=_length(order)),)
    return SteroidCourse(ingredient, factor, dose, stages, _doses(order, stages))


def is_systemic(order: MedicationOrder) -> bool:
    """Is the steroid meant for the whole body, as far as route and product say?"""
    return order.route not in NOT_SYSTEMIC and LOCAL.isdisjoint(words(f"{order.drug.name} {order.drug.display}"))


def _length(order: OrderedDrug) -> float | None:
    """Days of the longest draft, by its own end, its count of doses, its supply or its quantity; None: no end."""
    lengths = [_days(draft) for draft in order.drafts]
    return None if None in lengths else max(days for days in lengths if days is not None)


def _days(draft: MedicationOrder) -> float | None:
    dose = order_dose(draft)
    stated = [phase.days for phase in dose.phases]
    if None not in stated:
        return sum(days for days in stated if days is not None)
    timing = _only_timing(draft)
    if timing is not None and timing.count is not None:
        return max(timing.count, timing.count_max or 0) / per_day(timing).high
    supply = draft.supply_days if draft.supply_days is not None else _supplied(draft, dose)
    return None if supply is None else supply * (1 + (draft.refills or 0))


def _supplied(draft: MedicationOrder, dose: DailyDose) -> float | None:
    """Days that the quantity lasts; None where it is not stated or cannot be read."""
    if draft.quantity is None:
        return None
    try:
        return mg_of(draft.quantity, draft.drug) / dose.peak_mg
    except NotKnown:
        return None


def _doses(order: OrderedDrug, stages: tuple[Stage, ...]) -> float | None:
    timing = _only_timing(order.last) if len(order.drafts) == len(stages) == 1 else None
    days = stages[0].days
    return None if timing is None or days is None else days * per_day(timing).high


def _only_timing(draft: MedicationOrder) -> Timing | None:
    return draft.lines[0].timing if len(draft.lines) == 1 else None


def course_by_weight(order: OrderedDrug, facts: Facts) -> SteroidCourse | NothingToAdd | CannotTell | None:
    """As `steroid_course`, doses per kg worked out; None: there is no weight of late for them. Raises NotKnown."""
    if not is_per_kg(order):
        return steroid_course(order)
    kg = weight_kg(facts)
    return None if kg is None else steroid_course(in_mg(order, kg))


def weight_kg(facts: Facts) -> float | None:
    """A weight fresh enough for dosing, in kg; None: none that fresh. Raises NotKnown."""
    weight = weight_for_dosing(facts)
    return None if weight is None else weight.value


def is_per_kg(order: OrderedDrug) -> bool:
    """Is a dose given per kg of body weight, without what it comes to?"""
    return any(_is_per_kg(line) for draft in order.drafts for line in draft.lines)


def _is_per_kg(line: DoseLine) -> bool:
    return line.amount is not None and line.amount.unit in (PER_KG, *PER_KG_A_DAY) and line.calculated is None


def in_mg(order: OrderedDrug, weight_kg: float) -> OrderedDrug:
    """The order with its doses per kg worked out for a body weight."""
    return OrderedDrug(order.hook, tuple(draft_in_mg(draft, weight_kg) for draft in order.drafts))


def draft_in_mg(draft: MedicationOrder, weight_kg: float) -> MedicationOrder:
    """The same for one draft, or one order on record."""
    return draft._replace(lines=tuple(_line_in_mg(line, weight_kg) for line in draft.lines))


def _line_in_mg(line: DoseLine, weight_kg: float) -> DoseLine:
    amount = line.amount
    if amount is None or not _is_per_kg(line):
        return line
    kg = weight_kg
    if amount.unit in PER_KG_A_DAY:
        try:
            kg /= max(per_day(line.timing).high, 1)
        except NotKnown:
            return line  # its timing keeps it unknown
    return line._replace(amount=Amount(amount.low * kg, amount.high * kg, "mg"))


def says_taper(order: OrderedDrug) -> bool:
    """Do the words of the order speak of a taper?"""
    lines = [line for draft in order.drafts for line in draft.lines]
    said = (*(f"{line.text} {line.patient_instruction}" for line in lines), *(draft.note for draft in order.drafts))
    return any("taper" in text.lower() for text in said)
