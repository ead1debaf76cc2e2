"""Suggestions really apply, and the service that is asked again does not say the same again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from cds_service.playground.patients import ward
from cds_service.playground.scenario import example_of
from tests.cds_service.playground.visiting import Element, Visitor, cards_of, offers_of, summary_of

EXAMPLES = [
    pytest.param(example_of(patient, example).query(), id=f"{patient.id}: {example.shows}")
    for patient in ward().patients.values()
    for example in patient.examples
]


def said(page: Element) -> set[tuple[str, str]]:
    """(topic, summary) of each card."""
    return {(topic, summary_of(card)) for topic, card in cards_of(page).items()}


def offers(page: Element) -> Iterator[tuple[str, str, Element]]:
    """(topic, label, form) of each suggestion on a page."""
    for topic, card in cards_of(page).items():
        for label, form in offers_of(card).items():
            yield topic, label, form


@pytest.mark.parametrize("query", EXAMPLES)
def test_the_follow_up_call_after_a_suggestion_never_gets_the_same_card_back(client: FlaskClient, query: str) -> None:
    visitor = Visitor(client)
    page = visitor.opens(f"/?{query}")
    before = {topic: summary_of(card) for topic, card in cards_of(page).items()}
    for topic, label, form in offers(page):
        after = visitor.presses(form)
        assert (topic, before[topic]) not in said(after), label
