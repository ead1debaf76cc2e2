"""Is an allergy to human immunoglobulin on record, and how bad was the reaction? (book 4.6)

Needs: allergies.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from cards.facts import Allergy, Facts
from cards.wording import joined, on

HUMAN_IMMUNOGLOBULIN = (
    "immunoglobulin",
    "ivig",
    "ivig_ndc",
    "scig",
    "immune_globulin_intramuscular",
    "immune_globulin_route_open",
)


class Kind(IntEnum):
    """What the record says of the reaction, the worst last."""

    MILD = 1  # low criticality, or a reaction that is not systemic
    UNCLEAR = 2  # neither criticality nor reaction
    SYSTEMIC = 3  # circulation or airways, short of anaphylaxis
    HIGH = 4  # high criticality
    ANAPHYLAXIS = 5


class ImmunoglobulinAllergy(NamedTuple):
    """An active allergy to human immunoglobulin."""

    kind: Kind
    allergy: Allergy

    @property
    def is_systemic(self) -> bool:
        """Was the reaction more than one of the skin?"""
        return self.kind >= Kind.SYSTEMIC

    @property
    def reaction(self) -> str:
        """The recorded reactions, else the criticality, in words; empty when there is neither."""
        return joined(self.allergy.reactions) or _criticality(self.allergy)

    @property
    def line(self) -> str:
        """The allergy in one line for a card."""
        allergy = self.allergy
        criticality = _criticality(allergy) or "criticality not recorded"
        reaction = joined(allergy.reactions) or "not recorded"
        by_text = " (recognised by words only)" if allergy.by_text else ""
        return f"Allergy: {allergy.display}{by_text}, {criticality}, reaction: {reaction} ({on(allergy.recorded_on)})"


def immunoglobulin_allergy(facts: Facts) -> ImmunoglobulinAllergy | None:
    """The worst active allergy to human immunoglobulin, a coded one before one in words. None: none on record.

    Raises NotKnown when the allergies could not be had.
    """
    found = [ImmunoglobulinAllergy(_kind(a), a) for a in facts.allergies(*HUMAN_IMMUNOGLOBULIN) if a.is_active]
    return max(found, key=lambda one: (one.kind, not one.allergy.by_text), default=None)


def _kind(allergy: Allergy) -> Kind:
    if "anaphylaxis" in allergy.reaction_concepts:
        return Kind.ANAPHYLAXIS
    if allergy.is_high_risk:
        return Kind.HIGH
    if "systemic_reaction" in allergy.reaction_concepts:
        return Kind.SYSTEMIC
    if allergy.is_high_risk is None and not allergy.reactions:
        return Kind.UNCLEAR
    return Kind.MILD


def _criticality(allergy: Allergy) -> str:
    if allergy.is_high_risk is None:
        return ""
    return "high criticality" if allergy.is_high_risk else "low criticality"
