"""What a strict client is refused in feedback although it could be read: ids that are none of ours, other shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.errors import InvalidRequest
from cds_service.hooks.identifier import is_uuid

_UTC = ("Z", "z", "+00:00", "-00:00")


def check_as_specified(entry: Mapping[str, Any], place: str) -> None:
    """Raises InvalidRequest where an entry, which can be read, is not as CDS Hooks 2.0.1 writes it."""
    if not is_uuid(entry["card"]):
        raise InvalidRequest(f"{place}.card", "the uuid of a card")
    if not entry["outcomeTimestamp"].endswith(_UTC):
        raise InvalidRequest(f"{place}.outcomeTimestamp", "an instant in UTC, such as 2026-06-15T12:00:00Z")
    if entry["outcome"] == "accepted":
        for index, suggestion in enumerate(entry["acceptedSuggestions"]):
            if not isinstance(suggestion, dict) or not is_uuid(suggestion["id"]):
                raise InvalidRequest(f"{place}.acceptedSuggestions[{index}].id", "the uuid of a suggestion")
    if entry.get("overrideReason") is not None:
        _check_reason(entry["overrideReason"], f"{place}.overrideReason")


def _check_reason(given: Mapping[str, Any], place: str) -> None:
    """`reason` is a Coding (its display may be missing), `userComment` a text; one of them is there."""
    if not {"reason", "userComment"} & given.keys():
        raise InvalidRequest(place, "an object with reason or userComment")
    if not isinstance(given.get("userComment", ""), str):
        raise InvalidRequest(f"{place}.userComment", "a text")
    if "reason" in given and not _is_coding(given["reason"]):
        raise InvalidRequest(f"{place}.reason", "an object with code and system")


def _is_coding(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) and value[key] for key in ("code", "system"))
