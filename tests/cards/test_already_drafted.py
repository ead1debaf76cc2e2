"""What the basket holds already is not offered again: a client fires the hook again after every suggestion taken."""

from __future__ import annotations

import pytest

from cards.already_drafted import not_yet_drafted
from cards.concepts import Code
from cards.opinion import AddNote, OrderService, ProposeDrug, RemoveOrder, Suggestion
from cards.orders import Basket, Drug, MedicationOrder, ServiceOrder

HBSAG = Code("http://loinc.org", "5195-3", "HBsAg", True, ())
NOTE = AddNote("MedicationRequest/1", "Add note: slowly", "give slowly")
TEST = OrderService("Order HBsAg", "HBsAg", HBSAG)
REFERRAL = OrderService("Refer to hepatology", "Referral to hepatology")
DRUG = ProposeDrug("Draft entecavir without dose", "entecavir", Code("rxnorm", "306266", "entecavir", True, ()))
EITHER = ProposeDrug("Draft an antiviral", "entecavir or tenofovir")


def noted(text: str, id: str = "MedicationRequest/1") -> Basket:
    return Basket((MedicationOrder(id, Drug("immunoglobulin"), note=text),))


def sent(code: str = "", display: str = "") -> Basket:
    return Basket(services=(ServiceOrder("ServiceRequest/1", code=code, display=display),))


def drafted(code: str = "", display: str = "") -> Basket:
    return Basket((MedicationOrder("MedicationRequest/2", Drug("entecavir", code=code, display=display)),))


@pytest.mark.parametrize(
    ("suggestion", "basket"),
    [
        (NOTE, noted("weigh first give slowly")),
        (TEST, sent("5195-3")),
        (REFERRAL, sent("", "Referral to hepatology")),
        (DRUG, drafted("306266")),
        (EITHER, drafted("", "entecavir or tenofovir")),
    ],
)
def test_what_is_drafted_already_is_not_offered(suggestion: Suggestion, basket: Basket) -> None:
    assert not_yet_drafted((suggestion, RemoveOrder("MedicationRequest/1", "Remove it")), basket) == (
        RemoveOrder("MedicationRequest/1", "Remove it"),
    )


@pytest.mark.parametrize(
    ("suggestion", "basket"),
    [
        (NOTE, noted("weigh first")),
        (NOTE, noted("give slowly", "MedicationRequest/2")),
        (TEST, sent("16933-4", "HBsAg")),
        (REFERRAL, sent("", "Referral to neurology")),
        (DRUG, drafted("306267")),
        (EITHER, drafted("", "tenofovir")),
        (NOTE, Basket()),
    ],
)
def test_what_is_not_there_yet_is_offered(suggestion: Suggestion, basket: Basket) -> None:
    assert not_yet_drafted((suggestion,), basket) == (suggestion,)
