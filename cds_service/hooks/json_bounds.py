"""Bounds of JSON that comes from outside, looked at before any of it is read: how many values, how deep."""

from __future__ import annotations

from typing import Any

import orjson

_BYTES_A_VALUE = 16  # FHIR without blanks has a comma every 25 bytes; what costs time is values, not bytes


def has_too_many_values(body: bytes, largest: int) -> bool:
    """Does a body hold more values than one of `largest` bytes has room for, as `[{},{},{},…` does?"""
    at_most = largest // _BYTES_A_VALUE
    return len(body) > at_most and body.count(b",") > at_most


def is_too_deep(value: Any) -> bool:
    """Is it nested deeper than we can write (some 250 levels)? Whatever walks through it may call itself so often."""
    try:
        orjson.dumps(value)
    except TypeError:
        return True
    return False
