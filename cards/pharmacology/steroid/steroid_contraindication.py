"""Is a systemic corticosteroid no option: not tolerated as a class, or just tried in vain? (book 1.6)

Needs: allergies, medication_orders, toxicity_grades.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Allergy, Facts
from cards.knowledge import Thresholds, load_thresholds
from cards.orders import MedicationOrder
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.steroid.prednisone_equivalent import STEROIDS, prednisone_equivalent, steroid_ingredient
from cards.pharmacology.steroid.steroid_course import is_systemic
from cards.wording import joined, on

TABLE = Path(__file__).with_suffix(".yaml")
CLASS = "corticosteroid_class"
GRADES = "adverse_event_grade"


class SteroidContraindication(NamedTuple):
    """Is it contraindicated, and why or why not, in words for a card?"""

    is_contraindicated: bool
    because: str


def steroid_contraindication(facts: Facts) -> SteroidContraindication:
    """Allergy to the class or to several ingredients, or failure of a high dose in the last weeks.

    Raises NotKnown when nothing of that was found and a record could not be had.
    """
    return facts.once(_contraindication)


def _contraindication(facts: Facts) -> SteroidContraindication:
    unknown: NotKnown | None = None
    why_not = []
    for look in (_not_tolerated, _failed):
        try:
            found = look(facts)
        except NotKnown as error:
            unknown = error
            continue
        if found.is_contraindicated:
            return found
        why_not.append(found.because)
    if unknown is not None:
        raise unknown
    return SteroidContraindication(False, "; ".join(why_not))


def _not_tolerated(facts: Facts) -> SteroidContraindication:
    allergies = [allergy for allergy in facts.allergies(CLASS, STEROIDS) if allergy.is_active]
    for allergy in allergies:
        if CLASS in allergy.concepts and not allergy.drug_concepts:
            return SteroidContraindication(True, f"allergy to the steroid class ({allergy.display})")
    ingredients = sorted({_steroid_of(allergy) for allergy in allergies})
    if len(ingredients) >= _known().value("ingredients_not_tolerated"):
        return SteroidContraindication(True, f"allergy to {joined(ingredients)}")
    if ingredients:
        return SteroidContraindication(False, f"allergy to {ingredients[0]} alone")
    return SteroidContraindication(False, "no steroid allergy found")


def _steroid_of(allergy: Allergy) -> str:
    return steroid_ingredient(allergy.display) or allergy.display or allergy.code


def _failed(facts: Facts) -> SteroidContraindication:
    """Several orders of one day may add up, or one may take the place of another: then it is not known."""
    worths = [_worth_by_day(order, facts) for order in facts.medication_orders(STEROIDS)]
    least, needed = _known().value("failed_dose"), _known().value("failed_days")
    added: dict[date, float] = {}
    for day, worth in (one for worths_of_order in worths for one in worths_of_order.items()):
        added[day] = added.get(day, 0) + worth
    by_one = {day for by_day in worths for day, worth in by_day.items() if worth >= least}
    days = by_one if len(by_one) >= needed else {day for day, worth in added.items() if worth >= least}
    if len(days) < needed:
        return SteroidContraindication(False, "no recent high-dose steroid found")
    if _has_improved(facts, min(days)):
        return SteroidContraindication(False, f"improved on the steroid begun {on(min(days))}")
    if days is not by_one:
        raise NotKnown("medication_orders", "steroid orders of the same days may add up to a high dose")
    return SteroidContraindication(True, f"high-dose steroid since {on(min(days))}, no improvement recorded")


def _worth_by_day(order: MedicationOrder, facts: Facts) -> dict[date, float]:
    """What the order gave on the recent days before today, in prednisone; empty when its dose cannot be read."""
    start, dose = order.authored_on, order_dose(order)
    if start is None or not is_systemic(order) or dose.status == "unknown":
        return {}
    worth = prednisone_equivalent(order.drug.name, dose.peak_mg)
    if worth is None:
        return {}
    window = int(_known().value("failed_within"))
    days = (start + timedelta(days=day) for day in range(min(_length(order, start, facts), facts.days_since(start))))
    return {day: worth for day in days if facts.is_within(day, window)}


def _length(order: MedicationOrder, start: date, facts: Facts) -> int:
    """Days from the first to the last dose; a single day when a finished order does not say."""
    lasts = [line.timing.lasts_days for line in order.lines if line.timing and line.timing.lasts_days]
    if lasts:
        return round(sum(lasts))
    if order.ended_on is not None:
        return (order.ended_on - start).days + 1
    return facts.days_since(start) if order.status == "active" else round(order.supply_days or 1)


def _has_improved(facts: Facts, since: date) -> bool:
    """Is a grade after that day lower than the last one up to it? Raises NotKnown without the graded observations."""
    graded = [m for m in facts.measurements(GRADES) if m.on is not None and m.value is not None and not m.is_pending]
    before = next((m.value for m in graded if m.on is not None and m.on <= since), None)
    return before is not None and any(
        m.value is not None and m.value < before for m in graded if m.on is not None and m.on > since
    )


def _known() -> Thresholds:
    return load_thresholds(TABLE)
