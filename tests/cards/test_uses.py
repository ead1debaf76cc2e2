"""What a card says that it uses of a person is what its rule reads, in all of its cases: no less, and no more.

Source attributes 5 to 13 of 45 CFR 170.315(b)(11)(iv)(A): an answer "not used" has to be true.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from cards.catalogue import Card, load_catalogue
from cards.facts import Facts
from cards.records import Patient
from cds_service.errors import DataNotAvailable
from tests.situations.asking import ask
from tests.situations.reading import all_cases

CARDS = {card.rule: card for card in load_catalogue().cards}

# Facts about how somebody fares or lives, not what disease, drug or result there is.
HEALTH_STATUS = {
    "adverse_event_grade",
    "alcohol_use_disorder",
    "dementia_or_delirium",
    "falls",
    "immobility",
    "opioid_dependence",
    "pregnancy",
    "smoking",
    "tobacco_use",
}
ASKING = ("diagnoses", "current", "procedures", "allergies", "measurements")


class Watched:
    """A patient who notes what is asked about."""

    def __init__(self, patient: Patient, asked: set[str]) -> None:
        self._patient = patient
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        self._asked.add({"birth_date": "date_of_birth"}.get(name, name))
        return getattr(self._patient, name)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What rules ask of the facts while this test runs."""
    found: set[str] = set()
    patient = Facts.patient.fget
    assert patient is not None
    monkeypatch.setattr(Facts, "patient", property(lambda facts: Watched(patient(facts), found)))
    for name in ASKING:
        monkeypatch.setattr(Facts, name, _noting(getattr(Facts, name), found))
    return found


def _noting(accessor: Callable[..., Any], found: set[str]) -> Callable[..., Any]:
    def noting(facts: Facts, *concepts: str, **options: Any) -> Any:
        if not HEALTH_STATUS.isdisjoint(concepts):
            found.add("health_status_assessments")
        return accessor(facts, *concepts, **options)

    return noting


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_a_card_uses_of_a_person_what_it_says(card: Card, asked: set[str]) -> None:
    for case in all_cases():
        if case.rule == card.rule:
            for hook in case.expected:
                with suppress(DataNotAvailable):
                    ask(case.situation, hook, rule=card.rule)
    assert asked - {"is_deceased"} == set(card.knowledge.uses)
