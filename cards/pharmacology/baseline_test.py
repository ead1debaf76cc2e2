"""Is a laboratory test on file and recent, ordered, missing, or could it not be checked? (book 5.3)"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.suggested_orders import is_result_awaited, ordered_lately
from cards.wording import on


class OnFile(StrEnum):
    """What is known of a test."""

    RECENT = "recent"
    PENDING = "ordered, no result yet"
    MISSING = "none found, or old"
    UNKNOWN = "could not be checked"


class BaselineTest(NamedTuple):
    """A test by name and data request; `panel` does for all of its `parts` (concept → words). None: it has no panel."""

    name: str
    need: str
    parts: dict[str, str]
    panel: str | None = None

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """The groups of concepts each of which makes the whole test."""
        parts = tuple(self.parts)
        return (parts,) if self.panel is None else (parts, (self.panel,))


class Looked(NamedTuple):
    """What was found of a test. `missing`: the parts neither recent nor ordered; `line` says it for a card."""

    test: BaselineTest
    state: OnFile
    missing: tuple[str, ...]
    line: str


def look_for(test: BaselineTest, facts: Facts, within_days: int, ordered_within_days: int) -> Looked:
    """The state of a test. A result that came and cannot be read is on file: the test was done."""
    unknown = ""
    for way in test.ways:
        try:
            days = [_newest_on(facts, concept) for concept in way]
        except NotKnown as error:
            unknown = error.why or "not supplied"
            continue
        if all(day is not None and facts.is_within(day, within_days) for day in days):
            return Looked(test, OnFile.RECENT, (), f"{test.name}: {on(min(day for day in days if day is not None))}")
    missing = tuple(
        part
        for part in test.parts
        if not (_is_recent(facts, part, within_days) or _is_ordered(facts, part, ordered_within_days))
    )
    if not missing or (test.panel is not None and _is_ordered(facts, test.panel, ordered_within_days)):
        return Looked(test, OnFile.PENDING, (), f"{test.name}: {OnFile.PENDING}")
    if unknown:
        return Looked(test, OnFile.UNKNOWN, (), f"{test.name}: {OnFile.UNKNOWN} ({unknown})")
    found = {concept: _newest_on(facts, concept) for concept in test.parts}
    return Looked(test, OnFile.MISSING, missing, f"{test.name}: {_found(test, facts, found)}")


def _found(test: BaselineTest, facts: Facts, found: dict[str, date | None]) -> str:
    """The newest day of each part, of the panel where it is newer than all of them."""
    panel_on = None if test.panel is None else _newest_on(facts, test.panel)
    days = [day for day in (*found.values(), panel_on) if day is not None]
    if not days:
        return "searched, none found"
    if panel_on == max(days) or len(found) == 1:
        return f"last on {on(max(days))}"
    return ", ".join(f"{test.parts[concept]} {on(day) if day else 'none found'}" for concept, day in found.items())


def _newest_on(facts: Facts, concept: str) -> date | None:
    """Day of the newest result; None: none on file. Raises NotKnown."""
    return next((result.on for result in _results(facts, concept)), None)


def _is_recent(facts: Facts, concept: str, within_days: int) -> bool:
    """Is a result of so many days on file? One that could not be had counts as none."""
    try:
        day = _newest_on(facts, concept)
    except NotKnown:
        return False
    return day is not None and facts.is_within(day, within_days)


def _results(facts: Facts, concept: str) -> Iterator[Measurement]:
    return (m for m in facts.measurements(concept) if not m.is_pending and m.on is not None)


def _is_ordered(facts: Facts, concept: str, within_days: int) -> bool:
    """In the basket, ordered lately, or registered lately and without a result."""
    return ordered_lately(facts, (concept,), within_days) or is_result_awaited(facts, concept, within_days)
