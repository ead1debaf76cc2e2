"""MAO inhibitors within their washout (book 3.3): what cases in clinical words cannot say."""

from __future__ import annotations

from cards.facts import Administration
from cards.orders import Drug
from cards.pharmacology.mao_inhibitor import RecentUse, recent_mao_inhibitor
from tests.cards.pharmacology.charts import EMPTY, ago, chart, present

PHENELZINE = Drug("phenelzine", frozenset({"mao_inhibitor_ingredients"}))


def found(*doses: Administration) -> RecentUse | None:
    """What a chart with these doses and no orders shows."""
    given = present(*doses) if doses else EMPTY
    facts = chart(medication_administrations=given)
    return recent_mao_inhibitor(facts, washout_days=14, reversible_days=1)


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


def test_a_planned_or_undated_dose_proves_nothing() -> None:
    assert found(Administration(PHENELZINE, given_on=ago(0), is_intended=True), Administration(PHENELZINE)) is None
    assert found() is None
