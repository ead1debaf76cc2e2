"""Exposure chain, days on a dose, starter supply, what was tried before (book 1.6)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.errors import NotKnown
from cards.facts import State, Supplied
from cards.orders import Amount, Basket, MedicationOrder, Timing
from cards.pharmacology.therapy_history import (
    TherapyHistory,
    days_at_least,
    is_same_dose,
    is_starter_supply,
    is_supply_within,
    therapy_history,
    tried_higher,
)
from tests.cards.pharmacology.charts import CAPSULE_75, a_day, ago, chart, line, mg, order, present, signed

DRAFT = order(line(mg(75), a_day(2)), is_draft=True)


def taken(
    dose: float | None, days: int | None, status: str = "active", id: str = "", **details: Any
) -> MedicationOrder:
    """An order on record of so many days ago; dose None: not readable."""
    lines = (line(mg(dose), a_day(1)),) if dose else ()
    day = None if days is None else ago(days)
    return order(*lines, id=id or f"MedicationRequest/{days}-{dose}", status=status, authored_on=day, **details)


def history(*orders: MedicationOrder) -> TherapyHistory:
    """The history that these orders make."""
    return therapy_history(chart(medication_orders=present(*orders)), signed(DRAFT), "pregabalin")


def test_without_orders_it_is_a_new_start() -> None:
    found = therapy_history(chart(), signed(DRAFT), "pregabalin")
    assert (found.is_new_start, found.is_established, found.current_mg, found.days_on) == (True, False, None, 0)


def test_orders_of_which_nobody_knows_whether_they_were_taken_are_no_history() -> None:
    assert history(taken(150, 20, "unknown")).is_new_start


def test_unread_orders_are_not_known() -> None:
    with pytest.raises(NotKnown):
        therapy_history(chart(medication_orders=Supplied(State.UNKNOWN)), signed(DRAFT), "pregabalin")


@pytest.mark.parametrize("ended", [31, 200])
def test_a_first_page_with_none_of_late_shows_no_gap(ended: int) -> None:
    """A later order may stand on the next page (book 0.6)."""
    page = present(taken(150, 300, "stopped", ended_on=ago(ended)), is_complete=False)
    with pytest.raises(NotKnown, match="only part"):
        therapy_history(chart(medication_orders=page), signed(DRAFT), "pregabalin")
    running = present(taken(150, 300), is_complete=False)
    assert therapy_history(chart(medication_orders=running), signed(DRAFT), "pregabalin").is_established


@pytest.mark.parametrize(
    ("ended", "is_new_start", "is_restart"),
    [(30, False, False), (31, False, True), (60, False, True), (61, True, False)],
)
def test_how_long_ago_the_last_exposure_was(ended: int, is_new_start: bool, is_restart: bool) -> None:
    found = history(taken(150, 200, "stopped", ended_on=ago(ended)))
    assert (found.is_new_start, found.is_restart) == (is_new_start, is_restart)


def test_an_active_order_reaches_to_today_however_old() -> None:
    found = history(taken(150, 400, supply_days=30))
    assert (found.is_established, found.days_on, found.days_on_drug) == (True, 400, 400)


@pytest.mark.parametrize(
    ("details", "is_established"),
    [
        ({"supply_days": 30}, True),
        ({"supply_days": 29}, False),
        ({"supply_days": 10, "refills": 2}, True),
        ({"quantity": Amount(4500, 4500, "mg")}, True),
        ({"quantity": Amount(4350, 4350, "mg")}, False),
        ({"quantity": Amount(30, 30, "count")}, False),
        ({}, False),
    ],
)
def test_a_completed_order_reaches_as_far_as_its_supply(details: dict[str, Any], is_established: bool) -> None:
    assert history(taken(150, 60, "completed", **details)).is_established is is_established


def test_a_bounded_dosage_reaches_as_far_as_its_bound() -> None:
    bounded = order(line(mg(150), a_day(1, lasts_days=40)), id="1", status="completed", authored_on=ago(60))
    assert history(bounded).is_established


def test_a_supply_for_longer_than_the_calendar_reaches_to_today() -> None:
    found = history(taken(150, 60, "completed", supply_days=1e12))
    assert (found.is_established, found.days_on) == (True, 60)


def test_an_order_on_hold_is_no_present_dose() -> None:
    found = history(taken(300, 20, "on-hold"), taken(150, 60))
    assert (found.current_mg, found.days_on, found.days_on_drug) == (150, 60, 60)


def test_without_a_present_order_there_is_no_present_dose() -> None:
    found = history(taken(150, 20, "stopped"))
    assert (found.is_established, found.current_mg, found.days_on, found.has_unreadable_dose) == (True, None, 0, False)


@pytest.mark.parametrize(
    ("dose", "ended", "days_on"), [(75, 0, 0), (75, 8, 8), (75, 40, 60), (150, 0, 60), (None, 0, 60)]
)
def test_another_dose_taken_since_and_stopped_breaks_the_run(dose: float | None, ended: int, days_on: int) -> None:
    found = history(taken(dose, 40, "stopped", ended_on=ago(ended)), taken(150, 60))
    assert (found.current_mg, found.days_on, found.days_on_drug) == (150, days_on, 60)


def test_the_latest_order_is_the_present_dose() -> None:
    found = history(taken(75, 60), taken(150, 8))
    assert (found.current_mg, found.days_on, found.days_on_drug) == (150, 8, 60)


def test_renewals_of_one_dose_are_one_run_that_another_dose_ends() -> None:
    assert history(taken(150, 80), taken(150, 50), taken(150, 20)).days_on == 80
    assert history(taken(150, 80), taken(75, 50), taken(150, 20)).days_on == 20


def test_of_two_other_doses_that_were_stopped_since_the_last_breaks_the_run() -> None:
    others = taken(75, 40, "stopped", ended_on=ago(8)), taken(300, 50, "stopped", ended_on=ago(30))
    assert history(*others, taken(150, 60)).days_on == 8


@pytest.mark.parametrize(("dose", "days_on"), [(143, 60), (142, 20)])
def test_the_same_dose_is_within_a_twentieth(dose: float, days_on: int) -> None:
    assert history(taken(dose, 60), taken(150, 20)).days_on == days_on


def test_a_dose_that_cannot_be_read_belongs_to_the_run() -> None:
    found = history(taken(75, 90), taken(150, 60), taken(None, 40), taken(150, 20))
    assert (found.current_mg, found.days_on) == (150, 60)


def test_an_unreadable_present_dose_is_said() -> None:
    found = history(taken(150, 60), taken(None, 20))
    assert (found.current_mg, found.has_unreadable_dose, found.days_on) == (None, True, 60)


@pytest.mark.parametrize(("gap", "days"), [(30, 150), (31, 50)])
def test_a_gap_of_more_than_30_days_breaks_the_chain(gap: int, days: int) -> None:
    earlier = taken(150, 150, "completed", ended_on=ago(50 + gap))
    found = history(earlier, taken(150, 50))
    assert (found.days_on, found.days_on_drug) == (days, days)


def test_orders_of_one_day_are_one_dose_and_copies_are_one_order() -> None:
    morning, evening = taken(75, 60, id="1"), taken(150, 60, id="2")
    assert history(morning, evening).current_mg == 225
    assert history(morning, taken(75, 60, id="3")).current_mg == 75


def test_an_order_stopped_on_the_day_of_another_adds_nothing_to_it() -> None:
    assert history(taken(300, 20, "stopped"), taken(150, 20)).current_mg == 150


def test_an_order_without_a_date_proves_no_day() -> None:
    found = history(taken(150, None))
    assert (found.is_established, found.days_on) == (True, 0)


def test_an_end_before_the_beginning_is_the_beginning() -> None:
    assert history(taken(150, 20, "stopped", ended_on=ago(100))).is_established


def test_the_draft_on_record_of_today_is_no_history() -> None:
    assert history(taken(150, 0, id=DRAFT.id)).is_new_start
    signed_again = history(taken(150, 20, id=DRAFT.id))
    assert (signed_again.is_new_start, signed_again.also_active) == (False, ())
    assert not history(taken(150, 0, id="another")).is_new_start


@pytest.mark.parametrize("status", ["active", "completed"])
def test_a_single_dose_of_an_earlier_day_is_no_treatment(status: str) -> None:
    def single(days: int) -> MedicationOrder:
        once = line(mg(150), Timing(count=1))
        return order(once, id=f"MedicationRequest/{days}-once", status=status, authored_on=ago(days))

    assert history(single(1)).is_new_start
    assert not history(single(0)).is_new_start
    beside = history(taken(300, 60), single(10))
    assert (beside.current_mg, beside.days_on, len(beside.also_active)) == (300, 60, 1)


def test_active_orders_that_the_basket_does_not_end_are_also_active() -> None:
    draft = order(line(mg(75), a_day(2)), id="draft", replaces=frozenset({"old"}))
    ending = order(id="draft-2", status="stopped", replaces=frozenset({"ending"}))
    on_record = [taken(150, 60, id="old"), taken(75, 30, id="other"), taken(75, 25, id="ending")]
    facts = chart(
        basket=Basket((draft,), stopped=(ending,)),
        medication_orders=present(*on_record, taken(75, 20, "stopped", id="off")),
    )
    found = therapy_history(facts, signed(draft), "pregabalin")
    assert [active.order.id for active in found.also_active] == ["other"]


def phased(days: int, *phases: tuple[float, float | None], status: str = "active", **details: Any) -> MedicationOrder:
    """An order on record of so many days ago in phases: (mg a day, days)."""
    lines = [line(mg(dose), a_day(1, lasts_days=lasts), sequence=at) for at, (dose, lasts) in enumerate(phases)]
    return order(*lines, id=f"MedicationRequest/{days}-phased", status=status, authored_on=ago(days), **details)


@pytest.mark.parametrize(
    ("days", "current_mg", "days_on"), [(6, 75, 6), (7, 150, 0), (12, 150, 5), (21, 300, 0), (60, 300, 39)]
)
def test_the_present_dose_is_that_of_the_phase_that_was_reached(days: int, current_mg: float, days_on: int) -> None:
    found = history(phased(days, (75, 7), (150, 14), (300, None)))
    assert (found.current_mg, found.days_on, found.days_on_drug) == (current_mg, days_on, days)


def test_of_phases_of_unknown_length_the_last_is_the_present_dose() -> None:
    found = history(phased(12, (75, None), (150, None)))
    assert (found.current_mg, found.days_on) == (150, 12)


@pytest.mark.parametrize("first_phase", [20, 30])
def test_a_later_order_takes_the_place_of_what_was_still_to_come(first_phase: int) -> None:
    titration = phased(40, (75, first_phase), (300, None))
    assert history(titration).current_mg == 300
    found = history(titration, taken(75, 20))
    assert (found.current_mg, found.days_on) == (75, 40)
    assert not tried_higher(found, chart(), 300)


def test_a_later_order_that_was_stopped_takes_no_place() -> None:
    found = history(phased(40, (75, 30), (150, None)), taken(300, 20, "stopped"))
    assert (found.current_mg, found.days_on) == (150, 10)


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([taken(300, 400, "stopped", ended_on=ago(365))], True),
        ([taken(300, 400, "stopped", ended_on=ago(366))], False),
        ([taken(300, 400), taken(150, 365)], True),
        ([taken(300, 400), taken(150, 366)], False),
        ([phased(200, (300, 30), (150, 30), status="completed")], True),
        ([phased(395, (300, 30), (150, 30), status="completed")], True),
        ([phased(396, (300, 30), (150, 30), status="completed")], False),
        ([phased(20, (150, 30), (300, None), status="stopped", ended_on=ago(5))], False),
    ],
)
def test_a_target_counts_by_the_last_day_on_it(orders: list[MedicationOrder], expected: bool) -> None:
    assert tried_higher(history(*orders), chart(), 300) is expected


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([taken(300, 100, "stopped")], True),
        ([taken(299, 100, "stopped")], False),
        ([taken(300, 365, "stopped")], True),
        ([taken(300, 366, "stopped")], False),
        ([taken(300, 100, "completed"), taken(150, 50)], True),
        ([taken(300, 100, "completed"), taken(300, 50)], False),
        ([taken(300, 100, "completed"), taken(290, 50)], False),
        ([taken(300, 100, "completed"), taken(450, 50)], False),
        ([taken(300, 100)], False),
        ([taken(None, 100, "stopped"), taken(150, 50)], False),
        ([taken(300, 100, "stopped"), taken(None, 50)], True),
    ],
)
def test_a_target_that_was_stopped_or_lowered(orders: list[MedicationOrder], expected: bool) -> None:
    facts = chart(medication_orders=present(*orders))
    found = therapy_history(facts, signed(DRAFT), "pregabalin")
    assert tried_higher(found, facts, 300) is expected


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"supply_days": 14, "refills": 0}, True),
        ({"supply_days": 14}, True),
        ({"supply_days": 15}, False),
        ({"supply_days": 7, "refills": 1}, False),
        ({}, False),
        ({"quantity": Amount(2100, 2100, "mg")}, True),
        ({"quantity": Amount(2101, 2101, "mg")}, False),
        ({"quantity": Amount(28, 28, "count")}, False),
    ],
)
def test_a_starter_supply_is_short_and_without_refills(details: dict[str, Any], expected: bool) -> None:
    draft = order(line(mg(75), a_day(2)), **details)
    assert is_starter_supply(signed(draft)) is expected


@pytest.mark.parametrize(
    ("days", "details", "expected"),
    [
        (14, {}, True),
        (15, {}, False),
        (7, {"refills": 1}, False),
        (7, {"supply_days": 30}, False),
        (None, {}, False),
    ],
)
def test_a_draft_that_ends_by_itself_is_a_supply_of_so_many_days(
    days: float | None, details: dict[str, Any], expected: bool
) -> None:
    draft = order(line(mg(75), a_day(2, lasts_days=days)), **details)
    assert is_starter_supply(signed(draft)) is expected


def test_phases_that_all_end_are_added_up() -> None:
    week = [line(mg(dose), a_day(1, lasts_days=7), sequence=at) for at, dose in enumerate((50, 75), 1)]
    draft = order(*week)
    assert is_supply_within(signed(draft), 14)
    assert not is_supply_within(signed(draft), 13)


def test_counted_quantity_counts_by_the_strength() -> None:
    draft = order(line(Amount(1, 1, "count"), a_day(2)), drug=CAPSULE_75, quantity=Amount(28, 28, "count"))
    assert is_starter_supply(signed(draft))


def test_a_quantity_without_a_readable_dose_tells_no_supply() -> None:
    draft = order(line(mg(75), Timing()), quantity=Amount(28, 28, "mg"))
    assert not is_starter_supply(signed(draft))


def test_every_draft_must_be_a_starter() -> None:
    short = order(line(mg(75), a_day(1)), supply_days=7)
    long = order(line(mg(75), a_day(1)), id="2", supply_days=30)
    assert not is_starter_supply(signed(short, long))


@pytest.mark.parametrize(("mg_in_all", "expected"), [(14 * 75, True), (15 * 75, False)])
def test_each_draft_lasts_as_long_as_its_own_dose_lets_it(mg_in_all: float, expected: bool) -> None:
    two = [order(line(mg(75), a_day(1)), id=name, quantity=Amount(mg_in_all, mg_in_all, "mg")) for name in ("1", "2")]
    assert is_starter_supply(signed(*two)) is expected


def test_a_draft_that_another_one_replaces_is_no_supply() -> None:
    long = order(line(mg(75), a_day(1)), supply_days=30)
    short = order(line(mg(75), a_day(1)), id="2", supply_days=7, replaces=frozenset({long.id}))
    assert is_starter_supply(signed(long, short))


@pytest.mark.parametrize(("one", "other", "expected"), [(100, 95, True), (100, 94.9, False), (95, 100, True)])
def test_two_doses_are_the_same_within_a_twentieth_of_the_greater(one: float, other: float, expected: bool) -> None:
    assert is_same_dose(one, other) is expected


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([taken(300, 20)], 20),
        ([taken(450, 5), taken(300, 20, "completed")], 20),
        ([taken(300, 5), taken(150, 20, "completed")], 5),
        ([taken(None, 5), taken(300, 20, "completed")], 20),
        ([taken(150, 5), taken(300, 20, "completed")], 0),
        ([taken(285, 20)], 20),
        ([taken(284, 20)], 0),
        ([taken(600, 2, "stopped"), taken(300, 20)], 20),
        ([taken(600, 2, "on-hold"), taken(300, 1, "stopped")], 0),
        ([taken(300, 100, "completed", supply_days=30)], 0),
    ],
)
def test_days_at_a_dose_or_above_it(orders: list[MedicationOrder], expected: int) -> None:
    facts = chart(medication_orders=present(*orders))
    assert days_at_least(therapy_history(facts, signed(DRAFT), "pregabalin"), facts, 300) == expected
