"""Discovery: cds-hooks.md section 2 and 4.1, certification.md A1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from cards.catalogue import Catalogue, load_catalogue, load_data_requests
from cards.concepts import load_value_sets
from cards.knowledge import FAMILIES
from cards.orders import Hook
from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.hooks.discovery import discovery_document, offered_services

TOKENS = {"context.patientId", "context.encounterId"}  # of those that 2.0 allows, what every client fills in
SEARCH = {"patient", "code", "_sort", "_count", "date", "clinical-status", "category", "status"}


@pytest.fixture
def services(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get("/cds-services").json
    assert answer is not None
    return answer["services"]


def templates(services: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for service in services:
        yield from service["prefetch"].items()


def test_dis_01_dsc_1_dsc_2_discovery_is_an_object_with_services(client: FlaskClient):
    answer = client.get("/cds-services")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json is not None
    assert isinstance(answer.json["services"], list)


def test_dis_02_dis_03_dsc_4_dsc_5_each_entry_has_its_texts(services: list[dict[str, Any]]):
    for service in services:
        for member in ("hook", "id", "title", "description"):
            assert isinstance(service[member], str)
            assert service[member].strip()


def test_dis_04_dsc_10_both_hooks_are_offered_under_ids_of_their_own(services: list[dict[str, Any]]):
    assert [(service["hook"], service["id"]) for service in services] == [
        ("order-select", "neuropathy-order-select"),
        ("order-sign", "neuropathy-order-sign"),
    ]


def test_dis_05_dsc_12_every_advertised_service_can_be_called(client: FlaskClient, services: list[dict[str, Any]]):
    for service in services:
        assert client.post(f"/cds-services/{service['id']}", json={}).status_code == 400
        assert client.post(f"/cds-services/{service['id']}/feedback", json={"feedback": []}).status_code == 200


def test_dis_07_dis_08_pre_1_to_4_templates_use_only_tokens_that_are_allowed(services: list[dict[str, Any]]):
    for _, template in templates(services):
        assert template
        tokens = set(re.findall(r"{{(.*?)}}", template))
        assert tokens
        assert tokens <= TOKENS
        assert "{" not in re.sub(r"{{.*?}}", "", template)


def test_dis_09_pre_5_templates_are_reads_or_plain_searches(services: list[dict[str, Any]]):
    for _, template in templates(services):
        path, _, query = template.partition("?")
        assert re.fullmatch(r"[A-Z][A-Za-z]+(/{{[A-Za-z.]+}})?", path)
        names = {part.partition("=")[0] for part in query.split("&") if part}
        assert names <= SEARCH


def test_dis_10_every_prefetch_key_is_needed_by_a_card_that_speaks_at_that_hook(services: list[dict[str, Any]]):
    for service in services:
        hook = Hook(service["hook"])
        needed = {need for card in load_catalogue().cards if card.speaks_at(hook) for need in card.knowledge.needs}
        assert set(service["prefetch"]) == needed


def test_pre_8_prefetch_keys_keep_the_order_of_the_data_requests(client: FlaskClient, services: list[dict[str, Any]]):
    order = list(load_data_requests())
    for service in services:
        keys = list(service["prefetch"])
        assert keys == sorted(keys, key=order.index)


def test_dis_10_only_the_encounter_itself_depends_on_the_optional_encounter_id(services: list[dict[str, Any]]):
    assert {key for key, template in templates(services) if "encounterId" in template} <= {"encounter"}


def test_dis_11_dsc_7_usage_requirements_say_what_happens_without_data(services: list[dict[str, Any]]):
    for service in services:
        assert "R4" in service["usageRequirements"]
        assert "412" in service["usageRequirements"]


def test_dis_12_dsc_8_dsc_9_versions_are_sent_under_the_3_0_profile_only(
    services: list[dict[str, Any]], client_of: Callable[..., FlaskClient]
):
    answer = client_of(profile="3.0").get("/cds-services").json
    assert answer is not None
    for plain, newer in zip(services, answer["services"], strict=True):
        assert newer == {**plain, "version": "3.0.0", "hookVersion": "1.0"}
        assert "version" not in plain


def test_dis_13_dis_14_jsn_2_no_foreign_and_no_empty_member(services: list[dict[str, Any]]):
    known = {"hook", "id", "title", "description", "usageRequirements", "prefetch"}

    def values(value: Any) -> Iterator[Any]:
        yield value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from values(inner)

    assert all(value not in (None, "", [], {}) for value in values(services))
    assert all(set(service) <= known for service in services)


def test_dsc_17_head_works(client: FlaskClient):
    answer = client.head("/cds-services")
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0


def test_an_unchanged_document_need_not_be_read_again(client: FlaskClient):
    tag = client.get("/cds-services").headers["ETag"]
    answer = client.get("/cds-services", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_dsc_3_dis_06_without_cards_services_are_offered_without_prefetch():
    site = SiteConfig()
    empty = Catalogue((), load_data_requests())
    document = discovery_document(offered_services(empty, site), load_value_sets(), site)
    assert [sorted(service) for service in document["services"]] == [
        ["description", "hook", "id", "title", "usageRequirements"]
    ] * 2


@pytest.mark.parametrize("public_url", ["https://cds.example.org/", "http://127.0.0.1:8000"])
def test_where_the_source_attributes_are_is_told_over_https_under_a_name_of_our_own(public_url: str):
    client = create_app(Settings(database="", public_url=public_url), SiteConfig()).test_client()
    told = [service.get("extension") for service in client.get("/cds-services").get_json()["services"]]
    name, address = "org.example.neuropathy-cds.source-attributes", "https://cds.example.org/dsi"
    assert told == ([{name: address}] * 2 if public_url.startswith("https") else [None, None])
    assert client.get("/dsi").status_code == 200


def test_a_site_may_split_the_services_by_family(client_of: Callable[..., FlaskClient]):
    client = client_of(services={"split_by": "family"})
    answer = client.get("/cds-services").json
    assert answer is not None
    offered = {service["id"] for service in answer["services"]}
    cards = load_catalogue().cards
    assert offered == {
        f"{family.replace('_', '-')}-{hook}"
        for family in FAMILIES
        for hook in Hook
        if any(card.family == family and card.speaks_at(hook) for card in cards)
    }
    assert all(client.post(f"/cds-services/{one}", json={}).status_code == 400 for one in offered)


def test_a_split_service_asks_only_for_what_its_own_family_needs():
    site = SiteConfig.model_validate({"services": {"split_by": "family"}})
    for service in offered_services(load_catalogue(), site):
        assert {card.family for card in service.cards} == {service.family}
