"""The pages on the rules, their source attributes, the value sets."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from cards.catalogue import Card, load_catalogue
from cards.concepts import load_value_sets
from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.pages.source_attributes import NOT_USED, OF_A_PERSON, source_attributes
from tests.whole_requests import FIXTURES

CARDS = {card.rule: card for card in load_catalogue().cards}
ON = [card for card in CARDS.values() if card.knowledge.default == "on"]
every_card = pytest.mark.parametrize("card", ON, ids=[card.rule for card in ON])


@every_card
def test_a_rule_has_a_page_with_its_words_numbers_sources_and_cases(client: FlaskClient, card: Card):
    page = client.get(f"/rules/{card.knowledge.topic}")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    for said in (card.question, *(one.label for one in card.knowledge.evidence.values())):
        assert _escaped(said) in text
    assert "WHEN" in text
    assert all(name.replace("_", " ") in text for name in card.knowledge.thresholds)


def test_the_rules_are_listed_by_family(client: FlaskClient):
    text = client.get("/rules").get_data(as_text=True)
    assert all(f"/rules/{card.knowledge.topic}" in text for card in ON)


@pytest.mark.parametrize("path", ["/", "/rules", "/rules/rituximabHbvSerology"])
def test_a_page_runs_nothing_and_loads_nothing_from_elsewhere(client: FlaskClient, path: str):
    page = client.get(path)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    text = page.get_data(as_text=True)
    assert "<script" not in text
    assert [src for src in re.findall(r"(?:src|<link[^>]*href)=\"([^\"]+)\"", text) if src.startswith("http")] == []


@pytest.mark.parametrize("path", ["/rules/noSuchRule", "/dsi/noSuchRule", "/value-sets/no_such_set"])
def test_what_is_not_there_is_404(client: FlaskClient, path: str):
    answer = client.get(path)
    assert (answer.status_code, answer.json["resourceType"]) == (404, "OperationOutcome")


def test_a_rule_that_the_site_switched_off_has_no_page(client_of: Callable[..., FlaskClient]):
    client = client_of(cards={"off": ["ivig-indication"]})
    assert client.get("/rules/ivigIndication").status_code == 404
    assert "ivigIndication" not in client.get("/rules").get_data(as_text=True)


# -- source attributes ----------------------------------------------------------------------------------------------


@every_card
def test_a_rule_has_all_13_source_attributes_in_the_order_of_the_regulation(client: FlaskClient, card: Card):
    said = client.get(f"/dsi/{card.knowledge.topic}").json
    assert said["rule"] == card.rule
    assert [one["number"] for one in said["attributes"]] == list(range(1, 14))
    assert all(one["answer"].strip() for one in said["attributes"])
    assert [one["code"] for one in said["attributes"]][4:] == [code for code, _ in OF_A_PERSON]


@every_card
def test_what_a_rule_does_not_use_is_said_not_to_be_used(card: Card):
    answers = {one.code: one.answer for one in source_attributes(card)}
    for code, _ in OF_A_PERSON:
        assert (answers[code] == NOT_USED) == (code not in card.knowledge.uses)


def test_the_index_and_the_sheet_say_the_same(client: FlaskClient):
    index = client.get("/dsi").json["rules"]
    sheet = list(csv.DictReader(io.StringIO(client.get("/dsi.csv").get_data(as_text=True))))
    assert [(one["rule"], a["answer"]) for one in index for a in one["attributes"]] == [
        (row["rule"], row["answer"]) for row in sheet
    ]
    assert len(index) == len(ON)


@pytest.mark.parametrize("path", ["/dsi", "/dsi.csv", "/dsi/tcaCaution", "/value-sets/rituximab"])
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, path: str):
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


# -- value sets -----------------------------------------------------------------------------------------------------


def test_every_value_set_is_valid_fhir(client: FlaskClient):
    model = get_fhir_model_class("ValueSet")
    for name in load_value_sets():
        answer = client.get(f"/value-sets/{name}")
        assert answer.content_type == "application/fhir+json"
        model.model_validate(answer.json)


# -- the address on a card ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("public_url", "leads_here"), [("https://cds.example.org", True), ("http://127.0.0.1", False)])
def test_the_source_of_a_card_is_its_page_where_clients_can_reach_it_over_https(
    app: Flask, public_url: str, leads_here: bool
):
    service = create_app(Settings(database="", public_url=public_url), SiteConfig()).test_client()
    request = _order()
    (card, *_) = service.post(f"/cds-services/neuropathy-{request['hook']}", json=request).json["cards"]
    url = f"https://cds.example.org/rules/{card['source']['topic']['code']}"
    assert (card["source"].get("url") == url) is leads_here
    if leads_here:
        assert app.test_client().get(url.removeprefix("https://cds.example.org")).status_code == 200


def _order() -> dict[str, Any]:
    path = FIXTURES / "pregabalin_dose_exceeds_renal_max"
    return json.loads(next(iter(sorted(path.glob("*.request.json")))).read_text(encoding="utf-8"))


def _escaped(text: str) -> str:
    return str(escape(text))
