"""Reads the YAML files of this package, as YAML 1.2 means them: `on` is a word, not true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cards.errors import InvalidKnowledge


class _Loader(yaml.CSafeLoader):
    """YAML 1.1 reads on, off, yes and no as booleans; our files use them as words."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path) -> Any:
    """The content of a file. Raises InvalidKnowledge naming the file."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidKnowledge(f"{path.parent.name}/{path.name}: {error}") from error


def parse_yaml(text: str, file: str) -> Any:
    """What a text read from this file says. Raises InvalidKnowledge naming the file."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - derives from the safe loader
    except yaml.YAMLError as error:
        raise InvalidKnowledge(f"{file}: {error}") from error
