"""The pages on the rules, their source attributes, the value sets."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from cards.catalogue import Card, load_catalogue
from cards.concepts import load_value_sets
from cards.decision_table import decision_table
from cards.folder import cases_of, limits_of
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
    assert all(name.replace("_", " ") in text.casefold() for name in card.knowledge.thresholds)


@pytest.mark.parametrize("pages", ["rules", "dsi"])
def test_a_page_is_found_by_the_name_of_its_rule_too(client: FlaskClient, pages: str):
    by_name, by_topic = (client.get(f"/{pages}/{name}") for name in ("ivig-indication", "ivigIndication"))
    assert by_name.status_code == 200
    assert by_name.data == by_topic.data


def test_the_rules_are_listed_by_family(client: FlaskClient):
    text = client.get("/rules").get_data(as_text=True)
    assert all(f"/rules/{card.knowledge.topic}" in text for card in ON)


@every_card
def test_a_rule_page_shows_the_decision_table_and_what_the_rule_does_not_know(client: FlaskClient, card: Card):
    text = _text(client, card)
    for row in decision_table(card).rows:
        assert f'<tr><th scope="row">{_escaped(row.when)}</th>' in text
    assert _escaped(limits_of(card)[1:]) in text
    assert all(_escaped(case.name) in text for case in cases_of(card))


@every_card
def test_every_jump_on_a_rule_page_leads_somewhere(client: FlaskClient, card: Card):
    text = _text(client, card)
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    assert {one for said in re.findall(r'aria-labelledby="([^"]+)"', text) for one in said.split()} <= set(ids)


def test_the_row_of_a_table_leads_to_a_case_of_it(client: FlaskClient):
    card = CARDS["ivig-indication"]
    place = next(row.example for row in decision_table(card).rows if row.row == "15")
    text = _text(client, card)
    assert f'<a href="#case-{place}">15</a>' in text
    assert f'<tr id="case-{place}"><th scope="row">a repeated course in symmetric polyneuropathy' in text


def test_levels_that_differ_by_hook_and_info_that_is_for_choosing_only_are_told(client: FlaskClient):
    text = _plain(_text(client, CARDS["rituximab-hbv-serology"]))
    assert "order-select: warning; order-sign: critical" in text
    assert "info order-select only" in _plain(_text(client, CARDS["ivig-indication"]))


def test_a_case_says_its_outcome_once_where_it_is_the_same_at_both_hooks(client: FlaskClient):
    text = _plain(_text(client, CARDS["ivig-indication"]))
    assert (
        "symmetric diabetic polyneuropathy is a warning at both hooks"
        " warning (at both hooks), offers Order EMG/NCS; Refer to neurology; Remove this IVIG draft 14 4.1 (1)"
    ) in text
    assert "info (order-select); silent (order-sign)" in text


def test_a_rule_with_bands_is_drawn_and_one_without_is_not(client: FlaskClient):
    assert _text(client, CARDS["pregabalin-dose-exceeds-renal-max"]).count("<svg") == 2
    assert "<svg" not in _text(client, CARDS["ivig-dose-weight"])


def test_a_rule_without_numbers_says_so(client_of: Callable[..., FlaskClient]):
    client = client_of(cards={"on": ["can-beta-blocker-selectivity"]})
    assert "None: the rule goes by what is there" in _text(client, CARDS["can-beta-blocker-selectivity"])
    assert "The rule has no number of its own" in _text(client, CARDS["ivig-indication"])


def test_numbers_that_a_site_has_set_are_the_ones_shown(client_of: Callable[..., FlaskClient]):
    client = client_of(thresholds={"hepatitis_b": {"fresh": 200}})
    text = _plain(_text(client, CARDS["rituximab-hbv-serology"]))
    assert "both negative, at least one older than 200 days" in text
    assert "fresh 200 days" in text
    assert "set by this site; the book has 365" in text


def test_a_silenced_rule_is_named_only_where_the_site_has_it(client_of: Callable[..., FlaskClient]):
    card = CARDS["ivig-indication"]
    link = '<a href="/rules/ivigDoseWeight">'
    assert link in _text(client_of(), card)
    assert link not in _text(client_of(cards={"off": ["ivig-dose-weight"]}), card)


@pytest.mark.parametrize("path", ["/service", "/rules", "/rules/rituximabHbvSerology"])
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


@every_card
def test_the_days_on_which_sources_were_read_are_said_each_once(card: Card):
    answers = {one.code: one.answer for one in source_attributes(card)}
    said = re.findall(r"\d{4}-\d\d-\d\d", answers["dates"].partition("sources read")[2])
    days = sorted({one.read_on.isoformat() for one in card.knowledge.evidence.values()})
    assert said == sorted({days[0], days[-1]})


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


def _text(client: FlaskClient, card: Card) -> str:
    """The page of a rule as HTML."""
    page = client.get(f"/rules/{card.knowledge.topic}")
    assert page.status_code == 200
    return page.get_data(as_text=True)


def _plain(html: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace(" ;", ";").split())


def _escaped(text: str) -> str:
    return str(escape(text))
