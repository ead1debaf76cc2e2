"""Working and charts as parts of a page: what is drawn, what is written, what a table says of it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from flask import Flask, render_template_string

from cards.catalogue import load_catalogue
from cards.consult import Considered, consult, questions
from cards.facts import Facts, Measurement, Sex
from cards.orders import Amount, Drug, OrderedDrug
from cards.pharmacology.renal.renal_history import renal_history
from cds_service.pages.charts.axis import Axis, up_to
from cds_service.pages.charts.clearance_chart import LOWER_TOP, RIGHT, UPPER_END, UPPER_TOP, ClearanceChart
from cds_service.pages.charts.dose import dose_parts
from cds_service.pages.charts.renal import RenalPart, renal_part
from tests.cards.pharmacology.charts import (
    CAPSULE_75,
    a_day,
    chart,
    creatinine,
    kidneys,
    line,
    measured,
    mg,
    order,
    present,
    signed,
    weight,
)

GABAPENTIN = Drug("gabapentin", frozenset({"gabapentin", "gabapentinoid"}))
EGFR = measured("egfr", 38, 100, unit="mL/min/{1.73_m2}")
TWO_CAPSULES = signed(
    order(line(Amount(2, 2, "count"), a_day(2), text="2 capsules <b>twice</b> daily"), drug=CAPSULE_75)
)


def asked(ordered: OrderedDrug, facts: Facts) -> tuple[Considered, ...]:
    """Every opinion about this drug."""
    return consult(questions(load_catalogue(), [ordered]), facts)


def drawn(facts: Facts, ordered: OrderedDrug = TWO_CAPSULES) -> ClearanceChart:
    """The only drawing."""
    [drawing] = known(renal_part(asked(ordered, facts), facts)).charts
    return drawing


def known(part: RenalPart | None) -> RenalPart:
    """The part, which must be there."""
    assert part is not None
    return part


def of_60_kg(*results: Measurement) -> Facts:
    """A man whose clearance is 60 divided by the creatinine."""
    return kidneys(68, Sex.MALE, 60, 165, *results)


def written(app: Flask, facts: Facts, ordered: OrderedDrug = TWO_CAPSULES) -> str:
    """Both parts as a page shows them."""
    considered = asked(ordered, facts)
    page = '{% include "charts/_dose.html" %}{% include "charts/_renal.html" %}'
    with app.test_request_context("/"):
        return render_template_string(page, doses=dose_parts(considered, facts), kidneys=renal_part(considered, facts))


# -- places ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("highest", "expected"),
    [(90, (100, 25)), (60, (60, 20)), (101, (150, 50)), (1.2, (1.5, 0.5)), (3600, (4000, 1000))],
)
def test_an_axis_ends_on_a_round_number(highest: float, expected: tuple[float, float]) -> None:
    assert up_to(highest) == pytest.approx(expected)


def test_a_value_beyond_the_axis_is_drawn_on_its_edge() -> None:
    axis = Axis(0, 100, 200, 0)
    assert [axis.at(value) for value in (0, 25, 100, 150, -1)] == [200, 150, 0, 0, 200]


def test_the_edges_of_the_bands_are_the_ticks_and_the_strips_lie_between_them() -> None:
    drawing = drawn(of_60_kg(creatinine(1.5)))
    assert [tick.text for tick in drawing.clearance.ticks] == ["0", "15", "30", "60", "100"]
    assert [(strip.words, strip.value) for strip in drawing.strips] == [
        ("60 and above", "600 mg/d"),
        ("30 to below 60", "300 mg/d"),
        ("15 to below 30", "150 mg/d"),
        ("below 15", "75 mg/d"),
    ]
    places = {tick.text: tick.at for tick in drawing.clearance.ticks}
    assert (places["0"], places["100"]) == (UPPER_END, UPPER_TOP)
    middle = drawing.strips[1]
    assert (middle.top, middle.top + middle.height) == pytest.approx((places["60"], places["30"]))


def test_the_newest_result_lies_in_the_band_that_counts() -> None:
    drawing = drawn(of_60_kg(creatinine(0.8, 300), creatinine(1.5, 20)))
    [strip] = [strip for strip in drawing.strips if strip.is_now]
    older, newest = drawing.clearance.marks
    assert strip.value == "300 mg/d"
    assert strip.top < newest.y < strip.top + strip.height
    assert newest.is_newest
    assert older.is_by_later_weight
    assert older.x < newest.x < RIGHT
    assert older.y < newest.y
    assert drawing.creatinine.marks[0].y > drawing.creatinine.marks[1].y > LOWER_TOP
    assert drawing.clearance.line == f"{older.x},{older.y} {newest.x},{newest.y}"
    assert drawing.says.endswith("For pregabalin the band 30 to below 60 counts: 300 mg/d.")


def test_a_reported_clearance_is_a_mark_apart_from_the_line() -> None:
    drawing = drawn(of_60_kg(creatinine(1.5), EGFR))
    assert [mark.is_reported for mark in drawing.clearance.marks] == [True, False]
    assert " " not in drawing.clearance.line


def test_a_high_clearance_does_not_squeeze_the_low_bands() -> None:
    drawing = drawn(of_60_kg(creatinine(0.2)))
    assert drawing.clearance.ticks[-1].text == "150"
    assert drawing.clearance.marks[0].y == UPPER_TOP


def test_a_falling_band_shows_what_it_comes_to_for_this_patient() -> None:
    ordered = signed(order(line(mg(300), a_day(3)), drug=GABAPENTIN))
    assert drawn(of_60_kg(creatinine(8.0)), ordered).strips[-1].value == "150 mg/d here"
    assert drawn(of_60_kg(creatinine(1.0)), ordered).strips[-1].value == "up to 300 mg/d"


def test_a_drug_without_a_table_is_drawn_without_strips() -> None:
    ivig = signed(order(line(Amount(30, 30, "g"), a_day(1, lasts_days=5)), drug=Drug("ivig", frozenset({"ivig"}))))
    drawing = drawn(of_60_kg(creatinine(1.5)), ivig)
    assert (drawing.strips, drawing.bands) == ((), None)
    assert [tick.text for tick in drawing.clearance.ticks] == ["0", "10", "20", "30", "40"]


def test_a_creatinine_without_a_weight_is_drawn_below_only() -> None:
    drawing = drawn(chart(renal_function=present(creatinine(1.5))))
    assert (drawing.clearance.marks, len(drawing.creatinine.marks)) == ((), 1)
    assert not any(strip.is_now for strip in drawing.strips)


def test_only_reported_clearances_leave_the_lower_panel_empty() -> None:
    drawing = drawn(chart(renal_function=present(EGFR)))
    assert (drawing.creatinine.marks, drawing.creatinine_unit) == ((), "")


# -- what is there --------------------------------------------------------------------------------------------------


def test_a_rule_that_does_not_look_at_the_kidneys_brings_no_renal_part() -> None:
    facts = of_60_kg(creatinine(1.5))
    rituximab = signed(order(line(mg(1000), None), drug=Drug("rituximab", frozenset({"anti_cd20"}))))
    considered = [one for one in asked(rituximab, facts) if one.card.rule == "rituximab-hbv-serology"]
    assert considered
    assert renal_part(considered, facts) is None


def test_without_results_there_is_working_but_no_drawing() -> None:
    part = known(renal_part(asked(TWO_CAPSULES, chart()), chart()))
    assert (part.charts, part.rows) == ((), ())
    assert part.working.result.startswith("Not known")


def test_each_drug_is_worked_out_once_however_many_rules_ask() -> None:
    considered = asked(TWO_CAPSULES, of_60_kg(creatinine(1.5)))
    assert len(considered) > 1
    [part] = dose_parts(considered, of_60_kg(creatinine(1.5)))
    assert (part.name, part.working.result) == ("pregabalin", "300 mg/day")


def test_the_table_has_a_row_for_every_result() -> None:
    facts = of_60_kg(creatinine(None, 400, unreadable="no unit"), creatinine(0.8, 300), creatinine(1.5, 20), EGFR)
    rows = known(renal_part(asked(TWO_CAPSULES, facts), facts)).rows
    assert len(rows) == len(renal_history(facts)) == 4
    assert rows[0][1:] == ("", "not known", "creatinine of 2025-05-11: no unit")
    assert rows[1].source == "Cockcroft-Gault, with the weight of 2026-05-26 (none on file before)"
    assert rows[3][1:] == ("1.5 mg/dL", "40 mL/min", "Cockcroft-Gault")


# -- as HTML --------------------------------------------------------------------------------------------------------


def test_the_parts_need_no_style_and_no_script_of_their_own(app: Flask) -> None:
    html = written(app, of_60_kg(creatinine(0.8, 300), creatinine(1.5, 20), EGFR))
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|href=", html)
    assert "2 capsules &lt;b&gt;twice&lt;/b&gt; daily" in html


def test_a_drawing_is_well_formed_and_named(app: Flask) -> None:
    html = written(app, of_60_kg(creatinine(0.8, 300), creatinine(1.5, 20), EGFR))
    svg = ElementTree.fromstring(re.search(r"<svg.*?</svg>", html, re.DOTALL)[0])  # type: ignore[index]  # noqa: S314 - our own page
    ids = {element.get("id") for element in svg.iter() if element.get("id")}
    assert set(svg.attrib["aria-labelledby"].split()) == ids
    assert svg.attrib["role"] == "img"
    assert len(list(svg.iter("circle"))) == 6  # two dots and a ring, above and below
    for element in svg.iter():
        for name in ("x", "y", "cx", "cy", "x1", "x2"):
            assert 0 <= float(element.get(name, "0")) <= 360


def test_a_dose_that_cannot_be_worked_out_says_why(app: Flask) -> None:
    html = written(app, chart(body_size=present(weight(80))), signed(order(line(mg(75), None), drug=CAPSULE_75)))
    assert "Cannot be worked out: no timing given" in html
    assert "<svg" not in html
