"""Offers a course of immunoglobulin, one infusion a day.

The usual one by weight (book 4.4), the first of several alone (4.3), a single one where the schedule is unsafe (4.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from cards.knowledge import Knowledge
from cards.opinion import SetSchedule
from cards.orders import Amount, DoseLine, MedicationOrder, OrderedDrug
from cards.pharmacology.infusion.dosing_weight import DosingWeight
from cards.pharmacology.infusion.infusion_clauses import phase_of
from cards.pharmacology.infusion.infusion_dose import ordered_infusions
from cards.pharmacology.infusion.infusion_schedule import infusion_schedule
from cards.pharmacology.infusion.repeated_courses import Plan
from cards.wording import number

ADJUSTED = "adjusted"
HALF = 0.5


def offer_course(
    order: OrderedDrug, weight: DosingWeight, knowledge: Knowledge, today: date, *, recommended: bool = True
) -> tuple[SetSchedule, ...]:
    """The usual course for the last draft, so that all drafts together make it; none where that cannot be.

    It cannot without a weight, where the draft has several lines, is as needed or has its dose in words only, or where
    the other drafts are another course. Where an adjusted weight differs, a course for each weight is offered and none
    is recommended: which one counts is the site's policy.
    """
    draft = order.last
    if weight.kg is None or not can_be_rescheduled(draft) or _states_maintenance(draft.lines[0]):
        return ()
    weights = [("actual", weight.kg), *(pair for pair in weight.lighter or () if pair[0] == ADJUSTED)]
    offers = {grams: (name, kg) for name, kg in reversed(weights) if (grams := _grams(kg, knowledge))}
    found = []
    for grams, (name, kg) in sorted(offers.items(), reverse=True):
        rest = _rest_of(order.drafts[:-1], grams, weight.kg, knowledge, today)
        if rest:
            words = f"{number(knowledge.value('dose_a_day'))} g/kg x {number(kg)} kg {name} weight"
            found.append(_course(draft, rest, words, knowledge, recommended=recommended and len(offers) == 1))
    return tuple(found)


def can_be_rescheduled(draft: MedicationOrder) -> bool:
    """One line with a structured dose, and nothing in it that a new course would wipe out or contradict?"""
    if len(draft.lines) != 1:
        return False
    line = draft.lines[0]
    return line.amount is not None and not (line.from_text or line.as_needed or line.cap)


def _states_maintenance(line: DoseLine) -> bool:
    """Does the line hold a loading and a maintenance dose in words, of which a new course would keep one?"""
    return line.amount is not None and phase_of(line.text, line.amount) != line.text


def _grams(kg: float, knowledge: Knowledge) -> float:
    """g a day, rounded to vials."""
    vial = knowledge.value("rounded_to")
    return math.floor(knowledge.value("dose_a_day") * kg / vial + HALF) * vial


def _rest_of(
    others: Sequence[MedicationOrder], grams: float, actual_kg: float, knowledge: Knowledge, today: date
) -> float:
    """g a day that the other drafts, read before, leave; 0 where they leave none or run otherwise than the course."""
    if not others:
        return grams
    infusions = ordered_infusions(others, today)
    days = knowledge.value("course_days")
    schedules = [infusion.schedule for infusion in infusions]
    if not all(schedule is not None and schedule.is_daily and schedule.days == days for schedule in schedules):
        return 0.0
    return max(grams - sum(infusion.a_day(actual_kg) * actual_kg for infusion in infusions), 0.0)


def _course(
    draft: MedicationOrder, grams: float, words: str, knowledge: Knowledge, *, recommended: bool
) -> SetSchedule:
    days = int(knowledge.value("course_days"))
    dose = Amount(grams, grams, "g")
    offer = single_course(draft.id, dose, days, recommended=recommended)
    return offer._replace(label=f"Change to {offer.text} ({words})", dose=dose)


def offer_single_course(
    order: OrderedDrug, plan: Plan, today: date, *, recommended: bool = True
) -> tuple[SetSchedule, ...]:
    """The first of the planned courses alone, at the ordered dose and without refills; none where that cannot be.

    It cannot where nothing is planned beyond it, for several drafts or lines, or where the days of the course do not
    follow one another with one dose on each.
    """
    draft = order.last
    if len(order.drafts) > 1 or not can_be_rescheduled(draft) or not (plan.intervals or plan.refills):
        return ()
    schedule = infusion_schedule(draft.lines[0], today, draft.ended_on)
    days = None if schedule is None else schedule.days
    if schedule is None or days is None or days != plan.days or schedule.per_day != 1 or schedule.over_days > 1:
        return ()
    offer = single_course(draft.id, draft.lines[0].amount, days, recommended=recommended)
    return (offer._replace(ends_refills=plan.refills > 0),)


def single_course(order_id: str, dose: Amount | None, days: int, *, recommended: bool) -> SetSchedule:
    """One infusion a day for so many days, the dose left as it is: for a draft that `can_be_rescheduled`."""
    text = f"{_in_words(dose)}once" + (f" daily for {days} days" if days > 1 else "")
    return SetSchedule(
        order_id,
        f"Change to a single course: {text}",
        frequency=1,
        period=1,
        period_unit="d",
        days=days,
        count=days,
        text=text,
        recommended=recommended,
    )


def _in_words(dose: Amount | None) -> str:
    """ "30 g ", to stand before how often; empty where only numbers beside the words say it: a range, or vials."""
    if dose is None or dose.low != dose.high or dose.unit == "count":
        return ""
    return f"{number(dose.high, 4)} {dose.unit} "
