"""What happened after earlier immunoglobulin: thrombosis, kidney injury, meningitis? (book 4.5)

Needs: conditions, medication_administrations, medication_dispenses, medication_orders.
"""

from __future__ import annotations

from datetime import date

from cards.concepts import load_value_sets
from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.pharmacology.exposure import exposures, exposures_given
from cards.pharmacology.infusion.immunoglobulin_courses import immunoglobulin_courses

IVIG = "ivig"
THROMBOSIS = ("venous_thromboembolism", "arterial_thromboembolism")
HARM = (*THROMBOSIS, "acute_kidney_injury")
MENINGITIS = "aseptic_meningitis"
ADVERSE_EFFECT = "ivig_adverse_effect"


def recent_thrombosis(facts: Facts, within_days: int) -> Diagnosis | None:
    """The newest thrombotic event of the last days, current or past. Raises NotKnown without a problem list."""
    dated = [d for d in _confirmed(facts, *THROMBOSIS) if d.on is not None and facts.is_within(d.on, within_days)]
    return max(dated, key=_day, default=None)


def harm_from_immunoglobulin(facts: Facts, within_days: int) -> Diagnosis | None:
    """Thrombosis or kidney injury tied to immunoglobulin: by its words, its date, or a coded adverse effect then.

    Raises NotKnown without a problem list, or when there is such an event and infusions could not be had.
    """
    effects = _confirmed(facts, ADVERSE_EFFECT)
    events = _confirmed(facts, *HARM)
    tied = [d for d in events if _names_immunoglobulin(d) or any(_is_near(d, e, within_days) for e in effects)]
    return max(tied, key=_day, default=None) or _after_infusion(facts, events, within_days)


def meningitis_from_immunoglobulin(facts: Facts, within_days: int) -> Diagnosis | None:
    """Aseptic meningitis soon after an infusion. Raises NotKnown as `harm_from_immunoglobulin`."""
    return _after_infusion(facts, _confirmed(facts, MENINGITIS), within_days)


def uneventful_courses(facts: Facts) -> int:
    """Courses on record without a thrombosis, kidney injury or meningitis since the first; 0 when not known."""
    try:
        courses = immunoglobulin_courses(facts)
        given = [exposure.on for exposure in exposures_given(facts, (IVIG,))]
        events = _confirmed(facts, *HARM, MENINGITIS)
    except NotKnown:
        return 0
    if not courses or any(_day(d) >= courses[-1].first_on for d in events):
        return 0
    # Where infusions are recorded, an order written some days before is not one more course.
    infused = [course for course in courses if any(course.first_on <= day <= course.last_on for day in given)]
    return len(infused or courses)


def _after_infusion(facts: Facts, events: list[Diagnosis], within_days: int) -> Diagnosis | None:
    dated = [d for d in events if d.on is not None]
    if not dated:
        return None
    infused = [exposure.on for exposure in exposures(facts, IVIG)]
    after = [d for d in dated if any(0 <= (_day(d) - day).days <= within_days for day in infused)]
    return max(after, key=_day, default=None)


def _confirmed(facts: Facts, *concepts: str) -> list[Diagnosis]:
    """Current or past."""
    return [d for d in facts.diagnoses(*concepts) if not d.is_suspected]


def _names_immunoglobulin(d: Diagnosis) -> bool:
    return not load_value_sets().named(d.display, ("med", "allergy")).isdisjoint((IVIG, "immunoglobulin"))


def _is_near(one: Diagnosis, other: Diagnosis, days: int) -> bool:
    return one.on is not None and other.on is not None and abs((one.on - other.on).days) <= days


def _day(d: Diagnosis) -> date:
    return d.on or date.min
