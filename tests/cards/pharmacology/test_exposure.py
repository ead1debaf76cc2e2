"""On which days a drug was given or ordered."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Administration
from cards.orders import Basket, MedicationOrder
from cards.pharmacology.exposure import (
    Exposure,
    exposures,
    exposures_dispensed,
    exposures_given,
    orders_taken,
)
from tests.cards.neurology.charts import IVIG, PEMBROLIZUMAB, UNKNOWN, ago, given, ordered, patient
from tests.cards.pharmacology.charts import chart, present


def test_doses_and_orders_count_together_newest_first_and_once() -> None:
    facts = patient(medication_administrations=given(IVIG, 300, 40), medication_orders=ordered(IVIG, 300, 20))
    assert exposures(facts, "ivig") == tuple(Exposure(ago(days), IVIG) for days in (20, 40, 300))


def test_what_was_handed_out_counts_on_its_day_and_is_no_dose_given() -> None:
    facts = patient(medication_dispenses=given(IVIG, 60, kind="dispense"), medication_orders=ordered(IVIG, 300))
    assert exposures(facts, "ivig") == tuple(Exposure(ago(days), IVIG) for days in (60, 300))
    assert exposures_given(facts, ("ivig",)) == []
    assert exposures_dispensed(facts, ("ivig",)) == [Exposure(ago(60), IVIG)]


def test_other_drugs_are_left_out() -> None:
    facts = patient(medication_administrations=given(PEMBROLIZUMAB, 40))
    assert exposures(facts, "ivig") == ()


def test_a_record_of_several_days_counts_with_its_first_and_last() -> None:
    course = Administration(IVIG, given_on=ago(10), ended_on=ago(6))
    running = Administration(IVIG, given_on=ago(3), ended_on=ago(-2))
    facts = patient(medication_administrations=present(course, running))
    assert {exposure.on for exposure in exposures_given(facts, ("ivig",))} == {ago(10), ago(6), ago(3), ago(0)}


def test_a_record_that_ends_on_its_first_day_is_one_day() -> None:
    facts = patient(medication_administrations=present(Administration(IVIG, given_on=ago(5), ended_on=ago(5))))
    assert exposures_given(facts, ("ivig",)) == [Exposure(ago(5), IVIG)]


def test_what_is_undated_or_only_intended_is_no_exposure() -> None:
    doses = Administration(IVIG), Administration(IVIG, given_on=ago(5), is_intended=True)
    assert exposures(patient(medication_administrations=present(*doses)), "ivig") == ()


@pytest.mark.parametrize(
    ("days", "status", "counts"),
    [
        (1, "active", True),
        (1, "completed", True),
        (1, "stopped", True),
        (1, "on-hold", True),
        (1, "unknown", False),
        (0, "active", False),
    ],
)
def test_orders_that_were_meant_to_be_taken_count_from_the_next_day(days: int, status: str, counts: bool) -> None:
    facts = patient(medication_orders=ordered(IVIG, days, status=status))
    assert bool(orders_taken(facts, ("ivig",))) is counts
    assert bool(exposures(facts, "ivig")) is counts


def test_one_record_that_could_not_be_had_leaves_it_open_only_where_nothing_was_found() -> None:
    found = patient(medication_administrations=UNKNOWN, medication_orders=ordered(IVIG, 20))
    assert exposures(found, "ivig")
    for missing in ("medication_administrations", "medication_orders"):
        with pytest.raises(NotKnown, match="refused"):
            exposures(patient(**{missing: UNKNOWN}), "ivig")


def test_an_order_that_is_signed_again_is_no_earlier_one() -> None:
    on_record = present(MedicationOrder("o1", IVIG, status="active", authored_on=ago(20)))
    for drafted, counts in (("o1", False), ("o2", True)):
        basket = Basket(medications=(MedicationOrder(drafted, IVIG, is_draft=True),))
        facts = chart(basket=basket, medication_orders=on_record)
        assert bool(orders_taken(facts, ("ivig",))) is counts
