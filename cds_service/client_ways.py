"""What clients change in an answer, prepared at the start: the cards that each gets, and how they are written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from cards.catalogue import Catalogue
from cards.concepts import ValueSets
from cds_service.clients import Answers, Client
from cds_service.errors import InvalidConfiguration


class Ways(NamedTuple):
    """How a client is answered: rules that it does not get, and its answers, code systems by URI."""

    left_out: frozenset[str] = frozenset()
    answers: Answers = Answers()


USUAL = Ways()


def ways_of_clients(clients: Iterable[Client], house: Catalogue, value_sets: ValueSets) -> dict[str, Ways]:
    """How each client is answered, by its name. Raises InvalidConfiguration naming the key that means nothing here."""
    rules = frozenset(card.rule for card in house.cards)
    ways = {}
    for client in clients:
        key = f"clients.{client.name}"
        cards = client.cards
        _check(f"{key}.cards.off", cards.off - rules, "`cds-service rules` lists the rules")
        _check(f"{key}.cards.only", cards.only - rules, "`cds-service rules` lists the rules")
        unknown = set(client.prefetch_keys.values()) - house.requests.keys()
        _check(f"{key}.prefetch_keys", unknown, f"our keys are {', '.join(house.requests)}")
        spelling = _by_uri(client.answers.code_systems, value_sets, f"{key}.answers.code_systems")
        answers = client.answers.model_copy(update={"code_systems": spelling})
        ways[client.name] = Ways(rules - cards.only if cards.only else cards.off, answers)
    return ways


def _by_uri(spelling: Mapping[str, str], value_sets: ValueSets, key: str) -> dict[str, str]:
    uris = {system: value_sets.system_uri(system) for system in spelling}
    _check(key, [system for system, uri in uris.items() if uri is None], "write rxnorm, ndc, loinc …, or the URI")
    return {uri: spelling[system] for system, uri in uris.items() if uri is not None}


def _check(key: str, unknown: Collection[str], there_are: str) -> None:
    if unknown:
        raise InvalidConfiguration(f"{key}: unknown: {', '.join(sorted(unknown))}; {there_are}")
