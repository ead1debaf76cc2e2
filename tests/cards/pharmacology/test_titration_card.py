"""What the cards about a dose below its target share: doubts lower a warning, nothing else (books 0.3, 2.1, 2.4)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.facts import Diagnosis, Sex
from cards.opinion import Indicator
from cards.orders import DoseLine
from cards.pharmacology.titration import Titration, open_gates
from cards.pharmacology.titration_card import Row, TooLow
from tests.cards.pharmacology.charts import PREGABALIN_MAXIMUM, a_day, creatinine, kidneys, line, mg, order, signed

WARNING = Row("6", Indicator.WARNING, "unchanged dose", recommended=True)
INFO = Row("7", Indicator.INFO, "other neuropathy")


def too_low(row: Row, *against: str, dose: DoseLine | None = None, by_text: bool = False, **row_details: Any) -> TooLow:
    """Patient A on 150 mg/day for diabetic neuropathy."""
    reason = Diagnosis(frozenset({"np_dpn"}), "E11.42", by_text=by_text, is_stated_reason=True)
    draft = signed(order(dose or line(mg(75), a_day(2)), reasons=(reason,)))
    facts = kidneys(60, Sex.MALE, 80, 178, creatinine(1.0))
    titration = open_gates(draft, facts, PREGABALIN_MAXIMUM, ("pregabalin",))
    assert isinstance(titration, Titration)
    return TooLow(draft, titration, PREGABALIN_MAXIMUM, row._replace(**row_details), against)


def test_a_sure_warning_stays_one_and_recommends_the_step() -> None:
    found = too_low(WARNING)
    assert found.is_recommended
    assert found.advice("", "Rule.", "", None).indicator is Indicator.WARNING


@pytest.mark.parametrize("details", [{"by_text": True}, {"dose": line(mg(75), a_day(2), from_text=True)}])
def test_a_doubtful_warning_is_info_and_says_why(details: dict[str, Any]) -> None:
    found = too_low(WARNING, **details)
    advice = found.advice("", "Rule.", "", None)
    assert (advice.indicator, advice.row_level) == (Indicator.INFO, Indicator.WARNING)
    assert advice.explanation.rule == f"Rule. One level lower: {found.doubts[0]}."
    assert not found.is_recommended


def test_info_is_not_lowered() -> None:
    advice = too_low(INFO, by_text=True).advice("", "Rule.", "", None)
    assert (advice.indicator, advice.before_downgrade, advice.explanation.rule) == (Indicator.INFO, None, "Rule.")


def test_what_speaks_against_raising_is_said_once_and_recommends_nothing() -> None:
    found = too_low(WARNING, "age 80")
    assert not found.is_recommended
    assert "Against raising: age 80" in found.advice("", "", "", None).explanation.facts
    named = too_low(WARNING, "age 80", names_against=True)
    assert not [fact for fact in named.advice("", "", "", None).explanation.facts if "age 80" in fact]
