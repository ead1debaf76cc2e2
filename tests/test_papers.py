"""The papers for reviewers: what they point to is there, and every hazard of the rule book is answered."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
DOCS = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")])
HAZARDS = (ROOT / "docs" / "hazard-log.md").read_text(encoding="utf-8")


@cache
def names_of_tests() -> frozenset[str]:
    """Every test function of the house."""
    return frozenset(
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        if "node_modules" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@cache
def names_of_cases(rule: str) -> frozenset[str]:
    """The cases of a card."""
    (path,) = (ROOT / "cards").glob(f"*/{rule.replace('-', '_')}/cases.yaml")
    return frozenset(case["name"] for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"])


def test_every_hazard_of_the_rule_book_has_its_row() -> None:
    rows = re.findall(r"^\| (H\d+) \|", HAZARDS, re.MULTILINE)
    assert [row for row in rows if int(row[1:]) <= 22] == [f"H{number}" for number in range(1, 23)]
    assert len(set(rows)) == len(rows)


def test_every_hazard_has_all_its_columns() -> None:
    for row in re.findall(r"^\| H\d+ .*$", HAZARDS, re.MULTILINE):
        assert all(cell.strip() for cell in row.strip("|").split("|")), row
        assert row.count("|") == 7, row


def test_the_tests_that_verify_a_hazard_are_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", HAZARDS))
    assert len(named) > 30
    assert named - names_of_tests() == set()


@pytest.mark.parametrize(("rule", "case"), re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+): ([^`]+)`", HAZARDS))
def test_the_cases_that_verify_a_hazard_are_there(rule: str, case: str) -> None:
    assert case in names_of_cases(rule)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_to_another_page_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [target for target in targets if not (page.parent / target).exists()] == []
