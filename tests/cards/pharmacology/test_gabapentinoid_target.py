"""The dose from which a gabapentinoid is optimised; the same rows as in the cards on a dose that is too low."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue
from cards.knowledge import load_thresholds
from cards.orders import Drug, Formulation
from cards.pharmacology.gabapentinoid_target import TABLE, target_row

DIABETIC, AFTER_ZOSTER = frozenset({"np_dpn"}), frozenset({"np_phn_sci"})


def drug(agent: str, formulation: Formulation = Formulation.IMMEDIATE) -> Drug:
    """A gabapentinoid of a form of release."""
    return Drug(agent, frozenset({agent, "gabapentinoid"}), formulation=formulation)


@pytest.mark.parametrize(
    ("name", "rule", "threshold"),
    [
        ("pregabalin", "pregabalin-dose-subtherapeutic", "target"),
        ("pregabalin_extended_release", "pregabalin-dose-subtherapeutic", "target_extended_release"),
        ("pregabalin_start_of_range", "pregabalin-dose-subtherapeutic", "start"),
        ("pregabalin_start_of_range_extended_release", "pregabalin-dose-subtherapeutic", "start_extended_release"),
        ("gabapentin", "gabapentin-dose-subtherapeutic", "floor"),
        ("gabapentin_scales_below", "gabapentin-dose-subtherapeutic", "scales_below"),
    ],
)
def test_the_rows_are_those_of_the_cards_on_low_doses(name: str, rule: str, threshold: str) -> None:
    [card] = [card for card in load_catalogue().cards if card.rule == rule]
    here, there = load_thresholds(TABLE).threshold(name), card.knowledge.threshold(threshold)
    assert (here.bands, here.value, here.unit) == (there.bands, there.value, there.unit)


@pytest.mark.parametrize(
    ("ordered", "sets", "ml_min", "mg"),
    [
        (drug("pregabalin"), DIABETIC, 90, 300),
        (drug("pregabalin"), DIABETIC, 45, 150),
        (drug("pregabalin"), DIABETIC, 7.5, 25),
        (drug("pregabalin"), AFTER_ZOSTER, 90, 150),
        (drug("pregabalin"), AFTER_ZOSTER | DIABETIC, 90, 300),
        (drug("pregabalin", Formulation.EXTENDED), DIABETIC, 90, 330),
        (drug("pregabalin", Formulation.EXTENDED), AFTER_ZOSTER, 45, 82.5),
        (drug("gabapentin"), DIABETIC, 60, 900),
        (drug("gabapentin"), DIABETIC, 30, 200),
        (drug("gabapentin"), AFTER_ZOSTER, 7.5, 50),
    ],
)
def test_the_row_of_a_drug_at_a_clearance(ordered: Drug, sets: frozenset[str], ml_min: float, mg: float) -> None:
    row = target_row(ordered, sets)
    assert row is not None
    assert row.at(ml_min) == mg


def test_other_forms_and_other_drugs_have_no_row() -> None:
    assert target_row(drug("gabapentin", Formulation.GASTRORETENTIVE), DIABETIC) is None
    assert target_row(drug("mirogabalin"), DIABETIC) is None
    assert target_row(Drug("duloxetine", frozenset({"duloxetine", "snri"})), DIABETIC) is None
