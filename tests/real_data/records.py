"""The folder that CDS_TEST_DATA names: its files, and what was reviewed about them.

The files are other people's. They are read as they are, and nothing of them is in this project but their names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cards.yaml_files import read_yaml

VARIABLE = "CDS_TEST_DATA"
REQUESTS, ORDERS = "cds-requests", "medication-requests"
OBSERVATIONS, CONDITIONS, PATIENTS = "observations", "conditions", "patients"
SYNTHEA, OTHERS, BULK = "synthea-r4", "patients-other", "synthea-2025-bulk"
FOLDERS = (REQUESTS, ORDERS, OBSERVATIONS, CONDITIONS, PATIENTS, SYNTHEA, OTHERS, BULK)

_NOT_RECORDS = ("index.json", ".medication.json")

Resource = dict[str, Any]


def folder() -> Path:
    """The folder named, as a path from the project's own on."""
    return Path(__file__).parents[2] / os.environ[VARIABLE]


def unreadable() -> str:
    """Why the folder cannot be used; empty when it can."""
    for name in FOLDERS:
        try:
            paths = records(name)
            for path in paths:
                path.read_bytes()
        except OSError as error:
            return f"{error.filename} cannot be read ({error.strerror})"
        if not paths:
            return f"{folder() / name} is empty"
    return ""


def records(name: str) -> tuple[Path, ...]:
    """The records of one folder, in the order of their names."""
    return tuple(sorted(path for path in (folder() / name).iterdir() if not path.name.endswith(_NOT_RECORDS)))


def names(name: str) -> list[str]:
    """The file names of one folder's records."""
    return [path.name for path in records(name)]


@cache
def content(name: str, file: str) -> Any:
    """What a JSON file says."""
    return json.loads((folder() / name / file).read_bytes())


def lines(name: str, file: str) -> list[Resource]:
    """The resources of an NDJSON file."""
    text = (folder() / name / file).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line]


@cache
def reviewed(file: str) -> Mapping[str, Any]:
    """What was reviewed, from a file of this folder."""
    expectations: Mapping[str, Any] = read_yaml(Path(__file__).with_name(file))
    return expectations
