"""A ledger for pictures: two months of cards that nobody was shown, with the answers that nobody gave. All made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.cds_service.outcomes.hand_made import FOR_LONG, issued, put, received, uuid_of

DAYS = {"since": "2026-06-01", "until": "2026-07-27"}
SITE = f"ledger = {{ {', '.join(f'{name} = {days}' for name, days in FOR_LONG.items())} }}\n"
_MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
_WEEKS, _CALLS_A_WEEK = 8, 180
_CLIENT, _HOOK = "ehr", "order-sign"


class _Rule(NamedTuple):
    """How often a week a card comes; of ten answers, how many are acceptances; the reasons of the others."""

    topic: str
    cards_a_week: int
    accepted_of_ten: int
    reasons: tuple[str, ...]


_RULES = (
    _Rule("gabapentinDoseExceedsRenalMax", 9, 6, ("data-incorrect", "frail-slow-titration")),
    _Rule("pregabalinDoseSubtherapeutic", 7, 4, ("frail-slow-titration", "cross-taper")),
    _Rule("rituximabHbvSerology", 4, 8, ("data-incorrect",)),
    _Rule("gabapentinoidCnsDepressant", 12, 2, ("cross-taper", "frail-slow-titration")),
)


def put_sample(address: str) -> None:
    """Cards, answers and calls into the database at this address, which is new."""
    cards, answers = [], []
    for number, (rule, at) in enumerate(_moments()):
        cards.append({**issued(number, _CLIENT, "", _HOOK, rule.topic, at.isoformat()), "card": uuid_of(number)})
        if number % 5:  # every fifth is ignored
            answers.append(_answer(number, rule, at + timedelta(minutes=2)))
    put(address, {"issued_cards": cards, "feedback": answers, "tallies": list(_calls())})


def _moments() -> Iterator[tuple[_Rule, datetime]]:
    for week in range(_WEEKS):
        for rule in _RULES:
            for card in range(rule.cards_a_week + (week + len(rule.topic)) % 3):
                yield rule, _MONDAY + timedelta(weeks=week, hours=7 * card)


def _answer(number: int, rule: _Rule, at: datetime) -> Any:
    is_accepted = 7 * number % 10 < rule.accepted_of_ten
    codes = [] if is_accepted else [rule.reasons[number % len(rule.reasons)]]
    outcome = "accepted" if is_accepted else "overridden"
    return received(number, number, _CLIENT, "", outcome, at.isoformat(), at.isoformat(), codes)


def _calls() -> Iterator[Any]:
    for week in range(_WEEKS):
        day = (_MONDAY + timedelta(weeks=week)).date().isoformat()
        counted = {"day": day, "client": _CLIENT, "tenant": "", "hook": _HOOK, "reason": ""}
        yield {**counted, "topic": "", "what": "call", "number": _CALLS_A_WEEK + 9 * week}
        for rule in _RULES:
            yield {**counted, "topic": rule.topic, "what": "shown", "number": rule.cards_a_week}
            yield {**counted, "topic": rule.topic, "what": "nothing-to-add", "number": 5 * rule.cards_a_week}
