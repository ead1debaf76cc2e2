"""How much is ordered per kg (book 4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.concepts import Strength
from cards.errors import NotKnown
from cards.orders import Amount, DoseLine, Drug, Timing
from cards.pharmacology.infusion.infusion_dose import Infusion, course_doses, largest_course, ordered_infusions
from tests.cards.pharmacology.charts import AS_OF, a_day, ago, chart, line, order, present, weight

IVIG = Drug("immunoglobulin", frozenset({"ivig"}))
TEN_PERCENT = IVIG._replace(strength=Strength(100, "mg", "mL"))
FIVE_DAYS = a_day(1, lasts_days=5)


def infusion(amount: Amount | None, timing: Timing | None = FIVE_DAYS, drug: Drug = IVIG, **details: Any) -> Infusion:
    """One line of one draft, read."""
    (only,) = ordered_infusions([order(line(amount, timing, **details), drug=drug)], AS_OF)
    return only


@pytest.mark.parametrize(
    ("amount", "drug", "expected"),
    [
        (Amount(30, 30, "g"), IVIG, (30, False, "30 g")),
        (Amount(30_000, 30_000, "mg"), IVIG, (30, False, "30 g")),
        (Amount(0.4, 0.4, "g/kg"), IVIG, (0.4, True, "0.4 g/kg")),
        (Amount(400, 400, "mg/kg"), IVIG, (0.4, True, "0.4 g/kg")),
        (Amount(0.4, 0.4, "mg/kg"), IVIG, (0.0004, True, "0.0004 g/kg")),
        (Amount(0.4, 0.4, "g/kg/d"), IVIG, (0.4, True, "0.4 g/kg")),
        (Amount(30, 40, "g"), IVIG, (40, False, "40 g")),
        (Amount(0.5, 0.4, "g/kg"), IVIG, (0.5, True, "0.5 g/kg")),
        (Amount(0, 0.4, "g/kg"), IVIG, (0.4, True, "0.4 g/kg")),
        (Amount(300, 300, "mL"), TEN_PERCENT, (30, False, "30 g")),
    ],
)
def test_a_dose_is_read_in_grams_or_per_kg(amount: Amount, drug: Drug, expected: tuple[float, bool, str]) -> None:
    found = infusion(amount, drug=drug)
    assert (pytest.approx(found.dose), found.is_per_kg, found.written) == expected


@pytest.mark.parametrize(
    ("amount", "timing", "per_kg"),
    [
        (Amount(40, 40, "g"), FIVE_DAYS, 0.5),
        (Amount(0.4, 0.4, "g/kg"), FIVE_DAYS, 0.4),
        (Amount(20, 20, "g"), a_day(2, lasts_days=5), 0.5),
        (Amount(0.4, 0.4, "g/kg/d"), a_day(2, lasts_days=5), 0.4),
        (Amount(160, 160, "g"), Timing(frequency=1, period=21, period_unit="d", duration_days=2, duration=2), 1),
        (Amount(40, 40, "g"), None, 0.5),
        (Amount(200, 200, "mL"), a_day(2, lasts_days=5), 0.5),
    ],
)
def test_what_comes_to_a_kilogram_on_a_day(amount: Amount, timing: Timing | None, per_kg: float) -> None:
    assert infusion(amount, timing, TEN_PERCENT).a_day(80) == pytest.approx(per_kg)


@pytest.mark.parametrize(
    ("value", "unit", "text", "per_kg"),
    [
        (160, "g", "2 g/kg divided over 5 days", 0.4),
        (32, "g", "2 g/kg divided over 5 days", 0.4),
        (30, "g", "2 g/kg divided over 5 days", 0.375),
        (400, "g", "2 g/kg divided over 5 days", 1),
        (150, "g", "150 g in 5 daily doses", 0.375),
        (0.4, "g/kg", "0.4 g/kg/day x 5, then 1 g/kg every 3 weeks", 0.4),
        (2, "g/kg", "2 g/kg over 5 days, then 1 g/kg every 3 weeks", 0.4),
    ],
)
def test_the_words_tell_the_dose_of_a_day_from_that_of_a_course(
    value: float, unit: str, text: str, per_kg: float
) -> None:
    assert infusion(Amount(value, value, unit), None, text=text).a_day(80) == pytest.approx(per_kg)


@pytest.mark.parametrize(
    ("amount", "details", "why"),
    [
        (None, {"text": "as in the protocol"}, "free text"),
        (None, {"unreadable": "several doses that differ"}, "several doses"),
        (Amount(0, 0, "g"), {}, "zero or negative"),
        (Amount(-1, 0.4, "g/kg"), {}, "zero or negative"),
        (Amount(0, 0, "g/kg"), {}, "zero or negative"),
        (Amount(1, 1, "[IU]/kg"), {}, "dose in"),
        (Amount(2, 2, "count"), {}, "strength"),
        (Amount(1, 1, "g"), {"timing": None, "text": "2 g/kg over 2 days, then 1 g/kg monthly"}, "several doses"),
        (Amount(30, 30, "g"), {"timing": Timing(frequency=1, period=0, period_unit="wk")}, "impossible timing"),
    ],
)
def test_what_cannot_be_read_is_unknown(amount: Amount | None, details: dict[str, Any], why: str) -> None:
    with pytest.raises(NotKnown, match=why):
        infusion(amount, **{"timing": FIVE_DAYS, **details})


def test_an_order_without_a_dose_is_unknown() -> None:
    with pytest.raises(NotKnown, match="no dose"):
        ordered_infusions([order(drug=IVIG), order(line(None, FIVE_DAYS), drug=IVIG)], AS_OF)


def test_all_drafts_add_up_to_courses() -> None:
    drafts = [order(line(Amount(grams, grams, "g"), FIVE_DAYS), drug=IVIG) for grams in (20, 12)]
    (course,) = course_doses(ordered_infusions(drafts, AS_OF), 80)
    assert (course.days, course.total, course.most_a_day) == (5, pytest.approx(2), pytest.approx(0.4))


def test_a_dose_of_words_is_marked() -> None:
    assert infusion(Amount(30, 30, "g"), from_text=True).from_text


def grams(value: float, unit: str = "g", timing: Timing | None = FIVE_DAYS) -> DoseLine:
    """One line of a plain dose."""
    return line(Amount(value, value, unit), timing)


@pytest.mark.parametrize(
    ("lines", "g_per_kg"),
    [
        ([grams(0.4, "g/kg")], 2.0),
        ([grams(400, "mg/kg")], 2.0),
        ([grams(32)], 2.0),
        ([grams(16), grams(16)], 2.0),
        ([grams(0.2, "g/kg"), grams(16)], 2.0),
        ([grams(0.4, "g/kg", a_day(2, lasts_days=5))], 4.0),
        ([grams(0.4, "g/kg/d", a_day(2, lasts_days=5))], 2.0),
        ([grams(2, "g/kg", Timing(frequency=1, period=28, period_unit="d", duration_days=5, duration=5))], 2.0),
        ([grams(0.4, "g/kg", a_day(1))], None),
        ([grams(0.4, "g/kg", None)], None),
        ([grams(300, "mL")], None),
        ([DoseLine(text="as discussed")], None),
        ([DoseLine(timing=FIVE_DAYS)], None),
        ([], None),
    ],
)
def test_the_largest_course_is_told_where_dose_and_length_are_known(
    lines: list[DoseLine], g_per_kg: float | None
) -> None:
    found = largest_course([order(*lines, drug=IVIG)], chart(body_size=present(weight(80))))
    assert found == (None if g_per_kg is None else pytest.approx(g_per_kg))


def test_only_a_dose_in_grams_needs_a_weight() -> None:
    assert largest_course([order(grams(32), drug=IVIG)], chart()) is None
    assert largest_course([order(grams(0.4, "g/kg"), drug=IVIG)], chart()) == pytest.approx(2)
    in_conflict = chart(body_size=present(weight(80, 1), weight(120, 2)))
    assert largest_course([order(grams(32), drug=IVIG)], in_conflict) is None
    assert largest_course([order(grams(0.4, "g/kg"), drug=IVIG)], in_conflict) == pytest.approx(2)


def test_of_courses_far_apart_the_larger_one_counts() -> None:
    dated = [
        grams(dose, "g/kg", a_day(1, lasts_days=5, starts_on=day)) for dose, day in ((0.4, AS_OF), (0.2, ago(-28)))
    ]
    assert largest_course([order(*dated, drug=IVIG)], chart()) == pytest.approx(2)
