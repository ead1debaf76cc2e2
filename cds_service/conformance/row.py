"""A row of the check-list: one requirement, its level and source, and the function that tries it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cds_service.conformance.exchange import Exchange
    from cds_service.conformance.target import Target

Level = Literal["G", "G3", "CRD", "V", "P"]
Profile = Literal["2.0.1", "3.0"]
Check = Callable[["Target"], None]

LEVELS: dict[Level, str] = {
    "G": "generic CDS Hooks",
    "G3": "new in CDS Hooks 3.0",
    "CRD": "Da Vinci CRD only",
    "V": "a vendor's requirement",
    "P": "project policy",
}


class Fault(Exception):
    """The service does not do what the row asks for. `exchange`: the one that shows it."""

    def __init__(self, text: str, exchange: Exchange | None = None) -> None:
        super().__init__(text)
        self.exchange = exchange


class NotApplicable(Exception):
    """The row cannot be tried here; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement. `check` raises Fault or NotApplicable; None: nothing outside shows it, see `elsewhere`.

    `elsewhere` names this project's own test of it. `should`: a recommendation, whatever the level. `profile`: the
    only one it holds for; empty: both.
    """

    id: str
    level: Level
    source: str
    sentence: str
    check: Check | None = None
    elsewhere: str = ""
    should: bool = False
    profile: Profile | Literal[""] = ""

    def is_mandatory(self, profile: Profile) -> bool:
        """Does a service of this profile fail the suite when it fails this row?"""
        return not self.should and (self.level == "G" or (self.level == "G3" and profile == "3.0"))


class Group:
    """The rows of one section of the check-list, in its order."""

    def __init__(self, id: str, title: str) -> None:
        self.id = id
        self.title = title
        self.rows: list[Row] = []

    @property
    def in_order(self) -> list[Row]:
        """The rows by their numbers, wherever they were added."""
        prefixes = list(dict.fromkeys(_prefix(row) for row in self.rows))
        return sorted(self.rows, key=lambda row: (prefixes.index(_prefix(row)), _numbers(row)))

    def row(
        self, id: str, level: Level, source: str, *, should: bool = False, profile: Profile | Literal[""] = ""
    ) -> Callable[[Check], Check]:
        """Adds the function below as a row; its docstring is the requirement in a sentence."""

        def add(check: Check) -> Check:
            sentence = " ".join((check.__doc__ or "").split())
            self.rows.append(Row(id, level, source, sentence, check, should=should, profile=profile))
            return check

        return add

    def elsewhere(self, id: str, level: Level, source: str, sentence: str, *, test: str) -> None:
        """Adds a row that needs insight into the service; `test` is where this project tries it (file::name)."""
        self.rows.append(Row(id, level, source, sentence, elsewhere=test))


def _prefix(row: Row) -> str:
    return re.split(r"-\d", row.id)[0]


def _numbers(row: Row) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", row.id)]
