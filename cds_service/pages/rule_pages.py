"""Pages on the rules, for reading; what an EHR has to show of them (/dsi); value sets as FHIR."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import orjson
from flask import Flask, Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from cards import site_settings
from cards.catalogue import Card, Catalogue
from cards.concepts import ValueSets
from cards.decision_table import LOWER, decision_table
from cards.folder import cases_of, limits_of, plain_words, tables_of
from cards.knowledge import Speaks
from cards.orders import Hook
from cards.site_settings import Tables
from cds_service.config import Settings
from cds_service.pages.policy import page_response
from cds_service.pages.rule_numbers import numbers_of
from cds_service.pages.rule_outline import case_groups, index_row, silenced_by, speaks_words
from cds_service.pages.source_attributes import as_csv, as_json, source_attributes, sources_of, version
from cds_service.pages.value_sets import value_set_resource
from cds_service.rule_base import rule_base_version

RULES, SOURCES, VALUE_SETS = "/rules", "/dsi", "/value-sets"


def add_rule_pages(
    app: Flask,
    base_url: str,
    catalogue: Catalogue,
    value_sets: ValueSets,
    override_reasons: Mapping[str, str],
    tables: Tables | None = None,
) -> None:
    """Adds the pages of every card that a site has not switched off; they are the same for everybody.

    `tables` are the shared tables in which the site has set numbers.
    """
    # links use the topic; who types an address may know the rule's own name
    by_topic = {name: card for card in catalogue.cards for name in (card.knowledge.topic, card.rule)}

    def card_of(topic: str) -> Card:
        return by_topic[topic] if topic in by_topic else abort(404)

    @cache
    def page(card: Card) -> str:
        with site_settings.in_force(tables):
            return _rule_page(card, catalogue, value_sets, override_reasons)

    @app.get(RULES)
    def rules() -> Response:
        rows = [index_row(card, value_sets) for card in catalogue.cards]
        return page_response(render_template("rules.html", rows=rows, version=version()))

    @app.get(f"{RULES}/<topic>")
    def rule(topic: str) -> Response:
        card = card_of(topic)
        return page_response(page(card))

    @app.get(SOURCES)
    def all_sources() -> AnyResponse:
        return _tagged(_all_sources(catalogue), "application/json")

    @app.get(f"{SOURCES}.csv")
    def table_of_sources() -> AnyResponse:
        return _tagged(as_csv(catalogue.cards).encode(), "text/csv; charset=utf-8")

    @app.get(f"{SOURCES}/<topic>")
    def sources(topic: str) -> AnyResponse:
        return _tagged(orjson.dumps(as_json(card_of(topic))), "application/json")

    @app.get(f"{VALUE_SETS}/<name>")
    def value_set(name: str) -> AnyResponse:
        if name not in value_sets:
            abort(404)
        body = orjson.dumps(value_set_resource(value_sets, name, base_url), option=orjson.OPT_INDENT_2)
        return _tagged(body, "application/fhir+json")


def address_of_rule_pages(settings: Settings) -> str:
    """Where the pages of the rules are, for the source of a card; empty without https, which a source is to have."""
    return f"{settings.base_url}{RULES}" if settings.is_https else ""


def address_of_sources(settings: Settings) -> str:
    """Where the source attributes of all rules are, for discovery; empty without https."""
    return f"{settings.base_url}{SOURCES}" if settings.is_https else ""


def _rule_page(card: Card, catalogue: Catalogue, value_sets: ValueSets, override_reasons: Mapping[str, str]) -> str:
    requests = [catalogue.requests[need] for need in card.knowledge.needs]
    table = decision_table(card)
    return render_template(
        "rule.html",
        card=card,
        words=[clause.partition(" ")[::2] for clause in plain_words(card)],
        table=table,
        lowers=any(LOWER in row.then.values() for row in table.rows),
        hooks={hook: speaks_words(card.knowledge.hooks.get(hook, Speaks.NEVER)) for hook in Hook},
        is_info_silent_on_signing=card.knowledge.hooks.get(Hook.ORDER_SIGN) is Speaks.WARNING_AND_UP,
        silences=silenced_by(card, catalogue),
        numbers=numbers_of(card.knowledge),
        tables={name.replace("_", " "): numbers_of(table) for name, table in tables_of(card).items()},
        limits=limits_of(card),
        triggers=[value_sets.concept(name) for name in card.knowledge.triggers],
        needs=[(need, [value_sets.concept(concept) for concept in need.concepts]) for need in requests],
        cases=case_groups(cases_of(card)),
        overrides=[(code, override_reasons[code]) for code in card.knowledge.override_reasons],
        sources=sources_of(card),
        attributes=source_attributes(card),
        version=version(),
        checksum=rule_base_version(),
    )


@cache
def _all_sources(catalogue: Catalogue) -> bytes:
    return orjson.dumps({"rules": [as_json(card) for card in catalogue.cards]})


def _tagged(body: bytes, media_type: str) -> AnyResponse:
    response = Response(body, content_type=media_type)
    response.add_etag()
    return response.make_conditional(request)
