"""How doses per kg, courses and uses are written (book 4.4)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.neurology.immunoglobulin_use import Purpose, Use
from cards.pharmacology.infusion.course_wording import days_words, g_per_kg, purpose_line, working
from cards.pharmacology.infusion.infusion_courses import PlannedCourse
from tests.cards.neurology.charts import diagnosis, stated


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.875, "1.88 g/kg"), (2, "2 g/kg"), (0.05, "0.05 g/kg"), (0.0004, "0.0004 g/kg"), (0, "0 g/kg")],
)
def test_a_dose_per_kg(value: float, text: str) -> None:
    assert g_per_kg(value) == text


@pytest.mark.parametrize(
    ("course", "kg", "text"),
    [
        (
            PlannedCourse(1.875, 5, 0.375, 0.375, 1.875),
            80,
            "Course of 5 days: 150 g ÷ 80 kg = 1.88 g/kg; at most 0.38 g/kg a day, 1.88 g/kg within 7 days",
        ),
        (
            PlannedCourse(1, 1, 1, 1, 1, 21),
            None,
            "Course of 1 day every 21 days: 1 g/kg; at most 1 g/kg a day, 1 g/kg within 7 days",
        ),
        (
            PlannedCourse(None, None, 1, 1, 7),
            80,
            "Course without a told end: at most 1 g/kg a day, 7 g/kg within 7 days",
        ),
    ],
)
def test_the_arithmetic_is_shown(course: PlannedCourse, kg: float | None, text: str) -> None:
    assert list(working([course], kg)) == [text]


def test_a_course_after_one_without_an_end_is_shown_too() -> None:
    endless, once = PlannedCourse(None, None, 1, 1, 7), PlannedCourse(1, 1, 1, 1, 1)
    assert [text.partition(":")[0] for text in working([endless, once], None)] == [
        "Course without a told end",
        "Course of 1 day",
    ]


def test_days_in_words() -> None:
    assert [days_words(PlannedCourse(1, days, 1, 1, 1)) for days in (1, 2)] == ["1 day", "2 days"]


def test_the_use_and_what_it_rests_on() -> None:
    listed = Purpose(Use.GBS, (diagnosis("G61.0", 3),))
    said = Purpose(Use.CIDP, (stated("G61.81", by_text=True),))
    assert purpose_line([listed], None) == "Use: Guillain-Barre syndrome (G61.0 2026-06-12, problem list)"
    assert purpose_line([said], None) == "Use: CIDP (G61.81 undated, stated reason, recognised by words only)"
    assert purpose_line([Purpose(Use.NONE)], None) == "Use: searched, no indication found"
    assert purpose_line(None, NotKnown("conditions", "refused")) == "Use: could not be checked (refused)"
