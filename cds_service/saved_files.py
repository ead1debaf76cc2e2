"""Files that a command names: hook requests, orders, logs; and what is wrong with one that cannot be used."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import orjson

from cds_service.errors import CannotBeDone
from cds_service.hooks.json_bounds import is_too_deep


class UnusableFile(CannotBeDone):
    """A file that is not there, cannot be read or holds something else; the message names it and what was expected."""


def read_file(path: str) -> bytes:
    """What the file holds. Raises UnusableFile."""
    if not path:
        raise UnusableFile("expected the name of a file")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from None


def read_request(path: str) -> bytes:
    """A saved hook request; "-" is standard input. Raises UnusableFile when it holds something else we know."""
    body = _utf_8(sys.stdin.buffer.read() if path == "-" else read_file(path))
    try:
        saved = orjson.loads(body)
    except ValueError:
        return body
    if isinstance(saved, dict) and "hook" not in saved:
        if "cards" in saved:
            raise UnusableFile(f"{path}: an answer with cards; expected the hook request that it answers")
        if "resourceType" in saved:
            raise UnusableFile(
                f"{path}: a FHIR resource; expected a hook request. `cds-service try --order` takes orders"
            )
    return body


def names_file(order: str) -> bool:
    """Is this the name of a file, and not an order in words?"""
    try:
        return bool(order) and (order.lower().endswith(".json") or Path(order).exists())
    except OSError:  # longer than a name may be
        return False


def read_orders(path: str) -> list[dict[str, Any]]:
    """The orders of a saved MedicationRequest or Bundle, without the Patient that a search may bring. UnusableFile."""
    try:
        saved = orjson.loads(_utf_8(read_file(path)))
        if is_too_deep(saved):
            raise ValueError
        entries = saved.get("entry", ()) if saved["resourceType"] == "Bundle" else ({"resource": saved},)
        found = [dict(entry["resource"]) for entry in entries if "resource" in entry]
        orders = [one for one in found if one["resourceType"] != "Patient"]
    except (ValueError, KeyError, TypeError, AttributeError):
        orders = []
    if not orders:
        raise UnusableFile(f"{path}: expected a MedicationRequest or a Bundle of orders as JSON")
    return orders


def _utf_8(saved: bytes) -> bytes:
    """JSON as most programs save it: with a byte order mark or in UTF-16 too."""
    try:
        return saved.decode(json.detect_encoding(saved)).encode()
    except UnicodeError:
        return saved
