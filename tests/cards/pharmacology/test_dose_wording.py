"""The Order block of a dose card (book 0.2, 1.5)."""

from __future__ import annotations

import pytest

from cards.orders import MedicationOrder, Timing
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
