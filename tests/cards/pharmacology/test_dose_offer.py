"""An update of the last draft that makes the regimen, or none (book 1.10.1, 2.1, 2.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.knowledge import Dose
from cards.opinion import SetDosage
from cards.orders import DoseLine, MedicationOrder, Timing
from cards.pharmacology.dose_offer import in_two_steps, offer_dosage
from tests.cards.pharmacology.charts import CAPSULE_75, a_day, line, mg, order, signed

TWICE_150 = (Dose(mg=150, per_day=2),)
MORNING = order(line(mg(150), a_day(1)))


def offer(*drafts: MedicationOrder, doses: tuple[Dose, ...] = TWICE_150) -> SetDosage | None:
    """What is offered for these drafts."""
    return offer_dosage(signed(*drafts), "pregabalin", doses, "Label maximum", recommended=True)


def test_one_draft_gets_the_regimen() -> None:
    found = offer(order(line(mg(300), a_day(2))))
    assert found is not None
    assert found.label == "Label maximum: pregabalin 150 mg twice daily (300 mg/day)"
    assert [(one.dose_mg, one.per_day) for one in found.lines] == [(150, 2)]


def test_two_steps_are_two_lines() -> None:
    found = offer(MORNING, doses=(Dose(mg=50, per_day=3, days=7), Dose(mg=100, per_day=3)))
    assert found is not None
    assert found.label.endswith("50 mg three times daily for 7 days, then 100 mg three times daily (300 mg/day)")
    assert [one.days for one in found.lines] == [7, None]


def test_a_new_start_begins_lower_only_where_there_is_a_lower_dose() -> None:
    start, target = (Dose(mg=25, per_day=1, days=7),), (Dose(mg=75, per_day=1),)
    assert in_two_steps(start, target) == (*start, *target)
    assert in_two_steps(start, (Dose(mg=25, per_day=1),)) == (Dose(mg=25, per_day=1),)


def test_the_last_of_several_drafts_makes_the_rest_at_its_own_times() -> None:
    found = offer(MORNING, order(line(mg(300), a_day(1, when=("HS",))), id="2"))
    assert found is not None
    assert (found.order_id, [(one.dose_mg, one.per_day, one.when) for one in found.lines]) == ("2", [(150, 1, "HS")])
    assert found.label.startswith("Label maximum, 300 mg/day with what else is drafted")


@pytest.mark.parametrize("is_first", [False, True])
def test_a_draft_that_another_one_replaces_counts_for_nothing(is_first: bool) -> None:
    left = order(line(mg(300), a_day(2)), id="2", replaces=frozenset({MORNING.id}))
    found = offer(*((left, MORNING) if is_first else (MORNING, left)))
    assert found is not None
    assert (found.order_id, found.label) == ("2", "Label maximum: pregabalin 150 mg twice daily (300 mg/day)")


def test_all_the_other_drafts_are_taken_off() -> None:
    two = [order(line(mg(75), a_day(1)), id=name) for name in ("1", "2")]
    found = offer(*two, order(line(mg(300), a_day(1)), id="3"))
    assert found is not None
    assert [(one.dose_mg, one.per_day) for one in found.lines] == [(150, 1)]


def test_lines_given_together_are_one_dose_of_the_last_draft() -> None:
    half = line(mg(37.5), a_day(1))
    assert offer(MORNING, order(half, half, id="2")) == offer(MORNING, order(line(mg(75), a_day(1)), id="2"))
    assert offer(MORNING, order(half, half, id="2")) is not None


@pytest.mark.parametrize(
    "drafts",
    [
        [order(line(mg(300), a_day(2), as_needed=True))],
        [order(line(mg(75), a_day(2)), line(mg(50), None, after_dialysis=True))],
        [order(line(mg(300), a_day(1))), order(line(mg(75), a_day(1)), id="2")],
        [order(line(mg(150), None)), order(line(mg(75), a_day(1)), id="2")],
        [MORNING, order(line(mg(75), a_day(1)), line(mg(75), a_day(2)), id="2")],
        [MORNING, order(line(mg(300), Timing(frequency=1, period=2, period_unit="d")), id="2")],
        [MORNING, order(line(mg(300), a_day(7)), id="2", drug=CAPSULE_75)],
        [MORNING, order(line(mg(300), a_day(4)), id="2")],
    ],
)
def test_no_update_where_it_cannot_be(drafts: list[MedicationOrder]) -> None:
    assert offer(*drafts) is None


TWO_STEPS = (Dose(mg=50, per_day=3, days=7), Dose(mg=100, per_day=3))


@pytest.mark.parametrize(
    ("lasts", "doses", "days"),
    [
        (None, TWICE_150, [None]),
        (14, TWICE_150, [14]),
        (30.4, TWICE_150, [30]),
        (14, TWO_STEPS, [7, 7]),
        (None, TWO_STEPS, [7, None]),
    ],
)
def test_the_regimen_lasts_as_long_as_the_draft(lasts: float | None, doses: tuple[Dose, ...], days: list[int]) -> None:
    found = offer(order(line(mg(300), a_day(2, lasts_days=lasts))), doses=doses)
    assert found is not None
    assert [one.days for one in found.lines] == days


def test_a_draft_of_two_lines_of_one_length_keeps_it() -> None:
    twice = [line(mg(dose), a_day(1, lasts_days=14)) for dose in (75, 300)]
    found = offer(order(*twice))
    assert found is not None
    assert found.label == "Label maximum: pregabalin 150 mg twice daily for 14 days (300 mg/day)"


@pytest.mark.parametrize("timing", [{"starts_on": date(2026, 7, 1)}, {"ends_on": date(2026, 7, 1)}])
def test_dates_of_one_line_stay_with_one_line(timing: dict[str, Any]) -> None:
    assert offer(order(line(mg(300), a_day(2, **timing)))) is not None
    two_steps = offer(order(line(mg(300), a_day(2, **timing))), doses=TWO_STEPS)
    assert (two_steps is None) is ("ends_on" in timing)


@pytest.mark.parametrize(
    ("doses", "lines"),
    [
        (TWICE_150, [line(mg(300), a_day(2, count=28))]),
        (TWICE_150, [line(mg(300), a_day(1, days_of_week=("mon", "wed", "fri")))]),
        (TWICE_150, [line(mg(300), a_day(1, events=(date(2026, 6, 16),)))]),
        (TWO_STEPS, [line(mg(300), a_day(2, lasts_days=7))]),
        (TWICE_150, [line(mg(300), a_day(2, lasts_days=0.3))]),
        (TWICE_150, [line(mg(75), a_day(1, lasts_days=days), sequence=days) for days in (7, 14)]),
        (TWICE_150, [line(mg(75 * step), a_day(1, lasts_days=7), sequence=step) for step in (1, 2)]),
    ],
)
def test_no_update_where_days_a_count_or_an_end_would_be_lost(doses: tuple[Dose, ...], lines: list[DoseLine]) -> None:
    assert offer(order(*lines), doses=doses) is None


def test_five_times_a_day_has_words_too() -> None:
    found = offer(MORNING, doses=(Dose(mg=50, per_day=5),))
    assert found is not None
    assert "50 mg 5 times daily" in found.label
