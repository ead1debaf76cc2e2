"""One usual order on one chart at one hook → the cards that a clinician would see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from cards.orders import Hook
from cards.yaml_files import read_yaml
from tests.situations.asking import review_as_installed
from tests.situations.reading import Situation
from tests.situations.request import hook_request

ORDERS: Mapping[str, list[str]] = read_yaml(Path(__file__).with_name("orders.yaml"))


class Answered(NamedTuple):
    """What one order brought: (rule, level) of each card; `unchecked`: the note on what could not be checked."""

    person: str
    order: str
    hook: Hook
    cards: tuple[tuple[str, str], ...]
    unchecked: bool


def usual_orders() -> Iterator[str]:
    """Every starting and every maintenance order."""
    for orders in ORDERS.values():
        yield from orders


def on_chart(person: str, chart: Situation) -> Iterator[Answered]:
    """What every usual order would bring this person, at both hooks."""
    for order in usual_orders():
        for hook in Hook:
            body = hook_request(replace(chart, orders=(order,)), hook)
            yield answered(person, order, hook, body, chart.as_of)


def answered(person: str, order: str, hook: Hook, body: dict[str, Any], as_of: date) -> Answered:
    """What this request brings, with the cards of a site that changed nothing."""
    review = review_as_installed(body, as_of)
    shown = tuple((one.card.rule, str(one.opinion.indicator)) for one in review.considered if one.is_shown)  # type: ignore[union-attr]
    return Answered(person, order, hook, shown, len(review.answer["cards"]) > len(shown))
