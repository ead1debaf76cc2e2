"""Diagnoses in one line for a card."""

from __future__ import annotations

from cards.facts import Diagnosis
from cards.neurology.diagnosis_wording import coded_as, first_in_full
from tests.cards.neurology.charts import ago, diagnosis


def test_the_first_is_shown_in_full_and_the_others_by_their_codes() -> None:
    first = diagnosis("E11.42", 10, display="diabetic polyneuropathy")
    whole = f"E11.42 diabetic polyneuropathy ({ago(10)}, problem list)"
    assert first_in_full((first,), "problem list") == whole
    assert first_in_full((first, first, diagnosis("G60.3", 5)), "problem list") == f"{whole} and G60.3"
    assert first_in_full((Diagnosis(code="E11.42", display="E11.42"),)) == "E11.42 (undated)"
    assert first_in_full((Diagnosis(display="diabetic polyneuropathy"),)) == "diabetic polyneuropathy (undated)"


def test_each_is_named_once_with_its_date() -> None:
    assert coded_as("Also coded", ()) == ""
    several = (diagnosis("G62.9"), diagnosis("G62.9"), diagnosis("G61.0", 300))
    assert coded_as("Also coded", several) == f"Also coded: G62.9 and G61.0 ({ago(300)})"
