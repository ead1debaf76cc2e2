"""One row of a label's dose table for one patient; gabapentin's falls at 15 mL/min and below (book 2, table GBP)."""

from __future__ import annotations

import pytest

from cards.facts import Facts, Procedure, Sex, Supplied
from cards.pharmacology.dose_row import DoseRow
from cards.pharmacology.renal.renal_function import renal_function
from tests.cards.pharmacology.charts import (
    GABAPENTIN_MAXIMUM,
    PREGABALIN_MAXIMUM,
    ago,
    chart,
    creatinine,
    kidneys,
    measured,
    present,
)

FALLS = DoseRow(GABAPENTIN_MAXIMUM, full_at=15)
ON_DIALYSIS = present(Procedure(frozenset({"hemodialysis"}), done_on=ago(3)))


def of_60_kg(value: float, days: int = 20, **supplied: Supplied) -> Facts:
    """Patient E, whose clearance is 60 divided by the creatinine."""
    return kidneys(68, Sex.MALE, 60, 165, creatinine(value, days), **supplied)


@pytest.mark.parametrize(
    ("ml_min", "expected"), [(60, 3600), (30.1, 1400), (30, 700), (15.1, 700), (15, 300), (7.5, 150), (0, 0)]
)
def test_the_maximum_of_gabapentin_by_clearance(ml_min: float, expected: float) -> None:
    assert FALLS.at(ml_min) == expected


def test_a_row_that_does_not_fall_keeps_its_lowest_value() -> None:
    assert DoseRow(PREGABALIN_MAXIMUM).at(7.5) == 75
    assert DoseRow(PREGABALIN_MAXIMUM).falls_by(renal_function(of_60_kg(8.0))) == ""


def test_how_it_fell_is_said() -> None:
    assert FALLS.falls_by(renal_function(of_60_kg(8.0))) == "300 mg/day × 7.5 ÷ 15 mL/min"
    assert FALLS.falls_by(renal_function(of_60_kg(4.0))) == ""
    assert FALLS.falls_by(renal_function(of_60_kg(8.0, days=200))) == "300 mg/day × 7.5 ÷ 15 mL/min", (
        "by an old value too"
    )


EGFR = measured("egfr", 8.0, unit="mL/min/{1.73_m2}")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (of_60_kg(8.0, procedures=ON_DIALYSIS), 150),
        (of_60_kg(1.0, procedures=ON_DIALYSIS), 300),
        (of_60_kg(8.0, days=200, procedures=ON_DIALYSIS), 300),
        (chart(procedures=ON_DIALYSIS, renal_function=present(EGFR)), 300),
        (chart(procedures=ON_DIALYSIS), 300),
    ],
)
def test_on_dialysis_only_a_fresh_clearance_lowers_it(facts: Facts, expected: float) -> None:
    assert FALLS.of(renal_function(facts)) == expected
