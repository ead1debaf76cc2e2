"""Which weight a dose per kg can be based on (book 1.2, 4.4)."""

from __future__ import annotations

import pytest

from cards.facts import Measurement
from cards.pharmacology.infusion.dosing_weight import DosingWeight, dosing_weight, window_days
from tests.cards.neurology.charts import UNKNOWN
from tests.cards.pharmacology.charts import chart, present, tall, weight


def based_on(*found: Measurement) -> DosingWeight:
    """The weight of a man with these weights and heights."""
    return dosing_weight(chart(body_size=present(*found)))


def test_a_fresh_weight_is_used_and_shown() -> None:
    found = based_on(weight(80), tall(178))
    assert (found.kg, found.lighter and [name for name, _ in found.lighter]) == (80, ["ideal"])
    assert list(found.lines) == ["Weight: 80 kg (2026-05-26, actual)", "Below it: ideal weight 73.2 kg"]


def test_a_weight_without_a_height_knows_no_ideal_one() -> None:
    found = based_on(weight(80, is_stated=True))
    assert found.lighter is None
    assert list(found.lines) == [
        "Weight: 80 kg (2026-05-26, actual, stated)",
        "Ideal weight: not known without a height",
    ]


def test_a_weight_below_the_ideal_one_stands_alone() -> None:
    assert list(based_on(weight(60), tall(178)).lines) == ["Weight: 60 kg (2026-05-26, actual)"]


@pytest.mark.parametrize(
    ("weights", "why", "line"),
    [
        ((), "no weight on file", "no weight on file"),
        ((weight(80, 91),), "last weight is 91 days old", "80 kg of 2026-03-16, 91 days old"),
        ((weight(80), weight(95, 22)), "weights conflict", "conflicting weights: 80 kg on 2026-05-26"),
    ],
)
def test_why_there_is_none(weights: tuple[Measurement, ...], why: str, line: str) -> None:
    found = based_on(*weights)
    assert (found.kg, found.why, found.unknown) == (None, why, None)
    assert line in next(iter(found.lines))


def test_a_weight_that_could_not_be_had_is_unknown() -> None:
    found = dosing_weight(chart(body_size=UNKNOWN))
    assert found.unknown is not None
    assert list(found.lines) == ["Weight: the weight could not be checked"]


def test_a_height_that_cannot_be_dated_to_grown_age_is_no_height() -> None:
    facts = chart(patient=UNKNOWN, body_size=present(weight(140), tall(175)))
    assert dosing_weight(facts).lighter is None


def test_the_window_is_that_of_doses() -> None:
    assert window_days() == 90
