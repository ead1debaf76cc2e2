"""What holds for every answer: tried on all stories of fhir_fixtures/ (certification.md A5 to A7)."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient

from cards.catalogue import load_catalogue
from cds_service.hooks.r4_check import r4_problem
from tests.whole_requests import answer, stories

Json = dict[str, Any]
NOTE = "couldNotCheck"
URGENCY = ("critical", "warning", "info")
# What an update may change of a draft.
CHANGEABLE = {
    "dosageInstruction", "dispenseRequest", "reasonCode", "note", "occurrenceDateTime",
    "medicationCodeableConcept", "medicationReference", "contained",
}  # fmt: skip


@cache
def calls() -> tuple[tuple[Json, Json], ...]:
    """(request, answer) of every story that is answered with cards."""
    asked = ((json.loads(story.read_bytes()), answer(story)) for story in stories())
    return tuple((request, body) for request, (status, body) in asked if status == 200)


def cards() -> list[Json]:
    return [card for _, body in calls() for card in body["cards"]]


def rules_of(body: Json) -> list[Json]:
    """The cards of rules: not the note on what could not be checked."""
    return [card for card in body["cards"] if card["source"]["topic"]["code"] != NOTE]


def actions() -> list[tuple[Json, Json]]:
    """(request, action) of every suggestion."""
    return [
        (request, action)
        for request, body in calls()
        for card in body["cards"]
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    ]


def drafts(request: Json) -> dict[str, Json]:
    entries = request["context"]["draftOrders"]["entry"]
    return {f"{one['resource']['resourceType']}/{one['resource'].get('id')}": one["resource"] for one in entries}


def empty_members(value: Any) -> list[Any]:
    """The members that are null or empty, however deep."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [inner for inner in inside if inner in (None, "", [], {})]
    return found + [one for inner in inside for one in empty_members(inner)]


def test_crd_11_jsn_2_jsn_3_nothing_in_a_card_is_null_or_empty() -> None:
    assert [found for card in cards() if (found := empty_members(card))] == []


def test_crd_01_rsp_5_a_summary_is_one_plain_line_below_140_characters() -> None:
    for card in cards():
        assert 0 < len(card["summary"]) < 140
        assert card["summary"].isprintable()
        assert not re.search(r"\*\*|\]\(|[<`]", card["summary"])


def test_crd_09_a_detail_is_short_and_holds_no_table() -> None:
    for card in cards():
        assert len(card["detail"]) <= 1200
        assert not re.search(r"^\s*(?<!\\)\|", card["detail"], re.MULTILINE)
        assert card["detail"].startswith("**Order:**")
        assert "<" not in card["detail"]


def test_crd_10_each_card_names_the_drug_that_it_is_about() -> None:
    for card in cards():
        ordered = card["detail"].partition("**Order:**")[2].partition("\n")[0].strip()
        assert ordered, card["summary"]


def test_crd_12_some_card_only_links_and_some_card_neither_links_nor_suggests() -> None:
    assert any(card.get("links") and {link["type"] for link in card["links"]} == {"absolute"} for card in cards())
    assert any("links" not in card and "suggestions" not in card for card in cards())


def test_crd_13_nothing_stands_in_an_answer_that_the_specification_does_not_know() -> None:
    known = {"uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior"}
    assert set().union(*cards()) <= known | {"overrideReasons", "links"}
    assert all(set(card["source"]) <= {"label", "url", "topic"} for card in cards())
    assert all(set(body) == {"cards"} for _, body in calls())


def test_crd_14_the_most_urgent_comes_first_none_twice_and_few_of_them() -> None:
    for _, body in calls():
        ranks = [URGENCY.index(card["indicator"]) for card in rules_of(body)]
        assert ranks == sorted(ranks)
        assert len({card["summary"] for card in body["cards"]}) == len(body["cards"])
        assert ranks.count(2) <= 2
        assert len(ranks) <= max(5, sum(rank < 2 for rank in ranks))
        assert [card["source"]["topic"]["code"] for card in body["cards"]].count(NOTE) <= 1


@pytest.mark.parametrize("block", ["**Order:**", "**Patient facts used:**", "**Rule:**", "**Basis:**"])
def test_crd_16_each_card_states_order_facts_rule_and_basis(block: str) -> None:
    for card in cards():
        assert card["detail"].count(block) == 1


def test_sug_01_rsp_12_suggestions_and_nothing_else_come_with_a_selection_behaviour_that_exists() -> None:
    for card in cards():
        assert card.get("selectionBehavior", "") in (["any", "at-most-one"] if "suggestions" in card else [""])


def test_sug_04_every_suggestion_has_a_label_and_a_uuid() -> None:
    suggestions = [suggestion for card in cards() for suggestion in card.get("suggestions", ())]
    assert suggestions
    assert all(suggestion["label"].strip() and suggestion["uuid"] for suggestion in suggestions)


def test_sug_07_what_is_created_is_valid_r4_and_what_is_updated_as_valid_as_the_draft() -> None:
    for request, action in actions():
        if action["type"] == "create":
            assert r4_problem(action["resource"]) == ""
            assert "id" not in action["resource"]
        elif action["type"] == "update":
            resource = action["resource"]
            draft = drafts(request)[f"{resource['resourceType']}/{resource['id']}"]
            assert r4_problem(draft) or not r4_problem(resource)
        else:
            assert action["type"] == "delete"


def test_sug_08_a_delete_names_a_draft_and_holds_no_resource() -> None:
    deletes = [(request, action) for request, action in actions() if action["type"] == "delete"]
    assert deletes
    for request, action in deletes:
        assert action["resourceId"] in drafts(request)
        assert "resource" not in action


def test_sug_09_an_update_is_of_a_draft_and_whole() -> None:
    updates = [(request, action["resource"]) for request, action in actions() if action["type"] == "update"]
    assert updates
    for request, resource in updates:
        draft = drafts(request)[f"{resource['resourceType']}/{resource['id']}"]
        changed = {name for name in draft if resource.get(name) != draft[name]}
        assert changed <= CHANGEABLE
        assert len(changed) <= 2


def test_sug_10_no_action_selection_behaviour_is_sent() -> None:
    assert "actionSelectionBehavior" not in json.dumps([body for _, body in calls()])


def test_lnk_03_links_and_sources_are_those_of_the_knowledge() -> None:
    listed = {link.url for card in load_catalogue().cards for link in card.knowledge.links}
    sources = {e.url for card in load_catalogue().cards for e in card.knowledge.evidence.values() if e.url}
    assert {link["url"] for card in cards() for link in card.get("links", ())} <= listed
    assert {card["source"]["url"] for card in cards() if "url" in card["source"]} <= sources
    shapes = {(frozenset(link), link["type"]) for card in cards() for link in card.get("links", ())}
    assert shapes == {(frozenset({"label", "url", "type"}), "absolute")}
    assert not [url for url in listed if "launch=" in url or "iss=" in url]


def test_ovr_02_override_reasons_are_few_and_ours() -> None:
    for card in load_catalogue().cards:
        assert len(card.knowledge.override_reasons) == len(set(card.knowledge.override_reasons)) <= 8
    for card in cards():
        systems = {reason["system"].rpartition("/")[2] for reason in card.get("overrideReasons", ())}
        assert systems <= {"override-reasons"}
        assert all(reason["code"] and reason["display"] for reason in card.get("overrideReasons", ()))


def test_ctx_10_an_order_without_a_dose_gets_no_card_about_its_dose(client: FlaskClient) -> None:
    """CTX-10: every story of order-select again, without what it says of dose and timing."""
    about_dose = {card.knowledge.topic for card in load_catalogue().cards if re.search("dose|schedule", card.rule)}
    choosing = [json.loads(json.dumps(request)) for request, _ in calls() if request["hook"] == "order-select"]
    assert len(choosing) > 10
    for request in choosing:
        for entry in request["context"]["draftOrders"]["entry"]:
            entry["resource"].pop("dosageInstruction", None)
        answered = client.post("/cds-services/neuropathy-order-select", json=request).get_json()["cards"]
        assert about_dose.isdisjoint(card["source"]["topic"]["code"] for card in answered)
        suggested = [
            one for card in answered for suggestion in card.get("suggestions", ()) for one in suggestion["actions"]
        ]
        assert not [action for action in suggested if "dosageInstruction" in action.get("resource", {})]
