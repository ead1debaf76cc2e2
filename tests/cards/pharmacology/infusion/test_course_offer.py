"""The usual course of immunoglobulin as an offer (book 4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.catalogue import load_catalogue
from cards.opinion import SetSchedule
from cards.orders import Amount, Cap, Drug, MedicationOrder, Timing
from cards.pharmacology.infusion.course_offer import offer_course, offer_single_course
from cards.pharmacology.infusion.dosing_weight import DosingWeight
from cards.pharmacology.infusion.repeated_courses import plan_of
from tests.cards.pharmacology.charts import AS_OF, a_day, line, order, signed

IVIG = Drug("immunoglobulin", frozenset({"ivig"}))
[KNOWLEDGE] = [card.knowledge for card in load_catalogue().cards if card.rule == "ivig-dose-weight"]


def draft(grams: float = 20, days: int | None = 5, **details: Any) -> MedicationOrder:
    """So many grams on so many days."""
    return order(line(Amount(grams, grams, "g"), a_day(1, lasts_days=days), **details), drug=IVIG)


def offered(*drafts: MedicationOrder, weight: DosingWeight | None = None, **details: Any) -> tuple[SetSchedule, ...]:
    """What is offered for these drafts, at 80 kg unless said."""
    return offer_course(signed(*drafts), weight or DosingWeight(80), KNOWLEDGE, AS_OF, **details)


def grams(*drafts: MedicationOrder, **details: Any) -> list[float]:
    """g a day of what is offered."""
    return [offer.dose.high for offer in offered(*drafts, **details) if offer.dose is not None]


def test_the_course_is_a_dose_per_kg_rounded_to_vials() -> None:
    (offer,) = offered(draft())
    assert offer.label == "Change to 30 g once daily for 5 days (0.4 g/kg x 80 kg actual weight)"
    assert (offer.days, offer.count, offer.frequency, offer.period, offer.period_unit) == (5, 5, 1, 1, "d")
    assert (offer.dose, offer.text, offer.recommended) == (Amount(30, 30, "g"), "30 g once daily for 5 days", True)


@pytest.mark.parametrize(
    ("kg", "rounded"), [(45, 20), (56.2, 20), (56.25, 25), (62, 25), (80, 30), (82, 35), (100, 40)]
)
def test_rounding_is_to_the_nearest_vial(kg: float, rounded: float) -> None:
    assert grams(draft(), weight=DosingWeight(kg)) == [rounded]


def test_an_adjusted_weight_makes_it_a_choice() -> None:
    heavy = DosingWeight(140, lighter=(("adjusted", 98.3), ("ideal", 70.5)))
    assert grams(draft(), weight=heavy) == [55, 40]
    assert {offer.recommended for offer in offered(draft(), weight=heavy)} == {False}
    alike = DosingWeight(80, lighter=(("adjusted", 78.0),))
    assert [(o.recommended, "actual" in o.label) for o in offered(draft(), weight=alike)] == [(True, True)]


def test_it_is_recommended_only_where_the_card_says_so() -> None:
    assert [offer.recommended for offer in offered(draft(), recommended=False)] == [False]


def test_the_last_draft_completes_the_course() -> None:
    assert grams(draft(10), draft(5)) == [20]
    assert grams(draft(30), draft(5)) == []
    assert grams(draft(10, 3), draft(5)) == []
    assert grams(draft(10), draft(10, 3), draft(5)) == []
    assert grams(order(line(Amount(10, 10, "g"), None), drug=IVIG), draft(5)) == []


@pytest.mark.parametrize(
    "unchangeable",
    [
        draft(from_text=True),
        draft(as_needed=True),
        draft(cap=Cap(Amount(30, 30, "g"), 1)),
        order(line(None, a_day(1)), drug=IVIG),
        order(line(Amount(20, 20, "g"), a_day(1)), line(Amount(10, 10, "g"), a_day(1)), drug=IVIG),
    ],
    ids=["words", "as needed", "a limit", "no dose", "two lines"],
)
def test_a_draft_that_says_more_is_left_alone(unchangeable: MedicationOrder) -> None:
    assert grams(unchangeable) == []


def test_without_a_weight_there_is_no_offer() -> None:
    assert grams(draft(), weight=DosingWeight()) == []


# -- the first of several courses alone -------------------------------------------------------------------------------


def alone(*drafts: MedicationOrder, **details: Any) -> list[SetSchedule]:
    """The single course that is offered for these drafts."""
    return list(offer_single_course(signed(*drafts), plan_of(drafts, AS_OF), AS_OF, **details))


def every_4_weeks(times: float = 5, amount: Amount | None = Amount(30, 30, "g"), **timing: Any) -> MedicationOrder:  # noqa: B008 - immutable
    """So many infusions every 28 days."""
    return order(line(amount, Timing(frequency=times, period=28, period_unit="d", **timing)), drug=IVIG)


def test_the_first_course_is_offered_at_its_dose() -> None:
    (offer,) = alone(every_4_weeks())
    assert offer.label == "Change to a single course: 30 g once daily for 5 days"
    assert (offer.days, offer.count, offer.dose, offer.ends_refills, offer.recommended) == (5, 5, None, False, True)
    (offer,) = alone(every_4_weeks(1), recommended=False)
    assert (offer.text, offer.recommended) == ("30 g once", False)
    (offer,) = alone(every_4_weeks(1, Amount(0.375, 0.375, "g/kg")))
    assert offer.text == "0.375 g/kg once"
    (offer,) = alone(every_4_weeks(1, Amount(20, 30, "g")))
    assert offer.text == "once"
    (offer,) = alone(every_4_weeks(5, Amount(2, 2, "count")))
    assert offer.text == "once daily for 5 days"


@pytest.mark.parametrize("refills", [1, 2])
def test_refills_end_with_it(refills: int) -> None:
    (offer,) = alone(draft()._replace(refills=refills))
    assert (offer.days, offer.ends_refills) == (5, True)


@pytest.mark.parametrize(
    "drafts",
    [
        (draft(),),
        (every_4_weeks(), every_4_weeks()),
        (draft(days=None)._replace(refills=1),),
        (every_4_weeks(1, duration=2, duration_days=2.0),),
        (order(line(Amount(15, 15, "g"), a_day(2, lasts_days=5)), drug=IVIG)._replace(refills=1),),
        (order(line(Amount(20, 20, "g"), Timing(days_of_week=("mon", "wed", "fri"))), drug=IVIG),),
        (order(line(Amount(20, 20, "g"), None), drug=IVIG)._replace(refills=1),),
        (every_4_weeks(5, None),),
    ],
    ids=["one course", "drafts", "no end", "spread dose", "twice a day", "days apart", "no timing", "no dose"],
)
def test_where_no_single_course_can_be_offered(drafts: tuple[MedicationOrder, ...]) -> None:
    assert alone(*drafts) == []
