"""Is every number of a card's knowledge held by some case? Each is moved down and up by a quarter: a case must answer
otherwise, in its decision or in its words. A number that can be changed unnoticed is a number that nobody checks.
Of a table of regimens the doses count: its edges are those of the table of limits beside it. Tables that cards share
are held by the tests of the modules that serve them; that they are read, by test_uses.py.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from cards.catalogue import Card, Catalogue, load_catalogue
from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.opinion import NothingToAdd, Opinion
from cards.orders import OrderedDrug
from cards.yaml_files import read_yaml
from cds_service.errors import DataNotAvailable
from tests.situations.asking import review
from tests.situations.reading import CARDS, all_cases
from tests.situations.request import hook_request

Number = tuple[str | int, ...]
Asked = tuple[OrderedDrug, Facts]


def numbers() -> list[Any]:
    """Every number: values, edges of bands, values of bands, doses of regimens."""
    return [
        pytest.param(card, (name, *place), id=f"{card.rule}/{name}/{'/'.join(map(str, place))}")
        for card in load_catalogue().cards
        for name, threshold in _raw(card.rule).get("thresholds", {}).items()
        for place in _places(threshold)
    ]


def _places(threshold: dict[str, Any]) -> Iterator[Number]:
    if "value" in threshold:
        yield ("value",)
    for at, band in enumerate(threshold.get("bands", ())):
        doses = range(len(band.get("doses", ())))
        yield from (("bands", at, "doses", line, "mg") for line in doses)
        if not any("doses" in other for other in threshold["bands"]):
            yield from (("bands", at, key) for key in ("from", "above", "value", "low", "high") if band.get(key))


@cache
def _raw(rule: str) -> dict[str, Any]:
    [card] = [card for card in load_catalogue().cards if card.rule == rule]
    found: dict[str, Any] = read_yaml(CARDS / card.family / card.name / "knowledge.yaml")
    return found


@cache
def asked(rule: str) -> tuple[Asked, ...]:
    """What the card is asked in its cases: order and facts."""
    heard: list[Asked] = []

    def listen(order: OrderedDrug, facts: Facts, _: Knowledge) -> Opinion:
        heard.append((order, facts))
        return NothingToAdd("listening")

    house = load_catalogue()
    listening = Catalogue([replace(card, advise=listen) for card in house.cards if card.rule == rule], house.requests)
    for case in all_cases():
        if case.rule == rule:
            for hook in case.expected:
                with suppress(DataNotAvailable):
                    review(hook_request(case.situation, hook), case.situation.as_of, catalogue=listening)
    return tuple(heard)


@cache
def answers(rule: str) -> tuple[Opinion | None, ...]:
    """What the card answers in its cases."""
    [card] = [card for card in load_catalogue().cards if card.rule == rule]
    return tuple(answer(card, question, card.knowledge) for question in asked(rule))


def answer(card: Card, question: Asked, knowledge: Knowledge) -> Opinion | None:
    """The opinion; None when the card cannot tell."""
    try:
        return card.advise(*question, knowledge)
    except NotKnown:
        return None


@pytest.mark.parametrize(("card", "number"), numbers())
def test_no_number_can_be_changed_unnoticed(card: Card, number: Number) -> None:
    moved = [knowledge for factor in (0.75, 1.25) if (knowledge := _moved(card, number, factor)) is not None]
    assert any(
        answer(card, question, knowledge) != before
        for knowledge in moved
        for question, before in zip(asked(card.rule), answers(card.rule), strict=True)
    ), "no case notices: add one on each side of it"


def _moved(card: Card, number: Number, factor: float) -> Knowledge | None:
    """The knowledge with one number moved; None where the bands would lose their order."""
    raw = copy.deepcopy(_raw(card.rule))
    name, *place, last = number
    found = raw["thresholds"][name]
    for key in place:
        found = found[key]
    found[last] *= factor
    try:
        return Knowledge.model_validate(raw)
    except ValidationError:
        return None
