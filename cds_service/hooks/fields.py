"""The fields of a body: text as it was meant, ids without the type before them, and what is missing by name."""

from __future__ import annotations

import re
from typing import Any

from cds_service.errors import InvalidRequest

_NO_ID = re.compile(r"[/?#|\s\x00-\x1f]").search
_LONGEST_ID = 1_000  # characters; real ones were seen with 200


def text(value: Any) -> str:
    """A text without blanks around it; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def required(source: dict[str, Any], name: str, field: str, expected: str) -> str:
    """The text of this name. Raises InvalidRequest naming `field` when there is none, or one without end."""
    found = text(source.get(name))
    if not 0 < len(found) <= _LONGEST_ID:
        raise InvalidRequest(field, expected)
    return found


def bare_id(reference: str, kind: str) -> str:
    """The id of a bare id or of a reference; opioid-cds-r4 and cqf-ruler send "Patient/x" where an id is expected."""
    before, found, after = reference.rpartition(f"{kind}/")
    return after.partition("/_history/")[0] if found and (not before or before.endswith("/")) else reference


def is_possible_id(text: str) -> bool:
    """Could this be an id? What separates in addresses and searches would make it something else in a reference."""
    return bool(text) and not _NO_ID(text)
