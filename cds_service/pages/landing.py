"""The page at `/`: what this service is, where its endpoints are, which cards it has."""

from __future__ import annotations

from functools import cache

from flask import Flask, Response, render_template

from cards.catalogue import Card
from cards.orders import Hook
from cds_service.hooks.discovery import Service
from cds_service.pages.policy import page_response


def add_landing_page(app: Flask, base_url: str, services: tuple[Service, ...], path: str = "/") -> None:
    """Adds the page at this path; it is the same for everybody and written when first asked for."""
    cards = {card.rule: card for service in services for card in service.cards}

    @cache
    def page() -> str:
        return render_template(
            "landing.html",
            base_url=base_url,
            services=services,
            cards=[_row(cards[rule]) for rule in sorted(cards)],
        )

    @app.get(path)
    def landing() -> Response:
        return page_response(page())


def _row(card: Card) -> dict[str, str]:
    return {
        "rule": card.rule,
        "topic": card.knowledge.topic,
        "title": card.knowledge.title,
        "question": card.question,
        "family": card.family.replace("_", " "),
        "hooks": ", ".join(hook for hook in Hook if card.speaks_at(hook)),
        "highest": card.knowledge.highest,
        "again_by": card.knowledge.reviewed.again_by.isoformat(),
    }
