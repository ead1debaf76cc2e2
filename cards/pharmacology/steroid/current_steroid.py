"""How much systemic corticosteroid is taken today, in prednisone? Book 1.3, 5.6.

Needs: medication_orders.
"""

from __future__ import annotations

from cards.errors import NotKnown
from cards.facts import Facts
from cards.opinion import CannotTell, NothingToAdd
from cards.orders import Hook, MedicationOrder, OrderedDrug
from cards.pharmacology.steroid.prednisone_equivalent import STEROIDS
from cards.pharmacology.steroid.steroid_course import SteroidCourse, steroid_course


def steroid_today(facts: Facts) -> float:
    """Prednisone-equivalent in mg a day of all active systemic orders on record, single doses left out; 0: none.

    Raises NotKnown when the orders could not be had, or the dose of one cannot be read.
    """
    active = [order for order in facts.medication_orders(STEROIDS) if order.status == "active"]
    return sum(_today(order, facts) for order in active)


def _today(order: MedicationOrder, facts: Facts) -> float:
    course = steroid_course(OrderedDrug(Hook.ORDER_SIGN, (order,)))
    if isinstance(course, NothingToAdd):
        return 0.0
    if isinstance(course, CannotTell):
        raise NotKnown("medication_orders", f"{order.drug.name}: {course.because}")
    return 0.0 if course.is_single_dose else _stage_of_today(course, order, facts)


def _stage_of_today(course: SteroidCourse, order: MedicationOrder, facts: Facts) -> float:
    """The dose of the stage that today falls into; 0 when the last one is over, the highest when the start is open."""
    starts = [line.timing.starts_on for line in order.lines if line.timing is not None and line.timing.starts_on]
    start = min(starts, default=order.authored_on)
    if start is None:
        return course.peak_mg
    left = float(facts.days_since(start))
    for stage in course.stages:
        if stage.days is None or left < stage.days:
            return stage.mg_per_day
        left -= stage.days
    return 0.0
