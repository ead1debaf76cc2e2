"""Diabetes that is coded, or shown by a recent HbA1c or glucose (book 3.7)."""

from __future__ import annotations

import pytest

from cards.endocrinology.diabetes import diabetes_evidence
from cards.errors import NotKnown
from tests.cards.neurology.charts import UNKNOWN, diagnosis
from tests.cards.pharmacology.charts import EMPTY, chart, measured, present


def test_a_coded_diabetes_needs_no_laboratory() -> None:
    found = diabetes_evidence(chart(conditions=present(diagnosis("E11.9", 400)), glycaemia=UNKNOWN))
    assert found is not None
    assert (found.in_short, found.line) == ("in diabetes", "Diabetes: E11.9 (2025-05-11)")


@pytest.mark.parametrize(
    ("concept", "value", "days", "is_found"),
    [
        ("hba1c", 6.5, 90, True),
        ("hba1c", 6.4, 20, False),
        ("hba1c", 6.5, 91, False),
        ("glucose", 200, 90, True),
        ("glucose", 11.1 * 18.0, 20, True),
        ("glucose", 199, 20, False),
        ("glucose", 200, 91, False),
    ],
)
def test_a_recent_value_in_the_range_of_diabetes_is_evidence(
    concept: str, value: float, days: int, is_found: bool
) -> None:
    found = diabetes_evidence(chart(glycaemia=present(measured(concept, value, days))))
    assert (found is not None) is is_found


def test_any_recent_high_glucose_counts_and_bounds_from_above_do_not() -> None:
    high = present(measured("glucose", 100, 1), measured("glucose", 300, 9, received="300 mg/dL"))
    found = diabetes_evidence(chart(glycaemia=high))
    assert found is not None
    assert found.in_short == "with diabetes-range glucose"
    assert "glucose: 300 mg/dL on 2026-06-06" in found.line
    assert diabetes_evidence(chart(glycaemia=present(measured("glucose", 300, 9, comparator="<")))) is None


def test_a_high_glucose_counts_beside_an_hba1c_that_could_not_be_read() -> None:
    unread = measured("hba1c", None, 3, unreadable="no unit")
    found = diabetes_evidence(chart(glycaemia=present(unread, measured("glucose", 300, 9))))
    assert found is not None
    assert found.line == "Diabetes-range glucose, no diabetes coded. glucose: 300 on 2026-06-06"


def test_what_could_not_be_had_is_no_negative() -> None:
    with pytest.raises(NotKnown, match="refused"):
        diabetes_evidence(chart(conditions=UNKNOWN, glycaemia=EMPTY))
    with pytest.raises(NotKnown, match="refused"):
        diabetes_evidence(chart(glycaemia=UNKNOWN))
    unread = measured("glucose", None, 3, unreadable="no unit")
    with pytest.raises(NotKnown, match="newest glucose could not be read"):
        diabetes_evidence(chart(glycaemia=present(unread)))


def test_an_unknown_problem_list_is_said_beside_a_high_value() -> None:
    found = diabetes_evidence(chart(conditions=UNKNOWN, glycaemia=present(measured("hba1c", 8, 9))))
    assert found is not None
    assert "problem list: could not be checked (the search was refused)" in found.line
