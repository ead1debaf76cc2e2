"""Which form a single dose of rituximab has, and whether it is too high (book 5.5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cards.catalogue import load_catalogue
from cards.pharmacology.infusion.infusion_plan import PlannedDose
from cards.pharmacology.infusion.rituximab_dose import (
    SingleDose,
    is_above_fixed,
    is_far_too_high,
    is_too_high,
    single_dose,
)

[KNOWLEDGE] = [card.knowledge for card in load_catalogue().cards if card.rule == "rituximab-dose-schedule"]


def known(mg: float, mg_per_m2: float) -> SingleDose:
    """A dose for a patient whose body surface is known."""
    return SingleDose(mg, mg_per_m2, mg)


def is_cll(answer: bool) -> Callable[[], bool]:
    """Is it for chronic lymphocytic leukaemia?"""
    return lambda: answer


@pytest.mark.parametrize(
    ("planned", "expected", "words"),
    [
        (PlannedDose(mg=1000), SingleDose(1000, None, 1000), "1000 mg"),
        (PlannedDose(mg_per_m2=400), (None, 400, 364, "400 mg/m2"), "400 mg/m2"),
        (PlannedDose(mg=91, mg_per_m2=400), (None, 500, 455, "400 mg/m2 + 91 mg"), "400 mg/m2 + 91 mg"),
    ],
)
def test_without_a_body_surface_the_smallest_one_bounds_the_dose(
    planned: PlannedDose, expected: SingleDose, words: str
) -> None:
    found = single_dose(planned, None, KNOWLEDGE)
    assert (found, str(found)) == (expected, words)


@pytest.mark.parametrize(
    ("dose", "expected"),
    [
        (known(2000, 1000), False),
        (known(2001, 1000), True),
        (known(2100, 750), False),
        (known(2100, 750.1), True),
        (SingleDose(2001, None, 2001), True),
    ],
)
def test_far_too_high_is_above_both_limits(dose: SingleDose, expected: bool) -> None:
    assert is_far_too_high(dose, KNOWLEDGE) is expected


@pytest.mark.parametrize(
    ("dose", "in_cll", "expected"),
    [
        (known(1100, 600), False, False),
        (known(1101, 600), False, True),
        (known(1101, 412.5), False, False),
        (known(1101, 412.6), False, True),
        (known(1101, 550), True, False),
        (known(1101, 550.1), True, True),
        (SingleDose(1101, None, 1101), False, True),
    ],
)
def test_too_high_is_above_the_fixed_dose_and_those_per_m2(dose: SingleDose, in_cll: bool, expected: bool) -> None:
    assert is_too_high(dose, is_cll(in_cll), KNOWLEDGE) is expected
    assert is_above_fixed(dose, KNOWLEDGE) is (dose.least_mg > 1100)
