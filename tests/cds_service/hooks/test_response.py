"""Cards as CDS Hooks 2.0.1 wants them (certification A5-A7, cds-hooks RSP-*)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from cards.catalogue import Card, load_catalogue
from cards.consult import Considered
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, OrderService
from cards.orders import Drug, Hook, MedicationOrder, OrderedDrug
from cds_service.hooks.response import CouldNotCheck, ResponseWriter, Vocabulary
from cds_service.hooks.suggestions import Occasion
from tests.situations.reading import Situation
from tests.situations.request import hook_request

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
REASONS = {reason: reason for card in load_catalogue().cards for reason in card.knowledge.override_reasons}
VOCABULARY = Vocabulary("https://example.org/topic", "https://example.org/override-reasons", REASONS)
CARD: Card = next(card for card in load_catalogue().cards if card.rule == "rituximab-hbv-serology")


def advice(**changes: Any) -> Advice:
    parts: dict[str, Any] = {
        "summary": "Rituximab: something",
        "indicator": Indicator.WARNING,
        "explanation": Explanation("order", ("fact",), "rule", "basis", "limits"),
        "evidence": "label",
        "row": "row",
    }
    return Advice(**(parts | changes))


def considered(opinion: Opinion, kept_back: str = "", drug: str = "rituximab") -> Considered:
    order = OrderedDrug(Hook.ORDER_SIGN, (MedicationOrder("MedicationRequest/1", Drug(drug)),))
    return Considered(CARD, order, opinion, kept_back)


def answer(
    *opinions: Considered, hook: Hook = Hook.ORDER_SIGN, could_not_check: CouldNotCheck = "on"
) -> list[dict[str, Any]]:
    writer = ResponseWriter(load_catalogue(), VOCABULARY, could_not_check)
    cards: list[dict[str, Any]] = writer.write(opinions, Occasion("np-1", None, lambda _: None), hook)["cards"]
    return cards


def values(thing: Any) -> Iterator[Any]:
    yield thing
    if isinstance(thing, dict):
        for value in thing.values():
            yield from values(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from values(value)


@pytest.fixture
def real_cards(client: FlaskClient) -> list[dict[str, Any]]:
    """The cards of a real call: rituximab without any screen."""
    request = hook_request(Situation(date(2026, 6, 15), {"age": 52}, ("rituximab 1000 mg IV once",)), Hook.ORDER_SIGN)
    cards: list[dict[str, Any]] = client.post("/cds-services/neuropathy-order-sign", json=request).get_json()["cards"]
    assert cards
    return cards


def test_crd_01_rsp_5_a_summary_has_at_most_139_characters_on_one_line() -> None:
    (card,) = answer(considered(advice(summary="long words " * 20 + "\nsecond line")))
    assert len(card["summary"]) <= 139
    assert "\n" not in card["summary"]


def test_crd_02_rsp_7_the_indicator_is_a_word_of_the_specification() -> None:
    written = [answer(considered(advice(indicator=level)))[0]["indicator"] for level in Indicator]
    assert written == ["info", "warning", "critical"]


def test_crd_03_crd_05_crd_06_the_source_names_label_and_topic() -> None:
    (card,) = answer(considered(advice()))
    assert card["source"]["label"] == CARD.knowledge.evidence["label"].label
    assert card["source"]["topic"] == {
        "system": "https://example.org/topic",
        "code": "rituximabHbvSerology",
        "display": CARD.knowledge.title,
    }


def test_crd_04_a_source_without_a_known_address_has_no_url_and_one_with_has_it() -> None:
    without, with_address = (answer(considered(advice(evidence=name)))[0]["source"] for name in ("label", "asco"))
    assert "url" not in without
    assert with_address["url"].startswith("https://")


def test_crd_07_rsp_4_every_uuid_is_a_lower_case_uuid_and_unique(real_cards: list[dict[str, Any]]) -> None:
    uuids = [thing["uuid"] for thing in values(real_cards) if isinstance(thing, dict) and "uuid" in thing]
    assert all(UUID.fullmatch(uuid) for uuid in uuids)
    assert len(set(uuids)) == len(uuids) > len(real_cards)


def test_suggestions_that_another_card_withholds_are_not_written() -> None:
    offering = considered(advice(suggestions=(OrderService("Order HBsAg", "HBsAg"),)))
    (with_it, without) = answer(offering, offering._replace(is_without_offers=True))
    assert [suggestion["label"] for suggestion in with_it["suggestions"]] == ["Order HBsAg"]
    assert with_it["selectionBehavior"] == "any"
    assert not {"suggestions", "selectionBehavior"} & set(without)


def test_sug_02_sug_05_sug_06_each_suggestion_has_one_action_that_is_described(
    real_cards: list[dict[str, Any]],
) -> None:
    for card in real_cards:
        for suggestion in card["suggestions"]:
            (action,) = suggestion["actions"]
            assert action["type"] in ("create", "update", "delete")
            assert action["description"]


def test_ovr_01_override_reasons_have_code_system_and_display() -> None:
    (card,) = answer(considered(advice()))
    assert [reason["code"] for reason in card["overrideReasons"]] == list(CARD.knowledge.override_reasons)
    assert all(set(reason) == {"code", "system", "display"} for reason in card["overrideReasons"])


def test_lnk_01_lnk_02_links_are_absolute_and_from_the_knowledge() -> None:
    (card,) = answer(considered(advice()))
    assert [link["url"] for link in card["links"]] == [link.url for link in CARD.knowledge.links]
    assert {link["type"] for link in card["links"]} == {"absolute"}


def test_sug_11_lnk_04_nothing_is_applied_or_opened_by_itself(client: FlaskClient) -> None:
    request = hook_request(Situation(date(2026, 6, 15), {"age": 52}, ("rituximab 1000 mg IV once",)), Hook.ORDER_SIGN)
    body = client.post("/cds-services/neuropathy-order-sign", json=request).get_data(as_text=True)
    assert "systemActions" not in body
    assert "autolaunchable" not in body


def test_advice_that_is_kept_back_and_silence_become_no_card() -> None:
    assert answer(considered(advice(), "info rows are silent"), considered(NothingToAdd("all is well"))) == []


def test_what_could_not_be_told_shares_one_note_that_comes_last() -> None:
    unknown = considered(CannotTell("medication orders: not supplied", ("medication_orders",)))
    first, note = answer(considered(advice()), unknown, unknown)
    assert first["source"]["topic"]["code"] == "rituximabHbvSerology"
    assert note["source"]["topic"]["code"] == "couldNotCheck"
    assert note["indicator"] == "info"
    assert "2 checks" in note["summary"]
    assert "not supplied" in note["detail"]


def test_a_rule_that_failed_is_in_the_note() -> None:
    (note,) = answer(considered(CannotTell("this rule failed", failed=True)))
    assert "this rule failed" in note["detail"]


def test_the_note_comes_at_signing_only() -> None:
    assert answer(considered(CannotTell("not supplied")), hook=Hook.ORDER_SELECT) == []


def test_where_the_book_is_silent_on_an_unknown_there_is_no_note_unless_the_site_wants_every_one() -> None:
    silent = considered(CannotTell("no usable clearance", book_is_silent=True))
    assert answer(silent) == []
    assert len(answer(silent, could_not_check="every")) == 1


def test_a_site_may_switch_the_note_off() -> None:
    assert answer(considered(CannotTell("not supplied")), could_not_check="off") == []


def test_rsp_6_text_of_a_sender_is_shown_and_does_nothing() -> None:
    explanation = Explanation("<img onerror=x> [x](javascript:1)", (), "rule", "basis", "limits")
    (card,) = answer(considered(advice(summary="<b>drug</b>", explanation=explanation)))
    assert "<" not in card["summary"]
    assert "<img" not in card["detail"]
    assert "[x](" not in card["detail"]


def test_an_order_whose_drug_nobody_can_tell_is_named_as_not_reviewed_at_signing(client: FlaskClient) -> None:
    """Silence about it would look like an order that is fine."""
    request = hook_request(Situation(date(2026, 6, 15), {"age": 52}, ("rituximab 1000 mg IV once",)), Hook.ORDER_SIGN)
    order = request["context"]["draftOrders"]["entry"][0]["resource"]
    del order["medicationCodeableConcept"]
    order["medicationReference"] = {"reference": "Medication/elsewhere"}
    (note,) = client.post("/cds-services/neuropathy-order-sign", json=request).get_json()["cards"]
    assert note["source"]["topic"]["code"] == "couldNotCheck"
    assert note["summary"] == "1 order not reviewed: the drug could not be read"
    assert "neither in the order nor in a Medication that it refers to" in note["detail"]
    order["medicationReference"]["display"] = "amoxicillin 500 mg capsule"
    assert client.post("/cds-services/neuropathy-order-sign", json=request).get_json() == {"cards": []}


ODD_NAMES = [
    {"medicationReference": "Medication/elsewhere"}, {"medicationReference": {"reference": 5}},
    {"medicationCodeableConcept": {}}, {"medicationCodeableConcept": {"coding": [{"system": "http://loinc.org"}]}},
    {"medicationCodeableConcept": 7}, {"medication": ["pregabalin"]}, {"medication": "Medication/elsewhere"},
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES, ids=str)
def test_an_order_whose_drug_stands_where_it_cannot_be_read_is_named_too(client: FlaskClient, name: Any) -> None:
    (note,) = _signed(client, name)
    assert note["summary"] == "1 order not reviewed: the drug could not be read"


@pytest.mark.parametrize(
    "name", [{}, {"medicationCodeableConcept": None}, {"medicationCodeableConcept": {"coding": [{"code": "308182"}]}},
             {"medication": "amoxicillin"}], ids=str,
)  # fmt: skip
def test_an_order_without_a_drug_or_with_another_one_gets_no_note(client: FlaskClient, name: Any) -> None:
    """CTX-09: the sandbox sends orders without a drug when its screen opens."""
    assert _signed(client, name) == []


def _signed(client: FlaskClient, name: dict[str, Any]) -> Any:
    request = hook_request(Situation(date(2026, 6, 15), {"age": 52}, ("rituximab 1000 mg IV once",)), Hook.ORDER_SIGN)
    order = request["context"]["draftOrders"]["entry"][0]["resource"]
    del order["medicationCodeableConcept"]
    order.update(name)
    return client.post("/cds-services/neuropathy-order-sign", json=request).get_json()["cards"]
