"""What stands on the sheet is what the service does: held against discovery, the rules, the stories, its answers."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from cards.catalogue import Card
from cds_service.app import create_app
from cds_service.client_profiles import profiles
from cds_service.errors import _HTTP, Refused
from cds_service.hooks.data_requests import own_query
from cds_service.registration.sheet import plain
from tests.cds_service.registration.sheets import BASE, SETTINGS, column, copied, service, sheet_of, table
from tests.conftest import NOON
from tests.whole_requests import answer_file, stories

OPEN = service()
SHEET = sheet_of(OPEN)
ANSWERS = [json.loads(answer_file(story).read_text(encoding="utf-8")) for story in stories()]
CARDS = [card for answer in ANSWERS for card in answer.get("cards", ())]


def offered() -> list[Card]:
    return list({card.rule: card for one in OPEN.services for card in one.cards}.values())


def test_every_prefetch_template_of_discovery_is_on_the_sheet_and_no_other() -> None:
    document = create_app(SETTINGS, OPEN.site).test_client().get("/cds-services").json
    rows = zip(*(column(SHEET, "prefetch", name) for name in ("key", "query", "services")), strict=True)
    written = {(one, key, query) for key, query, services in rows for one in services.split(", ")}
    assert written == {
        (one["id"], key, query) for one in document["services"] for key, query in one["prefetch"].items()
    }


def test_titles_and_requirements_are_those_of_discovery() -> None:
    for name, member in (("id", "id"), ("description", "description"), ("usage_requirements", "usageRequirements")):
        assert column(SHEET, "services", name) == [one[member] for one in OPEN.document["services"]]


def test_every_address_on_the_sheet_leads_somewhere_here() -> None:
    client = create_app(SETTINGS, OPEN.site, clock=lambda: NOON).test_client()
    for method, address in zip(
        column(SHEET, "addresses", "method"), column(SHEET, "addresses", "address"), strict=True
    ):
        for one in address.split(", "):
            status = client.open(one.removeprefix(BASE), method=method).status_code
            assert status == (415 if method == "POST" else 200), one


def types_asked_for() -> set[str]:
    """The resource types in the queries that would be sent for what any card needs."""
    asked = set()
    for need in {need for card in offered() for need in card.knowledge.needs}:
        query = own_query(
            OPEN.rules.catalogue.requests[need],
            OPEN.rules.value_sets,
            patient_id="p",
            encounter_id="e",
            as_of=NOON.date(),
            count=1,
        )
        asked |= {re.split(r"[?/]", query)[0], *(["Medication"] if "_include=" in query else [])}
    return asked


@pytest.mark.parametrize("item", ["SMART v1", "SMART v2", "SMART v1, user", "SMART v2, user"])
def test_a_scope_covers_each_type_that_is_asked_for_and_none_is_superfluous(item: str) -> None:
    (scopes,) = copied(SHEET, "scopes", item)
    compartment = "user" if "user" in item else "patient"
    letters = "read" if "v1" in item else "rs?"
    found = [re.fullmatch(rf"{compartment}/([A-Za-z]+)\.{letters}", scope) for scope in scopes.split()]
    assert all(found)
    assert sorted(match[1] for match in found if match) == sorted(types_asked_for())


def test_a_v2_scope_lets_search_what_is_searched_and_only_read_what_is_read() -> None:
    queries = dict(zip(column(SHEET, "prefetch", "key"), column(SHEET, "prefetch", "query"), strict=True))
    rows = zip(*(column(SHEET, "resources", name) for name in ("type", "keys", "v2")), strict=True)
    for kind, keys, scope in rows:
        is_searched = any("?" in queries[key] for key in keys.split(", ") if key in queries)
        assert scope == f"patient/{kind}.{'rs' if is_searched else 'r'}"


def system_of(key: str) -> str:
    """The code system that the rows of a table share."""
    return next(plain(value) for column, value in table(SHEET, key).shared if column.key == "system")


def test_every_topic_is_on_the_sheet_with_its_words_and_system() -> None:
    codes = column(SHEET, "topics", "code")
    assert codes == [*(card.knowledge.topic for card in sorted(offered(), key=lambda one: one.rule)), "couldNotCheck"]
    system = system_of("topics")
    words = dict(zip(codes, column(SHEET, "topics", "display"), strict=True))
    for card in CARDS:
        topic = card["source"]["topic"]
        if topic["code"] in words:  # the stories have cards that are off by default too
            assert (topic["display"], topic["system"]) == (words[topic["code"]], system)


def test_every_override_reason_is_on_the_sheet_with_its_words_and_system() -> None:
    words = dict(
        zip(column(SHEET, "override_reasons", "code"), column(SHEET, "override_reasons", "display"), strict=True)
    )
    assert set(words) == {reason for card in offered() for reason in card.knowledge.override_reasons}
    system = system_of("override_reasons")
    for card in CARDS:
        for reason in card.get("overrideReasons", ()):
            assert (words[reason["code"]], system) == (reason["display"], reason["system"])


def test_lnk_05_every_host_on_a_card_is_on_the_sheet_and_no_other() -> None:
    app = create_app(SETTINGS, OPEN.site, clock=lambda: NOON).test_client()
    addresses = {f"{BASE}/rules/{card.knowledge.topic}" for card in offered()}
    addresses |= {link.url for card in offered() for link in card.knowledge.links}
    assert set(column(SHEET, "links", "address")) == addresses
    assert set(column(SHEET, "link_hosts", "host")) == {urlsplit(one).hostname for one in addresses}
    body = json.loads(stories()[-1].read_text(encoding="utf-8"))
    for card in app.post(f"/cds-services/neuropathy-{body['hook']}", json=body).json["cards"]:
        assert {link["url"] for link in card.get("links", ())} | {card["source"]["url"]} <= addresses


def test_without_a_page_over_https_the_source_of_a_card_is_where_the_source_is() -> None:
    local = sheet_of(service(SETTINGS.model_copy(update={"public_url": None})))
    addresses = set(column(local, "links", "address"))
    assert addresses >= {card["source"]["url"] for card in CARDS if "url" in card["source"]}
    assert addresses >= {link["url"] for card in CARDS for link in card.get("links", ())}


def test_a_link_of_the_site_is_on_the_sheet() -> None:
    link = {"rule": "tca-caution", "label": "Ours", "url": "https://intranet.example.org/tca"}
    assert "intranet.example.org" in column(sheet_of(service(links=[link])), "link_hosts", "host")


def test_the_actions_are_those_that_suggestions_have() -> None:
    used = {
        f"{action['type']} {_type(action)}"
        for card in CARDS
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    }
    assert set(column(SHEET, "actions", "action")) == used
    assert set(copied(SHEET, "scopes", "Draft orders")) == {one.split()[1] for one in used} | {"Medication"}


def _type(action: dict[str, Any]) -> str:
    """The type of resource that an action is about."""
    return str(action["resource"]["resourceType"] if "resource" in action else action["resourceId"].split("/")[0])


def test_every_status_that_is_answered_is_on_the_sheet() -> None:
    answered = {refusal.status for refusal in Refused.__subclasses__()} | set(_HTTP) | {500}
    assert set(column(SHEET, "errors", "status")) == {str(status) for status in answered}


def test_a_rule_that_the_site_switched_off_is_not_on_the_sheet() -> None:
    assert "tcaCaution" not in column(sheet_of(service(cards={"off": ["tca-caution"]})), "topics", "code")


def test_a_rule_that_is_silent_is_on_the_sheet_and_says_so() -> None:
    sheet = sheet_of(service(cards={"silent": ["tca-caution"]}))
    at_signing = dict(zip(column(sheet, "topics", "code"), column(sheet, "topics", "order_sign"), strict=True))
    assert at_signing["tcaCaution"] == "silent: asked, kept in the ledger, never shown"
    assert at_signing["rituximabHbvSerology"] == "warning and up"


def test_the_note_on_what_could_not_be_checked_has_a_topic_only_where_it_is_sent() -> None:
    sheet = sheet_of(service(cards={"could_not_check": "off"}))
    assert "couldNotCheck" not in column(sheet, "topics", "code")


def test_services_by_family_are_each_on_the_sheet() -> None:
    split = service(services={"split_by": "family"})
    sheet = sheet_of(split)
    assert column(sheet, "services", "id") == [one.id for one in split.services]
    used = {one for services in column(sheet, "prefetch", "services") for one in services.split(", ")}
    assert used == {one["id"] for one in split.document["services"] if "prefetch" in one}


@pytest.mark.parametrize("profile", profiles())
def test_every_table_has_as_many_cells_as_columns_and_tells_its_rows_apart(profile: str) -> None:
    for one in sheet_of(OPEN, profile=profile).tables:
        assert {len(row) for row in one.rows} == {len(one.columns)}, one.key
        assert len({row[0] for row in one.rows}) == len(one.rows), one.key
