"""Which neuropathy is a corticosteroid ordered for, and is there another reason for it? (book 3.8, 3.9)

Needs: conditions, neuropathy_antibodies, medication_orders, medication_administrations,
medication_dispenses; for its grade toxicity_grades.
"""

from __future__ import annotations

from typing import NamedTuple

from cards.facts import Diagnosis, Facts, State
from cards.neurology.grade import grades, neuropathy_grade
from cards.neurology.phenotype import (
    Picture,
    current_picture,
    is_checkpoint_inhibitor_effect,
    stated_picture,
)
from cards.opinion import CannotTell, NothingToAdd
from cards.orders import OrderedDrug
from cards.pharmacology.steroid.prednisone_equivalent import steroid_ingredient

OTHER_INDICATIONS = ("other_steroid_indication", "cidp")
CHECKPOINT_INHIBITOR, RADICULOPLEXUS = "np_ici", "np_drpn"
REPLACING = ("hydrocortisone", "cortisone")  # what adrenal insufficiency is treated with


class SteroidContext(NamedTuple):
    """The neuropathy that the steroid is for: its set and its diagnoses; `is_stated`: the order says so itself."""

    set_name: str
    diagnoses: tuple[Diagnosis, ...]
    is_stated: bool


class GradedNeuropathy(NamedTuple):
    """What the steroid is for, in words; the grade, 0 in radiculoplexus neuropathy, where none is asked."""

    context: SteroidContext
    words: str
    grade: int = 0
    line: str = ""

    @property
    def is_severe(self) -> bool:
        """Grade 3 or 4?"""
        return self.grade >= grades().value("severe")


def steroid_context(order: OrderedDrug, facts: Facts) -> SteroidContext | str:
    """Checkpoint-inhibitor or diabetic radiculoplexus neuropathy, stated or the only problem that fits; else why not.

    Cancer is no rival of a checkpoint-inhibitor neuropathy: everybody on these drugs has it. Raises NotKnown without a
    stated reason when the problem list could not be had.
    """
    if order.reasons:
        picture = stated_picture(facts, order.reasons)
        if _states_the_effect_only(order, facts):  # the problem list names the neuropathy
            picture = current_picture(facts, beside=order.reasons)
        return _context(picture, is_stated=True) or "ordered for another indication"
    found = _context(current_picture(facts), is_stated=False)
    if found is None:
        return "no checkpoint-inhibitor or diabetic radiculoplexus neuropathy"
    others = other_steroid_indications(facts, with_cancer=found.set_name == RADICULOPLEXUS)
    if steroid_ingredient(order.drug.name) in REPLACING:
        others += tuple(d for d in facts.diagnoses("adrenal_insufficiency") if d.is_current)
    return f"another reason for a steroid is current: {others[0].label}" if others else found


def graded_neuropathy(
    facts: Facts, context: SteroidContext, no_steroid_grade: float
) -> GradedNeuropathy | NothingToAdd | CannotTell:
    """The neuropathy with its grade, or why no dose is expected: no grade, a low one, or myasthenia (book 3.8)."""
    if context.set_name == RADICULOPLEXUS:
        return GradedNeuropathy(context, "diabetic radiculoplexus neuropathy")
    if any(d.is_current for d in facts.diagnoses("myasthenia_gravis")):
        return NothingToAdd("myasthenia has its own, lower start")
    grade = neuropathy_grade(facts, context.diagnoses, on_checkpoint_inhibitor=True)
    if grade.value is None:
        if facts.request_state("toxicity_grades") is State.UNKNOWN:
            return CannotTell(f"grade: {grade.why}", ("toxicity_grades",), book_is_silent=True)
        return NothingToAdd(f"grade unknown ({grade.why})")
    if grade.value <= no_steroid_grade:
        return NothingToAdd(f"grade {grade.value}: no dose is expected")
    return GradedNeuropathy(context, f"grade {grade.value} ICI neuropathy", grade.value, grade.line)


def other_steroid_indications(facts: Facts, *, with_cancer: bool) -> tuple[Diagnosis, ...]:
    """Current diagnoses, suspected ones too, that a steroid may be for. Raises NotKnown where some may be missing."""
    concepts = (*OTHER_INDICATIONS, "malignancy") if with_cancer else OTHER_INDICATIONS
    return tuple(d for d in facts.diagnoses(*concepts) if d.is_current)


def _states_the_effect_only(order: OrderedDrug, facts: Facts) -> bool:
    """Is the adverse effect of a checkpoint inhibitor stated, and beside it at most the cancer?"""
    effects = [reason for reason in order.reasons if is_checkpoint_inhibitor_effect(facts, reason)]
    return bool(effects) and all(reason in effects or reason.is_a("malignancy") for reason in order.reasons)


def _context(picture: Picture, *, is_stated: bool) -> SteroidContext | None:
    for name in (CHECKPOINT_INHIBITOR, RADICULOPLEXUS):
        diagnoses = picture.of(name)
        if diagnoses:
            return SteroidContext(name, diagnoses, is_stated)
    return None
