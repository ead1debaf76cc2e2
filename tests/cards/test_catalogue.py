"""How cards are found, indexed and left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import cards.catalogue
from cards.catalogue import Card, Catalogue, load_catalogue, load_data_requests
from cards.errors import InvalidKnowledge
from cards.facts import DataRequest
from cards.opinion import NothingToAdd
from cards.orders import Hook
from tests.cards.test_consult import card

QUIET = NothingToAdd("nothing")
REQUESTS = {name: DataRequest(name, kind) for name, kind in (("patient", "patient"), ("conditions", "diagnosis"))}
SIGNING = {"order-select": "never", "order-sign": "always"}


def catalogue(*found: Card) -> Catalogue:
    """A catalogue of these cards."""
    return Catalogue(found, REQUESTS)


FIRST = card("a-rule", QUIET, needs=("conditions",), hooks=SIGNING)
SECOND = card("b-rule", QUIET, needs=("patient", "conditions"), triggers=("pregabalin", "gabapentin"))


def test_cards_are_triggered_by_the_value_sets_of_the_drug_at_their_hooks() -> None:
    both = catalogue(SECOND, FIRST)
    assert both.triggered_by({"pregabalin"}, Hook.ORDER_SIGN) == (FIRST, SECOND)
    assert both.triggered_by({"pregabalin", "gabapentin"}, Hook.ORDER_SELECT) == (SECOND,)
    assert both.triggered_by({"rituximab"}, Hook.ORDER_SIGN) == ()


def test_needs_are_named_once_in_the_order_of_the_data_requests() -> None:
    assert catalogue(FIRST, SECOND).needs([FIRST, SECOND]) == ("patient", "conditions")
    assert catalogue(FIRST, SECOND).needs([FIRST]) == ("conditions",)


def test_rules_can_be_left_out() -> None:
    assert catalogue(FIRST, SECOND).without(["a-rule"]).cards == (SECOND,)


def test_a_need_that_is_no_data_request_is_refused() -> None:
    with pytest.raises(InvalidKnowledge, match=r"needs \['labs'\]: not in data_requests\.yaml"):
        catalogue(card("a-rule", QUIET, needs=("labs",)))


def test_every_card_of_the_house_is_found_with_its_question() -> None:
    house = load_catalogue()
    folders = {path.parent.name for path in Path(cards.catalogue.HERE).glob("*/*/rule.py")}
    assert {found.name for found in house.cards} == folders
    assert all(found.question.endswith("?") for found in house.cards)
    assert [found.rule for found in house.cards] == sorted(found.rule for found in house.cards)


# -- a house with something wrong in it -----------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty house."""
    monkeypatch.setattr(cards.catalogue, "HERE", tmp_path)
    load_data_requests.cache_clear()
    load_catalogue.cache_clear()
    yield tmp_path
    load_data_requests.cache_clear()
    load_catalogue.cache_clear()


def test_a_data_request_with_an_unknown_word_is_refused(house: Path) -> None:
    (house / "data_requests.yaml").write_text("patient: {kind: patient, lookback: 3}\n")
    with pytest.raises(InvalidKnowledge, match=r"data_requests\.yaml: patient: .*lookback"):
        load_data_requests()


def test_a_folder_named_otherwise_than_its_rule_is_refused(house: Path) -> None:
    folder = house / "diabetes" / "hba1c_contexts"
    folder.mkdir(parents=True)
    (house / "data_requests.yaml").write_text("patient: {kind: patient}\n")
    (folder / "rule.py").touch()
    (folder / "knowledge.yaml").write_text(
        "rule: hba1c-context\ntitle: HbA1c\nbook: '3.6'\nhighest: info\nconcern: rest\n"
        "hooks: {order-select: always, order-sign: never}\ntriggers: [duloxetine]\nneeds: [patient]\n"
        "override_reasons: [data-incorrect]\nreviewed: {on: 2026-02-11, by: reader, again_by: 2027-02-11}\n"
    )
    with pytest.raises(InvalidKnowledge, match="rule is 'hba1c-context'; the folder says 'hba1c_contexts'"):
        load_catalogue()
