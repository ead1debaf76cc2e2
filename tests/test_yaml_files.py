"""No key stands twice in a YAML file: readers keep the last one and say nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

HOUSE = Path(__file__).parent.parent
FOLDERS = sorted(
    {
        path.parent
        for folder in ("cards", "cds_service", "docs", "tests")
        for path in (HOUSE / folder).rglob("*.yaml")
        if "node_modules" not in path.parts
    }
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_key_stands_twice(folder: Path) -> None:
    for path in folder.glob("*.yaml"):
        for document in yaml.compose_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            assert list(_twice(document)) == [], path


def _twice(node: yaml.Node) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        yield from (key for key, times in Counter(key.value for key, _ in node.value).items() if times > 1)
        for _, value in node.value:
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _twice(item)
