"""Every story of fhir_fixtures/ gets the whole answer on file; `python -m tests.whole_requests --write` files anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cards.catalogue import load_catalogue
from tests.whole_requests import FIXTURES, answer, answer_file, stories


@pytest.mark.parametrize("story", stories(), ids=lambda story: str(story.relative_to(FIXTURES)).split(".")[0])
def test_the_whole_answer_is_the_one_on_file(story: Path) -> None:
    status, body = answer(story)
    assert body == json.loads(answer_file(story).read_text(encoding="utf-8"))
    assert (status == 200) == ("cards" in body)


def test_every_answer_on_file_belongs_to_a_request() -> None:
    assert set(FIXTURES.rglob("*.response.json")) == {answer_file(story) for story in stories()}


def test_every_card_has_a_story_in_which_it_speaks() -> None:
    said = {
        card["source"]["topic"]["code"]
        for story in stories()
        for card in json.loads(answer_file(story).read_text(encoding="utf-8")).get("cards", ())
    }
    assert {card.knowledge.topic for card in load_catalogue().cards} <= said
