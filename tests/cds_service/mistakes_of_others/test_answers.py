"""Mistakes that other CDS services were reported for: what an answer holds (7–12, 22–25, 30, 32 of the list).

Held against the answers to all stories of fhir_fixtures/.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.cds_service.test_hook_endpoints import LISINOPRIL, NOTHING_ON_FILE, RITUXIMAB, ask, call, order, topics
from tests.whole_requests import answer, stories

Json = dict[str, Any]

CHANGEABLE = {
    "dosageInstruction", "dispenseRequest", "reasonCode", "note", "occurrenceDateTime",
    "medicationCodeableConcept", "medicationReference", "contained",
}  # fmt: skip


@cache
def answers() -> tuple[tuple[Json, Json], ...]:
    """(request, answer) of every story that is answered with cards."""
    asked = ((json.loads(story.read_bytes()), answer(story)) for story in stories())
    return tuple((request, body) for request, (status, body) in asked if status == 200)


def cards() -> list[Json]:
    return [card for _, body in answers() for card in body["cards"]]


def suggested() -> list[tuple[Json, Json]]:
    """(request, action) of every suggestion."""
    return [
        (request, action)
        for request, body in answers()
        for card in body["cards"]
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    ]


def drafts(request: Json) -> dict[str, Json]:
    entries = request["context"]["draftOrders"]["entry"]
    return {f"{one['resource']['resourceType']}/{one['resource']['id']}": one["resource"] for one in entries}


def empty_members(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [inner for inner in inside if inner is None or inner == "" or inner == [] or inner == {}]
    return found + [one for inner in inside for one in empty_members(inner)]


def test_mistake_07_what_is_not_set_is_left_out():
    """7: neither null nor an empty list for links, suggestions or anything else of a card."""
    assert [found for card in cards() if (found := empty_members(card))] == []


def test_mistake_08_actions_are_lower_case_and_resources_are_objects():
    """8: no CREATE, and no resource as a text in the JSON."""
    assert {action["type"] for _, action in suggested()} == {"create", "update", "delete"}
    assert all(isinstance(action.get("resource", {}), dict) for _, action in suggested())


def test_mistake_09_suggestions_come_with_a_selection_behaviour_that_exists():
    """9: there is no "all"."""
    assert all(
        card.get("selectionBehavior", "") in (["any", "at-most-one"] if "suggestions" in card else [""])
        for card in cards()
    )


def test_mistake_10_a_delete_names_its_order_by_resource_id():
    """10: no text and no stub in `resource`."""
    deletes = [(request, action) for request, action in suggested() if action["type"] == "delete"]
    assert deletes
    for request, action in deletes:
        assert "resource" not in action
        assert action["resourceId"] in drafts(request)


def test_mistake_11_an_update_holds_the_whole_order():
    """11: everything of the draft but what is changed."""
    updates = [(request, action["resource"]) for request, action in suggested() if action["type"] == "update"]
    assert updates
    for request, resource in updates:
        draft = drafts(request)[f"{resource['resourceType']}/{resource['id']}"]
        changed = {name for name in draft if resource.get(name) != draft[name]}
        assert changed <= CHANGEABLE
        assert len(changed) <= 2


def test_mistake_12_a_summary_is_one_plain_line_below_140_characters_and_a_detail_holds_no_html():
    """12: 140 itself is too long."""
    for card in cards():
        assert 0 < len(card["summary"]) < 140
        assert card["summary"].isprintable()
        assert not re.search(r"\*\*|\]\(|[<`]", card["summary"])
        assert "<" not in card["detail"]


def test_mistake_22_each_hook_has_an_id_of_its_own(client: FlaskClient):
    """22: the reference sandbox keys services by address, so that one id for two hooks silences one."""
    services = client.get("/cds-services").get_json()["services"]
    assert len({service["id"] for service in services}) == len(services) == 2


def test_mistake_23_no_guidance_hides_behind_a_link_that_opens_itself():
    """23: and every card says what it has to say."""
    assert all("autolaunchable" not in link for card in cards() for link in card.get("links", ()))
    assert all(card["detail"] for card in cards())


def test_mistake_24_links_carry_no_launch_parameters_and_no_app_context():
    """24: no launch=, no iss=, no appContext on an absolute link."""
    links = [link for card in cards() for link in card.get("links", ())]
    assert links
    for link in links:
        assert set(link) == {"label", "url", "type"}
        assert link["type"] == "absolute"
        assert "launch=" not in link["url"]
        assert "iss=" not in link["url"]


def test_mistake_25_override_reasons_have_words():
    """25: a code without display cannot be shown."""
    reasons = [reason for card in cards() for reason in card.get("overrideReasons", ())]
    assert reasons
    assert all(reason["code"] and reason["system"] and reason["display"] for reason in reasons)


def test_mistake_30_actions_stand_where_the_specification_has_them():
    """30: neither card nor system actions in an extension of the answer."""
    assert all(set(body) == {"cards"} for _, body in answers())


def test_mistake_32_an_order_that_is_fine_gets_no_card(client: FlaskClient):
    """32: not even one that says so."""
    assert topics(client, call(order(LISINOPRIL), prefetch=NOTHING_ON_FILE)) == []


def test_mistake_32_cards_are_few_and_critical_is_rare():
    """32: five and two of them info, the note on what could not be checked apart; routine advice is not critical."""
    for _, body in answers():
        rules = [card for card in body["cards"] if card["source"]["topic"]["code"] != "couldNotCheck"]
        urgent = [card for card in rules if card["indicator"] != "info"]
        assert len(rules) <= max(5, len(urgent))
        assert len(rules) - len(urgent) <= 2
    loud = {card["source"]["topic"]["code"] for card in cards() if card["indicator"] == "critical"}
    assert not {code for code in loud if "Subtherapeutic" in code or "Context" in code or "BaselineLabs" in code}


@pytest.mark.parametrize("name", ["<b>x</b>", "[x](javascript:alert(1))", "![i](http://x/i.png)"])
def test_mistake_12_markup_of_a_sender_does_nothing(client: FlaskClient, name: str):
    """12: HTML in a drug's name is text."""
    answered = ask(client, call(order({**RITUXIMAB, "display": name}), prefetch=NOTHING_ON_FILE))
    assert answered.json is not None
    assert answered.json["cards"]
    for card in answered.json["cards"]:
        assert "<" not in card["summary"] + card["detail"]
        assert name not in card["detail"]
