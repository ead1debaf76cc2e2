"""Each failure of docs/reliability.md names the test that shows what it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
FAILURES = PAGE.partition("\n## What each failure does\n")[2].partition("\n## ")[0]
ROWS = [line for line in FAILURES.splitlines() if line.startswith("| ") and not line.startswith(("| ---", "| Failure"))]
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row).split("|")[1].strip())
def test_every_failure_has_its_test(row: str) -> None:
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", row)


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_every_test_that_is_named_is_there(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
