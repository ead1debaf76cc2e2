"""What the basket holds already is not offered again: a client fires the hook again after every suggestion taken."""

from __future__ import annotations

import pytest

from cards.already_drafted import not_yet_drafted
from cards.concepts import Code, load_value_sets
from cards.opinion import AddNote, OrderService, ProposeDrug, RemoveOrder, Suggestion
from cards.orders import Basket, Drug, MedicationOrder, ServiceOrder
from cards.suggested_orders import order_by_concept, order_test

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


def coded(code: str, system: str = "loinc") -> Basket:
    """A drafted test as it is read from this code."""
    return Basket(services=(ServiceOrder("ServiceRequest/1", load_value_sets().coded(system, code), code=code),))


HEPATOLOGY = order_by_concept("gastroenterology_hepatology", "Refer to hepatology", "Referral to hepatology")


@pytest.mark.parametrize(
    ("suggestion", "basket"),
    [
        (order_test("hbv-dna", "Order HBV DNA"), coded("42595-9")),
        (order_test("hbsag", "Order HBsAg"), coded("5196-1")),
        (order_test("anti-hbc-total", "Order anti-HBc"), coded("13952-7")),
        (order_test("creatinine", "Order creatinine"), coded("38483-4")),
        (order_test("hba1c", "Order HbA1c"), coded("59261-8")),
        (HEPATOLOGY, coded("308476000", "snomed")),
    ],
)
def test_the_same_test_under_another_code_is_not_offered(suggestion: Suggestion, basket: Basket) -> None:
    assert not_yet_drafted((suggestion,), basket) == ()


@pytest.mark.parametrize(
    ("suggestion", "basket"),
    [
        (order_test("hbv-dna", "Order HBV DNA"), coded("29610-3")),  # detected or not, without an amount
        (order_test("anti-hbc-total", "Order anti-HBc"), coded("24113-3")),  # IgM
        (order_test("hbsag", "Order HBsAg"), coded("7905-3")),  # a confirmatory test is no screen
        (order_test("glucose-plasma", "Order laboratory glucose"), coded("41653-7")),  # from a finger
        (order_test("igg", "Order IgG"), coded("2472-9")),
        (order_test("viscosity", "Order viscosity"), coded("99999-9")),
    ],
)
def test_another_test_of_the_same_disease_is_not_the_same_test(suggestion: Suggestion, basket: Basket) -> None:
    assert not_yet_drafted((suggestion,), basket) == (suggestion,)
