"""Which accepted form is a single dose of rituximab, in mg and per body surface? (book 5.5)"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from cards.knowledge import TOLERANCE, Knowledge
from cards.pharmacology.body_size import BodySurface
from cards.pharmacology.infusion.infusion_plan import PlannedDose
from cards.wording import number


class Form(StrEnum):
    """Accepted forms of a single dose, by the threshold that holds their size."""

    BY_SURFACE = "by_surface"
    FIXED = "fixed"
    CLL = "by_surface_in_cll"
    MAINTENANCE = "maintenance"


class SingleDose(NamedTuple):
    """A single dose as far as it is known: `mg` None for a dose per m² while the surface is not known, `mg_per_m2` None
    for a dose in mg while it is not. `least_mg` is the least it can come to; with a part in mg beside one per m²,
    `mg_per_m2` is the most. `written` is a dose per m² as ordered.
    """

    mg: float | None
    mg_per_m2: float | None
    least_mg: float
    written: str = ""

    def __str__(self) -> str:
        return self.written if self.mg is None else f"{number(self.mg)} mg"


def single_dose(dose: PlannedDose, surface: BodySurface | None, knowledge: Knowledge) -> SingleDose:
    """The dose in mg and per m², as far as the body surface tells."""
    if surface is not None:
        mg = dose.mg + dose.mg_per_m2 * surface.m2
        return SingleDose(mg, mg / surface.m2, mg)
    if not dose.mg_per_m2:
        return SingleDose(dose.mg, None, dose.mg)
    smallest = knowledge.value("smallest_surface")
    least = dose.mg + dose.mg_per_m2 * smallest
    written = f"{number(dose.mg_per_m2)} mg/m2" + (f" + {number(dose.mg)} mg" if dose.mg else "")
    return SingleDose(None, dose.mg_per_m2 + dose.mg / smallest, least, written)


def accepted_form(dose: SingleDose, is_cll: Callable[[], bool], knowledge: Knowledge) -> Form | None:
    """The form the dose has, within the tolerance; None: none. `is_cll` is asked only where it matters."""
    if _is_about(dose.mg_per_m2, Form.BY_SURFACE, knowledge):
        return Form.BY_SURFACE
    if _is_about(dose.mg, Form.FIXED, knowledge):
        return Form.FIXED
    if _is_about(dose.mg, Form.MAINTENANCE, knowledge):
        return Form.MAINTENANCE
    return Form.CLL if _is_about(dose.mg_per_m2, Form.CLL, knowledge) and is_cll() else None


def is_far_too_high(dose: SingleDose, knowledge: Knowledge) -> bool:
    """Beyond any form: above the limit in mg and, where that is known, above the limit per m²?"""
    if dose.least_mg <= knowledge.value("critical_above") + TOLERANCE:
        return False
    return dose.mg_per_m2 is None or dose.mg_per_m2 > knowledge.value("critical_above_by_surface") + TOLERANCE


def is_too_high(dose: SingleDose, is_cll: Callable[[], bool], knowledge: Knowledge) -> bool:
    """Above the fixed dose, and not what a large body surface makes of a dose per m²?"""
    if not is_above_fixed(dose, knowledge):
        return False
    if dose.mg_per_m2 is None or dose.mg_per_m2 > _upper(Form.CLL, knowledge):
        return True
    return dose.mg_per_m2 > _upper(Form.BY_SURFACE, knowledge) and not is_cll()


def is_above_fixed(dose: SingleDose, knowledge: Knowledge) -> bool:
    """Above the fixed dose and its tolerance?"""
    return dose.least_mg > _upper(Form.FIXED, knowledge)


def _is_about(value: float | None, usual: Form, knowledge: Knowledge) -> bool:
    if value is None:
        return False
    tolerated = knowledge.value(usual) * knowledge.value("tolerance") / 100
    return abs(value - knowledge.value(usual)) <= tolerated + TOLERANCE


def _upper(usual: Form, knowledge: Knowledge) -> float:
    return knowledge.value(usual) * (1 + knowledge.value("tolerance") / 100) + TOLERANCE
