"""The 13 source attributes of an evidence-based decision support intervention, for each rule, from its knowledge.

Source: 45 CFR 170.315(b)(11)(iv)(A)(1) to (13). An EHR shows them to its users; who fills them in
copies them from here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from typing import Any, NamedTuple

from cards.catalogue import Card
from cards.knowledge import Attribute, Evidence

NOT_USED = "Not used."
DEVELOPER = "The maintainers of the open-source project neuropathy-cds"
FUNDING = "No external funding of the technical implementation."
# Attributes 5 to 13, in the order and the words of the regulation.
OF_A_PERSON: tuple[tuple[Attribute, str], ...] = (
    ("race", "Use of race"),
    ("ethnicity", "Use of ethnicity"),
    ("language", "Use of language"),
    ("sexual_orientation", "Use of sexual orientation"),
    ("gender_identity", "Use of gender identity"),
    ("sex", "Use of sex"),
    ("date_of_birth", "Use of date of birth"),
    ("social_determinants", "Use of social determinants of health data"),
    ("health_status_assessments", "Use of health status assessments data"),
)


class SourceAttribute(NamedTuple):
    """One attribute: its number in the regulation, a word for machines, its name, the answer."""

    number: int
    code: str
    name: str
    answer: str


def source_attributes(card: Card) -> tuple[SourceAttribute, ...]:
    """All 13, in the order of the regulation."""
    reviewed = card.knowledge.reviewed
    dates = (
        f"Version {version()}; rule last reviewed {reviewed.on.isoformat()}, due again by"
        f" {reviewed.again_by.isoformat()}; sources read {_read(card)}."
    )
    answers = [
        ("citation", "Bibliographic citation", " ".join(_citation(one) for one in sources_of(card))),
        ("developer", "Developer", f"{DEVELOPER}, version {version()}. Reviewed by {reviewed.by}."),
        ("funding", "Funding source of the technical implementation", FUNDING),
        ("dates", "Release and revision dates", dates),
        *((code, name, _use(card, code)) for code, name in OF_A_PERSON),
    ]
    return tuple(SourceAttribute(number, *answer) for number, answer in enumerate(answers, start=1))


def sources_of(card: Card) -> tuple[Evidence, ...]:
    """What the card's own knowledge rests on, each source once; the tables it shares name their own."""
    return tuple({(one.label, one.url): one for one in card.knowledge.evidence.values()}.values())


def as_json(card: Card) -> dict[str, Any]:
    """The attributes of one rule."""
    return {
        "rule": card.rule,
        "topic": card.knowledge.topic,
        "title": card.knowledge.title,
        "version": version(),
        "attributes": [attribute._asdict() for attribute in source_attributes(card)],
    }


def as_csv(cards: Iterable[Card]) -> str:
    """The attributes of these rules, a line each: rule, topic, number, attribute, answer."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["rule", "topic", "number", "attribute", "answer"])
    for card in cards:
        for one in source_attributes(card):
            writer.writerow([card.rule, card.knowledge.topic, one.number, one.name, one.answer])
    return text.getvalue()


@cache
def version() -> str:
    """The version that is installed."""
    return metadata.version("neuropathy-cds")


def _use(card: Card, attribute: Attribute) -> str:
    use = card.knowledge.uses.get(attribute)
    return f"Used: {use}." if use else NOT_USED


def _citation(evidence: Evidence) -> str:
    address = f" {evidence.url}" if evidence.url else ""
    return f"{evidence.label.rstrip('.')} ({evidence.kind}, read {evidence.read_on.isoformat()}).{address}"


def _read(card: Card) -> str:
    days = sorted({one.read_on.isoformat() for one in sources_of(card)})
    return f"on {days[0]}" if len(days) == 1 else f"between {days[0]} and {days[-1]}"
