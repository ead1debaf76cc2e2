"""Is every value set read by a rule or the chart, or part of one that is? The others say why they are kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from cards.catalogue import HERE, load_catalogue, load_data_requests
from cards.concepts import VALUE_SETS, load_value_sets
from cards.neurology.phenotype import IN_WORDS
from cards.yaml_files import read_yaml

READERS = (*HERE.rglob("*.py"), *(HERE.parent / "cds_service" / "chart").rglob("*.py"))
OTHER_WORDS = {"autonomic", "blood_pressure", "cranial", "glaucoma"}  # in Python rows and a data request, no value sets


def test_every_value_set_is_read_or_part_of_one_that_is_or_else_says_why_it_is_kept() -> None:
    parts: dict[str, set[str]] = {}
    kept = set[str]()
    for path in VALUE_SETS.glob("**/*/*.yaml"):
        content = read_yaml(path)
        parts.setdefault(path.stem, set()).update(content.get("includes", ()), content.get("excludes", ()))
        kept.update({path.stem} if content.get("not_read") else ())
    read, waiting = set[str](), [name for name in _names_in_use() if name in parts]
    while waiting:
        name = waiting.pop()
        if name not in read:
            read.add(name)
            waiting += parts[name]
    assert set(parts) - read == kept


def _names_in_use() -> Iterator[str]:
    """Names of value sets in triggers, data requests and Python; what is no value set among them does no harm."""
    for card in load_catalogue().cards:
        yield from card.knowledge.triggers
    for request in load_data_requests().values():
        yield from request.concepts
    yield from IN_WORDS
    for path in READERS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in OTHER_WORDS:
                yield node.value


def _only_known() -> set[str]:
    value_sets = load_value_sets()
    return {name for name in value_sets if value_sets.concept(name).not_read.startswith("known")}


@pytest.mark.parametrize("name", sorted(_only_known()))
def test_a_set_that_is_only_known_knows_what_no_set_that_is_read_does(name: str) -> None:
    value_sets = load_value_sets()
    read = load_value_sets(only=set(value_sets) - _only_known())
    concept = value_sets.concept(name)
    codes = [(system, code.code) for system, rows in concept.codes.items() for code in rows]
    codes += [("icd-10-cm", prefix.start) for prefix in concept.prefixes]
    assert concept.text or any(not read.coded(*code) for code in codes)
