"""Does a metabolic disease on record forbid what stabilises an immunoglobulin product? (book 4.6)

Needs: conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.facts import Diagnosis, Facts
from cards.orders import MedicationOrder, OrderedDrug
from cards.pharmacology.infusion.immunoglobulin_product import contains
from cards.wording import on


class Intolerance(NamedTuple):
    """A disease and the stabiliser that endangers it.

    `has_code` False: words decide, and any code beside them makes it a coded condition.
    """

    concept: str
    name: str
    stabiliser: str
    has_code: bool


INTOLERANCES = (
    Intolerance("hereditary_fructose_intolerance", "hereditary fructose intolerance", "sorbitol", has_code=True),
    Intolerance("hyperprolinaemia", "hyperprolinaemia", "proline", has_code=False),
)
BUCKET = "glycine_metabolism_disorder"


class Conflict(NamedTuple):
    """A draft that holds the stabiliser, or (`is_inside` None) may hold it. `by_text`: disease known by words only."""

    intolerance: Intolerance
    diagnosis: Diagnosis
    draft: MedicationOrder
    is_inside: bool | None
    by_text: bool

    @property
    def line(self) -> str:
        """The disease in one line for a card."""
        return diagnosis_line(self.diagnosis) + (", recognised by words only" if self.by_text else "")


def conflicts(order: OrderedDrug, facts: Facts) -> Iterator[Conflict]:
    """Each disease beside each draft that holds or may hold its stabiliser. Raises NotKnown without a problem list."""
    for intolerance in INTOLERANCES:
        found = facts.current(intolerance.concept)
        if found:
            d = min(found, key=lambda d: (d.by_text, not d.code))
            by_text = d.by_text if intolerance.has_code else not d.code
            for draft in order.drafts:
                is_inside = contains(draft.drug, intolerance.stabiliser)
                if is_inside is not False:
                    yield Conflict(intolerance, d, draft, is_inside, by_text)


def possible_hyperprolinaemia(order: OrderedDrug, facts: Facts) -> Conflict | None:
    """The bucket code without the word, beside a draft with proline. None: not so. Raises NotKnown as `conflicts`."""
    intolerance = INTOLERANCES[1]
    draft = next((draft for draft in order.drafts if contains(draft.drug, intolerance.stabiliser)), None)
    if draft is None or facts.current(intolerance.concept):
        return None
    return next((Conflict(intolerance, d, draft, is_inside=True, by_text=False) for d in facts.current(BUCKET)), None)


def diagnosis_line(d: Diagnosis) -> str:
    """A diagnosis with code, words and date."""
    named = d.display if d.display.startswith(d.label) else f"{d.label} {d.display}".strip()
    return f"{named} ({on(d.on)})"
