"""How severe are, and were, the neuropathies that may be of a checkpoint inhibitor? (book 1.7, 5.6)

Needs: as `attribution` and `grade`.
"""

from __future__ import annotations

from datetime import date

from cards.facts import Facts
from cards.neurology.attribution import Attributed, Counted, attributed
from cards.neurology.grade import NeuropathyGrade, grades, neuropathy_grade


def grade_now(facts: Facts, found: Attributed) -> NeuropathyGrade | None:
    """The grade of the current neuropathies, or of recent observations where none is coded; None: there is none now."""
    if found.current:
        diagnoses = [counted.diagnosis for counted in found.current]
        return neuropathy_grade(facts, diagnoses, on_checkpoint_inhibitor=True)
    newest = found.observed[0].on if found.observed else None
    if newest is None or not facts.is_within(newest, int(grades().value("grade_current"))):
        return None
    if any(past.diagnosis.ended_on is not None and past.diagnosis.ended_on >= newest for past in found.past):
        return None
    return neuropathy_grade(facts, (), on_checkpoint_inhibitor=True)


def ever_severe(facts: Facts) -> bool:
    """Was there ever a neuropathy of grade 3 or more on a checkpoint inhibitor? (`ever_G34` of the book)

    Raises NotKnown when the problem list could not be had; `attributed(facts).unknown` tells what else could not.
    """
    found = attributed(facts)
    if any((m.value or 0) >= grades().value("severe") for m in found.observed):
        return True
    certain = [counted for counted in found.known if not counted.link.is_uncertain]
    if any(was_severe(counted) for counted in certain):
        return True
    current = [counted.diagnosis for counted in certain if counted.diagnosis.is_current]
    return bool(current) and neuropathy_grade(facts, current, on_checkpoint_inhibitor=True).is_severe


def was_severe_by_code(found: Attributed) -> bool:
    """Is one that is or was severe known by more than its words?"""
    return any(was_severe(counted) and not counted.diagnosis.by_text for counted in found.known)


def was_severe(counted: Counted) -> bool:
    """Does the diagnosis itself say grade 3 or more? Guillain-Barre syndrome does."""
    d = counted.diagnosis
    return d.is_a("gbs") or (d.grade or 0) >= grades().value("severe")


def was_moderate(found: Attributed) -> bool:
    """Was grade 2 ever written down, or is it the floor of one that is past?"""
    moderate = grades().value("moderate")
    graded = [counted.diagnosis.grade or 0 for counted in found.known] + [m.value or 0 for m in found.observed]
    return any(value >= moderate for value in graded) or any(past.diagnosis.is_a("np_cranial") for past in found.past)


def began_on(found: Attributed) -> date | None:
    """Onset, else recording, of the newest current neuropathy; of observations alone the first; None: undated."""
    if found.current:
        return found.current[0].diagnosis.on
    return found.observed[-1].on if found.observed else None
