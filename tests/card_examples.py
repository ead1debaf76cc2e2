"""docs/cards.md: one card of every rule as a clinician sees it, taken from the stories of fhir_fixtures/.

python -m tests.card_examples             says whether the page is in step
python -m tests.card_examples --write     writes it anew
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cards.catalogue import Card, load_catalogue
from cards.knowledge import FAMILIES
from tests.whole_requests import FIXTURES, answer_file

PAGE = Path(__file__).parents[1] / "docs" / "cards.md"
INTRODUCTION = """# The cards, one example of each

Written by `python -m tests.card_examples --write` from the whole answers in `fhir_fixtures/`; a test keeps it in step.
The rule in plain words, its numbers with their sources and all its cases stand in the folder of each card, and on its
page under `/rules` of a running service. How to read a card: [guide-clinician.md](guide-clinician.md).
"""


def page() -> str:
    """The page as it should be."""
    return "\n".join([INTRODUCTION, *_families()])


def _families() -> Iterator[str]:
    cards = load_catalogue().cards
    for family in FAMILIES:
        yield f"## {family.replace('_', ' ').capitalize()}\n"
        for card in cards:
            if card.family == family:
                yield _section(card)


def _section(card: Card) -> str:
    story, said = _example(card)
    lines = [
        f"### {card.rule}\n",
        f"{card.question} ([the card](../cards/{card.family}/{card.name}), [the request]({_link(story)}))\n",
        f"> **{said['indicator'].upper()}** · {said['summary']}",
        ">",
        *(f"> {line}".rstrip() for line in said["detail"].splitlines()),
    ]
    if suggested := [suggestion["label"] for suggestion in said.get("suggestions", ())]:
        lines += [">", "> Suggestions: " + " · ".join(f"`{label}`" for label in suggested)]
    reasons = [reason["display"] for reason in said.get("overrideReasons", ())]
    lines += [">", "> Override: " + " · ".join(reasons), ">", f"> Source: {said['source']['label']}\n"]
    return "\n".join(lines)


def _example(card: Card) -> tuple[Path, dict[str, Any]]:
    """(request, card) of the first story of the rule in which it speaks."""
    for story in sorted((FIXTURES / card.name).glob("*.request.json")):
        for said in json.loads(answer_file(story).read_text(encoding="utf-8")).get("cards", ()):
            if said["source"]["topic"]["code"] == card.knowledge.topic:
                return story, said
    raise LookupError(f"fhir_fixtures/{card.name}: no story in which {card.rule} speaks")


def _link(story: Path) -> str:
    return f"../{story.relative_to(FIXTURES.parent).as_posix()}"


def main() -> int:
    """The command. Returns 1 when the page is out of step and not written."""
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    print("docs/cards.md is out of step: python -m tests.card_examples --write")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
