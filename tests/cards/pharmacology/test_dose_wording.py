"""The Order block of a dose card (book 0.2, 1.5)."""

from __future__ import annotations

import pytest

from cards.orders import DoseLine, MedicationOrder, Timing
from cards.pharmacology.daily_dose import daily_dose
from cards.pharmacology.dose_wording import dose_order_line, history_lines
from cards.pharmacology.therapy_history import therapy_history
from tests.cards.neurology.charts import stated
from tests.cards.pharmacology.charts import PREGABALIN, a_day, ago, chart, line, mg, order, present, signed

WORKING = "pregabalin: 75 mg × 2/day = 150 mg/day"


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (order(line(mg(75), a_day(2))), f"{WORKING}."),
        (order(), "pregabalin."),
        (order(line(mg(75), a_day(2)), reasons=(stated("E11.42"),)), f"{WORKING}; stated reason E11.42."),
        (order(line(mg(75), a_day(2), from_text=True)), f"{WORKING} (parsed from free text)."),
        (
            order(line(mg(75), a_day(2)), drug=PREGABALIN._replace(by_text=True)),
            f"{WORKING} (drug recognised by its name only).",
        ),
    ],
)
def test_an_order_is_told_with_its_working_and_what_it_rests_on(one: MedicationOrder, text: str) -> None:
    ordered = signed(one)
    assert dose_order_line(ordered, daily_dose(ordered)) == text


@pytest.mark.parametrize(
    ("status", "timing", "words"),
    [
        ("active", a_day(2), "On the drug for 20 days, on the present dose (150 mg/day) for 20 days"),
        ("active", None, "On the drug for 20 days, on the present dose (dose not readable) for 20 days"),
        ("stopped", a_day(2), "Taken within the last 30 days, stopped or on hold since: no present dose"),
        ("on-hold", a_day(2), "Taken within the last 30 days, stopped or on hold since: no present dose"),
    ],
)
def test_an_order_that_was_stopped_is_no_present_dose(status: str, timing: Timing | None, words: str) -> None:
    on_record = order(line(mg(75), timing), id="old", status=status, authored_on=ago(20))
    facts = chart(medication_orders=present(on_record))
    assert next(iter(history_lines(therapy_history(facts, signed(order()), "pregabalin")))) == words


def in_phases(*doses: float) -> tuple[DoseLine, ...]:
    """Lines one after another, a week each."""
    return tuple(line(mg(dose), a_day(1, lasts_days=7), sequence=at) for at, dose in enumerate(doses))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (in_phases(150), "150 mg/day"),
        (in_phases(150, 300), "150, then 300 mg/day"),
        (in_phases(150, 300, 300, 150), "150, then 300, then 150 mg/day"),
        (in_phases(75, 150, 225, 300), "75 to 300 mg/day in 4 steps"),
        ((line(mg(75), a_day(2), as_needed=True),), "up to 150 mg/day"),
        ((line(mg(100), a_day(1), after_dialysis=True),), "100 mg after dialysis"),
        ((line(mg(75), None),), "(dose not readable)"),
    ],
)
def test_an_order_that_is_also_active_is_told_with_all_its_phases(lines: tuple[DoseLine, ...], words: str) -> None:
    on_record = order(*lines, id="old", status="active", authored_on=ago(3))
    facts = chart(medication_orders=present(on_record))
    told = list(history_lines(therapy_history(facts, signed(order()), "pregabalin")))
    assert told[-1].startswith(f"Also active: pregabalin {words} of ")


def test_a_single_dose_of_today_is_told_as_one() -> None:
    once = order(line(mg(150), Timing(count=1)), id="old", status="active", authored_on=ago(0))
    facts = chart(medication_orders=present(once))
    told = list(history_lines(therapy_history(facts, signed(order()), "pregabalin")))
    assert told[-1].startswith("Also active: pregabalin 150 mg once of ")
