"""The first and the last infusion day of an order."""

from __future__ import annotations

from datetime import date

import pytest

from cards.orders import Amount, DoseLine, Drug, MedicationOrder, Timing
from cards.pharmacology.infusion.infusion_days import first_infusion_day, last_infusion_day
from tests.cards.pharmacology.charts import AS_OF, ago

IVIG = Drug("immunoglobulin", frozenset({"ivig"}))
DAILY = Timing(frequency=1, period=1, period_unit="d")
TEN_DAYS_AGO = ago(10)
MONTHLY = Timing(frequency=1, period=4, period_unit="wk")


def order(*timings: Timing | None, written: date | None = TEN_DAYS_AGO, **details: object) -> MedicationOrder:
    lines = tuple(DoseLine(amount=Amount(30, 30, "g"), timing=timing) for timing in timings)
    return MedicationOrder("o1", IVIG, lines, authored_on=written, **details)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ordered", "until", "last"),
    [
        (order(DAILY._replace(lasts_days=5)), AS_OF, ago(6)),
        (order(DAILY._replace(lasts_days=5)), ago(8), ago(8)),
        (order(DAILY), AS_OF, AS_OF),
        (order(DAILY._replace(count=2_147_483_647)), AS_OF, AS_OF),
        (order(DAILY, ended_on=ago(3)), AS_OF, ago(3)),
        (order(MONTHLY, written=ago(60)), AS_OF, ago(4)),
        (order(MONTHLY, written=ago(60), ended_on=ago(40)), AS_OF, ago(60)),
        (order(MONTHLY, written=ago(60), ended_on=ago(20)), AS_OF, ago(32)),
        (order(MONTHLY, written=ago(60), ended_on=ago(20)), ago(33), ago(60)),
        (order(None), AS_OF, ago(10)),
        (order(), AS_OF, ago(10)),
        (order(DAILY._replace(starts_on=ago(-2), lasts_days=5)), AS_OF, None),
        (order(DAILY._replace(lasts_days=2), DAILY._replace(starts_on=ago(4), lasts_days=2)), AS_OF, ago(3)),
        (
            order(DAILY._replace(starts_on=ago(8), lasts_days=1), DAILY._replace(starts_on=ago(4), lasts_days=1)),
            AS_OF,
            ago(4),
        ),
        (
            order(DAILY._replace(starts_on=ago(5), lasts_days=1), DAILY._replace(starts_on=AS_OF, lasts_days=1)),
            AS_OF,
            AS_OF,
        ),
        (order(DAILY, written=None), AS_OF, None),
    ],
)
def test_the_last_day_up_to_some_day(ordered: MedicationOrder, until: date, last: date | None) -> None:
    assert last_infusion_day(ordered, AS_OF, until) == last


def test_a_line_that_begins_later_adds_nothing() -> None:
    both = order(DAILY._replace(starts_on=ago(5), lasts_days=1), DAILY._replace(starts_on=ago(-5), lasts_days=1))
    assert last_infusion_day(both, AS_OF, AS_OF) == ago(5)


def test_words_that_are_not_understood_leave_the_first_day() -> None:
    worded = MedicationOrder("o1", IVIG, (DoseLine(text="as discussed"),), authored_on=ago(10))
    assert last_infusion_day(worded, AS_OF, AS_OF) == ago(10)


def test_a_draft_begins_today_unless_its_lines_say_when() -> None:
    assert first_infusion_day(order(DAILY, is_draft=True), AS_OF) == AS_OF
    assert first_infusion_day(order(DAILY._replace(starts_on=ago(-3)), is_draft=True), AS_OF) == ago(-3)
