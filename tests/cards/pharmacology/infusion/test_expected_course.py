"""What dose per course a use calls for (book 4.4)."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue
from cards.facts import Facts
from cards.neurology.immunoglobulin_use import Purpose, Use
from cards.opinion import Indicator
from cards.pharmacology.infusion.expected_course import Expected, expected_courses
from cards.pharmacology.infusion.infusion_courses import PlannedCourse
from tests.cards.neurology.charts import IVIG, UNKNOWN, given, patient

[KNOWLEDGE] = [card.knowledge for card in load_catalogue().cards if card.rule == "ivig-dose-weight"]


def expected(use: Use, interval: float | None = None, facts: Facts | None = None) -> tuple[Expected, ...]:
    """What a use calls for in a course that is repeated so often."""
    course = PlannedCourse(2, 5, 0.4, 0.4, 2, interval)
    return expected_courses(Purpose(use), course, facts or patient(), KNOWLEDGE)


@pytest.mark.parametrize(
    ("use", "interval", "least", "most", "level"),
    [
        (Use.GBS, None, 1.6, 2.4, Indicator.WARNING),
        (Use.RADICULOPLEXUS, 28, 1.6, 2.4, Indicator.WARNING),
        (Use.CHECKPOINT_INHIBITOR, None, 1.6, 2.4, Indicator.WARNING),
        (Use.UNSPECIFIED, None, 1.6, 2.4, Indicator.WARNING),
        (Use.CIDP, None, 1.6, 2.4, Indicator.WARNING),
        (Use.MMN, None, 1.6, 2.4, Indicator.WARNING),
        (Use.CIDP, 21, 0.72, 1.32, Indicator.INFO),
        (Use.MMN, 28, 0.45, 2.64, Indicator.INFO),
        (Use.LAMBERT_EATON, None, 1.8, 2.2, Indicator.INFO),
        (Use.STIFF_PERSON, None, 1.8, 2.2, Indicator.INFO),
        (Use.DERMATOMYOSITIS, None, 1.8, 2.2, Indicator.INFO),
        (Use.ITP, None, 0.9, 2.2, Indicator.INFO),
        (Use.IMMUNODEFICIENCY, None, 0.27, 0.88, Indicator.INFO),
        (Use.MYASTHENIA, None, 0.9, 2.2, Indicator.INFO),
    ],
)
def test_each_use_has_its_range(use: Use, interval: float | None, least: float, most: float, level: Indicator) -> None:
    (found,) = expected(use, interval)
    assert (found.least, found.most) == (pytest.approx(least), pytest.approx(most))
    assert found.level is level


@pytest.mark.parametrize(
    ("use", "interval", "is_full_course"),
    [
        (Use.GBS, None, True),
        (Use.CIDP, None, True),
        (Use.CIDP, 28, False),
        (Use.LAMBERT_EATON, None, True),
        (Use.STIFF_PERSON, None, True),
        (Use.DERMATOMYOSITIS, None, False),
        (Use.ITP, None, False),
        (Use.MYASTHENIA, None, False),
    ],
)
def test_a_full_course_is_what_some_uses_call_for(use: Use, interval: float | None, is_full_course: bool) -> None:
    (found,) = expected(use, interval)
    assert found.is_full_course is is_full_course


@pytest.mark.parametrize(
    "use", [Use.SYMMETRIC, Use.PLEXUS, Use.PARAPROTEIN, Use.VASCULITIC, Use.OTHER, Use.KAWASAKI, Use.NONE]
)
def test_other_uses_expect_nothing_of_their_own(use: Use) -> None:
    assert expected(use) == ()


@pytest.mark.parametrize("use", [Use.CIDP, Use.MMN])
def test_a_single_course_after_another_is_maintenance_or_induction(use: Use) -> None:
    before = patient(medication_administrations=given(IVIG, 28))
    unknown = patient(medication_administrations=UNKNOWN, medication_orders=UNKNOWN)
    for facts in (before, unknown):
        maintenance, induction = expected(use, None, facts)
        assert {maintenance.level, induction.level} == {Indicator.INFO}
        assert maintenance.holds(1, None)
        assert induction.holds(2, None)


@pytest.mark.parametrize(
    ("use", "total", "interval", "holds"),
    [
        (Use.DERMATOMYOSITIS, 1, 14, True),
        (Use.DERMATOMYOSITIS, 1, 28, False),
        (Use.MMN, 1.21, 14, True),
        (Use.MMN, 1.22, 14, False),
        (Use.IMMUNODEFICIENCY, 0.2, 14, True),
        (Use.IMMUNODEFICIENCY, 0.25, 21, False),
        (Use.IMMUNODEFICIENCY, 0.88, 28, True),
        (Use.IMMUNODEFICIENCY, 1.1, 35, True),
        (Use.IMMUNODEFICIENCY, 1.11, 35, False),
        (Use.CIDP, 1.32, 70, True),
        (Use.CIDP, 1.33, 21, False),
    ],
)
def test_a_repeated_dose_is_related_to_the_time_it_is_given_for(
    use: Use, total: float, interval: float, holds: bool
) -> None:
    (found,) = expected(use, interval)
    assert found.holds(total, interval) is holds
