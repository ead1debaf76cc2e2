"""Silent mode: for everybody who sees cards a silent one might as well be off; the start, the terminal and the page say
which are silent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from cards.catalogue import Catalogue, load_catalogue
from cds_service.app import create_app
from cds_service.command_line import main
from cds_service.config import Settings, SiteConfig, load_site
from cds_service.errors import DataNotAvailable, InvalidConfiguration
from cds_service.rule_base import load_rule_base
from tests.cds_service.hooks.loopback_server import Started
from tests.cds_service.test_client_ways import TOKEN, knows_the_patient_only
from tests.cds_service.test_hook_endpoints import NOTHING_ON_FILE, RITUXIMAB, call, order
from tests.cds_service.trusted import ISSUER, reviewed
from tests.situations.asking import review
from tests.whole_requests import FIXTURES, NOON, masked, stories

SEROLOGY = "rituximab-hbv-serology"
HOUSE = load_catalogue()


def answer(body: dict[str, Any], catalogue: Catalogue) -> Any:
    """What a call is answered by these cards, ids masked; of a refusal the data that were missing."""
    try:
        return masked(json.loads(orjson.dumps(review(body, NOON.date(), catalogue=catalogue).answer)))
    except DataNotAvailable as refusal:
        return refusal.text, refusal.diagnostics


def choices(body: dict[str, Any]) -> Iterator[frozenset[str]]:
    """Rules to be silent or off for a call: each that speaks, all but each of these, and all."""
    everything = frozenset(card.rule for card in HOUSE.cards)
    yield everything
    for rule in {one.card.rule for one in review(body, NOON.date()).considered if one.is_shown}:
        yield frozenset({rule})
        yield everything - {rule}


@pytest.mark.parametrize("story", stories(), ids=lambda story: str(story.relative_to(FIXTURES)).split(".")[0])
def test_a_silent_card_is_for_those_who_see_the_others_as_if_it_were_off(story: Path) -> None:
    body = json.loads(story.read_bytes())
    for rules in choices(body):
        assert answer(body, HOUSE.silencing(rules)) == answer(body, HOUSE.without(rules)), rules


@pytest.mark.parametrize("known", ["body_size", "hbv_markers", "medication_orders", "patient"])
def test_what_only_silent_cards_can_use_makes_no_answer_of_a_refusal(known: str) -> None:
    body = call(order(RITUXIMAB), prefetch={known: NOTHING_ON_FILE.get(known)})
    given = set()
    for rules in (["rituximab-dose-schedule"], [card.rule for card in HOUSE.cards if card.rule != SEROLOGY]):
        silent = answer(body, HOUSE.silencing(rules))
        assert silent == answer(body, HOUSE.without(rules))
        given.add(type(silent))
    assert given == {tuple if known == "body_size" else dict}, "only this no other card needs"


@pytest.mark.parametrize("story", stories(), ids=lambda story: str(story.relative_to(FIXTURES)).split(".")[0])
def test_silent_cards_say_what_they_would_if_they_were_shown(story: Path) -> None:
    body = json.loads(story.read_bytes())
    seen = review(body, NOON.date()).considered
    unseen = review(body, NOON.date(), catalogue=HOUSE.silencing(card.rule for card in HOUSE.cards)).considered
    assert not any(one.is_shown for one in unseen)
    assert [(one.card.rule, one.opinion) for one in unseen if one.is_left] == [
        (one.card.rule, one.opinion) for one in seen if one.is_shown
    ]


def test_what_silent_cards_need_is_read_from_the_fhir_server(loopback: Started) -> None:
    server = loopback(knows_the_patient_only)
    body = call(order(RITUXIMAB), fhirServer=server.base, fhirAuthorization=TOKEN)
    silent = reviewed(body, fhir_servers=[server.base], silent=True)
    assert silent.answer == {"cards": []}
    assert [one.card.rule for one in silent.considered if one.is_left] == [SEROLOGY]
    assert len(server.seen) > 3


# -- the start --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"silent": ["no-such-rule"]}, "cards.silent: no rule no-such-rule"),
        ({"silent": [SEROLOGY], "off": [SEROLOGY]}, "cards: a card is listed in silent and in off"),
        ({"silent": ["can-beta-blocker-selectivity"]}, "cards.silent: can-beta-blocker-selectivity: off by default"),
    ],
)
def test_a_silence_that_means_nothing_stops_the_start_and_names_the_key(
    choice: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidConfiguration, match=says):
        load_rule_base(_site(tmp_path, choice))


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"silent": ["no-such-rule"]}, r"clients\.ehr\.cards\.silent: unknown: no-such-rule"),
        ({"silent": [SEROLOGY], "off": [SEROLOGY]}, r"clients\.0\.cards: a card is listed in silent and in off"),
        ({"only": [SEROLOGY], "off": ["hba1c-context"]}, r"clients\.0\.cards: write only or off, not both"),
        ({"silent": [SEROLOGY], "only": ["ivig-indication"]}, r"clients\.0\.cards: .* in silent and not in only"),
        ({"silent": ["ivig-indication"]}, r"clients\.ehr\.cards\.silent: off at this site: ivig-indication"),
    ],
)
def test_cards_of_a_client_that_contradict_each_other_stop_the_start(
    choice: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidConfiguration, match=says):
        load_rule_base(_site(tmp_path, {"off": ["ivig-indication"]}, choice))


def test_a_card_that_a_site_switches_on_may_be_silent(tmp_path: Path) -> None:
    rule = "can-beta-blocker-selectivity"
    cards = load_rule_base(_site(tmp_path, {"on": [rule], "silent": [rule]})).catalogue.cards
    assert [card.rule for card in cards if card.is_silent] == [rule]


def test_the_start_says_loudly_what_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    site = SiteConfig.model_validate(
        {
            "cards": {"silent": [SEROLOGY, "hba1c-context"]},
            "clients": [
                {**ISSUER, "cards": {"silent": ["ivig-indication"]}},
                {**ISSUER, "issuer": "https://new.example", "name": "new", "silent": True},
                {**ISSUER, "issuer": "https://old.example", "name": "old"},
            ],
        }
    )
    create_app(Settings(), site)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["event"], line.get("why")) for line in lines] == [
        (
            "warning",
            "cards are silent: asked, never shown",
            "; ".join(
                [
                    "cards.silent: hba1c-context (up to info), rituximab-hbv-serology (up to critical)",
                    "clients.ehr.cards.silent: ivig-indication (up to warning)",
                    "clients.new.silent: every card",
                ]
            ),
        ),
        ("warning", "no ledger is kept: what silent cards would have said is counted in the log only", None),
    ]


def test_where_nothing_is_silent_the_start_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    create_app(Settings(), SiteConfig())
    assert capsys.readouterr().out == ""


# -- where people look ------------------------------------------------------------------------------------------------


def test_check_says_which_opinions_are_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("CDS_SERVICE_SITE", str(_file(tmp_path, {"silent": [SEROLOGY]})))
    request = tmp_path / "request.json"
    request.write_text(json.dumps(call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE)), encoding="utf-8")
    main(["check", str(request), "--why", "--as-of", "2026-06-15"])
    said = capsys.readouterr().out
    assert "No cards. (Silence is no approval.)" in said
    (line,) = [line for line in said.splitlines() if SEROLOGY in line]
    assert "silent: card (critical" in line
    main(["rules"])
    listed = capsys.readouterr().out
    assert f"{SEROLOGY} (book 5.1, at most critical, silent: never shown)" in listed
    assert listed.count("never shown") == 1


def test_the_page_of_a_silent_rule_says_so() -> None:
    def page(**choice: list[str]) -> str:
        app = create_app(Settings(log_level="error"), SiteConfig.model_validate({"cards": choice}))
        return app.test_client().get("/rules/rituximabHbvSerology").get_data(as_text=True)

    row = '<tr><th scope="row">At this site</th><td>silent: asked, kept in the ledger, never shown</td></tr>'
    assert row in page(silent=[SEROLOGY])
    assert "At this site" not in page()


def _site(folder: Path, choice: dict[str, list[str]], client: dict[str, list[str]] | None = None) -> SiteConfig:
    return load_site(_file(folder, choice, client))


def _file(folder: Path, choice: dict[str, list[str]], client: dict[str, list[str]] | None = None) -> Path:
    def table(name: str, keys: dict[str, list[str]]) -> str:
        return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())

    written = table("cards", choice)
    if client is not None:
        written += '[[clients]]\nissuer = "https://ehr.example"\nname = "ehr"\njku = ["https://ehr.example/jwks"]\n'
        written += table("clients.cards", client)
    path = folder / "site.toml"
    path.write_text(written, encoding="utf-8")
    return path
