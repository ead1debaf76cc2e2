"""Since when, on what dose, and what was tried before? Exposure and titration of one ingredient. Book 1.6."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, groupby
from pathlib import Path
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Thresholds, load_thresholds
from cards.orders import Drug, Formulation, Hook, MedicationOrder, OrderedDrug, not_replaced
from cards.pharmacology.current_orders import is_single_dose, is_stopped_in_basket
from cards.pharmacology.daily_dose import DailyDose, daily_dose, order_dose
from cards.pharmacology.exposure import TAKEN
from cards.pharmacology.order_span import first_day, last_day, supply_days, written_days

TABLE = Path(__file__).with_suffix(".yaml")
PRESENT = ("active", "completed")
RECORD = "medication_orders"


def thresholds() -> Thresholds:
    """Windows of `therapy_history.yaml`."""
    return load_thresholds(TABLE)


class Taken(NamedTuple):
    """An order on record and its daily dose."""

    order: MedicationOrder
    dose: DailyDose


class Prescribed(NamedTuple):
    """One daily dose in mg (None: it cannot be read) of the orders of one day, from its first to its last day.

    Orders in phases make several, as far as they were reached.
    """

    day: date
    orders: tuple[MedicationOrder, ...]
    mg: float | None
    last_on: date


class TherapyHistory(NamedTuple):
    """Past and present treatment with one ingredient, as of the call.

    `current_mg` is the present daily dose, None when there is none or it cannot be read. `days_on` counts the days on
    that dose, `days_on_drug` those since the exposure chain began; both 0 off the drug. `has_unreadable_dose`: there
    is a present order whose dose cannot be read. `also_active` are orders on record that the basket does not end.
    """

    is_new_start: bool
    is_restart: bool
    current_mg: float | None = None
    days_on: int = 0
    days_on_drug: int = 0
    has_unreadable_dose: bool = False
    also_active: tuple[Taken, ...] = ()
    prescribed: tuple[Prescribed, ...] = ()

    @property
    def is_established(self) -> bool:
        """Is the drug being taken now?"""
        return not (self.is_new_start or self.is_restart)


def therapy_history(facts: Facts, ordered: OrderedDrug, *concepts: str, name: str = "") -> TherapyHistory:
    """History of the drugs of these value sets; with a `name`, of those so called only: one drug of a class.

    Raises NotKnown when the orders on record could not be had, or a first page of several holds none of late.
    """
    return facts.once(_history, concepts, name, ordered.ids)


def ingredient_history(facts: Facts, ordered: OrderedDrug, drug: Drug, *concepts: str) -> TherapyHistory:
    """History of one ingredient, in this form of release, among the drugs of these value sets. Raises NotKnown."""
    return facts.once(_history, concepts, drug.name, ordered.ids, drug.formulation)


def is_same_ingredient(one: str, other: str) -> bool:
    """Do two names mean one ingredient? Products are often named by their salt: "oxycodone hydrochloride"."""
    return one == other or one.startswith(f"{other} ") or other.startswith(f"{one} ")


def tried_higher(history: TherapyHistory, facts: Facts, target_mg: float) -> bool:
    """Was a daily dose of `target_mg` or more stopped or lowered within the year? (book 1.6)"""
    window = int(thresholds().value("tried_within"))
    later: list[float] = []
    for prescribed in history.prescribed:  # newest first
        mg = prescribed.mg
        if mg is None:
            continue
        if mg >= target_mg and facts.is_within(prescribed.last_on, window):
            is_stopped = any(order.status == "stopped" for order in prescribed.orders)
            if is_stopped or any(dose < mg and not is_same_dose(dose, mg) for dose in later):
                return True
        later.append(mg)
    return False


def days_at_least(history: TherapyHistory, facts: Facts, mg: float) -> int:
    """Days on the present dose and those before it, as far back as all were `mg` a day or more; 0: the present is less.

    A dose that cannot be read belongs to the run.
    """
    begin = facts.as_of - timedelta(days=history.days_on_drug)
    days = 0
    for prescribed in _from_present([one for one in history.prescribed if one.day >= begin]):
        if prescribed.mg is not None and prescribed.mg < mg and not is_same_dose(prescribed.mg, mg):
            break
        days = facts.days_since(prescribed.day)
    return days


def is_starter_supply(ordered: OrderedDrug) -> bool:
    """Is the supply of every draft short and without refills? (book 1.6)"""
    return is_supply_within(ordered, thresholds().value("starter_supply"))


def is_supply_within(ordered: OrderedDrug, days: float) -> bool:
    """Does no draft reach further than so many days, by its supply or else by its own end, without refills?"""
    for draft in ordered.drafts:
        dose = order_dose(draft)
        lasts = supply_days(draft, dose)
        if lasts is None:
            lasts = written_days(dose)
        if draft.refills or lasts is None or lasts > days:
            return False
    return True


def is_long_renewal(history: TherapyHistory, dose: DailyDose, *, longer_than_days: float) -> bool:
    """Does the order renew, at no higher dose, what was unchanged for longer? An unreadable dose counts as equal."""
    if history.days_on <= longer_than_days:
        return False
    if dose.status == "unknown" or history.current_mg is None:
        return True
    return dose.peak_mg < history.current_mg or is_same_dose(dose.peak_mg, history.current_mg)


def is_same_dose(one_mg: float, other_mg: float) -> bool:
    """Are two daily doses the same, give or take what book 1.6 allows?"""
    return abs(one_mg - other_mg) <= thresholds().value("same_dose_within") / 100 * max(one_mg, other_mg)


def _history(
    facts: Facts,
    concepts: tuple[str, ...],
    name: str,
    drafted: tuple[str, ...],
    release: Formulation | None = None,
) -> TherapyHistory:
    taken = [
        Taken(order, order_dose(order))
        for order in facts.medication_orders(*concepts)
        if order.status in TAKEN
        and (not name or is_same_ingredient(order.drug.name, name))
        and release in (None, order.drug.formulation)
        and not (order.id in drafted and (order.authored_on or facts.as_of) >= facts.as_of)
        and not (is_single_dose(order) and first_day(order, facts) < facts.as_of)
    ]  # an order of today that is also a draft is the one being signed; a single dose is over after its day
    known = thresholds()
    prescribed = tuple(sorted(_by_day(taken, facts), key=lambda one: one.day, reverse=True))
    last = max((last_day(one.order, facts, one.dose) for one in taken), default=None)
    days_off = None if last is None else facts.days_since(last)
    if (days_off is None or days_off > known.value("chain_gap")) and not facts.is_complete(RECORD):
        raise NotKnown(RECORD, "only part of the record was sent")  # a later order may stand on the next page
    if days_off is None or days_off > known.value("new_start_after"):
        return TherapyHistory(is_new_start=True, is_restart=False, prescribed=prescribed)
    if days_off > known.value("chain_gap"):
        return TherapyHistory(is_new_start=False, is_restart=True, prescribed=prescribed)
    begin = _chain_start(taken, facts)
    chain = [one for one in prescribed if one.day >= begin]
    present = next(iter(_from_present(chain)), None)
    return TherapyHistory(
        is_new_start=False,
        is_restart=False,
        current_mg=None if present is None else present.mg,
        days_on=0 if present is None else facts.days_since(_on_present_since(chain, present)),
        days_on_drug=facts.days_since(begin),
        has_unreadable_dose=present is not None and present.mg is None,
        also_active=tuple(
            one
            for one in taken
            if one.order.status == "active"
            and one.order.id not in drafted
            and not is_stopped_in_basket(one.order, facts)
        ),
        prescribed=prescribed,
    )


def _chain_start(taken: Sequence[Taken], facts: Facts) -> date:
    """First day of the exposure chain that reaches to today: no gap inside it is too long."""
    gap = timedelta(days=thresholds().value("chain_gap"))
    reaches_back_to = facts.as_of
    spans = [(last_day(one.order, facts, one.dose), first_day(one.order, facts)) for one in taken]
    for last, first in sorted(spans, reverse=True):
        if last < reaches_back_to - gap:
            break
        reaches_back_to = min(reaches_back_to, first)
    return reaches_back_to


def _from_present(chain: Sequence[Prescribed]) -> Sequence[Prescribed]:
    """The present order and those before it, newest first; empty when all were stopped or are on hold."""
    for at, prescribed in enumerate(chain):
        if any(order.status in PRESENT for order in prescribed.orders):
            return chain[at:]
    return ()


def _on_present_since(chain: Sequence[Prescribed], present: Prescribed) -> date:
    """Day of the first order of the unbroken run at the present dose; an unreadable dose belongs to the run.

    Another dose that was ordered later, taken for some days and stopped again breaks the run: it begins anew where
    that one ended.
    """
    at = chain.index(present)
    later = [one.last_on for one in chain[:at] if _is_another_dose(one, present) and one.last_on > one.day]
    if later:
        return max(later)
    start = present.day
    for prescribed in chain[at + 1 :]:
        if _is_another_dose(prescribed, present):
            break
        start = prescribed.day
    return start


def _is_another_dose(one: Prescribed, present: Prescribed) -> bool:
    return one.mg is not None and present.mg is not None and not is_same_dose(one.mg, present.mg)


def _by_day(taken: Iterable[Taken], facts: Facts) -> Iterator[Prescribed]:
    """The daily doses of the orders of one day together; the same instructions twice on one day are one order.

    A later order that is active or completed takes the place of what an earlier one still had to come.
    """
    replaced_on = date.max
    newest_first = sorted(taken, key=lambda one: first_day(one.order, facts), reverse=True)
    for day, same_day in groupby(newest_first, key=lambda one: first_day(one.order, facts)):
        distinct = list({one.order.lines: one for one in same_day}.values())
        present = [one for one in distinct if one.order.status in PRESENT]
        counted = present or distinct
        dose = counted[0].dose if len(counted) == 1 else _together(counted)
        orders = tuple([one.order for one in distinct])
        last_on = min(max(last_day(one.order, facts, one.dose) for one in counted), replaced_on)
        for begin, mg in reversed(_steps(dose, day, last_on)):
            if begin < replaced_on:
                yield Prescribed(begin, orders, mg, last_on)
                last_on = begin
        replaced_on = day if present else replaced_on


def _steps(dose: DailyDose, first_on: date, last_on: date) -> list[tuple[date, float | None]]:
    """(first day, mg) of each phase begun by the last day; of phases whose lengths are not known only the final one."""
    if dose.status == "unknown":
        return [(first_on, None)]
    lengths = [phase.days for phase in dose.phases[:-1]]
    if None in lengths:
        return [(first_on, dose.final_mg)]
    begins = accumulate((days or 0.0 for days in lengths), initial=0.0)
    return [
        (first_on + timedelta(days=days), phase.high)
        for days, phase in zip(begins, dose.phases, strict=True)
        if days <= (last_on - first_on).days
    ]


def _together(taken: Iterable[Taken]) -> DailyDose:
    return daily_dose(OrderedDrug(Hook.ORDER_SIGN, tuple(not_replaced([one.order for one in taken]))))
