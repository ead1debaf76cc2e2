"""The README's table of cards is the catalogue, and its commands and links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cards.catalogue import Card, load_catalogue
from cards.orders import Hook

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \[`([a-z0-9-]+)`\]\((cards/[a-z_/0-9]+/)\) \| ([^|]+) \| ([^|]+) \| ([a-z]+) \|$", re.MULTILINE)
ROWS = {row[0]: row for row in ROW.findall(README)}


def test_the_table_lists_every_card_once_by_rule_id() -> None:
    assert [row[0] for row in ROW.findall(README)] == [card.rule for card in load_catalogue().cards]


@pytest.mark.parametrize("card", load_catalogue().cards, ids=lambda card: card.rule)
def test_a_row_says_where_the_card_is_when_it_speaks_and_how_loud_it_gets(card: Card) -> None:
    _, folder, says, hooks, highest = ROWS[card.rule]
    assert folder == f"cards/{card.family}/{card.name}/"
    assert says.strip()
    spoken = [hook.value for hook in Hook if card.speaks_at(hook)]
    assert hooks.strip() == ("both" if len(spoken) == len(Hook) else spoken[0])
    assert highest == card.knowledge.highest


def test_every_file_that_the_readme_links_to_is_there() -> None:
    linked = [target for target in re.findall(r"\]\(([^)]+)\)", README) if not target.startswith("http")]
    assert [target for target in linked if not (ROOT / target).exists()] == []


def test_every_fixture_that_the_readme_sends_is_there() -> None:
    named = set(re.findall(r"fhir_fixtures/[\w./-]+\.json", README))
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_every_make_target_that_the_readme_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {word for command in re.findall(r"`make ([a-z -]+)`", README) for word in command.split()}
    assert named >= {"serve", "test"}
    assert [word for word in named if not re.search(rf"^{word}:", makefile, re.MULTILINE)] == []
