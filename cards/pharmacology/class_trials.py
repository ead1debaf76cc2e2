"""Which first-line classes for neuropathic pain were tried, and for how long? Exposure and intolerances. Book 3.4."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Administration, Allergy, Facts
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.doxepin import is_sleeping_aid
from cards.pharmacology.exposure import TAKEN
from cards.pharmacology.order_span import taken_from_to
from cards.wording import on

Span = tuple[date, date | None]  # first and last day; the last is None where it is not said

# What AAN 2022 and rule book 3.4 name first line: value sets → words
FIRST_LINE = {
    "gabapentinoid": "gabapentinoid",
    "snri": "SNRI",
    "tricyclic": "TCA",
    "sodium_channel_blocker_ingredients": "sodium-channel blocker",
    "topical_lidocaine_capsaicin": "topical lidocaine or capsaicin",
}


class ClassTrial(NamedTuple):
    """One class that is on record: `days` of exposure in the window, the last of them `last_on`.

    `is_length_known` False: a record does not say how long the drug was taken.
    """

    name: str
    days: int
    last_on: date
    is_length_known: bool

    def is_tried(self, from_days: float) -> bool:
        """Taken for so many days, or for nobody knows how long: what is unknown is no "not tried" (book 0.6)."""
        return self.days >= from_days or not self.is_length_known

    @property
    def words(self) -> str:
        """The class with what is known of it, for a card."""
        days = f"{self.days} days" if self.is_length_known else "length not stated"
        return f"{self.name} {days}, last {on(self.last_on)}"


def class_trials(facts: Facts, within_days: int) -> tuple[ClassTrial, ...]:
    """The first-line classes taken in the window. Raises NotKnown where orders could not be had and none was found."""
    on_record = [order for order in facts.medication_orders(*FIRST_LINE) if order.status in TAKEN]
    orders = [order for order in on_record if not is_sleeping_aid(order.drug, order_dose(order))]
    trials = []
    for concept, name in FIRST_LINE.items():
        spans = [taken_from_to(order, facts) for order in orders if order.drug.is_a(concept)]
        spans = [span for span in (*spans, *_given(facts, concept)) if facts.is_within(span[1] or span[0], within_days)]
        if spans:
            first = facts.as_of - timedelta(days=within_days)
            days = _days((max(start, first), end) for start, end in spans if end is not None)
            is_length_known = all(end is not None for _, end in spans)
            trials.append(ClassTrial(name, days, max(end or start for start, end in spans), is_length_known))
    return tuple(trials)


def class_intolerances(facts: Facts) -> dict[str, Allergy]:
    """Active intolerances by first-line class. Raises NotKnown where allergies could not be had and none was found."""
    recorded = [one for one in facts.allergies(*FIRST_LINE) if one.is_active]
    return {
        name: one
        for concept, name in FIRST_LINE.items()
        for one in recorded
        if concept in one.concepts | one.drug_concepts
    }


def _given(facts: Facts, concept: str) -> list[Span]:
    """Doses given, handed out or reported; they only add to what the orders say, so that unknown ones are left out."""
    records = facts.dispenses(concept)
    with suppress(NotKnown):
        records += facts.administrations(concept)
    return [_span(one, one.given_on) for one in records if one.given_on is not None and not one.is_intended]


def _span(given: Administration, start: date) -> Span:
    """A dispense or a report of one day does not say how long the drug was taken."""
    if given.ended_on is not None and given.ended_on > start:
        return start, given.ended_on
    return start, start if given.kind == "administration" else None


def _days(spans: Iterable[tuple[date, date]]) -> int:
    """Days covered by at least one span."""
    total, reached = 0, date.min
    for start, end in sorted(spans):
        start = max(start, reached)
        if end > start:
            total += (end - start).days
            reached = end
    return total
