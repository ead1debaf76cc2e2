"""What an analgesic that serves many pains is ordered for."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Encounter
from cards.neurology.analgesic_indication import analgesic_indication
from tests.cards.neurology.charts import UNKNOWN, diagnosis, named, patient, stated
from tests.cards.pharmacology.charts import present

POLYNEUROPATHY = diagnosis("E11.42")


def why_not(*problems, reasons=(), **supplied):
    return analgesic_indication(patient(*problems, **supplied), reasons, 90).why_not


def test_a_painful_neuropathy_on_the_list_without_any_other_pain():
    found = analgesic_indication(patient(POLYNEUROPATHY), (), 90)
    assert found == ((POLYNEUROPATHY,), "")


@pytest.mark.parametrize("code", ["M79.2", "M62.81", "M33.20", "S14.109S", "G63", "C44.311", "L29.9", "G25.81"])
def test_what_belongs_to_a_neuropathy_or_does_not_hurt_is_no_other_pain(code):
    assert not why_not(POLYNEUROPATHY, diagnosis(code, 5))


@pytest.mark.parametrize(
    "code", ["M17.11", "S82.891A", "T14.90XA", "C50.911", "K85.90", "N20.0", "R10.9", "G43.909", "Z98.1", "M79.7"]
)
def test_other_painful_diagnoses_of_the_book(code):
    assert "may hurt too" in why_not(POLYNEUROPATHY, diagnosis(code, 5))
    assert not why_not(POLYNEUROPATHY, diagnosis(code, 91))


@pytest.mark.parametrize(
    "text", ["Backache", "Gout", "Spinal stenosis of lumbar region", "Open wound of hand", "Calculus of kidney"]
)
def test_other_painful_diagnoses_by_their_words(text):
    assert "may hurt too" in why_not(POLYNEUROPATHY, named(text))


@pytest.mark.parametrize("text", ["Acute kidney injury", "Foot ulcer", "Burning feet", "Charcot arthropathy"])
def test_words_of_no_other_pain(text):
    assert not why_not(POLYNEUROPATHY, named(text))


def test_the_stated_reason_goes_before_the_list():
    assert not why_not(diagnosis("M17.11", 5), reasons=(stated("E11.42"),))
    assert "no painful neuropathy" in why_not(POLYNEUROPATHY, reasons=(stated("M17.11"),))
    assert "stated too" in why_not(POLYNEUROPATHY, reasons=(stated("E11.42"), stated("M17.11")))


def test_surgery_is_a_reason_when_none_is_stated():
    surgery = present(Encounter(is_surgical=True))
    assert "surgery" in why_not(POLYNEUROPATHY, encounter=surgery)
    assert not why_not(POLYNEUROPATHY, encounter=surgery, reasons=(stated("E11.42"),))


def test_an_unknown_problem_list_is_not_known_where_it_is_needed():
    with pytest.raises(NotKnown):
        why_not(conditions=UNKNOWN)
    assert not why_not(conditions=UNKNOWN, reasons=(stated("E11.42"),))
