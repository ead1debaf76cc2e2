"""A card's decision table as readers see it: rows in words, with the numbers of the card and of the tables it shares.

It stands in `cases.yaml`, for the cases hold it: tests/cards/test_decision_table.py compares every case with its row.
Nothing here is read for an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cards.catalogue import Card, shared_tables
from cards.folder import CaseLine, cases_file, cases_of
from cards.knowledge import load_thresholds
from cards.orders import Hook
from cards.wording import number
from cards.yaml_files import read_yaml

LOWER = "one level lower"
_NUMBER = re.compile(r"\{(?:(\w+)\.)?(\w+)\}")  # {name} of the card's own numbers, {table.name} of a shared one


class TableRow(NamedTuple):
    """One row: `when` in words, and what then at each hook: a level, "silent", "cannot tell" or "one level lower".

    `row` is the branch that opinions and cases name; empty where they name none. `is_by_hook`: the row names the hooks
    itself; else what holds on signing is up to the card's hooks. `example`: a case of it, by its place in `cases_of`;
    None: no case names the row.
    """

    row: str
    when: str
    then: Mapping[Hook, str]
    is_by_hook: bool = False
    example: int | None = None


class DecisionTable(NamedTuple):
    """The rows; `counts` says which of several that fit counts."""

    counts: str
    rows: tuple[TableRow, ...]


def decision_table(card: Card) -> DecisionTable:
    """The decision table, with the numbers of the site of this call."""
    said, cases = read_yaml(cases_file(card))["table"], cases_of(card)
    return DecisionTable(_with_numbers(said["counts"], card), tuple(_row(row, card, cases) for row in said["rows"]))


def _row(said: Mapping[str, Any], card: Card, cases: tuple[CaseLine, ...]) -> TableRow:
    then, is_by_hook = said["then"], isinstance(said["then"], dict)
    by_hook = {Hook(hook): level for hook, level in then.items()} if is_by_hook else dict.fromkeys(Hook, then)
    when = _with_numbers(said["when"], card)
    return TableRow(said["row"], when, by_hook, is_by_hook, _example(said["row"], by_hook, cases))


def _with_numbers(text: str, card: Card) -> str:
    def value(match: re.Match[str]) -> str:
        file = card.knowledge if match[1] is None else load_thresholds(shared_tables()[match[1]])
        return number(file.value(match[2]), 3)

    return _NUMBER.sub(value, text)


def _example(row: str, then: Mapping[Hook, str], cases: tuple[CaseLine, ...]) -> int | None:
    for place, case in enumerate(cases):
        for one in case.outcomes:
            if row and one.row == row and then[one.hook] == (one.level or one.kind):
                return place
    return None
