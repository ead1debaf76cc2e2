"""First or later dose of a course of anti-CD20 antibodies (book 5.1)."""

from __future__ import annotations

import pytest

from cards.orders import Basket, Drug, Hook, MedicationOrder, OrderedDrug, Route
from cards.pharmacology.infusion.anti_cd20_course import course_line, earlier_dose, is_later_dose
from tests.cards.neurology.charts import PEMBROLIZUMAB, UNKNOWN, given, ordered, patient
from tests.cards.pharmacology.charts import chart

RITUXIMAB = Drug("rituximab", frozenset({"rituximab", "anti_cd20"}))
OCRELIZUMAB = Drug("ocrelizumab", frozenset({"anti_cd20"}))


@pytest.mark.parametrize(("days", "later"), [(1, True), (180, True), (181, False)])
def test_a_dose_of_the_last_180_days_makes_this_a_later_one(days: int, later: bool) -> None:
    assert is_later_dose(patient(medication_administrations=given(RITUXIMAB, days))) is later
    assert is_later_dose(patient(medication_orders=ordered(OCRELIZUMAB, days))) is later


def test_another_drug_makes_no_course() -> None:
    assert not is_later_dose(patient(medication_administrations=given(PEMBROLIZUMAB, 10)))


def test_an_unread_history_counts_as_a_first_dose() -> None:
    assert not is_later_dose(patient(medication_administrations=UNKNOWN, medication_orders=UNKNOWN))


def test_an_order_alone_does_not_show_that_a_dose_was_given() -> None:
    order = ordered(RITUXIMAB, 60)
    for supplied, line, is_order_only in (
        ({"medication_orders": order}, "rituximab ordered on 2026-04-16 (no dose recorded)", True),
        (
            {"medication_orders": order, "medication_administrations": UNKNOWN},
            "rituximab ordered on 2026-04-16 (doses given could not be checked)",
            True,
        ),
        (
            {"medication_orders": order, "medication_administrations": given(OCRELIZUMAB, 90)},
            "ocrelizumab given on 2026-03-17",
            False,
        ),
    ):
        assert earlier_dose(patient(**supplied)) == (f"Earlier anti-CD20: {line}", is_order_only)
    assert earlier_dose(patient()) is None


def drafted(drug: Drug, route: Route | None = None) -> MedicationOrder:
    """A draft without a dose."""
    return MedicationOrder(f"MedicationRequest/{drug.name}-{route}", drug, route=route, is_draft=True)


@pytest.mark.parametrize(
    ("others", "line"),
    [
        ((), "rituximab, no dose stated."),
        ((drafted(PEMBROLIZUMAB),), "rituximab, no dose stated."),
        (
            (drafted(RITUXIMAB, Route.SUBCUTANEOUS), drafted(OCRELIZUMAB)),
            "rituximab, no dose stated. Also drafted: rituximab subcutaneous and ocrelizumab.",
        ),
    ],
)
def test_a_card_names_every_anti_cd20_antibody_of_the_basket(others: tuple[MedicationOrder, ...], line: str) -> None:
    one = drafted(RITUXIMAB)
    facts = chart(basket=Basket((one, *others)))
    assert course_line(OrderedDrug(Hook.ORDER_SIGN, (one,)), facts) == line
