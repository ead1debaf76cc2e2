"""A card as its reviewers read it: the words of its rule, the tables it shares with other cards, its cases.

Nothing here is read for an answer; the pages on the rules are written from it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from cards.catalogue import HERE, Card, shared_tables
from cards.knowledge import Thresholds, load_thresholds
from cards.orders import Hook
from cards.yaml_files import read_yaml

_IMPORT = re.compile(r"^from (cards\.[\w.]+) import", re.MULTILINE)

SPEAKS, SILENT, CANNOT_TELL = "speaks", "silent", "cannot tell"


class Outcome(NamedTuple):
    """What a card is expected to say in a case at one hook. `level` is empty unless it speaks.

    `row` is the branch of the decision table, where the case names it.
    """

    hook: Hook
    kind: str
    level: str = ""
    row: str = ""


class CaseLine(NamedTuple):
    """One case: the situation in a sentence, the vector of the book it is (or empty), what is expected of the card."""

    name: str
    book: str
    outcomes: tuple[Outcome, ...]


def plain_words(card: Card) -> tuple[str, ...]:
    """WHEN, AND, THEN … of the rule, one clause each; the question is `card.question`."""
    text = inspect.getdoc(inspect.getmodule(card.advise)) or ""
    clauses: list[str] = []
    for line in text.splitlines()[1:]:
        if line[:1].isupper() and line.split()[0].isupper():
            clauses.append(line.strip())
        elif line.strip() and clauses:
            clauses[-1] += f" {line.strip()}"
    return tuple(" ".join(clause.split()) for clause in clauses)


def cases_of(card: Card) -> tuple[CaseLine, ...]:
    """The cases of a card, in the order of its file."""
    return tuple(_case(case) for case in read_yaml(cases_file(card))["cases"])


def cases_file(card: Card) -> Path:
    """Where the cases of a card are, and its decision table."""
    return HERE / card.family / card.name / "cases.yaml"


def limits_of(card: Card) -> str:
    """What the rule does not know, in the words with which its cards end."""
    rule = HERE / card.family / card.name / "rule.py"
    for path in (rule, *_imports(rule)):
        module = import_module(".".join(path.relative_to(HERE.parent).with_suffix("").parts))
        if limits := getattr(module, "LIMITS", ""):
            return str(limits).removeprefix("Limits: ")
    return ""


def tables_of(card: Card) -> Mapping[str, Thresholds]:
    """The shared tables that the card's rule rests on, by name, as the site of this call wants them."""
    used = _modules_behind(HERE / card.family / card.name / "rule.py")
    return {name: load_thresholds(path) for name, path in shared_tables().items() if path.with_suffix(".py") in used}


def _case(said: Mapping[str, Any]) -> CaseLine:
    expected, hooks = said["expect"], said.get("hook", Hook.ORDER_SIGN.value)
    hooks = [Hook(hook) for hook in (hooks if isinstance(hooks, list) else [hooks])]
    by_hook = isinstance(expected, dict) and not set(expected).isdisjoint(Hook)
    outcomes = [_outcome(hook, expected[hook.value] if by_hook else expected) for hook in hooks]
    return CaseLine(said["name"], str(said.get("book", "")), tuple(outcomes))


def _outcome(hook: Hook, expected: Any) -> Outcome:
    if not isinstance(expected, dict):
        return Outcome(hook, SILENT)
    row = str(expected.get("row", ""))
    if "advice" in expected:
        return Outcome(hook, SPEAKS, expected["advice"], row)
    return Outcome(hook, CANNOT_TELL if "cannot_tell" in expected else SILENT, row=row)


@cache
def _modules_behind(path: Path) -> frozenset[Path]:
    """The files of the clinical layer that this one imports, directly or not."""
    found, waiting = set[Path](), [path]
    while waiting:
        for imported in _imports(waiting.pop()):
            if imported not in found:
                found.add(imported)
                waiting.append(imported)
    return frozenset(found)


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    named = _IMPORT.findall(path.read_text(encoding="utf-8"))
    paths = [HERE.parent.joinpath(*name.split(".")).with_suffix(".py") for name in named]
    return tuple(path for path in paths if path.exists())
