"""docs/requirements.md: every requirement with the tests that show it, found by its id in their names and docstrings.

python -m tests.requirements             says whether the page is in step
python -m tests.requirements --write     writes it anew
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from cds_service.conformance.runner import GROUPS

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
PAGE = DOCS / "requirements.md"
_SUITES = re.compile(r"A([1-9]|10)")  # groups of the conformance suite that are requirements of this service
INTRODUCTION = """# Requirements and their tests

Written by `make requirements`; a test keeps it in step, another one sees to it that no row is without a test. A test
belongs to a row when it has the row's id in its name, its docstring or its parameters. *Suite*: the command
`cds-service conformance` tries the row too, against this service in `tests/cds_service/conformance/test_our_service.py`
and against services that do it wrong in the files beside it.
"""


class Requirement(NamedTuple):
    """One row: its id, what it asks for, and whether the conformance suite tries it."""

    id: str
    sentence: str
    is_in_suite: bool = False


class Section(NamedTuple):
    """Rows that belong together."""

    title: str
    rows: list[Requirement]


def sections() -> list[Section]:
    """All requirements: those of the conformance suite, then those of docs/requirements.yaml."""
    suite = [
        Section(
            f"{group.id} {group.title}", [Requirement(r.id, r.sentence, r.check is not None) for r in group.in_order]
        )
        for group in GROUPS
        if _SUITES.fullmatch(group.id)
    ]
    inside = [
        Section(f"{group['id']} {group['title']}", [Requirement(*row) for row in group["rows"].items()])
        for group in _written()["groups"]
    ]
    return suite + inside


def not_ours() -> dict[str, str]:
    """Rows that this project does not answer for, and why."""
    return dict(_written()["not_ours"])


@cache
def by_row() -> dict[str, tuple[str, ...]]:
    """Tests by row id, each as file::name."""
    found: dict[str, dict[str, None]] = {}
    patterns = {row.id: _pattern(row.id) for section in sections() for row in section.rows}
    for path in sorted(TESTS.rglob("test_*.py")):
        if "node_modules" in path.parts:
            continue
        for name, texts in _tests(ast.parse(path.read_text(encoding="utf-8"))):
            for row, pattern in patterns.items():
                if pattern.search(texts):
                    found.setdefault(row, {})[f"{path.relative_to(TESTS.parent)}::{name}"] = None
    return {row: tuple(names) for row, names in found.items()}


def page() -> str:
    """The page as it should be."""
    return "\n".join([INTRODUCTION, *(line for section in sections() for line in _lines(section))])


@cache
def _written() -> dict[str, list[dict[str, dict[str, str]]]]:
    return yaml.safe_load((DOCS / "requirements.yaml").read_text(encoding="utf-8"))


def _pattern(row: str) -> re.Pattern[str]:
    """The id as a docstring or parameter writes it, DIS-01, or a name, dis_01."""
    kind, _, number = row.partition("-")
    return re.compile(rf"\b{row}(?!\d)|(?<![a-z]){kind.lower()}_{number}(?!\d)")


def _tests(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Name of each test, and the texts in which it may say what it is of: name, docstring, parameters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            decorators = " ".join(map(ast.unparse, node.decorator_list))
            yield node.name, f"{node.name} {ast.get_docstring(node)} {decorators}"


def _lines(section: Section) -> Iterator[str]:
    yield f"## {section.title}\n"
    for row in section.rows:
        yield f"**{row.id}** {row.sentence}{' *Suite.*' if row.is_in_suite else ''}\n"
        if row.id in not_ours():
            yield f"- not ours: {not_ours()[row.id]}"
        yield from (f"- `{name}`" for name in by_row().get(row.id, ()))
        yield ""


def main() -> int:
    """The command. Returns 1 when the page is not in step and not written."""
    is_in_step = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
    if is_in_step:
        return 0
    if "--write" not in sys.argv:
        print("docs/requirements.md is not in step: make requirements")
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
