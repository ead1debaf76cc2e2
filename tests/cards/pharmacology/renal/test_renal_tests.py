"""Creatinine and weight: under way already, missing, contradictory."""

from __future__ import annotations

import pytest

from cards.facts import Measurement, State, Supplied
from cards.pharmacology.renal.renal_tests import has_no_weight, is_creatinine_pending, weights_conflict
from tests.cards.pharmacology.charts import EMPTY, ago, chart, present

UNKNOWN = Supplied(State.UNKNOWN, why="refused")
PENDING = Measurement("serum_creatinine", ago(2), is_pending=True)


@pytest.mark.parametrize(
    ("creatinine", "is_pending"),
    [
        (PENDING, True),
        (PENDING._replace(on=None), False),
        (PENDING._replace(is_pending=False, value=1.0, unit="mg/dL"), False),
    ],
)
def test_a_creatinine_is_under_way_while_its_registration_is_young(creatinine: Measurement, is_pending: bool) -> None:
    facts = chart(renal_function=present(creatinine), service_requests=EMPTY)
    assert is_creatinine_pending(facts) is is_pending


def weighed(*weights: float) -> Supplied:
    return present(*(Measurement("body_weight", ago(days), value=kg, unit="kg") for days, kg in enumerate(weights)))


@pytest.mark.parametrize(
    ("body_size", "is_missing", "is_contradictory"),
    [(weighed(70), False, False), (weighed(70, 140), False, True), (EMPTY, True, False), (UNKNOWN, False, False)],
    ids=["one weight", "two that contradict each other", "none", "could not be had"],
)
def test_a_weight_is_missing_or_contradicted(body_size: Supplied, is_missing: bool, is_contradictory: bool) -> None:
    facts = chart(body_size=body_size)
    assert (has_no_weight(facts), weights_conflict(facts)) == (is_missing, is_contradictory)
