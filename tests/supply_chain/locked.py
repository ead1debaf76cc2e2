"""What a lock holds, by the standard library alone: these checks run in environments of their own."""

from __future__ import annotations

import re
from pathlib import Path


def locked(path: Path) -> dict[str, str]:
    """Version by normalised name."""
    pins = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s\\;]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {normal(name): version for name, version in pins}


def normal(name: str) -> str:
    """The name of a package in the one form by which two spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()
