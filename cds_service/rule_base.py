"""The cards a site has chosen and the value sets they speak of, loaded once at the start."""

from __future__ import annotations

import os
from collections.abc import Mapping, Set
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from cards.catalogue import HERE, Card, Catalogue, load_catalogue, shared_tables
from cards.concepts import ValueSets, load_value_sets
from cards.errors import InvalidKnowledge
from cards.knowledge import Link, Threshold, Thresholds, load_thresholds
from cards.local_codes import SITE
from cards.site_settings import Tables
from cards.yaml_files import read_yaml
from cds_service.client_ways import Ways, ways_of_clients
from cds_service.config import SiteConfig
from cds_service.errors import InvalidConfiguration
from cds_service.site_terminology import with_site_codes

_NOT_JUDGING = ("cases.yaml", "patients.yaml")


class RuleBase(NamedTuple):
    """What the service knows. `override_reasons` are the words of each code (book 0.5).

    `tables`: shared tables in which the site has set numbers; None: it has set none, in any card either. `ways`: how
    each trusted client is answered, by its name.
    """

    catalogue: Catalogue
    value_sets: ValueSets
    override_reasons: Mapping[str, str]
    tables: Tables | None = None
    ways: Mapping[str, Ways] = {}


def load_rule_base(site: SiteConfig, catalogue: Catalogue | None = None) -> RuleBase:
    """The rule base as the site wants it; `catalogue` None: every card of the house.

    Raises cards.errors.InvalidKnowledge naming the file at fault, InvalidConfiguration naming the site's key.
    """
    house = catalogue or load_catalogue()
    value_sets = with_site_codes(load_value_sets(licensed=site.licensed_codes), site.terminology)
    chosen = _chosen(house, site)
    return RuleBase(
        catalogue=chosen,
        value_sets=value_sets,
        override_reasons=read_yaml(HERE / "override_reasons.yaml"),
        tables=_tables(site),
        ways=ways_of_clients(site.clients, house, chosen, value_sets),
    )


@cache
def rule_base_version() -> str:
    """Checksum over every rule, threshold and value set as shipped: two services that show the same judge alike.

    What a site changes stands in its own file and is no part of it.
    """
    checksum = blake2b(digest_size=8)
    for folder, folders, names in os.walk(HERE):
        folders.sort()
        place = Path(folder).relative_to(HERE)
        for name in sorted(names):
            if name.endswith((".py", ".yaml")) and name not in _NOT_JUDGING:
                content = Path(folder, name).read_bytes()
                checksum.update(f"{(place / name).as_posix()} {len(content)}\n".encode())
                checksum.update(content)
    return checksum.hexdigest()


def _chosen(catalogue: Catalogue, site: SiteConfig) -> Catalogue:
    rules = {card.rule for card in catalogue.cards}
    choice = site.cards
    named: dict[str, Set[str]] = {"cards.off": choice.off, "cards.on": choice.on, "cards.silent": choice.silent}
    named |= {"links": {link.rule for link in site.links}}
    named |= {f"cards.off_at.{hook}": off for hook, off in site.cards.off_at.items()}
    for key, found in named.items():
        unknown = sorted(found - rules)
        if unknown:
            raise InvalidConfiguration(f"{key}: no rule {', '.join(unknown)}; `cds-service rules` lists them")
    unknown = sorted(set(site.thresholds) - rules - set(shared_tables()))
    if unknown:
        tables = ", ".join(shared_tables())
        raise InvalidConfiguration(f"thresholds.{unknown[0]}: no rule of this name and no shared table: {tables}")
    off_by_default = {card.rule for card in catalogue.cards if card.knowledge.default == "off"}
    left_out = (off_by_default - choice.on) | choice.off
    never_asked = sorted(choice.silent & left_out)
    if never_asked:
        raise InvalidConfiguration(f"cards.silent: {', '.join(never_asked)}: off by default; list it in cards.on too")
    return catalogue.without(left_out).each(partial(_as_chosen, site))


def _tables(site: SiteConfig) -> Tables | None:
    """The shared tables with the site's numbers."""
    if not site.thresholds:
        return None
    known = shared_tables()
    return {known[name]: _table(known[name], name, site) for name in site.thresholds if name in known}


def _table(path: Path, name: str, site: SiteConfig) -> Thresholds:
    table = load_thresholds(path)
    return table.model_copy(update={"thresholds": _set_by_site(table, name, site)})


def _set_by_site(thresholds: Thresholds, name: str, site: SiteConfig) -> dict[str, Threshold]:
    try:
        return thresholds.as_set_by_site(site.thresholds[name])
    except InvalidKnowledge as error:
        raise InvalidConfiguration(f"thresholds.{name}.{error}") from None


def _as_chosen(site: SiteConfig, card: Card) -> Card:
    """A card with the site's links, at the hooks that the site wants it."""
    links = tuple(Link(ref=SITE, label=link.label, url=link.url) for link in site.links if link.rule == card.rule)
    if links:
        card = card.with_knowledge(links=(*card.knowledge.links, *links))
    if card.rule in site.thresholds:
        card = card.with_knowledge(thresholds=_set_by_site(card.knowledge, card.rule, site))
    if site.cards.info_at_signing:
        card = card.speaking_at_signing()
    for hook, off in site.cards.off_at.items():
        if card.rule in off:
            card = card.off_at(hook)
    return card.silenced() if card.rule in site.cards.silent else card
