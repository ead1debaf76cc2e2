"""Suggestions really apply, and the service that is asked again does not say the same again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from cards.orders import Hook
from cds_service.playground.patients import ward
from cds_service.playground.scenario import example_of, read_basket
from tests.cds_service.playground.visiting import Element, Visitor, cards_of, link_of, offers_of, summary_of

EXAMPLES = [
    pytest.param(
        example_of(patient, example)._replace(hook=hook.value).query(), id=f"{patient.id}, {hook}: {example.shows}"
    )
    for patient in ward().patients.values()
    for example in patient.examples
    for hook in Hook
]


def offers(page: Element) -> Iterator[tuple[str, str, Element]]:
    """(topic, label, form) of each suggestion on a page."""
    for topic, card in cards_of(page).items():
        for label, form in offers_of(card).items():
            yield topic, label, form


def request_of(page: Element) -> Any:
    """The request that the page shows."""
    return json.loads(page.all("pre")[0].text)


def drafts_of(page: Element) -> list[Any]:
    """The drafts that were sent."""
    return [entry["resource"] for entry in request_of(page)["context"]["draftOrders"]["entry"]]


@pytest.mark.parametrize("query", EXAMPLES)
def test_the_follow_up_call_after_a_suggestion_never_gets_the_same_card_back(client: FlaskClient, query: str) -> None:
    visitor = Visitor(client)
    page = visitor.opens(f"/?{query}")
    before = cards_of(page)
    for topic, label, form in offers(page):
        after = cards_of(visitor.presses(form))
        if topic not in after:
            continue
        assert label not in offers_of(after[topic]), "what was done is offered again"
        is_dosage = '"type":"update"' in form_actions(form) and "dosageInstruction" in form_actions(form)
        if is_dosage and "note" not in label.lower():
            assert summary_of(after[topic]) != summary_of(before[topic]), label


def form_actions(form: Element) -> str:
    from cds_service.playground.packing import unpacked

    return json.dumps(unpacked(form.fields["actions"]), separators=(",", ":"))


def test_a_changed_dosage_is_in_the_basket_and_the_card_is_gone(visitor: Visitor) -> None:
    page = visitor.asks(patient="failing-kidneys", order1="pregabalin 150 mg capsule, 1 capsule three times daily")
    [(topic, _, form)] = offers(page)
    after = visitor.presses(form)
    assert topic not in cards_of(after)
    [draft] = drafts_of(after)
    assert draft["medicationCodeableConcept"]["text"] == "pregabalin 75 MG Oral Capsule"
    assert "The suggestion was applied" in after.words


def test_a_test_that_was_ordered_is_added_and_the_order_stays_as_it_was_typed(visitor: Visitor) -> None:
    page = visitor.asks(patient="before-rituximab", order1="rituximab 1000 mg IV once")
    form = offers_of(cards_of(page)["rituximabHbvSerology"])["Order HBsAg"]
    after = visitor.presses(form)
    assert [draft["resourceType"] for draft in drafts_of(after)] == ["ServiceRequest", "MedicationRequest"]
    assert [area.text for area in after.all("textarea")] == ["rituximab 1000 mg IV once", ""]


def test_a_draft_that_was_removed_is_gone_and_the_other_stays(visitor: Visitor) -> None:
    page = visitor.asks(
        patient="slow-titration", order1="pregabalin 75 mg twice daily", order2="gabapentin 300 mg three times daily"
    )
    form = offers_of(cards_of(page)["gabapentinoidDuplicate"])["Remove the pregabalin draft"]
    after = visitor.presses(form)
    assert [draft["medicationCodeableConcept"]["text"] for draft in drafts_of(after)] == ["gabapentin"]


def test_a_draft_can_be_taken_out_of_the_basket(visitor: Visitor) -> None:
    page = visitor.asks(patient="before-rituximab", order1="rituximab 1000 mg IV once")
    after = visitor.presses(offers_of(cards_of(page)["rituximabHbvSerology"])["Order HBsAg"])
    [take_out] = [link for link in after.all("a") if link.words == "Take out"]
    assert [draft["resourceType"] for draft in drafts_of(visitor.opens(take_out.attributes["href"]))] == [
        "MedicationRequest"
    ]


def test_the_link_after_a_suggestion_shows_the_same_to_somebody_else(client: FlaskClient, visitor: Visitor) -> None:
    page = visitor.asks(patient="liver-disease", order1="duloxetine 60 mg three times daily")
    after = visitor.presses(
        offers_of(cards_of(page)["duloxetineDoseRange"])["Label dose: duloxetine 60 mg once daily (60 mg/day)"]
    )
    again = Visitor(client).opens("/?" + link_of(after))
    assert drafts_of(again) == drafts_of(after)
    assert list(cards_of(again)) == list(cards_of(after)) == ["duloxetineOrganDisease"]


def test_suggestions_can_be_taken_one_after_the_other(visitor: Visitor) -> None:
    page = visitor.asks(patient="before-rituximab", order1="rituximab 1000 mg IV once")
    for label in ("Order HBsAg", "Order anti-HBc"):
        page = visitor.presses(offers_of(cards_of(page)["rituximabHbvSerology"])[label])
    ids = [draft["id"] for draft in drafts_of(page)]
    assert len(set(ids)) == len(ids) == 3


@pytest.mark.parametrize("actions", ["", "nonsense", "eJyLjgUAARUAuQ", "x" * 30_000])
def test_a_suggestion_that_cannot_be_read_changes_nothing(visitor: Visitor, actions: str) -> None:
    page = visitor.asks(patient="failing-kidneys", order1="pregabalin 150 mg three times daily")
    [(_, _, form), *_] = offers(page)
    answer = visitor.presses(form, status=303 if actions == "eJyLjgUAARUAuQ" else 400, actions=actions)
    assert answer.all("textarea")[0].text == "pregabalin 150 mg three times daily"


def test_a_form_of_another_site_is_refused(client: FlaskClient) -> None:
    answer = client.post("/playground/apply", data={"patient": "child"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_the_basket_in_the_address_is_small(visitor: Visitor) -> None:
    page = visitor.asks(patient="failing-kidneys", order1="pregabalin 150 mg capsule, 1 capsule three times daily")
    [(_, _, form)] = offers(page)
    link = link_of(visitor.presses(form))
    assert len(link) < 1500
    assert len(read_basket(dict(part.split("=") for part in link.split("&"))["drafts"])) == 1
