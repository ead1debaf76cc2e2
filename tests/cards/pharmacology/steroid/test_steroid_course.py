"""Steroid orders in prednisone, and how long they run (book 1.3, 1.5)."""

from __future__ import annotations

from datetime import date
from math import inf
from typing import Any

import pytest

from cards.concepts import Strength
from cards.opinion import CannotTell, NothingToAdd
from cards.orders import Amount, Drug, Route, Timing
from cards.pharmacology.steroid.steroid_course import (
    SteroidCourse,
    course_by_weight,
    in_mg,
    is_per_kg,
    says_taper,
    steroid_course,
)
from tests.cards.pharmacology.charts import a_day, chart, line, mg, order, present, signed, weight

SYSTEMIC = frozenset({"systemic_corticosteroid"})
PREDNISONE = Drug("prednisone", SYSTEMIC)
TABLET = Drug("prednisone", SYSTEMIC, strength=Strength(20, "mg", "tablet"))


def course(*lines: Any, drug: Drug = PREDNISONE, **details: Any) -> SteroidCourse:
    """The course of one draft."""
    found = steroid_course(signed(order(*lines, drug=drug, **details)))
    assert isinstance(found, SteroidCourse), found
    return found


@pytest.mark.parametrize(
    ("drug", "dose", "ingredient", "prednisone"),
    [
        ("prednisone", 60, "prednisone", 60),
        ("methylprednisolone", 1000, "methylprednisolone", 1250),
        ("dexamethasone", 6, "dexamethasone", 40.02),
        ("Solu-Cortef", 100, "hydrocortisone", 25),
    ],
)
def test_the_peak_is_in_prednisone(drug: str, dose: float, ingredient: str, prednisone: float) -> None:
    found = course(line(mg(dose), a_day(1)), drug=Drug(drug, SYSTEMIC))
    assert (found.ingredient, found.peak_mg) == (ingredient, pytest.approx(prednisone))


@pytest.mark.parametrize(
    ("details", "days"),
    [
        ({}, inf),
        ({"supply_days": 7}, 7),
        ({"supply_days": 7, "refills": 2}, 21),
        ({"drug": TABLET, "quantity": Amount(10, 10, "count")}, 10),
        ({"quantity": Amount(10, 10, "count")}, inf),
    ],
)
def test_an_order_without_an_end_runs_as_long_as_its_supply(details: dict[str, Any], days: float) -> None:
    assert course(line(mg(20), a_day(1)), **details).days_at(20) == days


def test_a_count_of_doses_tells_the_days() -> None:
    found = course(line(mg(20), a_day(2, count=6)))
    assert (found.days_at(40), found.doses_at(40)) == (3, 6)


def test_the_length_of_an_order_goes_before_its_supply() -> None:
    assert course(line(mg(20), a_day(1, lasts_days=5)), supply_days=30).days_at(20) == 5


def test_days_count_at_the_dose_asked_for() -> None:
    tapered = course(
        line(mg(40), a_day(1, lasts_days=5), sequence=1),
        line(mg(20), a_day(1, lasts_days=7), sequence=2),
        line(mg(5), a_day(1, lasts_days=9), sequence=3),
    )
    assert (tapered.peak_mg, tapered.days_at(40), tapered.days_at(20), tapered.days_at(1)) == (40, 5, 12, 21)
    assert tapered.doses_at(20) == 12  # at least one a day
    assert tapered.days_at(41) == tapered.doses_at(41) == 0


def test_one_administration_is_a_single_dose() -> None:
    assert course(line(mg(100), a_day(1, lasts_days=1))).is_single_dose
    assert not course(line(mg(100), a_day(2, lasts_days=1))).is_single_dose
    assert not course(line(mg(100), a_day(1))).is_single_dose


def test_a_dose_given_once_lasts_one_day_and_is_in_prednisone() -> None:
    pulse = course(line(mg(1000), Timing(count=1)), drug=Drug("methylprednisolone", SYSTEMIC))
    assert (pulse.peak_mg, pulse.days_at(1250), pulse.doses) == (1250, 1, 1)


def test_two_lines_of_one_day_are_no_single_dose() -> None:
    assert not course(line(mg(60), a_day(1, lasts_days=1)), line(mg(40), a_day(1, lasts_days=1))).is_single_dose


def test_single_doses_on_lines_of_one_order_are_as_many_doses() -> None:
    undated = course(*[line(mg(50), Timing(count=1))] * 3)
    assert (undated.peak_mg, undated.doses_at(20), undated.is_single_dose) == (150, 3, False)
    dated = course(*[line(mg(at), Timing(events=(date(2026, 6, day),))) for at, day in ((60, 15), (40, 17), (10, 19))])
    assert (dated.peak_mg, dated.doses_at(20), dated.is_single_dose) == (60, 2, False)


def test_two_single_doses_are_two_doses() -> None:
    once = line(mg(500), a_day(1, count=1))
    one = steroid_course(signed(order(once, drug=PREDNISONE)))
    both = steroid_course(signed(order(once, drug=PREDNISONE), order(once, drug=PREDNISONE, id="MedicationRequest/2")))
    assert isinstance(one, SteroidCourse)
    assert isinstance(both, SteroidCourse)
    assert (one.is_single_dose, both.is_single_dose, both.doses_at(20)) == (True, False, 2)


def test_two_drafts_run_as_long_as_the_longer_one() -> None:
    drafts = [
        order(line(mg(10), a_day(1, lasts_days=days)), drug=PREDNISONE, id=f"MedicationRequest/{days}")
        for days in (5, 9)
    ]
    found = steroid_course(signed(*drafts))
    assert isinstance(found, SteroidCourse)
    assert (found.peak_mg, found.days_at(20), found.doses) == (20, 9, None)


@pytest.mark.parametrize("drug", ["hydrocortisone 1 % cream", "prednisolone 1 % ophthalmic suspension"])
def test_a_local_preparation_is_not_systemic(drug: str) -> None:
    found = steroid_course(signed(order(line(mg(500), a_day(2)), drug=Drug(drug, SYSTEMIC))))
    assert found == NothingToAdd("not given systemically")


@pytest.mark.parametrize(
    ("route", "is_systemic"), [(route, route not in (Route.TOPICAL, Route.OTHER)) for route in Route]
)
def test_the_route_tells_systemic_use(route: Route, is_systemic: bool) -> None:
    found = steroid_course(signed(order(line(mg(60), a_day(1)), drug=PREDNISONE, route=route)))
    assert isinstance(found, SteroidCourse) is is_systemic


def test_a_steroid_without_an_equivalent_and_an_unreadable_dose_cannot_be_told() -> None:
    other = steroid_course(signed(order(line(mg(9), a_day(1)), drug=Drug("budesonide", SYSTEMIC))))
    assert other == CannotTell("no prednisone equivalent for budesonide", ("order",), book_is_silent=True)
    unread = steroid_course(signed(order(drug=PREDNISONE)))
    assert isinstance(unread, CannotTell)
    assert unread.book_is_silent


def test_doses_after_dialysis_alone_are_no_daily_dose() -> None:
    found = steroid_course(signed(order(line(mg(60), a_day(1), after_dialysis=True), drug=PREDNISONE)))
    assert found == NothingToAdd("only after dialysis")


def test_a_dose_per_kg_becomes_a_dose_in_mg() -> None:
    per_kg = signed(order(line(Amount(1, 2, "mg/kg"), a_day(1)), line(None, None), drug=PREDNISONE))
    assert is_per_kg(per_kg)
    worked_out = in_mg(per_kg, 80)
    assert not is_per_kg(worked_out)
    assert [one.amount for one in worked_out.last.lines] == [Amount(80, 160, "mg"), None]


@pytest.mark.parametrize(("times", "mg_each_time"), [(1, 80), (2, 40)])
def test_a_dose_per_kg_and_day_is_shared_among_the_times(times: int, mg_each_time: float) -> None:
    worked_out = in_mg(signed(order(line(Amount(1, 1, "mg/kg/d"), a_day(times)), drug=PREDNISONE)), 80)
    assert worked_out.last.lines[0].amount == mg(mg_each_time)


@pytest.mark.parametrize(
    ("words", "note", "expected"),
    [("60 mg daily, taper over 4 weeks", "", True), ("60 mg daily", "Tapering plan given", True), ("60 mg", "", False)],
)
def test_a_taper_may_stand_in_the_words(words: str, note: str, expected: bool) -> None:
    assert says_taper(signed(order(line(mg(60), a_day(1), text=words), note=note))) is expected


def test_a_course_per_kg_needs_a_weight_of_late() -> None:
    per_kg = signed(order(line(Amount(2, 2, "mg/kg"), a_day(1)), drug=Drug("methylprednisolone", SYSTEMIC)))
    found = course_by_weight(per_kg, chart(body_size=present(weight(80))))
    assert isinstance(found, SteroidCourse)
    assert found.peak_in("methylprednisolone") == pytest.approx(160)
    assert course_by_weight(per_kg, chart(body_size=present(weight(80, 91)))) is None
