"""Brands, what stabilises them, and when another may be named."""

from __future__ import annotations

import pytest

from cards.orders import Amount, DoseLine, Drug, MedicationOrder
from cards.pharmacology.infusion.immunoglobulin_product import contains, other_product, product_name


def ivig(brand: str = "") -> Drug:
    return Drug("immunoglobulin", frozenset({"ivig"}), brand=brand)


@pytest.mark.parametrize(
    ("brand", "stabiliser", "is_inside"),
    [
        ("Octagam 10% (Pfizer)", "maltose", True),
        ("Octagam", "maltose", True),
        ("Octagam 5%", "sorbitol", False),
        ("Flebogamma", "sorbitol", True),
        ("Gammaplex 5%", "sorbitol", True),
        ("Gammaplex 10%", "sorbitol", False),
        ("Gammaplex", "sorbitol", None),
        ("Gammaplex", "maltose", False),
        ("Privigen", "proline", True),
        ("Gamunex", "proline", False),
        ("Carimune", "sucrose", True),
        ("Alyglo", "sucrose", None),
        ("Kiovig", "sucrose", None),
        ("", "maltose", None),
    ],
)
def test_what_stabilises_a_brand(brand: str, stabiliser: str, is_inside: bool | None) -> None:
    assert contains(ivig(brand), stabiliser) is is_inside


def test_a_product_without_a_brand_is_called_ivig() -> None:
    assert product_name(ivig()) == "IVIG"
    assert product_name(ivig("Privigen")) == "Privigen"


GRAMS = DoseLine(amount=Amount(30, 30, "g"))


@pytest.mark.parametrize(
    ("order", "is_offered"),
    [
        ({"lines": (GRAMS,)}, True),
        ({"lines": (GRAMS._replace(text="30 g IV daily for 5 days"),)}, True),
        ({"lines": (GRAMS,), "quantity": Amount(150, 150, "g")}, True),
        ({"lines": (GRAMS,), "quantity": Amount(15, 15, "count")}, False),
        ({"lines": (GRAMS._replace(amount=Amount(300, 300, "mL")),)}, False),
        ({"lines": (GRAMS._replace(text="privigen 30 g"),)}, False),
        ({"lines": (GRAMS._replace(patient_instruction="start at 0.5 mL/kg/h"),)}, False),
        ({"lines": (GRAMS,), "note": "use 10 % solution"}, False),
    ],
)
def test_another_product_is_named_only_where_the_rest_of_the_draft_allows(
    order: dict[str, object], is_offered: bool
) -> None:
    offer = other_product(MedicationOrder("MedicationRequest/1", ivig("Privigen"), **order))  # type: ignore[arg-type]
    assert (offer is not None) is is_offered
    if offer is not None:
        assert (offer.text, offer.code and offer.code.code) == ("Gammagard Liquid", "42697")


def test_a_number_in_the_name_of_a_product_ties_nothing() -> None:
    line = GRAMS._replace(text="30 g IV over 10 hours")
    assert other_product(MedicationOrder("MedicationRequest/1", ivig("Octagam 10%"), (line,))) is not None
