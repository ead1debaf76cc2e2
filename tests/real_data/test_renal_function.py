"""The clearance of every patient with a creatinine: as reviewed, explained, and the same as worked out here by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import pytest

from cards.facts import Facts
from cards.pharmacology.renal.creatinine_clearance import Source
from cards.pharmacology.renal.renal_function import RenalFunction, renal_function
from tests.real_data.charts import Chart, chart_in
from tests.real_data.records import OTHERS, SYNTHEA, Resource, names, reviewed

EXPECTED = reviewed("expected_renal_function.yaml")
CREATININE, WEIGHT, HEIGHT = ("38483-4", "2160-0"), ("29463-7",), ("8302-2",)


class Measured(NamedTuple):
    """One result, as it stands in the file."""

    day: date
    instant: str
    value: float


def measured(chart: Chart, codes: tuple[str, ...], until: date = date.max) -> list[Measured]:
    """Dated results of these LOINC codes up to a day, the newest last, of one instant the highest last."""
    found = (_measured(one) for one in chart.of_type("Observation") if one.get("status") == "final" and _is(one, codes))
    return sorted(
        (one for one in found if one is not None and one.day <= until), key=lambda one: (one.instant, one.value)
    )


def _is(observation: Resource, codes: tuple[str, ...]) -> bool:
    return any(coding.get("code") in codes for coding in observation["code"]["coding"])


def _measured(observation: Resource) -> Measured | None:
    instant = observation.get("effectiveDateTime") or observation.get("effectiveInstant")
    if not instant:
        return None
    assert instant.endswith(("+00:00", "Z", "-05:00", "-04:00"))
    return Measured(date.fromisoformat(instant[:10]), instant, observation["valueQuantity"]["value"])


def by_hand(chart: Chart, day: date) -> float | None:
    """Cockcroft-Gault in mL/min with the adjusted weight above 1.2 × ideal (book 1.4); None where something lacks."""
    (patient,) = chart.of_type("Patient")
    creatinines, weights, heights = (measured(chart, codes, day) for codes in (CREATININE, WEIGHT, HEIGHT))
    creatinines = [one for one in creatinines if (day - one.day).days <= 730]
    weights = [one for one in weights if (day - one.day).days <= 365 and 25 <= one.value <= 350]
    if not creatinines or not weights:
        return None
    born = date.fromisoformat(patient["birthDate"])
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    is_male = patient["gender"] == "male"
    weight = weights[-1].value
    if heights and heights[-1].value >= 152.4:
        ideal = (50 if is_male else 45.5) + 2.3 * (heights[-1].value / 2.54 - 60)
        if weight > 1.2 * ideal:
            weight = ideal + 0.4 * (weight - ideal)
    clearance: float = (140 - age) * weight / (72 * creatinines[-1].value) * (1 if is_male else 0.85)
    return clearance


def days(chart: Chart) -> dict[str, date]:
    """The day of the newest creatinine, and the last day of the record."""
    return {"creatinine_day": measured(chart, CREATININE)[-1].day, "last_day": chart.last_day}


def with_creatinine() -> list[tuple[str, str]]:
    """Every chart with a dated creatinine."""
    return [
        (folder, file)
        for folder in (SYNTHEA, OTHERS)
        for file in names(folder)
        if measured(chart_in(folder, file), CREATININE)
    ]


def said(renal: RenalFunction) -> str:
    """State, source and number; or why there is none."""
    clearance = renal.clearance
    if clearance is None:
        return f"{renal.state}: {renal.why}"
    number = f"{renal.state} {clearance.source} {clearance.ml_min:.1f}"
    return ", ".join(filter(None, (number, renal.why, renal.unstable and f"unstable: {renal.unstable}")))


CALLS = [
    (folder, file, when) for folder in EXPECTED for file in EXPECTED[folder] for when in ("creatinine_day", "last_day")
]


def asked(folder: str, file: str, when: str) -> tuple[Chart, date, Facts]:
    """A chart, a day, and the chart as of that day."""
    chart = chart_in(folder, file)
    day = days(chart)[when]
    return chart, day, chart.facts(day)


def test_every_patient_with_a_creatinine_was_reviewed() -> None:
    assert [(folder, file) for folder in EXPECTED for file in EXPECTED[folder]] == with_creatinine()
    assert len(with_creatinine()) == 22


@pytest.mark.parametrize(("folder", "file", "when"), CALLS)
def test_renal_function_is_what_was_reviewed(folder: str, file: str, when: str) -> None:
    expected: Mapping[str, Any] = EXPECTED[folder][file]
    _, _, facts = asked(folder, file, when)
    assert said(renal_function(facts)) == expected[when]


@pytest.mark.parametrize(("folder", "file", "when"), CALLS)
def test_the_clearance_is_the_one_worked_out_by_hand(folder: str, file: str, when: str) -> None:
    chart, day, facts = asked(folder, file, when)
    renal, expected = renal_function(facts), by_hand(chart, day)
    if expected is None:
        assert renal.clearance is None or renal.clearance.source is not Source.CALCULATED
    else:
        assert renal.clearance is not None
        assert renal.clearance.source is Source.CALCULATED
        assert renal.clearance.ml_min == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("folder", "file", "when"), CALLS)
def test_it_is_explained(folder: str, file: str, when: str) -> None:
    """A card shows the number, what went into it with units and dates, or why there is none."""
    _, _, facts = asked(folder, file, when)
    renal = renal_function(facts)
    text = "\n".join(renal.facts)
    if renal.clearance is None:
        assert renal.why
        assert renal.why in text
        return
    assert renal.clearance.on.isoformat() in text
    shown = re.search(r"([\d.]+) mL/min", text)
    assert shown is not None
    assert abs(float(shown[1]) - renal.clearance.ml_min) <= 0.5, "whole, with a decimal close to an edge (1.4)"
    if renal.clearance.source is Source.CALCULATED:
        assert re.search(r"age \d+, (fe)?male, (adjusted|actual) weight [\d.]+ kg", text)
        assert re.search(r"creatinine [\d.]+ mg/dL on \d{4}-\d\d-\d\d", text)
