"""How the pages on the rules order what they show: the line of a rule in the list, cases by what comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cards.catalogue import Card, Catalogue
from cards.concepts import ValueSets
from cards.folder import CANNOT_TELL, SILENT, SPEAKS, CaseLine, Outcome
from cards.knowledge import Speaks
from cards.orders import Hook

_SPEAKS = {
    Speaks.ALWAYS: "always",
    Speaks.COMPLETE_DOSAGE: "once the dosage is complete",
    Speaks.WARNING_AND_UP: "warning and critical only",
    Speaks.NEVER: "silent",
}
_GROUPS = ((SPEAKS, "It speaks"), (SILENT, "It stays silent"), (CANNOT_TELL, "It cannot tell"))


class IndexRow(NamedTuple):
    """One rule in the list."""

    family: str
    topic: str
    title: str
    question: str
    triggers: str
    choosing: str
    signing: str
    highest: str


class SilencedRule(NamedTuple):
    """A rule that another one silences, from this level on."""

    title: str
    topic: str
    from_level: str


class CaseRow(NamedTuple):
    """One case: its place among the cases of the rule, the situation, what is expected, row and vector of the book."""

    place: int
    name: str
    outcome: str
    rows: str
    book: str


class CaseGroup(NamedTuple):
    """Cases that end alike."""

    title: str
    rows: tuple[CaseRow, ...]


def index_row(card: Card, value_sets: ValueSets) -> IndexRow:
    """The line of a rule in the list."""
    known, hooks = card.knowledge, card.knowledge.hooks
    return IndexRow(
        card.family,
        known.topic,
        known.title,
        card.question,
        ", ".join(value_sets.concept(name).title for name in known.triggers),
        speaks_words(hooks.get(Hook.ORDER_SELECT, Speaks.NEVER)),
        speaks_words(hooks.get(Hook.ORDER_SIGN, Speaks.NEVER)),
        known.highest,
    )


def silenced_by(card: Card, catalogue: Catalogue) -> tuple[SilencedRule, ...]:
    """The rules that this one silences, as far as the site has them."""
    known = {one.rule: one.knowledge for one in catalogue.cards}
    return tuple(
        SilencedRule(known[one.rule].title, known[one.rule].topic, one.from_level)
        for one in card.knowledge.silences
        if one.rule in known
    )


def speaks_words(speaks: Speaks) -> str:
    """When a rule speaks at a hook, in words."""
    return _SPEAKS[speaks]


def case_groups(cases: Sequence[CaseLine]) -> tuple[CaseGroup, ...]:
    """The cases by what comes of them, in the order of the file; groups without a case are left out."""
    by_kind: dict[str, list[CaseRow]] = {kind: [] for kind, _ in _GROUPS}
    for place, case in enumerate(cases):
        by_kind[_kind(case)].append(_case_row(place, case))
    return tuple(CaseGroup(title, tuple(by_kind[kind])) for kind, title in _GROUPS if by_kind[kind])


def _kind(case: CaseLine) -> str:
    """What weighs most of what comes of a case at its hooks."""
    kinds = {one.kind for one in case.outcomes}
    return next(kind for kind in (SPEAKS, CANNOT_TELL, SILENT) if kind in kinds)


def _case_row(place: int, case: CaseLine) -> CaseRow:
    rows = dict.fromkeys(one.row for one in case.outcomes if one.row)
    return CaseRow(place, case.name, _outcome(case.outcomes), ", ".join(rows), case.book)


def _outcome(outcomes: Sequence[Outcome]) -> str:
    said = [one.level or one.kind for one in outcomes]
    if len(said) > 1 and len(set(said)) == 1:
        return f"{said[0]} (at both hooks)"
    return "; ".join(f"{word} ({one.hook})" for word, one in zip(said, outcomes, strict=True))
