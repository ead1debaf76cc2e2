"""The README's table of cards is the catalogue. Its commands: tests/test_guides.py; its links: tests/test_papers.py."""

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
