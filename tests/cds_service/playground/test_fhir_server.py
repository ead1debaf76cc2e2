"""A patient of a FHIR server: read without a token, and only where the outbound policy lets the page go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from tests.cds_service.playground.visiting import Visitor, cards_of
from tests.cds_service.trusted import ISSUER
from tests.conftest import NOON
from tests.situations.fhir_store import FhirStore
from tests.situations.reading import Situation, patient_of
from tests.situations.request import PATIENT_ID


@pytest.fixture
def store() -> Iterator[FhirStore]:
    """A FHIR server on this machine with patient C of the book."""
    store = FhirStore()
    store.hold(Situation(NOON.date(), patient_of("C")))
    yield store
    store.server.stop()


def visitor_of(**choices: object) -> Visitor:
    site = SiteConfig.model_validate(choices)
    return Visitor(create_app(Settings(), site, clock=lambda: NOON).test_client())


def test_the_chart_of_a_server_is_read_and_reviewed(store: FhirStore) -> None:
    page = visitor_of().asks(
        patient="from-a-server", server=store.server.base, id=PATIENT_ID, order1="pregabalin 325 mg once daily"
    )
    assert "pregabalinDoseExceedsRenalMax" in cards_of(page)
    assert "Male, 75 years" in page.words
    assert "as of 2026-06-15" in page.words


def test_what_the_server_does_not_have_is_said(store: FhirStore) -> None:
    page = visitor_of().asks(
        patient="from-a-server", server=store.server.base + "/nothing", id=PATIENT_ID, order1="pregabalin 75 mg daily"
    )
    assert "No answer: None of the data needed to review this order could be obtained." in page.words
    assert f"{store.server.base}/nothing: the FHIR server refused access." in page.words


def test_a_patient_that_the_server_does_not_have_gets_no_cards_but_a_message_beside_the_id(store: FhirStore) -> None:
    page = visitor_of().asks(
        400, patient="from-a-server", server=store.server.base, id="nobody", order1="pregabalin 325 mg once daily"
    )
    [problem] = page.all("span", id="id-problem")
    assert problem.words == "This FHIR server has no patient of this id."
    assert not cards_of(page)


def test_no_token_is_sent(store: FhirStore) -> None:
    visitor = visitor_of()
    visitor.client.get(
        "/",
        query_string={
            "patient": "from-a-server",
            "server": store.server.base,
            "id": PATIENT_ID,
            "order1": "pregabalin 75 mg daily",
        },
        headers={"Authorization": "Bearer of-somebody"},
    )
    assert store.server.seen
    assert not [call for call in store.server.seen if "authorization" in call.headers]


def test_with_trusted_clients_only_the_servers_that_are_listed_may_be_called(store: FhirStore) -> None:
    production = {"clients": [ISSUER], "playground": {"switch": "on", "fhir_servers": [store.server.base]}}
    visitor = visitor_of(**production)
    fields = {"patient": "from-a-server", "id": PATIENT_ID, "order1": "pregabalin 325 mg once daily"}
    page = visitor.asks(**fields, server=store.server.base)
    assert "pregabalinDoseExceedsRenalMax" in cards_of(page)
    assert [select for select in page.all("select") if select.attributes["name"] == "server"]
    visitor.asks(400, **fields, server="https://elsewhere.example.org/fhir")


def test_where_no_server_is_listed_production_offers_none() -> None:
    page = visitor_of(clients=[ISSUER], playground={"switch": "on"}).opens("/")
    assert "from-a-server" not in {option.attributes.get("value") for option in page.all("option")}
