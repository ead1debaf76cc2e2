"""The Order block of a dose card (book 0.2, 1.5)."""

from __future__ import annotations

import pytest

from cards.orders import MedicationOrder
from cards.pharmacology.daily_dose import daily_dose
from cards.pharmacology.dose_wording import dose_order_line
from tests.cards.neurology.charts import stated
from tests.cards.pharmacology.charts import PREGABALIN, a_day, line, mg, order, signed

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
