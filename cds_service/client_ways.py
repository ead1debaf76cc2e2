"""What clients change in an answer, prepared at the start: the cards that each gets, and how they are written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from cards.catalogue import Catalogue
from cards.concepts import ValueSets
from cds_service.clients import Answers, Client
from cds_service.errors import InvalidConfiguration


class Ways(NamedTuple):
    """How a client is answered: rules that it does not get, and its answers, code systems by URI.

    `silent`: rules that are asked for it and never shown; `is_silent`: it is shown nothing at all.
    """

    left_out: frozenset[str] = frozenset()
    answers: Answers = Answers()
    silent: frozenset[str] = frozenset()
    is_silent: bool = False


USUAL = Ways()


def ways_of_clients(
    clients: Iterable[Client], house: Catalogue, chosen: Catalogue, value_sets: ValueSets
) -> dict[str, Ways]:
    """How each client is answered, by its name. `chosen`: the cards of the site, out of all those of the house.

    Raises InvalidConfiguration naming the key that means nothing here.
    """
    rules = frozenset(card.rule for card in house.cards)
    on = frozenset(card.rule for card in chosen.cards)
    ways = {}
    for client in clients:
        key = f"clients.{client.name}"
        cards = client.cards
        _check(f"{key}.cards.off", cards.off - rules, "`cds-service rules` lists the rules")
        _check(f"{key}.cards.only", cards.only - rules, "`cds-service rules` lists the rules")
        _check(f"{key}.cards.silent", cards.silent - rules, "`cds-service rules` lists the rules")
        _check(f"{key}.cards.silent", cards.silent - on, "what is off is not asked", "off at this site")
        unknown = set(client.prefetch_keys.values()) - house.requests.keys()
        _check(f"{key}.prefetch_keys", unknown, f"our keys are {', '.join(house.requests)}")
        spelling = _by_uri(client.answers.code_systems, value_sets, f"{key}.answers.code_systems")
        answers = client.answers.model_copy(update={"code_systems": spelling})
        left_out = rules - cards.only if cards.only else cards.off
        ways[client.name] = Ways(left_out, answers, on if client.silent else cards.silent, client.silent)
    return ways


def _by_uri(spelling: Mapping[str, str], value_sets: ValueSets, key: str) -> dict[str, str]:
    uris = {system: value_sets.system_uri(system) for system in spelling}
    _check(key, [system for system, uri in uris.items() if uri is None], "write rxnorm, ndc, loinc …, or the URI")
    return {uri: spelling[system] for system, uri in uris.items() if uri is not None}


def _check(key: str, wrong: Collection[str], advice: str, problem: str = "unknown") -> None:
    if wrong:
        raise InvalidConfiguration(f"{key}: {problem}: {', '.join(sorted(wrong))}; {advice}")
