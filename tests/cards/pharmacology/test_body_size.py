"""Weight, height, ideal and adjusted weight, body surface (book 1.2, 1.4, vectors of 1.11)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Facts, Measurement, Sex, State, Supplied
from cards.pharmacology.body_size import (
    NoUsableValue,
    adjusted_weight_kg,
    body_surface,
    body_surface_m2,
    height,
    ideal_weight_kg,
    latest_weight,
    weight_for_clearance,
    weight_for_clearance_on,
    weight_for_dosing,
    weights_below_actual,
)
from tests.cards.pharmacology.charts import ago, chart, present, tall, weight


def sized(*found: Measurement, age: int | None = 60) -> Facts:
    """A chart with these weights and heights."""
    return chart(age=age, body_size=present(*found))


def kilograms(found: Measurement | None) -> float | None:
    """The number."""
    return None if found is None else found.value


def test_body_surface_of_patient_a() -> None:
    assert body_surface_m2(178, 80) == pytest.approx(1.99, abs=0.005)


def test_ideal_weight_by_sex_and_only_from_152_cm_on() -> None:
    assert ideal_weight_kg(165, Sex.FEMALE) == pytest.approx(45.5 + 2.3 * (165 / 2.54 - 60))
    assert ideal_weight_kg(165, Sex.MALE) == pytest.approx(50 + 2.3 * (165 / 2.54 - 60))
    assert ideal_weight_kg(152.4, Sex.MALE) == pytest.approx(50)
    assert ideal_weight_kg(152.3, Sex.MALE) is None


def test_weight_is_adjusted_only_above_120_percent_of_the_ideal() -> None:
    assert adjusted_weight_kg(60, 50) is None
    assert adjusted_weight_kg(60.1, 50) == pytest.approx(50 + 0.4 * 10.1)


def test_the_newest_weight_counts() -> None:
    assert kilograms(latest_weight(sized(weight(80, 40), weight(82, 20)))) == 82


def test_an_older_weight_passes_for_one_that_is_ignored() -> None:
    ignored = (weight(80, 20, unreadable="in stones"), weight(80, 20, is_pending=True), weight(80, 20, comparator="<"))
    assert kilograms(latest_weight(sized(*ignored, weight(79, 40)))) == 79
    assert latest_weight(sized(*ignored)) is None


def test_of_one_day_a_measured_weight_goes_before_a_stated_one() -> None:
    assert kilograms(latest_weight(sized(weight(85, 20, is_stated=True), weight(82, 20)))) == 82
    assert kilograms(latest_weight(sized(weight(85, 20, is_stated=True), weight(82, 21)))) == 85


@pytest.mark.parametrize(("days", "is_fresh"), [(365, True), (366, False)])
def test_a_weight_is_fresh_for_a_clearance_for_a_year(days: int, is_fresh: bool) -> None:
    assert (weight_for_clearance(sized(weight(80, days))) is not None) is is_fresh


@pytest.mark.parametrize(("days", "is_fresh"), [(395, True), (396, False), (29, False)])
def test_an_earlier_day_is_judged_by_the_weights_of_then(days: int, is_fresh: bool) -> None:
    assert (weight_for_clearance_on(ago(30), sized(weight(80, days))) is not None) is is_fresh


@pytest.mark.parametrize(("days", "is_fresh"), [(90, True), (91, False)])
def test_a_weight_is_fresh_for_dosing_for_90_days(days: int, is_fresh: bool) -> None:
    assert (weight_for_dosing(sized(weight(80, days))) is not None) is is_fresh


def test_no_weight_is_none_and_a_failed_search_is_not_known() -> None:
    assert weight_for_clearance(chart()) is None
    with pytest.raises(NotKnown):
        weight_for_clearance(chart(body_size=Supplied(State.UNKNOWN)))


@pytest.mark.parametrize(
    ("other", "days", "is_conflict"), [(88.0, 26, False), (88.1, 26, True), (88.1, 27, False), (72.7, 20, True)]
)
def test_weights_of_one_week_that_differ_by_a_tenth_conflict(other: float, days: int, is_conflict: bool) -> None:
    chart = sized(weight(80, 20), weight(other, days))
    if not is_conflict:
        assert kilograms(weight_for_clearance(chart)) == 80
        return
    with pytest.raises(NoUsableValue, match="conflicting weights: 80 kg on 2026-05-26 and"):
        weight_for_clearance(chart)


def test_a_height_of_a_grown_up_holds_for_good() -> None:
    assert kilograms(height(sized(tall(178, 14_000), age=60))) == 178


def test_a_height_of_a_child_does_not() -> None:
    assert height(sized(tall(150, 5 * 366), age=22)) is None
    assert kilograms(height(sized(tall(170, 2 * 365), age=22))) == 170, "taken at 20"
    assert kilograms(height(sized(tall(170, 300), age=19))) == 170


def test_without_a_birth_date_a_height_is_taken_as_it_is() -> None:
    assert kilograms(height(sized(tall(178, 4000), age=None))) == 178


@pytest.mark.parametrize(
    ("kg", "cm", "sex", "expected"),
    [
        (140, 175, Sex.MALE, [("adjusted", 98.3), ("ideal", 70.5)]),
        (80, 175, Sex.MALE, [("ideal", 70.5)]),
        (70, 175, Sex.MALE, []),
        (50, 152.4, Sex.MALE, []),
        (140, None, Sex.MALE, []),
        (140, 150, Sex.MALE, []),
        (140, 175, None, [("adjusted", 95.6), ("ideal", 66.0), ("adjusted", 98.3), ("ideal", 70.5)]),
        (68, 175, None, [("ideal", 66.0)]),
    ],
)
def test_weights_below_the_actual_one(
    kg: float, cm: float | None, sex: Sex | None, expected: list[tuple[str, float]]
) -> None:
    size = present(weight(kg), *(() if cm is None else (tall(cm),)))
    found = weights_below_actual(chart(sex=sex, body_size=size), kg)
    assert [(name, round(value, 1)) for name, value in found] == expected


def test_body_surface_says_what_it_is_worked_out_from() -> None:
    surface = body_surface(sized(weight(80), tall(178)))
    assert surface.m2 == pytest.approx(1.99, abs=0.005)
    assert surface.line == "Body surface: 1.99 m2 (Mosteller; 80 kg on 2026-05-26, 178 cm on 2026-05-26)"
    assert "80 kg as stated by the patient" in body_surface(sized(weight(80, is_stated=True), tall(178))).line


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (sized(tall(178)), "no weight of the last 90 days"),
        (sized(weight(80, 91), tall(178)), "no weight of the last 90 days"),
        (sized(weight(80)), "no height"),
        (sized(weight(80, 20), weight(95, 22), tall(178)), "conflicting weights: 80 kg on 2026-05-26 and 95 kg"),
        (chart(body_size=Supplied(State.UNKNOWN, why="the search failed")), "the search failed"),
    ],
)
def test_body_surface_is_not_known_without_a_fresh_weight_and_a_height(facts: Facts, why: str) -> None:
    with pytest.raises(NotKnown, match=why):
        body_surface(facts)
