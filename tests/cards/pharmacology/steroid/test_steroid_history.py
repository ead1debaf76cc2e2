"""A full steroid dose elsewhere: in the basket or on record (book 3.8)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.orders import Amount, Basket, Drug, MedicationOrder, Route
from cards.pharmacology.steroid.steroid_history import has_full_dose_elsewhere
from tests.cards.neurology.charts import UNKNOWN
from tests.cards.pharmacology.charts import a_day, ago, chart, line, mg, order, present, signed

STEROID = frozenset({"systemic_corticosteroid"})
METHYLPREDNISOLONE = Drug("methylprednisolone", STEROID)
TAPER = order(line(mg(60), a_day(1)), drug=Drug("prednisone", STEROID))


def pulse(days: int | None = 10, *, dose: float = 1000, **details: object) -> MedicationOrder:
    """A pulse of methylprednisolone of so many days ago."""
    day = None if days is None else ago(days)
    known = {"id": "MedicationRequest/9", "status": "completed", "authored_on": day, **details}
    return order(line(mg(dose), a_day(1)), drug=METHYLPREDNISOLONE, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (pulse(42), True),
        (pulse(43), False),
        (pulse(43, status="active"), True),
        (pulse(None), False),
        (pulse(dose=120), True),
        (pulse(dose=119), False),
        (pulse(status="entered-in-error"), False),
        (pulse(route=Route.TOPICAL), False),
        (pulse(id=TAPER.id), False),
        (order(drug=METHYLPREDNISOLONE, id="MedicationRequest/9", status="active"), False),
    ],
)
def test_an_order_on_record_counts_while_it_is_of_late(one: MedicationOrder, expected: bool) -> None:
    facts = chart(medication_orders=present(one))
    assert has_full_dose_elsewhere(signed(TAPER), facts, 150, 42, weight_kg=80) is expected


def test_another_draft_counts_whatever_is_on_record() -> None:
    facts = chart(basket=Basket((TAPER, pulse(0, status="draft"))), medication_orders=UNKNOWN)
    assert has_full_dose_elsewhere(signed(TAPER), facts, 150, 42, weight_kg=80)


def test_the_order_itself_and_other_drugs_of_the_basket_are_not_elsewhere() -> None:
    own, other = pulse(0, status="draft"), order(line(mg(150), a_day(1)), id="MedicationRequest/2")
    assert not has_full_dose_elsewhere(signed(own), chart(basket=Basket((own, other))), 150, 42, weight_kg=80)


@pytest.mark.parametrize(("mg_per_kg", "expected"), [(2, True), (1, False)])
def test_a_dose_per_kg_is_worked_out_with_the_weight(mg_per_kg: float, expected: bool) -> None:
    given = order(
        line(Amount(mg_per_kg, mg_per_kg, "mg/kg"), a_day(1)), drug=METHYLPREDNISOLONE, id="MedicationRequest/2"
    )
    assert (
        has_full_dose_elsewhere(signed(TAPER), chart(basket=Basket((TAPER, given))), 150, 42, weight_kg=80) is expected
    )


def test_unknown_orders_are_no_negative() -> None:
    with pytest.raises(NotKnown):
        has_full_dose_elsewhere(signed(TAPER), chart(medication_orders=UNKNOWN), 150, 42, weight_kg=80)
