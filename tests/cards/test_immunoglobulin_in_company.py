"""The cards of immunoglobulin together: which of them is left beside which (book 1.10.1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.orders import Hook
from tests.situations.asking import ask
from tests.situations.reading import Situation

DAILY: dict[str, Any] = {"drug": "ivig", "lines": [{"dose": "1 g/kg", "times": 1}]}


def shown(order: Any, *conditions: str) -> dict[str, tuple[str, bool]]:
    """Rule → (level, does it offer anything?) of the cards that are shown on signing, for a patient of 80 kg."""
    patient = {"age": 60, "sex": "male", "weight": "80 kg", "conditions": list(conditions)}
    considered = ask(Situation(date(2026, 6, 15), patient, (order,)), Hook.ORDER_SIGN).considered
    return {
        one.card.rule: (str(getattr(one.opinion, "indicator", "")), bool(one.suggestions))
        for one in considered
        if one.is_shown
    }


@pytest.mark.parametrize(
    ("grams", "is_left"), [(100, False), (176, False), (180, True)], ids=["too much", "twice", "more than twice"]
)
def test_a_questioned_indication_leaves_of_the_dose_what_is_gross(grams: int, is_left: bool) -> None:
    found = shown(f"IVIG {grams} g once", "E11.42")
    assert found["ivig-indication"] == ("warning", True)
    assert ("ivig-dose-weight" in found) is is_left


def test_a_critical_dose_is_said_beside_a_questioned_indication_without_an_offer() -> None:
    found = shown("IVIG 80 g daily for 5 days", "T45.AX5A", "G62.0", "G54.1")
    assert found["ivig-dose-weight"] == ("critical", True), "checkpoint inhibitor, grade unknown: no warning"
    found = shown("IVIG 80 g daily for 5 days", "E11.42")
    assert found["ivig-dose-weight"] == ("critical", False)


def test_an_indication_that_only_informs_silences_no_dose() -> None:
    assert shown("IVIG 20 g daily for 5 days", "E11.44")["ivig-dose-weight"] == ("warning", True)


def test_an_open_end_and_its_critical_dose_are_both_said() -> None:
    found = shown(DAILY, "G61.81")
    assert found["ivig-schedule-invalid"][0] == "warning"
    assert found["ivig-dose-weight"] == ("critical", True)


def test_an_unsafe_schedule_silences_a_dose_that_is_not_critical() -> None:
    assert set(shown("IVIG 25 g daily for 7 days", "G54.1", "G70.00")) == {"ivig-schedule-invalid"}
    assert set(shown("IVIG 10 g daily for 6 days", "G61.81")) == {"ivig-schedule-invalid"}


def test_an_unsafe_schedule_speaks_for_repeated_courses_too() -> None:
    overlapping: dict[str, Any] = {
        "drug": "ivig",
        "lines": [{"dose": "30 g", "timing": {"frequency": 5, "period": 5, "periodUnit": "d"}}],
    }
    assert set(shown(overlapping, "E11.42")) == {"ivig-indication", "ivig-schedule-invalid"}


def test_a_questioned_indication_and_its_repetition_are_both_said() -> None:
    found = shown("IVIG 1 g/kg every 3 weeks", "E11.42")
    assert found == {"ivig-indication": ("warning", True), "ivig-maintenance-unsupported": ("warning", True)}
