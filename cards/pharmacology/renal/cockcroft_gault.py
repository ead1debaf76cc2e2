"""The formula of Cockcroft and Gault, by the weight that book 1.4 takes for it."""

from __future__ import annotations

from typing import NamedTuple

from cards.facts import Measurement, Sex
from cards.pharmacology.body_size import adjusted_weight_kg, ideal_weight_kg

AGE_FROM, DIVISOR, FEMALE_SHARE = 140, 72, 0.85


class Inputs(NamedTuple):
    """What a clearance is worked out from: a usable creatinine in mg/dL, completed years, a weight in kg.

    `sex` None: not known, the lower of the two estimates counts. `height_cm` None: the actual weight counts.
    """

    creatinine: Measurement
    age: int
    sex: Sex | None
    weight: Measurement
    height_cm: float | None


class Estimate(NamedTuple):
    """The clearance in mL/min for one sex, and by actual weight. `ideal_kg` None: no height, or too small for it."""

    sex: Sex
    ml_min: float
    with_actual: float
    weight_kg: float
    is_adjusted: bool
    ideal_kg: float | None


def cockcroft_gault_ml_min(age: int, weight_kg: float, creatinine_mg_dl: float, sex: Sex) -> float:
    """Creatinine clearance in mL/min. Source: Cockcroft and Gault, Nephron 1976;16:31-41."""
    clearance = (AGE_FROM - age) * weight_kg / (DIVISOR * creatinine_mg_dl)
    return clearance * FEMALE_SHARE if sex is Sex.FEMALE else clearance


def estimates_from(inputs: Inputs) -> list[Estimate]:
    """The clearance for the sex of the patient; for both where it is not known."""
    return [_estimate(inputs, sex) for sex in ((inputs.sex,) if inputs.sex else Sex)]


def _estimate(inputs: Inputs, sex: Sex) -> Estimate:
    age, creatinine, actual_kg = inputs.age, inputs.creatinine.value or 0.0, inputs.weight.value or 0.0
    ideal = None if inputs.height_cm is None else ideal_weight_kg(inputs.height_cm, sex)
    adjusted = None if ideal is None else adjusted_weight_kg(actual_kg, ideal)
    weight = actual_kg if adjusted is None else adjusted
    return Estimate(
        sex,
        cockcroft_gault_ml_min(age, weight, creatinine, sex),
        cockcroft_gault_ml_min(age, actual_kg, creatinine, sex),
        weight,
        adjusted is not None,
        ideal,
    )
