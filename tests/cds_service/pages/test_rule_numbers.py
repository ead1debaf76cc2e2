"""The numbers of a rule as its page shows them: words for units and marks, bands side by side, regimens."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue, shared_tables
from cards.knowledge import Thresholds, load_thresholds
from cds_service.pages.charts.step_chart import END, RIGHT, StepChart
from cds_service.pages.rule_numbers import BandTable, numbers_of, status_words, unit_words

RULES = {card.rule: card.knowledge for card in load_catalogue().cards}
FILES: list[Thresholds] = [*RULES.values(), *(load_thresholds(path) for path in shared_tables().values())]


def table(rule: str, head: str) -> BandTable:
    """The table of a rule that has this column."""
    return next(one for one in numbers_of(RULES[rule]).by_quantity if head in one.heads)


def column(rule: str, head: str) -> list[str]:
    """What a column says, from the highest band down."""
    found = table(rule, head)
    return [cells[found.heads.index(head)] for _, cells in found.rows]


def chart(rule: str, name: str) -> StepChart:
    """The drawing of a table."""
    return next(one for one in table(rule, name).charts if one.name == name)


def test_every_number_of_the_house_is_shown_once_with_source_and_status() -> None:
    for file in FILES:
        shown = numbers_of(file)
        names = [one.name for one in shown.single] + [one.name for group in shown.by_quantity for one in group.origins]
        assert sorted(names) == sorted(name.replace("_", " ") for name in file.thresholds)
        assert all(one.source and one.kind and one.status for one in shown.single)
        for group in shown.by_quantity:
            assert all(len(cells) == len(group.heads) for _, cells in group.rows)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("V", "read in the source (V)"),
        ("V*, P", "read in a copy of the source (V*); professional knowledge, to be confirmed (P)"),
        ("S", "stated by a secondary summary only (S)"),
    ],
)
def test_a_status_is_told_in_words(status: str, words: str) -> None:
    assert status_words(status) == words


def test_units_are_those_that_people_write() -> None:
    assert [unit_words(unit) for unit in ("d", "mg/d", "1", "mm[Hg]", "{infusions}/d", "g/L")] == [
        *("days", "mg/day", "", "mmHg", "infusions/day", "g/L"),
    ]


def test_bands_with_the_same_edges_stand_side_by_side() -> None:
    found = table("pregabalin-dose-exceeds-renal-max", "maximum")
    assert found.heads == ("maximum", "maximum extended release", "start regimen", "maximum regimen")
    assert [edge for edge, _ in found.rows] == ["60 and above", "30 to below 60", "15 to below 30", "below 15"]
    assert column("pregabalin-dose-exceeds-renal-max", "maximum") == [
        *("600 mg/day", "300 mg/day", "150 mg/day", "75 mg/day"),
    ]


def test_regimens_are_told_as_people_say_them() -> None:
    assert column("pregabalin-dose-exceeds-renal-max", "start regimen")[:2] == [
        *("50 mg three times a day", "25 mg three times a day"),
    ]
    assert column("pregabalin-above-indication-ceiling", "start regimen extended release") == [
        *(
            "165 mg once a day after the evening meal for 7 days",
            "82.5 mg once a day after the evening meal for 7 days",
        ),
        "none",
    ]
    assert column("midodrine-safety", "label regimen")[0] == "10 mg three times a day at 08:00, 12:00 and 16:00"


def test_a_range_and_a_falling_band_are_told_as_such() -> None:
    assert column("pregabalin-above-indication-ceiling", "start")[2] == "25 to 50 mg/day"
    assert column("gabapentin-dose-exceeds-renal-max", "maximum")[-1] == "300 mg/day, less in proportion below 15"


def test_bands_without_a_number_are_edges_only_and_not_drawn() -> None:
    found = table("duloxetine-organ-disease", "renal bands")
    assert {cell for _, cells in found.rows for cell in cells} == {"an edge only"}
    assert found.charts == ()


# -- the drawing ----------------------------------------------------------------------------------------------------


def test_a_step_ends_where_the_next_begins_and_the_dot_shows_whose_edge_it_is() -> None:
    highest, *rest = chart("pregabalin-dose-exceeds-renal-max", "maximum").steps
    assert (highest.x2, highest.label) == (RIGHT, "600")
    assert [(dot.x, dot.is_closed) for dot in highest.dots] == [(highest.x1, True)]
    assert [(dot.x, dot.is_closed) for dot in rest[0].dots] == [(rest[0].x1, True), (highest.x1, False)]
    assert highest.y1 == highest.y2 < rest[0].y1 < rest[-1].y1 < END


def test_an_edge_that_belongs_to_the_lower_band_is_closed_there() -> None:
    steps = chart("gabapentin-dose-exceeds-renal-max", "maximum").steps
    assert [[dot.is_closed for dot in step.dots] for step in steps] == [[True], [False, False], [False, True], [True]]


def test_doses_that_fall_with_the_clearance_are_a_slope_to_nothing() -> None:
    lowest = chart("gabapentin-dose-exceeds-renal-max", "maximum").steps[-1]
    assert (lowest.y1, lowest.y2 < lowest.y1) == (END, True)


def test_a_range_has_two_ends_and_a_band_without_a_number_no_step() -> None:
    ranged = chart("pregabalin-above-indication-ceiling", "start").steps[2]
    assert ranged.label == "25–50"
    assert ranged.lower_y is not None
    assert ranged.lower_y > ranged.y2
    assert len(chart("pregabalin-above-indication-ceiling", "start extended release").steps) == 2


def test_a_drawing_says_in_words_what_it_shows() -> None:
    drawn = chart("pregabalin-dose-exceeds-renal-max", "maximum")
    assert drawn.says.startswith("60 and above: 600 mg/day; 30 to below 60: 300 mg/day")
    assert [tick.text for tick in drawn.across] == ["0", "15", "30", "60"]
