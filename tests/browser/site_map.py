"""The pages for people that the service has."""

from __future__ import annotations

from cards.catalogue import load_catalogue

_CARDS = load_catalogue().cards
RULE_PAGES = tuple(f"/rules/{card.knowledge.topic}" for card in _CARDS)
SITE = f"cards.on = {[card.rule for card in _CARDS if card.knowledge.default == 'off']}"  # what shows them all, as TOML
# Rule pages that have between them everything a rule page can show.
RULE_PAGES_IN_DETAIL = tuple(
    f"/rules/{topic}" for topic in ("gabapentinDoseExceedsRenalMax", "ivigDoseWeight", "rituximabHbvSerology")
)
OTHER_PAGES = ("/", "/service", "/rules", "/outcomes", "/sheet")
IN_DETAIL = OTHER_PAGES + RULE_PAGES_IN_DETAIL
EVERY_PAGE = OTHER_PAGES + RULE_PAGES
