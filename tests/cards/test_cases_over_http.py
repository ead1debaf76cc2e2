"""Every case again with all cards on, as an EHR would send it: over HTTP, all of it prefetched or all of it fetched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache, partial
from typing import Any

import pytest
from flask.testing import FlaskClient

from cards.opinion import Advice
from cards.orders import Hook
from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.errors import DataNotAvailable
from tests.cards.test_cases import every_case
from tests.situations.asking import ask, instant, of_rule, off_by_default
from tests.situations.fhir_store import FhirStore
from tests.situations.reading import Case, all_cases
from tests.situations.request import hook_request


@cache
def client(as_of: date) -> FlaskClient:
    """The service as of noon of a day with every card on, and time enough for a FHIR server on a busy machine."""
    limits = {"fhir_seconds": 30, "call_seconds": 60}
    site = SiteConfig.model_validate({"limits": limits, "cards": {"on": off_by_default()}})
    return create_app(Settings(), site, clock=lambda: instant(as_of)).test_client()


def topics(answer: dict[str, Any]) -> list[str]:
    """What the cards are about, in order."""
    return [card["source"]["topic"]["code"] for card in answer["cards"]]


@every_case
def test_the_service_shows_what_the_cards_of_the_house_agree_on(case: Case, hook: Hook) -> None:
    response = client(case.situation.as_of).post(
        f"/cds-services/neuropathy-{hook}", json=hook_request(case.situation, hook)
    )
    try:
        considered = ask(case.situation, hook).considered
    except DataNotAvailable:
        assert response.status_code == 412
        return
    assert response.status_code == 200
    shown = topics(response.get_json())
    assert [topic for topic in shown if topic != "couldNotCheck"] == [
        one.card.knowledge.topic for one in considered if one.is_shown
    ]


def test_a_card_that_is_off_by_default_is_silent_where_no_site_has_switched_it_on() -> None:
    off = [case for case in all_cases() if case.rule in off_by_default()]
    assert off
    for case in off:
        service = create_app(Settings(), SiteConfig(), clock=partial(instant, case.situation.as_of)).test_client()
        for hook in case.expected:
            answer = service.post(f"/cds-services/neuropathy-{hook}", json=hook_request(case.situation, hook))
            assert topics(answer.get_json()) == []


@every_case
def test_no_card_thinks_otherwise_in_company(case: Case, hook: Hook) -> None:
    """Asked among all others, a card holds the opinion it holds alone; at most its advice is kept back."""
    try:
        alone = of_rule(ask(case.situation, hook, rule=case.rule).considered, case.rule)
    except DataNotAvailable:
        return  # alone it asks for less; with all others on, something may have been had
    together = of_rule(ask(case.situation, hook).considered, case.rule)
    assert (alone and alone.opinion) == (together and together.opinion)
    if alone and together and alone.is_shown and not together.is_shown:
        assert isinstance(together.opinion, Advice)
        assert together.kept_back


@pytest.fixture(scope="module")
def store() -> Iterator[FhirStore]:
    """The client's FHIR server."""
    store = FhirStore()
    yield store
    store.server.stop()


@every_case
def test_what_the_service_fetches_itself_gets_the_same_cards(case: Case, hook: Hook, store: FhirStore) -> None:
    store.hold(case.situation)
    address = f"/cds-services/neuropathy-{hook}"
    request = hook_request(case.situation, hook)
    prefetched = client(case.situation.as_of).post(address, json=request)
    del request["prefetch"]
    fetched = client(case.situation.as_of).post(address, json=request | {"fhirServer": store.server.base})
    assert fetched.status_code == prefetched.status_code
    assert said(fetched.get_json()) == said(prefetched.get_json())


def said(answer: dict[str, Any]) -> list[tuple[str, ...]]:
    """The cards without what may differ: uuids, and why something could not be had."""
    return [(card["source"]["topic"]["code"], card["indicator"], card["summary"]) for card in answer.get("cards", ())]
