"""Which facts count for thrombosis or the kidney before immunoglobulin, and what a card says of them (book 4.5)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.catalogue import load_catalogue
from cards.facts import Diagnosis, Facts
from cards.orders import Basket, Drug
from cards.pharmacology.infusion.infusion_risk_factors import Factor, risk_factors
from tests.cards.neurology.charts import IVIG, UNKNOWN, diagnosis, given, graded, ordered, patient
from tests.cards.pharmacology.charts import creatinine, measured, order, present, signed, tall, weight

[CARD] = [card for card in load_catalogue().cards if card.rule == "ivig-infusion-risk"]
IBUPROFEN = Drug("ibuprofen", frozenset({"nsaid_ingredients"}))
CONTRAST = Drug("iohexol", frozenset({"iodinated_contrast_ingredients"}))


def looked_for(facts: Facts, brand: str = "") -> tuple[list[Factor], list[str]]:
    """The factors, and the requests that could not be had."""
    found, unknown = risk_factors(signed(order(drug=IVIG._replace(brand=brand))), facts, CARD.knowledge)
    return found, [error.what for error in unknown]


def factors(*problems: Diagnosis, brand: str = "", **supplied: Any) -> list[Factor]:
    """The factors of a man of 60 with these problems."""
    return looked_for(patient(*problems, **supplied), brand)[0]


@pytest.mark.parametrize(
    ("facts", "kind", "line"),
    [
        (patient(diagnosis("E11.9", 900)), "diabetes", "Diabetes: E11.9 (2023-12-28)"),
        (patient(diagnosis("N18.31", 90)), "kidney", "Kidney disease: N18.31 (2026-03-17)"),
        (patient(diagnosis("E86.0", 1)), "volume", "Volume depletion: E86.0 (2026-06-14)"),
        (patient(diagnosis("A41.9", 1)), "sepsis", "Sepsis: A41.9 (2026-06-14)"),
        (patient(diagnosis("D47.2", 90)), "paraprotein", "Paraprotein: D47.2 (2026-03-17)"),
        (
            patient(medication_orders=ordered(IBUPROFEN, 10)),
            "nephrotoxic",
            "Nephrotoxic drug: ibuprofen (active order of 2026-06-05)",
        ),
        (
            patient(basket=Basket((order(drug=CONTRAST, is_draft=True),))),
            "nephrotoxic",
            "Contrast: iohexol (drafted)",
        ),
        (patient(medication_administrations=given(CONTRAST, 3)), "nephrotoxic", "Contrast: iohexol (2026-06-12)"),
    ],
)
def test_a_fact_of_the_renal_list_counts_for_the_kidney_alone(facts: Facts, kind: str, line: str) -> None:
    (factor,) = looked_for(facts)[0]
    assert (factor.kind, factor.line, factor.is_thrombotic, factor.is_renal) == (kind, line, False, True)


def test_a_low_clearance_counts_for_the_kidney() -> None:
    (factor,) = factors(renal_function=present(creatinine(2.5)), body_size=present(weight(70), tall(178)))
    assert (factor.kind, factor.name, factor.is_thrombotic, factor.is_renal) == (
        "kidney",
        "CrCl 31 mL/min",
        False,
        True,
    )


def test_a_product_with_sucrose_is_named_and_counts_for_the_kidney() -> None:
    (factor,) = factors(brand="Carimune")
    assert (factor.line, factor.is_thrombotic, factor.is_renal) == ("Product: Carimune with sucrose", False, True)


def test_several_vascular_risks_are_one_factor_that_names_them_all() -> None:
    (factor,) = factors(diagnosis("I10"), diagnosis("E11.9"))
    assert factor.line == "Vascular risks: hypertension (I10) and diabetes (E11.9)"
    assert (factor.name, factor.is_thrombotic, factor.is_renal) == ("hypertension and diabetes", True, True)


def test_of_several_codes_the_newest_is_shown() -> None:
    problems = (diagnosis("I26.99", 900), diagnosis("I82.401", 400), diagnosis("I63.9"))
    for in_some_order in (problems, problems[::-1]):
        (factor,) = factors(*in_some_order)
        assert factor.line == "Thrombosis: I82.401 (2025-05-11)"


def test_an_igm_is_shown_to_two_places() -> None:
    (factor,) = factors(immunoglobulin_levels=present(measured("igm", 41.234, unit="g/L", comparator=">")))
    assert (factor.name, factor.line) == ("IgM >41.23 g/L", "IgM >41.23 g/L (2026-05-26)")


def test_a_severe_grade_without_guillain_barre_syndrome_is_no_immobility() -> None:
    assert factors(diagnosis("G61.81", 100), toxicity_grades=present(graded(3))) == []


def test_what_is_coded_needs_no_further_search() -> None:
    catheter = Diagnosis(frozenset({"central_catheter"}), "port", display="port")
    found, unknown = looked_for(
        patient(catheter, diagnosis("C88.0"), procedures=UNKNOWN, immunoglobulin_levels=UNKNOWN)
    )
    assert [factor.kind for factor in found] == ["catheter", "hyperviscosity"]
    assert unknown == []
