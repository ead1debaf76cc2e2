"""The cards a site has chosen and the value sets they speak of, loaded once at the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cards.catalogue import HERE, Catalogue, load_catalogue
from cards.concepts import ValueSets, load_value_sets
from cards.yaml_files import read_yaml
from cds_service.config import SiteConfig
from cds_service.errors import InvalidConfiguration


class RuleBase(NamedTuple):
    """What the service knows. `override_reasons` are the words of each code (book 0.5)."""

    catalogue: Catalogue
    value_sets: ValueSets
    override_reasons: Mapping[str, str]


def load_rule_base(site: SiteConfig, catalogue: Catalogue | None = None) -> RuleBase:
    """The rule base as the site wants it; `catalogue` None: every card of the house.

    Raises cards.errors.InvalidKnowledge naming the file at fault, InvalidConfiguration naming the site's key.
    """
    catalogue = catalogue or load_catalogue()
    return RuleBase(
        catalogue=_chosen(catalogue, site),
        value_sets=load_value_sets(licensed=site.licensed_codes),
        override_reasons=read_yaml(HERE / "override_reasons.yaml"),
    )


def _chosen(catalogue: Catalogue, site: SiteConfig) -> Catalogue:
    rules = {card.rule for card in catalogue.cards}
    for key, named in (("off", site.cards.off), ("on", site.cards.on)):
        unknown = sorted(named - rules)
        if unknown:
            raise InvalidConfiguration(f"cards.{key}: no rule {', '.join(unknown)}; `cds-service rules` lists them")
    off_by_default = {card.rule for card in catalogue.cards if card.knowledge.default == "off"}
    left_out = (off_by_default - site.cards.on) | site.cards.off
    catalogue = catalogue.without(left_out) if left_out else catalogue
    return catalogue.all_at_signing() if site.cards.info_at_signing else catalogue
