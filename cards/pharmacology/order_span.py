"""From when to when was a drug taken on one order, and how long does its supply last? Book 1.6."""

from __future__ import annotations

from datetime import date, timedelta
from math import inf

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import MedicationOrder
from cards.pharmacology.daily_dose import DailyDose, order_dose
from cards.pharmacology.dose_line import mg_of


def first_day(order: MedicationOrder, facts: Facts) -> date:
    """First day of the exposure: as its lines say, else the day of the order.

    An order without a date, or one that is to begin later, counts from today: it proves no day on the drug.
    """
    return min(_begins_on(order) or order.authored_on or facts.as_of, facts.as_of)


def last_day(order: MedicationOrder, facts: Facts, dose: DailyDose | None = None) -> date:
    """Last day of the exposure: today for an active order, else the recorded end, else as far as the supply reaches.

    The supply reaches no further than it may be dispensed, and as far where nothing says how long it lasts. `dose`
    where it was worked out already.
    """
    if order.status == "active":
        return facts.as_of
    start = first_day(order, facts)
    if order.ended_on is not None:
        return min(max(order.ended_on, start), facts.as_of)
    reach = _reach(order, dose or order_dose(order))
    latest = facts.as_of
    if order.valid_until is not None and order.valid_until <= facts.as_of:
        latest = max(order.valid_until, start)  # FHIR R4 has no day on which an order was stopped
        reach = reach or inf
    return start + timedelta(days=min(reach, (latest - start).days))


def _reach(order: MedicationOrder, dose: DailyDose) -> float:
    """Days that supply and instructions reach to; 0 where neither says."""
    days = supply_days(order, dose)
    lasts = [line.timing.lasts_days for line in order.lines if line.timing and line.timing.lasts_days]
    phases = sum(phase.days or 0 for phase in dose.phases)
    return max(0.0 if days is None else days * (1 + (order.refills or 0)), phases, *lasts)


def supply_days(order: MedicationOrder, dose: DailyDose) -> float | None:
    """Days the supply lasts: as stated, else quantity ÷ daily dose; None when neither can be had."""
    if order.supply_days is not None:
        return order.supply_days
    if order.quantity is None or dose.status == "unknown" or not dose.final_mg:
        return None
    try:
        return mg_of(order.quantity, order.drug) / dose.final_mg
    except NotKnown:
        return None


def written_days(dose: DailyDose) -> float | None:
    """Days after which the instructions themselves end; None when they do not say."""
    lengths = [phase.days for phase in dose.phases]
    return sum(days for days in lengths if days is not None) if lengths and None not in lengths else None


def are_together(one: MedicationOrder, other: MedicationOrder, facts: Facts) -> bool:
    """Do two orders share a day, by their own words? What has no first day runs from today, what has no last day on."""
    begin = max(_begins_on(order) or facts.as_of for order in (one, other))
    return all(order.ended_on is None or order.ended_on >= begin for order in (one, other))


def _begins_on(order: MedicationOrder) -> date | None:
    """The first day that the lines name, which may be still to come; None where one of them names none."""
    starts = [line.timing.starts_on for line in order.lines if line.timing and line.timing.starts_on]
    return min(starts) if starts and len(starts) == len(order.lines) else None


def taken_from_to(order: MedicationOrder, facts: Facts) -> tuple[date, date | None]:
    """(first day, last day) on an order; the last is None where nothing says how long it was taken."""
    start, end = first_day(order, facts), last_day(order, facts)
    is_said = order.status == "active" or order.ended_on is not None or end > start
    return start, end if is_said else None
