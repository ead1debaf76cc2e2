"""Events after earlier immunoglobulin."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Diagnosis
from cards.pharmacology.infusion.infusion_events import (
    harm_from_immunoglobulin,
    meningitis_from_immunoglobulin,
    recent_thrombosis,
    uneventful_courses,
)
from tests.cards.neurology.charts import IVIG, UNKNOWN, diagnosis, given, patient

MONTH = 30


@pytest.mark.parametrize(
    ("d", "is_recent"),
    [
        (diagnosis("I26.99", 90), True),
        (diagnosis("I26.99", 91), False),
        (diagnosis("I63.9", 20, is_current=False), True),
        (diagnosis("I26.99", 20, is_suspected=True), False),
        (diagnosis("I26.99"), False),
        (diagnosis("Z86.711", 20), False),
    ],
)
def test_a_recent_thrombosis(d: Diagnosis, is_recent: bool) -> None:
    assert (recent_thrombosis(patient(d), 90) is not None) is is_recent


@pytest.mark.parametrize(
    ("problems", "is_tied"),
    [
        ([diagnosis("N17.9", 370)], True),
        ([diagnosis("N17.9", 400)], True),
        ([diagnosis("N17.9", 369)], False),
        ([diagnosis("N17.9", 401)], False),
        ([diagnosis("N17.9", display="kidney failure after IVIG")], True),
        ([diagnosis("I82.401", 900), diagnosis("T50.Z15A", 880)], True),
        ([diagnosis("I82.401", 900), diagnosis("T50.Z15A", 870)], True),
        ([diagnosis("I82.401", 900), diagnosis("T50.Z15A", 869)], False),
        ([diagnosis("I82.401", 900), diagnosis("T50.Z15A")], False),
    ],
)
def test_harm_is_tied_by_date_words_or_a_coded_adverse_effect(problems: list[Diagnosis], is_tied: bool) -> None:
    facts = patient(*problems, medication_administrations=given(IVIG, 400))
    assert (harm_from_immunoglobulin(facts, MONTH) is not None) is is_tied


def test_an_event_beside_infusions_that_could_not_be_had_is_left_open() -> None:
    unread = {"medication_administrations": UNKNOWN, "medication_orders": UNKNOWN}
    with pytest.raises(NotKnown, match="refused"):
        harm_from_immunoglobulin(patient(diagnosis("N17.9", 370), **unread), MONTH)
    assert harm_from_immunoglobulin(patient(**unread), MONTH) is None


def test_meningitis_soon_after_an_infusion() -> None:
    infused = given(IVIG, 110)
    assert meningitis_from_immunoglobulin(
        patient(diagnosis("G03.0", 80, is_current=False), medication_administrations=infused), MONTH
    )
    late = patient(diagnosis("G03.0", 79), medication_administrations=infused)
    assert meningitis_from_immunoglobulin(late, MONTH) is None


def test_courses_count_while_nothing_happened_since_the_first() -> None:
    infused = given(IVIG, 28, 56, 84)
    assert uneventful_courses(patient(diagnosis("I63.9", 85), medication_administrations=infused)) == 3
    assert uneventful_courses(patient(diagnosis("I63.9", 84), medication_administrations=infused)) == 0
    assert uneventful_courses(patient(conditions=UNKNOWN, medication_administrations=infused)) == 0
    assert uneventful_courses(patient()) == 0
