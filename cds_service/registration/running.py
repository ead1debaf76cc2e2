"""The objects that a service runs with, as far as the sheet is written from them."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cards.catalogue import Card
from cds_service.client_ways import Ways
from cds_service.config import Settings, SiteConfig
from cds_service.hook_endpoints import DISCOVERY
from cds_service.hooks.discovery import Service, discovery_document, offered_services
from cds_service.hooks.response import Vocabulary
from cds_service.pages.rule_pages import address_of_rule_pages
from cds_service.review import vocabulary_of
from cds_service.rule_base import RuleBase
from cds_service.setting_values import is_loopback


class Running(NamedTuple):
    """Settings, rule base, what is offered and how it is published."""

    settings: Settings
    site: SiteConfig
    rules: RuleBase
    services: tuple[Service, ...]
    document: dict[str, Any]

    @property
    def discovery(self) -> str:
        """The address of discovery."""
        return f"{self.settings.base_url}{DISCOVERY}"

    def address(self, service: Service) -> str:
        """Where this service is called."""
        return f"{self.discovery}/{service.id}"

    def feedback_address(self, service: Service) -> str:
        """Where feedback on the cards of this service goes."""
        return f"{self.address(service)}/feedback"

    @property
    def vocabulary(self) -> Vocabulary:
        """The code systems on cards, and where the pages of rules are."""
        return vocabulary_of(self.rules, self.site, address_of_rule_pages(self.settings))

    @property
    def is_public(self) -> bool:
        """Do the addresses lead here from another machine, encrypted?"""
        host = urlsplit(self.settings.base_url).hostname or ""
        return self.settings.public_url is not None and self.settings.is_https and not is_loopback(host)

    def cards(self, ways: Ways) -> tuple[Card, ...]:
        """The rules that can speak to whoever is answered in this way."""
        offered = {card.rule: card for service in self.services for card in service.cards}
        return tuple(offered[rule] for rule in sorted(offered) if rule not in ways.left_out)


def running(settings: Settings, site: SiteConfig, rules: RuleBase) -> Running:
    """As a service with these settings would run. Raises nothing that the rule base did not."""
    services = offered_services(rules.catalogue, site)
    return Running(settings, site, rules, services, discovery_document(services, rules.value_sets, site))
