"""Group A9 and its neighbours: a door that lets one kind of bad token through, or keeps a good one out, is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from cds_service.clients import Client
from cds_service.conformance.fhir_double import FhirDouble
from cds_service.conformance.row import Profile
from cds_service.conformance.runner import GROUPS, Result, chosen, run, serving_keys
from cds_service.conformance.target import Options, Target
from cds_service.conformance.tokens import read_client
from cds_service.hooks.authentication import TokenAuthentication
from cds_service.hooks.client_keys import ClientKeys
from cds_service.hooks.replay import UsedTokensInMemory
from tests.cds_service.conformance.lax_doors import LAX, Door, Guarded, token_of
from tests.cds_service.conformance.running import ORIGIN, free_port, two_clients
from tests.cds_service.conformance.wrong_service import Ask, Got, Sent, WrongService, listening

DOORS = [
    pytest.param(row, door, id=f"{row}-{number}") for row, doors in LAX.items() for number, door in enumerate(doors, 1)
]


class Guardhouse:
    """A guarded service that listens, with two clients, and the suite that is turned on it."""

    def __init__(self, base: str, guarded: Guarded, key_files: list[str]) -> None:
        self._base = base
        self.guarded = guarded
        self._clients = tuple(read_client(Path(path)) for path in key_files)

    def tried(self, row: str, profile: Profile = "3.0") -> Result:
        """What comes of a row."""
        double = FhirDouble()
        try:
            with serving_keys(self._clients) as server:
                options = Options(profile=profile, origin=ORIGIN)
                (result,) = run(Target(self._base, options, self._clients, double, server), chosen([row]))
                return result
        finally:
            double.close()


@pytest.fixture
def guardhouse(app: Flask, tmp_path: Path) -> Iterator[Guardhouse]:
    jku = f"http://127.0.0.1:{free_port()}/jwks.json"
    key_files = two_clients(tmp_path, jku)
    ehr = Client(issuer=ORIGIN, name="ehr", jku=(jku,), tenants=frozenset({"north"}))
    other = Client(issuer="https://other.example.org", name="other", keys=tmp_path / "other.jwks.json")

    def made(base: str) -> WrongService:
        tokens = TokenAuthentication(
            (ehr, other), ClientKeys((ehr, other)), UsedTokensInMemory(), base_url=base, leeway_seconds=60
        )
        service = WrongService(app.wsgi_app)
        service.planted = Guarded(tokens)
        return service

    with listening(made) as (base, service):
        assert isinstance(service.planted, Guarded)
        yield Guardhouse(base, service.planted, key_files)


@pytest.mark.parametrize(("row", "door"), DOORS)
def test_a_lax_door_is_found_by_its_row(
    row: str, door: Door, guardhouse: Guardhouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cds_service.conformance.key_sets._NEXT_FETCH_SECONDS", 0.5)
    guardhouse.guarded.door = door
    result = guardhouse.tried(row)
    assert result.status == "fail", f"{result.status}: {result.reason}"


@pytest.mark.parametrize("row", sorted(LAX))
def test_a_right_door_is_left_in_peace(row: str, guardhouse: Guardhouse) -> None:
    result = guardhouse.tried(row)
    assert result.status == "pass", f"{result.status}: {result.reason}"


def test_a_service_that_tells_of_another_clients_card_is_found(guardhouse: Guardhouse) -> None:
    """FBK-09."""
    issued: set[str] = set()

    def tells(sent: Sent, ask: Ask) -> Got:
        got = ask(sent)
        if sent.is_call and got.status == 200:
            issued.update(card["uuid"] for card in got.json["cards"])
        if sent.is_feedback and sent.json and any(entry["card"] in issued for entry in sent.json["feedback"]):
            return got if token_of(sent)[1]["iss"] == ORIGIN else got.with_json({}, 403)
        return got

    guardhouse.guarded.planted = tells
    assert guardhouse.tried("FBK-09").status == "fail"


def test_every_row_of_the_group_is_tried_here() -> None:
    (group,) = [group for group in GROUPS if group.id == "A9"]
    assert {row.id for row in group.rows if row.check is not None} <= set(LAX)
