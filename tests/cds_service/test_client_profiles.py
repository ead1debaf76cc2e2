"""Ready-made profiles: what vendors document in public, and what a site writes on top (certification.md C1 to C3)."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cds_service.client_profiles import HERE, profiles, with_profile
from cds_service.clients import Client
from cds_service.config import load_site
from cds_service.errors import InvalidConfiguration
from tests.cds_service.test_client_ways import story
from tests.cds_service.trusted import reviewed
from tests.whole_requests import FIXTURES

OWN = {
    "crd-test-kit": {},
    "epic": {"issuer": "https://epic.example/api/FHIR/R4", "name": "epic", "jku": ["https://epic.example/keys"]},
    "oracle-health": {"jku": ["https://authorization.example/jwks"]},
    "sandbox": {},
}
EPIC_SHAPES = sorted(path.name.removesuffix(".request.json") for path in (FIXTURES / "senders").glob("f*.request.json"))


def client(profile: str, **choices: Any) -> Client:
    return Client.model_validate({"profile": profile, **OWN[profile], **choices})


def test_the_profiles_are_those_that_something_is_documented_for() -> None:
    assert profiles() == tuple(OWN)


@pytest.mark.parametrize("profile", OWN)
def test_a_profile_needs_no_more_than_what_each_site_has_of_its_own(profile: str) -> None:
    assert client(profile).profile == profile


@pytest.mark.parametrize("profile", OWN)
def test_every_value_of_a_profile_says_where_it_is_from(profile: str) -> None:
    lines = (HERE / f"{profile}.toml").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("#") and "Source" in line for line in lines)
    for before, line in pairwise(lines):
        if re.match(r"\w+ =", line):
            assert "  # " in line or before.startswith("#"), line


def test_jwt_19_only_what_has_published_its_private_key_is_a_test_client() -> None:
    assert {profile for profile in OWN if client(profile).test} == {"sandbox", "crd-test-kit"}


def test_c3_the_sandbox_signs_for_the_address_it_calls() -> None:
    sandbox = client("sandbox")
    assert (sandbox.issuer, sandbox.algorithms) == ("https://sandbox.cds-hooks.org", {"ES384"})
    assert sandbox.jku == ("https://sandbox.cds-hooks.org/.well-known/jwks.json",)
    assert (sandbox.feedback_audience, sandbox.replay_check) == ("feedback", True)


def test_a11_sug_12_the_crd_test_kit_reuses_a_token_and_wants_system_actions() -> None:
    kit = client("crd-test-kit")
    assert kit.jku == (f"{kit.issuer}/jwks.json",)
    assert (kit.algorithms, kit.replay_check, kit.answers.system_actions) == ({"ES384", "RS384"}, False, True)


def test_c2_oracle_health_has_one_issuer_and_no_more_is_documented() -> None:
    assert with_profile({"profile": "oracle-health"}).keys() == {"profile", "issuer", "name"}
    assert client("oracle-health").issuer == "https://cds-hooks.cerner.com"


def test_c1_epic_signs_with_rs384_and_gets_any_with_deletes_alone() -> None:
    epic = client("epic")
    assert epic.algorithms == {"RS384"}
    assert epic.answers.selection_behavior == "any"
    assert epic.answers.can("delete", "MedicationRequest")
    assert not any(epic.answers.can(kind, "MedicationRequest") for kind in ("create", "update"))
    assert epic.answers.code_systems["rxnorm"] == "urn:oid:2.16.840.1.113883.6.88"
    assert epic.replay_check


@pytest.mark.parametrize("name", EPIC_SHAPES)
def test_c1_c4_whatever_epic_sends_it_is_offered_only_what_it_can_carry_out(name: str) -> None:
    body = story(f"senders/{name}")
    for card in reviewed(body, profile="epic", **OWN["epic"]).answer["cards"]:
        assert re.fullmatch(r"[A-Za-z0-9]{1,100}", card["source"]["topic"]["code"])
        assert card.get("selectionBehavior", "any") == "any"
        for suggestion in card.get("suggestions", ()):
            assert suggestion["label"]
            assert [action["type"] for action in suggestion["actions"]] == ["delete"]


def test_what_the_site_writes_goes_before_the_profile_key_by_key() -> None:
    epic = client("epic", algorithms=["RS384", "ES384"], answers={"actions": ["delete", "create MedicationRequest"]})
    assert epic.algorithms == {"RS384", "ES384"}
    assert epic.answers.actions == {"delete", "create MedicationRequest"}
    assert epic.answers.code_systems["ndc"] == "urn:oid:2.16.840.1.113883.6.69", "the rest of the table stays"


@pytest.mark.parametrize("name", ["athenahealth", "../client_profiles/epic", "Epic"])
def test_an_unknown_profile_stops_the_start_and_names_those_there_are(tmp_path: Path, name: str) -> None:
    path = tmp_path / "site.toml"
    path.write_text(f"[[clients]]\nprofile = '{name}'\nissuer = 'https://ehr.example'\nname = 'ehr'", encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match=r"clients\.0\.profile: there are crd-test-kit, epic, oracle-health"):
        load_site(path)


def test_a_profile_gives_no_keys_that_each_site_has_of_its_own() -> None:
    with pytest.raises(ValidationError, match="issuer"):
        Client.model_validate({"profile": "epic"})


@pytest.mark.parametrize("path", sorted(HERE.glob("*.toml")), ids=lambda path: path.stem)
def test_a_profile_holds_known_keys_only(path: Path) -> None:
    assert tomllib.loads(path.read_text(encoding="utf-8")).keys() <= Client.model_fields.keys()
