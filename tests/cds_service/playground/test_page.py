"""The page: what it shows, what a link keeps, what a wrong field gets, and where it is off."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.playground.packing import packed
from tests.cds_service.playground.visiting import Element, Visitor, cards_of, link_of, page_of
from tests.cds_service.trusted import ISSUER

KIDNEYS = {"patient": "failing-kidneys", "order1": "pregabalin 150 mg capsule, 1 capsule three times daily"}


def sent(page: Element) -> Any:
    """The request that the page shows, without what is new in each call."""
    request = json.loads(page.all("pre")[0].text)
    request.pop("hookInstance")
    request["context"].pop("userId")
    return request


def test_the_first_visit_shows_a_patient_an_order_and_a_card(visitor: Visitor) -> None:
    page = visitor.opens("/")
    assert cards_of(page)
    assert page.all("h1")[0].words == "Try an order"
    assert page.all("p", role="status")[0].words == "1 card: 1 critical"


def test_an_order_without_a_patient_is_tried_on_the_first_one(visitor: Visitor) -> None:
    page = visitor.asks(order1="duloxetine 60 mg once daily")
    assert page.all("textarea")[0].text == "duloxetine 60 mg once daily"
    assert "duloxetineOrganDisease" in cards_of(page)


def test_people_who_look_for_the_discovery_address_find_it(visitor: Visitor) -> None:
    assert [link for link in visitor.opens("/").all("a") if link.attributes["href"] == "/cds-services"]


def test_beside_the_cards_stands_why(visitor: Visitor) -> None:
    words = visitor.asks(**KIDNEYS).words
    for said in (
        "Reviewed in", " ms", "Shown, critical", "Nothing to add", "renal function is known", "Branch of the rule",
        "creatinine 2.5 mg/dL on 2026-05-26", "renal function: 2026-05-26", "450 mg/day", "Request (JSON)",
    ):  # fmt: skip
        assert said in words, said


def test_what_is_kept_back_says_by_what(visitor: Visitor) -> None:
    page = visitor.asks(
        patient="slow-titration", order1="pregabalin 75 mg twice daily", order2="gabapentin 300 mg three times daily"
    )
    assert "Kept back" in page.words
    assert "said for pregabalin" in page.words


def test_the_card_names_its_level_in_words_and_its_text_is_no_raw_markdown(visitor: Visitor) -> None:
    [card] = cards_of(visitor.asks(**KIDNEYS)).values()
    assert card.all("p", class_="level")[0].words == "Critical"
    detail = card.all("div", class_="detail")[0]
    assert [strong.words for strong in detail.all("strong")][:2] == ["Order:", "Patient facts used:"]
    assert "**" not in detail.words
    assert detail.all("li")


def test_exactly_our_prefetch_templates_are_filled(visitor: Visitor, client: FlaskClient) -> None:
    services = client.get("/cds-services").get_json()["services"]
    templates = next(service["prefetch"] for service in services if service["hook"] == "order-sign")
    assert sent(visitor.asks(**KIDNEYS))["prefetch"].keys() == templates.keys()


def test_the_same_request_at_the_endpoint_gets_the_same_cards(visitor: Visitor, client: FlaskClient) -> None:
    page = visitor.asks(**KIDNEYS)
    body = json.loads(page.all("pre")[0].text)
    answer = client.post("/cds-services/neuropathy-order-sign", json=body).get_json()
    shown = json.loads(page.all("pre")[1].text)
    assert [card["detail"] for card in answer["cards"]] == [card["detail"] for card in shown["cards"]]


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_a_link_reproduces_the_scenario(visitor: Visitor, hook: str) -> None:
    page = visitor.asks(
        patient="slow-titration", hook=hook, as_of="2026-06-20", order1="pregabalin 75 mg twice daily",
        how2="pick", drug2="gabapentin", dose2="300 mg", often2="three times daily", days2="30", reason2="E11.42",
    )  # fmt: skip
    again = visitor.opens("/?" + link_of(page))
    assert sent(again) == sent(page)
    assert again.all("form", id="scenario")[0].fields == page.all("form", id="scenario")[0].fields
    assert list(cards_of(again)) == list(cards_of(page))


def test_an_order_that_is_picked_is_the_one_that_is_typed(visitor: Visitor) -> None:
    picked = visitor.asks(
        patient="slow-titration", how1="pick", drug1="pregabalin", dose1="75 mg", often1="twice daily", days1="30",
        reason1="E11.42",
    )  # fmt: skip
    typed = visitor.asks(patient="slow-titration", order1="pregabalin 75 mg twice daily for 30 days, because E11.42")
    assert sent(picked) == sent(typed)


def test_choosing_another_patient_brings_an_order_of_his_unless_one_was_written(visitor: Visitor) -> None:
    form = {"how1": "type", "often1": "once daily", "how2": "type", "often2": "once daily"}  # sent also where unused
    changed = visitor.asks(**{**KIDNEYS, **form, "patient": "liver-disease", "was": "failing-kidneys"})
    assert changed.all("textarea")[0].text == "duloxetine 60 mg once daily"
    own = visitor.asks(patient="liver-disease", was="failing-kidneys", order1="pregabalin 75 mg once daily")
    assert own.all("textarea")[0].text == "pregabalin 75 mg once daily"


def test_a_basket_that_was_made_for_another_patient_is_left_behind(visitor: Visitor) -> None:
    drafts = packed([{"resourceType": "MedicationRequest", "id": "order-1", "status": "draft"}])
    page = visitor.asks(patient="liver-disease", was="failing-kidneys", drafts=drafts)
    assert page.all("textarea")[0].text == "duloxetine 60 mg once daily"
    assert "In the basket" not in page.words


def test_a_drug_that_was_picked_without_a_dose_is_a_draft_without_one(visitor: Visitor) -> None:
    page = visitor.asks(
        patient="heart-disease", hook="order-select", how1="pick", drug1="amitriptyline", often1="once daily"
    )
    [entry] = sent(page)["context"]["draftOrders"]["entry"]
    assert "dosageInstruction" not in entry["resource"]
    assert "tcaCaution" in cards_of(page)


def test_choosing_a_server_asks_for_its_patient_first(visitor: Visitor) -> None:
    page = visitor.asks(patient="from-a-server", order1="pregabalin 75 mg daily")
    assert "Name a FHIR server and a patient there" in page.words


def test_no_order_yet_is_no_error(visitor: Visitor) -> None:
    assert "No order yet" in visitor.asks(patient="child").words


def test_an_order_that_no_rule_speaks_about_is_said_to_be_one(visitor: Visitor) -> None:
    words = visitor.asks(patient="child", order1="ibuprofen 400 mg once daily").words
    assert "No card. No rule was asked" in words
    assert "nothing to add to this order" not in words


def test_a_drug_that_nobody_knows_is_no_order_that_is_fine(visitor: Visitor) -> None:
    misspelt = visitor.asks(patient="child", order1="pregablin 75 mg daily").words
    assert "No card. The service does not know a drug of this order" in misspelt
    assert "nothing to add to this order" not in misspelt
    assert "does not know a drug" not in visitor.asks(patient="child", order1="pregabalin 75 mg daily").words


def test_a_drug_that_nobody_knows_is_named_as_such_beside_one_that_brings_cards(visitor: Visitor) -> None:
    orders = {"order1": "amitriptyline 25 mg at bedtime", "order2": "pregablin 75 mg daily"}
    page = visitor.asks(patient="heart-disease", **orders)
    assert "tcaCaution" in cards_of(page)
    assert "does not know a drug of this order" in page.words


# -- fields that are wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "said", "what"),
    [
        ("order1", {"order1": "pregabalin a bit more"}, "Not understood in the order"),
        ("order2", {"order1": "pregabalin 75 mg daily", "order2": "gabapentin 300 mg sometimes"}, "'sometimes'"),
        ("order1", {"how1": "pick", "drug1": "pregabalin", "dose1": "much", "often1": "once daily"}, "Not understood"),
        ("order1", {"order1": "pregabalin 99999999999 mg daily"}, "too large"),
        ("patient", {"patient": "nobody"}, "no such patient"),
        ("hook", {"hook": "patient-view"}, "order-select or order-sign"),
        ("as_of", {"as_of": "yesterday"}, "Write a day"),
        ("as_of", {"as_of": "0001-01-01"}, "Write a day"),
        ("drafts", {"drafts": "nonsense"}, "cannot be read"),
        ("server", {"patient": "from-a-server", "server": "http://10.0.0.1/fhir", "id": "1"}, "may not be called"),
        ("server", {"patient": "from-a-server", "server": "file:///etc/passwd", "id": "1"}, "may not be called"),
    ],
)
def test_a_wrong_field_gets_the_page_again_with_a_message_beside_it(
    visitor: Visitor, field: str, said: dict[str, str], what: str
) -> None:
    page = visitor.asks(400, **{"patient": "child", **said})
    [problem] = page.all("span", id=f"{field}-problem")
    assert what in problem.words
    assert not cards_of(page)
    if field.startswith("order") and "order1" in said:
        assert said["order1"] in [area.text for area in page.all("textarea")]


def test_what_was_typed_is_shown_as_text_whatever_it_holds(client: FlaskClient) -> None:
    hostile = '"><script>alert(1)</script>'
    text = client.get("/", query_string={"patient": "child", "order1": hostile}).get_data(as_text=True)
    assert "<script>alert" not in text


DRAFTS = (
    [],
    {},
    [1],
    [{"resourceType": "MedicationRequest", "id": "order-1"}],
    [{"resourceType": "MedicationRequest", "id": "x", "dosageInstruction": 5, "note": [3], "reasonCode": "x"}],
    [{"resourceType": "ServiceRequest", "id": "x", "code": [1], "subject": 3}],
    [{"resourceType": "MedicationRequest", "id": "x", "medicationCodeableConcept": {"coding": {"a": 1}}}],
)
ODD = (
    *map(packed, DRAFTS),
    *(
        "",
        " ",
        "\x00",
        "\ud7ff",
        "%",
        "'\"<>&",
        "9" * 400,
        "1e309",
        "-1",
        "0",
        "a" * 5000,
        "[]",
        "{}",
        "null",
        "√",
        "\n",
    ),
    "../..",
    "pregabalin 75 mg twice daily",
    "pregabalin 75 mg every 0 days",
    "pregabalin 0 mg daily",
    "IVIG 1 g/kg IV every 99999999 weeks",
    "pregabalin 99999999 mg for 99999999 days, 99999999 refills, quantity 99999999 capsules",
    "x 1 mg daily, because ,",
)


def test_no_address_makes_the_page_fail(client: FlaskClient) -> None:
    seed = random.Random(20261121)
    names = [
        "patient", "server", "id", "hook", "as_of", "order1", "order2", "how1", "how2", "drug1", "dose1", "often1",
        "days1", "reason1", "drafts", "session", "was", "note", "actions", "card", "suggestion", "service", "reason",
    ]  # fmt: skip
    for round in range(400):
        said = {name: seed.choice(ODD) for name in seed.sample(names, seed.randint(1, 6))}
        if round % 3:
            said["patient"] = "slow-titration"
        answers = [client.get("/", query_string=said)]
        if round % 4 == 0:
            said["service"] = "neuropathy-order-sign"
            answers += [client.post(f"/playground/{what}", data=said) for what in ("apply", "override")]
        for answer in answers:
            assert answer.status_code in (200, 303, 400), (answer.status_code, said)


# -- what the page may do ---------------------------------------------------------------------------------------------


def test_scripts_come_from_here_alone_and_none_is_inline(client: FlaskClient) -> None:
    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    page = page_of(answer)
    assert all(script.attributes["src"].startswith("/static/") for script in page.all("script"))
    text = answer.get_data(as_text=True)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|hx-vals", text)


def test_htmx_is_the_file_that_the_notice_names() -> None:
    from hashlib import sha256
    from pathlib import Path

    root = Path(__file__).parents[3]
    notice = (root / "NOTICE").read_text(encoding="utf-8")
    [file] = (root / "cds_service" / "pages" / "static" / "vendor").iterdir()
    assert file.name in notice
    assert sha256(file.read_bytes()).hexdigest() in notice


def test_no_token_is_taken(client: FlaskClient, visitor: Visitor) -> None:
    page = visitor.opens("/")
    names = {one.attributes.get("name", "") for one in [*page.all("input"), *page.all("textarea")]}
    assert not {name for name in names if re.search("token|auth|secret|password", name)}
    answer = client.get("/", query_string=KIDNEYS, headers={"Authorization": "Bearer secret-of-mine"})
    assert answer.status_code == 200
    assert "secret-of-mine" not in answer.get_data(as_text=True)


def test_every_field_has_a_label(visitor: Visitor) -> None:
    page = visitor.opens("/")
    labelled = {label.attributes["for"] for label in page.all("label") if "for" in label.attributes}
    inside = {id(one) for label in page.all("label") for one in label.all("input")}
    for field in [*page.all("input"), *page.all("select"), *page.all("textarea")]:
        if field.attributes.get("type") != "hidden" and id(field) not in inside:
            assert field.attributes.get("id") in labelled, field.attributes


def test_ids_are_unique(client: FlaskClient) -> None:
    text = client.get("/", query_string={**KIDNEYS, "order2": "gabapentin 600 mg three times daily"}).get_data(
        as_text=True
    )
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


# -- on and off -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "site", "is_on"),
    [
        ({}, {}, True),
        ({}, {"playground": {"switch": "off"}}, False),
        ({"public_url": "https://cds.example.org"}, {}, False),
        ({"public_url": "https://cds.example.org"}, {"playground": {"switch": "on"}}, True),
        ({"host": "0.0.0.0"}, {"allow_open": True}, False),  # noqa: S104
        ({}, {"clients": [ISSUER]}, False),
        ({}, {"clients": [ISSUER], "playground": {"switch": "on"}}, True),
    ],
)
def test_it_is_off_in_production_unless_switched_on(
    settings: dict[str, Any], site: dict[str, Any], is_on: bool
) -> None:
    app = create_app(Settings.model_validate(settings), SiteConfig.model_validate(site))
    client = app.test_client()
    first = client.get("/").get_data(as_text=True)
    assert ("Try an order" in first) is is_on
    assert ("Endpoints" in first) is not is_on
    assert client.get("/service").status_code == (200 if is_on else 404)
    assert client.post("/playground/apply").status_code == (400 if is_on else 404)


def test_the_page_about_the_service_moves_to_its_own_address(client: FlaskClient) -> None:
    page = page_of(client.get("/service"))
    for link in page.all("a"):
        if not link.attributes["href"].startswith("#"):
            address = link.attributes["href"]
            assert client.get(address if address.startswith("/") else f"/{address}").status_code == 200, address


def test_services_split_by_family_are_all_asked(client_of: Callable[..., FlaskClient]) -> None:
    visitor = Visitor(client_of(services={"split_by": "family"}))
    page = visitor.asks(
        patient="symmetric-polyneuropathy",
        order1="IVIG 0.4 g/kg IV daily for 5 days",
        order2="pregabalin 300 mg three times daily",
    )
    assert {"ivigIndication", "pregabalinDoseExceedsRenalMax"} <= cards_of(page).keys()
