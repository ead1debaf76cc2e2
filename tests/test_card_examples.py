"""docs/cards.md shows one card of every rule, as the service says it today."""

from __future__ import annotations

from tests.card_examples import PAGE, page


def test_the_page_of_examples_is_in_step() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.card_examples --write"
