"""Pages on the rules, for reading; what an EHR has to show of them (/dsi); value sets as FHIR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import orjson
from flask import Flask, Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from cards.catalogue import Card, Catalogue
from cards.concepts import ValueSets
from cards.folder import cases_of, plain_words, tables_of
from cards.knowledge import Band, Threshold, Thresholds
from cards.orders import Hook
from cards.wording import number
from cds_service.config import Settings
from cds_service.pages.policy import page_response
from cds_service.pages.source_attributes import as_csv, as_json, source_attributes, sources_of
from cds_service.pages.value_sets import value_set_resource

RULES, SOURCES, VALUE_SETS = "/rules", "/dsi", "/value-sets"


class Row(NamedTuple):
    """One number of a rule as a reader sees it: name, value with unit, source, status, who may set it."""

    name: str
    value: str
    source: str
    status: str
    note: str


def add_rule_pages(
    app: Flask, base_url: str, catalogue: Catalogue, value_sets: ValueSets, override_reasons: Mapping[str, str]
) -> None:
    """Adds the pages of every card that a site has not switched off."""
    by_topic = {card.knowledge.topic: card for card in catalogue.cards}

    def card_of(topic: str) -> Card:
        return by_topic[topic] if topic in by_topic else abort(404)

    @app.get(RULES)
    def rules() -> Response:
        return page_response(render_template("rules.html", cards=catalogue.cards, hooks=list(Hook)))

    @app.get(f"{RULES}/<topic>")
    def rule(topic: str) -> Response:
        card = card_of(topic)
        return page_response(_rule_page(card, catalogue, value_sets, override_reasons))

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


def _rule_page(card: Card, catalogue: Catalogue, value_sets: ValueSets, override_reasons: Mapping[str, str]) -> str:
    requests = [catalogue.requests[need] for need in card.knowledge.needs]
    cases = cases_of(card)
    return render_template(
        "rule.html",
        card=card,
        words=[clause.partition(" ")[::2] for clause in plain_words(card)],
        hooks={hook: card.knowledge.hooks.get(hook, "never") for hook in Hook},
        numbers=list(_numbers(card.knowledge)),
        tables={name.replace("_", " "): list(_numbers(table)) for name, table in tables_of(card).items()},
        triggers=[value_sets.concept(name) for name in card.knowledge.triggers],
        needs=[(need, [value_sets.concept(concept) for concept in need.concepts]) for need in requests],
        cases=cases,
        speaking=sum(any(one.kind == "speaks" for one in case.outcomes) for case in cases),
        overrides=[(code, override_reasons[code]) for code in card.knowledge.override_reasons],
        sources=sources_of(card),
        attributes=source_attributes(card),
    )


def _numbers(file: Thresholds) -> Iterator[Row]:
    for name, threshold in file.thresholds.items():
        source = file.evidence[threshold.evidence].label
        if threshold.value is not None:
            yield Row(
                _words(name),
                _with_unit(number(threshold.value, 3), threshold),
                source,
                threshold.status,
                _note(threshold),
            )
        for band in threshold.bands:
            where = f"{_words(name)}, {_edge(band, threshold)}"
            yield Row(where, _with_unit(_of_band(band), threshold), source, threshold.status, _note(threshold))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _with_unit(value: str, threshold: Threshold) -> str:
    return value if threshold.unit == "1" else f"{value} {threshold.unit}"


def _edge(band: Band, threshold: Threshold) -> str:
    by = threshold.by
    if by is None:
        return ""
    start = "above" if band.from_ is None and band.above is not None else "from"
    return f"{_words(by.quantity)} {start} {number(band.edge, 3)} {by.unit}"


def _of_band(band: Band) -> str:
    if band.value is not None:
        return number(band.value, 3)
    if band.low is not None and band.high is not None:
        return f"{number(band.low, 3)} to {number(band.high, 3)}"
    return "none stated"


def _note(threshold: Threshold) -> str:
    said = [threshold.note] if threshold.note else []
    limits = threshold.site_may_set
    if limits is not None:
        said.append(f"a site may set {number(limits.min, 3)} to {number(limits.max, 3)}")
    if threshold.book_value is not None:
        said.append(f"set by this site; the book has {number(threshold.book_value, 3)}")
    return "; ".join(said)


@cache
def _all_sources(catalogue: Catalogue) -> bytes:
    return orjson.dumps({"rules": [as_json(card) for card in catalogue.cards]})


def _tagged(body: bytes, media_type: str) -> AnyResponse:
    response = Response(body, content_type=media_type)
    response.add_etag()
    return response.make_conditional(request)
