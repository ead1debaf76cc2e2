"""Bands and doubts in words (book 1.4)."""

from __future__ import annotations

import pytest

from cards.pharmacology.renal.creatinine_clearance import About, Clearance, Doubt, Source
from cards.pharmacology.renal.dialysis import Dialysis, Mode
from cards.pharmacology.renal.renal_function import RenalFunction, RenalState, renal_function
from cards.pharmacology.renal.renal_wording import band_words, doubt_lines
from tests.cards.pharmacology.charts import AS_OF, GABAPENTIN_MAXIMUM, PREGABALIN_MAXIMUM, chart, measured, present


@pytest.mark.parametrize(
    ("ml_min", "pregabalin", "gabapentin"),
    [
        (80, "CrCl 60 mL/min and above", "CrCl 60 mL/min and above"),
        (40, "CrCl 30 to 60 mL/min", "CrCl above 30 to 60 mL/min"),
        (10, "CrCl below 15 mL/min", "CrCl 15 mL/min and below"),
    ],
)
def test_a_band_is_told_with_the_side_its_edge_is_on(ml_min: float, pregabalin: str, gabapentin: str) -> None:
    renal = renal_function(chart(renal_function=present(measured("creatinine_clearance", ml_min, code="2164-2"))))
    assert band_words(renal.band(PREGABALIN_MAXIMUM), PREGABALIN_MAXIMUM, renal) == pregabalin
    assert band_words(renal.band(GABAPENTIN_MAXIMUM), GABAPENTIN_MAXIMUM, renal) == gabapentin


@pytest.mark.parametrize(("comparator", "words"), [(">", "above 40 mL/min"), ("<", "below 40 mL/min")])
def test_a_bound_is_told_with_its_side(comparator: str, words: str) -> None:
    bound = measured("creatinine_clearance", 40, code="2164-2", comparator=comparator)
    [told] = doubt_lines(renal_function(chart(renal_function=present(bound))), PREGABALIN_MAXIMUM)
    assert told.endswith(f": {words}, different label bands")


@pytest.mark.parametrize(
    ("ml_min", "doubts", "by_name"),
    [(10.0, (), False), (40.0, (), True), (10.0, (Doubt(About.STAND_IN, 10.0, 20.0),), True)],
)
def test_a_dialysis_known_by_its_name_is_borne_out_by_a_sure_low_clearance(
    ml_min: float, doubts: tuple[Doubt, ...], by_name: bool
) -> None:
    clearance = Clearance(Source.CALCULATED, ml_min, AS_OF, "CrCl", doubts)
    by_text = Dialysis(Mode.HAEMODIALYSIS, "haemodialysis", by_text=True)
    renal = RenalFunction(RenalState.FRESH, clearance, by_text)
    assert renal.rests_on_name(PREGABALIN_MAXIMUM) is by_name
    assert not renal._replace(dialysis=by_text._replace(by_text=False)).rests_on_name(PREGABALIN_MAXIMUM)
