"""MAO inhibitors within their washout (book 3.3): what cases in clinical words cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from cards.facts import Administration
from cards.orders import Drug, MedicationOrder
from cards.pharmacology.mao_inhibitor import RecentUse, recent_mao_inhibitor
from tests.cards.pharmacology.charts import EMPTY, ago, chart, order, present, signed

AMITRIPTYLINE = signed(order(drug=Drug("amitriptyline", frozenset({"tricyclic"})), is_draft=True))
PHENELZINE = Drug("phenelzine", frozenset({"mao_inhibitor_ingredients"}))


def found(*doses: Administration) -> RecentUse | None:
    """What a chart with these doses and no orders shows."""
    given = present(*doses) if doses else EMPTY
    facts = chart(medication_administrations=given)
    return recent_mao_inhibitor(AMITRIPTYLINE, facts, washout_days=14, reversible_days=1, undated_days=365)


def recorded_order(**details: Any) -> MedicationOrder:
    """An order of phenelzine on record of 100 days ago."""
    return order(drug=PHENELZINE, authored_on=ago(100), **details)


def recorded(**details: Any) -> RecentUse | None:
    """What a chart with such an order shows."""
    facts = chart(medication_orders=present(recorded_order(**details)), medication_administrations=EMPTY)
    return recent_mao_inhibitor(AMITRIPTYLINE, facts, washout_days=14, reversible_days=1, undated_days=365)


def test_a_drug_that_the_patient_reports_without_a_last_day_may_be_current() -> None:
    use = found(Administration(PHENELZINE, "statement", ago(200)))
    assert use is not None
    assert use.last_on is None
    assert use.doubts == ("reported without a last day",)


def test_a_reported_drug_with_a_last_day_counts_by_it() -> None:
    use = found(Administration(PHENELZINE, "statement", ago(200), ago(14)))
    assert use is not None
    assert (use.text, use.doubts) == ("phenelzine stopped 2026-06-01", ())
    assert found(Administration(PHENELZINE, "statement", ago(200), ago(15))) is None


def test_a_drug_that_was_handed_out_counts_from_that_day() -> None:
    use = found(Administration(PHENELZINE, "dispense", ago(14)))
    assert use is not None
    assert use.text == "phenelzine stopped 2026-06-01"
    assert found(Administration(PHENELZINE, "dispense", ago(15))) is None


def test_a_planned_or_undated_dose_proves_nothing() -> None:
    assert found(Administration(PHENELZINE, given_on=ago(0), is_intended=True), Administration(PHENELZINE)) is None
    assert found() is None


def test_a_planned_or_undated_dose_hides_none_after_it() -> None:
    planned = Administration(PHENELZINE, given_on=ago(0), is_intended=True)
    use = found(planned, Administration(PHENELZINE), Administration(PHENELZINE, given_on=ago(3)))
    assert use is not None
    assert use.last_on == ago(3)


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ({"status": "active", "ended_on": ago(0)}, "phenelzine current"),
        ({"status": "active", "ended_on": ago(1)}, "phenelzine stopped 2026-06-14"),
        ({"status": "stopped", "valid_until": ago(0)}, "phenelzine stopped 2026-06-15"),
    ],
)
def test_an_order_counts_by_its_last_day(details: dict[str, Any], text: str) -> None:
    use = recorded(**details)
    assert use is not None
    assert (use.text, use.doubts) == (text, ())


def test_of_two_sure_uses_the_current_one_is_told() -> None:
    orders = present(recorded_order(status="active"), recorded_order(status="stopped", ended_on=ago(3)))
    for given in (EMPTY, present(Administration(PHENELZINE, given_on=ago(2)))):
        facts = chart(medication_orders=orders, medication_administrations=given)
        use = recent_mao_inhibitor(AMITRIPTYLINE, facts, washout_days=14, reversible_days=1, undated_days=365)
        assert use is not None
        assert use.text == "phenelzine current"
