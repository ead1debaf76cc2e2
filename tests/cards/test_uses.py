"""What a card declares is what its rule makes use of, in all of its cases: no less, and no more.

Of a person: source attributes 5 to 13 of 45 CFR 170.315(b)(11)(iv)(A): an answer "not used" has to be true. Of the
record: what is asked for is read. Of the literature: what is named as a source is cited, or a number rests on it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from cards.catalogue import Card, load_catalogue, shared_tables
from cards.facts import Facts
from cards.knowledge import Thresholds, load_thresholds
from cards.opinion import Advice
from cards.records import Diagnosis, Patient
from cds_service.errors import DataNotAvailable
from tests.situations.asking import ask
from tests.situations.reading import all_cases

CARDS = {card.rule: card for card in load_catalogue().cards}

# Facts about how somebody fares or lives, not what disease, drug or result there is.
HEALTH_STATUS = {
    "adverse_event_grade",
    "alcohol_use_disorder",
    "confined_to_bed_or_wheelchair",
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


@dataclass
class Used:
    """What is made use of while a test runs: of a person, of the data requests, of the sources."""

    of_person: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Used:
    """What rules make use of while this test runs."""
    found = Used()
    patient = Facts.patient.fget
    assert patient is not None
    monkeypatch.setattr(Facts, "patient", property(lambda facts: Watched(patient(facts), found.of_person)))
    for name in ASKING:
        monkeypatch.setattr(Facts, name, _noting_health(getattr(Facts, name), found.of_person))
    monkeypatch.setattr(Diagnosis, "is_a", _noting_health(Diagnosis.is_a, found.of_person))
    for name in ("_answered", "request_state"):
        monkeypatch.setattr(Facts, name, _noting(getattr(Facts, name), found.needs))
    monkeypatch.setattr(Thresholds, "basis", _noting(Thresholds.basis, found.sources))
    return found


def _noting_health(accessor: Callable[..., Any], found: set[str]) -> Callable[..., Any]:
    def noting(of: Any, *concepts: str, **options: Any) -> Any:
        if not HEALTH_STATUS.isdisjoint(concepts):
            found.add("health_status_assessments")
        return accessor(of, *concepts, **options)

    return noting


def _noting(accessor: Callable[..., Any], found: set[str]) -> Callable[..., Any]:
    def noting(of: Any, *names: str) -> Any:
        found.update(names)
        return accessor(of, *names)

    return noting


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_a_card_makes_use_of_what_it_declares(card: Card, used: Used) -> None:
    for case in all_cases():
        if case.rule == card.rule:
            for hook in case.expected:
                with suppress(DataNotAvailable):
                    review = ask(case.situation, hook, rule=card.rule)
                    used.sources |= {
                        one.opinion.evidence for one in review.considered if isinstance(one.opinion, Advice)
                    }
    rested_on = {threshold.evidence for threshold in card.knowledge.thresholds.values()}
    assert used.of_person - {"is_deceased"} == set(card.knowledge.uses)
    assert used.needs == set(card.knowledge.needs)
    assert used.sources | rested_on == set(card.knowledge.evidence)


def test_every_number_that_cards_share_is_read_in_some_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs on each is held by the tests of the module that serves its table."""
    tables = [load_thresholds(path) for path in shared_tables().values()]
    unread = {(id(table), name) for table in tables for name in table.thresholds}

    def reading(accessor: Callable[..., Any]) -> Callable[..., Any]:
        def read(of: Thresholds, name: str) -> Any:
            unread.discard((id(of), name))
            return accessor(of, name)

        return read

    for accessor in ("value", "threshold"):
        monkeypatch.setattr(Thresholds, accessor, reading(getattr(Thresholds, accessor)))
    for case in all_cases():
        for hook in case.expected:
            with suppress(DataNotAvailable):
                ask(case.situation, hook, rule=case.rule)
        if not unread:
            break
    assert {name for _, name in unread} == set()
