"""How much immunoglobulin is ordered per kg: in a day, in seven days, in a course? (book 4.4, 4.5)"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import Amount, DoseLine, Drug, MedicationOrder
from cards.pharmacology.body_size import weight_for_dosing
from cards.pharmacology.dose_line import MG_PER_UNIT, dose_mg, unknown_dose
from cards.pharmacology.infusion.infusion_clauses import phase_of
from cards.pharmacology.infusion.infusion_courses import PlannedCourse, planned_courses
from cards.pharmacology.infusion.infusion_schedule import InfusionSchedule, infusion_schedule
from cards.pharmacology.infusion.stated_doses import in_grams, stated_doses
from cards.pharmacology.timing_elements import impossible_values
from cards.wording import number


class Infusion(NamedTuple):
    """One dose line, read. `dose` of one administration in g, or in g/kg (`is_per_kg`), the high end of a range.

    `is_of_day`: the unit makes it the dose of a whole day. `schedule` None: the order does not say when.
    `per_kg_in_words` of a dose in g: what the words say per kg, to tell the dose of a day from that of a course.
    """

    dose: float
    is_per_kg: bool
    is_of_day: bool
    schedule: InfusionSchedule | None
    from_text: bool = False
    per_kg_in_words: float | None = None

    def a_day(self, weight_kg: float) -> float:
        """g/kg on an infusion day."""
        dose = self.dose if self.is_per_kg else self.dose / weight_kg
        if self.schedule is None:
            return dose
        return dose * (1 if self.is_of_day else self.schedule.per_day) / self._over_days(dose)

    def _over_days(self, dose: float) -> int:
        """Days over which the dose is spread: none where the words spread what the dose makes on all days together."""
        over_days, in_words = self.schedule.over_days if self.schedule else 1, self.per_kg_in_words
        if in_words is None or abs(dose - in_words) <= abs(dose * over_days - in_words):
            return over_days
        return 1

    def is_by_words(self, *, for_a_day: bool) -> bool:
        """Do the words tell on how many days the dose is given, or, `for_a_day`, how much of it each of them gets?"""
        schedule = self.schedule
        if schedule is None or not schedule.by_words:
            return False
        return not for_a_day or schedule.per_day != 1 or schedule.over_days > 1

    @property
    def written(self) -> str:
        """The dose with its unit, as it was read."""
        return f"{number(self.dose, 4)} {'g/kg' if self.is_per_kg else 'g'}"


def ordered_infusions(drafts: Sequence[MedicationOrder], today: date) -> tuple[Infusion, ...]:
    """The dose lines of these drafts. Raises NotKnown when one cannot be read, or there is none with a dose."""
    found = [
        _infusion(line, draft.drug, infusion_schedule(line, today, draft.ended_on))
        for draft in drafts
        for line in map(_phase, draft.lines)
        if line.amount is not None or line.unreadable or line.text
    ]
    if not found:
        raise unknown_dose("no dose given")
    return tuple(found)


def course_doses(infusions: Sequence[Infusion], weight_kg: float) -> tuple[PlannedCourse, ...]:
    """The courses that the lines amount to at this weight, in g/kg."""
    return planned_courses([(infusion.schedule, infusion.a_day(weight_kg)) for infusion in infusions])


def largest_course(drafts: Sequence[MedicationOrder], facts: Facts) -> float | None:
    """g/kg of the largest course of these drafts. None: dose, length or weight is not known. Needs: body_size."""
    try:
        infusions = ordered_infusions(drafts, facts.as_of)
        is_per_kg = all(infusion.is_per_kg for infusion in infusions)
        weight = None if is_per_kg else weight_for_dosing(facts)
    except NotKnown:
        return None
    kg = 1.0 if is_per_kg else weight and weight.value
    courses = course_doses(infusions, kg) if kg else ()
    return max((course.total for course in courses if course.total is not None), default=None)


def _phase(line: DoseLine) -> DoseLine:
    """The line with the words about its own dose, where they state a loading and a maintenance dose."""
    if line.amount is None or line.timing is not None or not line.text:
        return line
    phase = phase_of(line.text, line.amount)
    return line._replace(text=phase) if phase else line._replace(unreadable="the words state several doses")


def _infusion(line: DoseLine, drug: Drug, schedule: InfusionSchedule | None) -> Infusion:
    if line.unreadable:
        raise unknown_dose(line.unreadable)
    if line.amount is None:
        raise unknown_dose("the dose is free text that is not understood")
    if line.timing is not None and impossible_values(line.timing):
        raise unknown_dose("impossible timing")
    dose, is_per_kg, is_of_day = _grams(line, line.amount, drug)
    in_words = None if is_per_kg else next((d.grams for d in stated_doses(line.text) if d.is_per_kg), None)
    return Infusion(dose, is_per_kg, is_of_day, schedule, line.from_text, in_words)


def _grams(line: DoseLine, amount: Amount, drug: Drug) -> tuple[float, bool, bool]:
    """(g or g/kg, is it per kg, is it per day) of "g", "g/kg", "mg/kg", "g/kg/d", or of mL and vials of the product."""
    stated = in_grams(amount)
    if stated is None:
        return dose_mg(line, drug)[1] / MG_PER_UNIT["g"], False, False
    if min(amount.low, amount.high) < 0 or stated.grams <= 0:
        raise unknown_dose("zero or negative dose")
    return stated.grams, stated.is_per_kg, stated.is_of_day
