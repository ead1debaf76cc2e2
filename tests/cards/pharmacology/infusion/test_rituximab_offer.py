"""The usual schedule of rituximab as an offer (book 5.5)."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue
from cards.opinion import SetSchedule
from cards.orders import Amount, Drug
from cards.pharmacology.infusion.infusion_plan import infusion_plan
from cards.pharmacology.infusion.rituximab_offer import other_schedule
from cards.pharmacology.infusion.rituximab_question import rituximab_question
from tests.cards.pharmacology.charts import AS_OF, a_day, chart, line, mg, order, signed

RITUXIMAB = Drug("rituximab", frozenset({"rituximab"}))
[KNOWLEDGE] = [card.knowledge for card in load_catalogue().cards if card.rule == "rituximab-dose-schedule"]


def offered(dose: Amount) -> list[SetSchedule]:
    """The schedules offered for this dose on five days in a row."""
    drafted = signed(order(line(dose, a_day(1, count=5)), drug=RITUXIMAB))
    return list(other_schedule(rituximab_question(drafted, chart(), KNOWLEDGE, infusion_plan(drafted, AS_OF))))


@pytest.mark.parametrize(
    ("dose", "words", "period", "unit", "count"),
    [
        (Amount(375, 375, "mg/m2"), "375 mg/m2 once a week, 4 doses", 1, "wk", 4),
        (mg(1000), "1000 mg every 14 days, 2 doses", 14, "d", 2),
    ],
)
def test_each_usual_dose_has_its_schedule(dose: Amount, words: str, period: int, unit: str, count: int) -> None:
    [offer] = offered(dose)
    assert (offer.label, offer.text) == (f"Change the schedule: {words}", words)
    assert (offer.frequency, offer.period, offer.period_unit, offer.count) == (1, period, unit, count)
    assert (offer.dose, offer.recommended) == (None, False)


def test_a_dose_that_is_not_usual_has_no_schedule() -> None:
    assert offered(mg(500)) == offered(mg(800)) == []
