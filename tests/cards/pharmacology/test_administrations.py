"""How much at a time and how often a day; doses that go with dialysis (book 3.10)."""

from __future__ import annotations

import pytest

from cards.orders import DoseLine, Timing
from cards.pharmacology.administrations import administrations, is_for_dialysis_days
from cards.pharmacology.daily_dose import order_dose
from tests.cards.pharmacology.charts import a_day, line, mg, order, signed

MORNING, EVENING = Timing(when=("MORN",)), Timing(when=("EVE",))
WITH_DIALYSIS = "10 mg before haemodialysis"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((line(mg(10), a_day(3)),), (10, 3, True)),
        ((line(mg(0.5), Timing(frequency=1, period=2, period_unit="d")),), (0.5, 0.5, True)),
        ((line(mg(10), MORNING), line(mg(5), EVENING)), (10, 2, False)),
        ((line(mg(10), MORNING), line(mg(5), MORNING)), (15, 1, True)),
        ((), (0, 0, False)),
    ],
)
def test_lines_of_one_moment_are_given_together(
    lines: tuple[DoseLine, ...], expected: tuple[float, float, bool]
) -> None:
    assert administrations(order_dose(order(*lines))) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((line(mg(10), a_day(1), text=WITH_DIALYSIS),), True),
        ((line(mg(10), a_day(1), patient_instruction=WITH_DIALYSIS),), True),
        ((line(mg(10), a_day(1, code="before dialysis")),), True),
        ((line(mg(10), None, after_dialysis=True),), True),
        ((line(mg(10), Timing(frequency=3, period=1, period_unit="wk")),), True),
        ((line(mg(10), a_day(2), text=WITH_DIALYSIS),), False),
        ((line(mg(10), a_day(1)),), False),
        ((line(mg(10), a_day(1, when=("MORN",), days_of_week=("mon",))), line(mg(10), a_day(0.5))), False),
        ((line(None, a_day(1), text=WITH_DIALYSIS),), False),
        ((), False),
    ],
)
def test_one_dose_that_goes_with_dialysis(lines: tuple[DoseLine, ...], expected: bool) -> None:
    assert is_for_dialysis_days(signed(order(*lines))) is expected
