"""A situation → what the service makes of it: the whole story of a call without HTTP, with one card or with all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

import orjson

from cards.catalogue import Catalogue, load_catalogue
from cards.consult import Considered
from cards.opinion import Advice, CannotTell
from cards.orders import Hook
from cds_service.config import SiteConfig
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_server import FhirServers
from cds_service.hooks.request import parse_request
from cds_service.review import Review, Reviewer
from cds_service.rule_base import load_rule_base
from tests.situations.reading import Situation
from tests.situations.request import hook_request

ALL = ""  # in place of a rule: every card of the house, those that are off by default too


def instant(as_of: date) -> datetime:
    """Noon of that day, UTC."""
    return datetime.combine(as_of, time(12), UTC)


def ask(situation: Situation, hook: Hook, *, rule: str = ALL) -> Review:
    """The review of a situation. Raises what the service raises."""
    return review(hook_request(situation, hook), situation.as_of, rule=rule)


def review(body: Mapping[str, Any], as_of: date, *, rule: str = ALL, catalogue: Catalogue | None = None) -> Review:
    """The review of a request as it is, by one rule, by all, or by the cards of a catalogue of one's own."""
    return _reviewed(body, as_of, *_with_cards(rule), catalogue)


def review_as_installed(body: Mapping[str, Any], as_of: date) -> Review:
    """The review of a request by a service whose site has changed nothing."""
    return _reviewed(body, as_of, *_as_installed())


def _reviewed(
    body: Mapping[str, Any], as_of: date, reviewer: Reviewer, cards: Catalogue, catalogue: Catalogue | None = None
) -> Review:
    limits = SiteConfig().limits
    request = parse_request(orjson.dumps(body), at_most_entries=limits.entries, hook=Hook(body["hook"]))
    return reviewer.review(request, catalogue or cards, instant(as_of))


def of_rule(considered: tuple[Considered, ...], rule: str) -> Considered | None:
    """What became of a rule, the loudest when it was asked about several drugs. None: it was not asked."""
    asked = [one for one in considered if one.card.rule == rule]
    return max(asked, key=_weight, default=None)


def _weight(one: Considered) -> tuple[bool, bool, int, bool]:
    opinion = one.opinion
    level = int(opinion.indicator) if isinstance(opinion, Advice) else 0
    return one.is_shown, isinstance(opinion, Advice), level, isinstance(opinion, CannotTell)


def off_by_default() -> list[str]:
    """Rules that speak only where a site has switched them on."""
    return [card.rule for card in load_catalogue().cards if card.knowledge.default == "off"]


@cache
def _with_cards(rule: str) -> tuple[Reviewer, Catalogue]:
    house = load_catalogue()
    cards = [card for card in house.cards if rule in (ALL, card.rule)]
    off = [name for name in off_by_default() if rule in (ALL, name)]
    return _reviewer(SiteConfig.model_validate({"cards": {"on": off}}), Catalogue(cards, house.requests))


@cache
def _as_installed() -> tuple[Reviewer, Catalogue]:
    return _reviewer(SiteConfig())


def _reviewer(site: SiteConfig, catalogue: Catalogue | None = None) -> tuple[Reviewer, Catalogue]:
    rules = load_rule_base(site, catalogue)
    return Reviewer(rules, site, FhirServers(site.limits), AddressPolicy()), rules.catalogue
