"""docs/adding-a-card.md, carried out in a copy of the tree: every file it shows, every command it names."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "adding-a-card.md").read_text(encoding="utf-8")
NOT_COPIED = shutil.ignore_patterns("node_modules", "__pycache__")
FOLDER = "cards/neuropathic_pain/pregabalin_heart_failure"
WHOLE_FILES = re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ADDITIONS = re.findall(r"`([\w./]+)`, below `(.*?)`\n\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line.strip() for line in PAGE.splitlines() if line.startswith("    .venv/bin/")]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy, with all that the page has one write."""
    copy = tmp_path_factory.mktemp("tree")
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, copy)
        elif not path.name.startswith("."):
            shutil.copytree(path, copy / path.name, ignore=NOT_COPIED)
    (copy / FOLDER).mkdir()
    (copy / FOLDER / "__init__.py").touch()
    for name, text in WHOLE_FILES:
        (copy / name).write_text(text, encoding="utf-8")
    for name, below, text in ADDITIONS:
        _add(copy / name, below, text)
    return copy


def _add(file: Path, below: str, text: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    (place,) = [number for number, line in enumerate(lines) if line.startswith(below)]
    file.write_text("".join((*lines[: place + 1], text, *lines[place + 1 :])), encoding="utf-8")


def _run(tree: Path, *words: str) -> str:
    done = subprocess.run([sys.executable, *words], cwd=tree, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_shows_the_three_files_of_a_folder_and_what_is_added_elsewhere() -> None:
    assert [name for name, _ in WHOLE_FILES] == [
        f"{FOLDER}/{name}" for name in ("cases.yaml", "knowledge.yaml", "rule.py")
    ]
    assert [name for name, _, _ in ADDITIONS] == ["tests/cards/book_index.yaml", "README.md", "CHANGELOG.md"]
    assert f"`{FOLDER}/__init__.py`" in PAGE


def test_every_command_of_the_page_works_in_its_order(tree: Path) -> None:
    said = []
    for command in COMMANDS:
        program, *words = shlex.split(command)
        is_python = program == ".venv/bin/python"
        said.append(_run(tree, *words) if is_python else _run(tree, "-m", "cds_service.command_line", *words))
    filed, checked, listed, examples, of_the_card, of_the_papers = said
    assert "wrote pregabalin_heart_failure/new-start.response.json" in filed
    assert "Pregabalin may cause oedema: watch weight in heart failure" in checked
    assert "pregabalin-heart-failure" in listed.replace("\n", "")
    assert examples == ""
    assert "passed" in of_the_card
    assert "passed" in of_the_papers


def test_the_rule_of_the_page_is_written_as_the_house_writes(tree: Path) -> None:
    _run(tree, "-m", "ruff", "check", FOLDER)
    _run(tree, "-m", "ruff", "format", "--check", FOLDER)
