"""Cards that are asked and shown to nobody: a site's way of meeting a rule before its clinicians do.

What such a card would have said is in the ledger (`is_shown` false) and in its tallies.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from cards.catalogue import Catalogue
from cds_service.config import SiteConfig

_log = logging.getLogger(__name__)


def announce_silence(site: SiteConfig, catalogue: Catalogue, *, is_kept: bool) -> None:
    """Says in the log, loudly, which rules speak to nobody: a silence that was forgotten looks like an all-clear.

    `is_kept`: is there a ledger for what they would have said?
    """
    levels = {card.rule: card.knowledge.highest for card in catalogue.cards}

    def named(rules: Collection[str]) -> str:
        return ", ".join(f"{rule} (up to {levels[rule]})" for rule in sorted(rules))

    said = [f"cards.silent: {named(site.cards.silent)}"] if site.cards.silent else []
    for client in site.clients:
        if client.silent:
            said.append(f"clients.{client.name}.silent: every card")
        elif client.cards.silent:
            said.append(f"clients.{client.name}.cards.silent: {named(client.cards.silent)}")
    if said:
        _log.warning("cards are silent: asked, never shown", extra={"why": "; ".join(said)})
        if not is_kept:
            _log.warning("no ledger is kept: what silent cards would have said is counted in the log only")
