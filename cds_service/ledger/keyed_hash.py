"""Hashes that only the holder of the key can make again: they tell equal from different, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hashlib import blake2b, sha256
from typing import Any

import orjson

BYTES = 16

Hash = Callable[..., str]


def keyed_hash(key: str | None) -> Hash:
    """A hash of any number of texts, or of what orders consist of, as 32 hexadecimal digits; empty for one empty text.

    Without a key it holds for the life of this process.
    """
    secret = sha256(key.encode()).digest() if key else secrets.token_bytes(32)

    def of(*parts: Any) -> str:
        if parts == ("",):
            return ""
        return blake2b(orjson.dumps(parts, default=_in_one_order), key=secret, digest_size=BYTES).hexdigest()

    return of


def _in_one_order(value: Any) -> Any:
    """Sets have no order, and that of text differs from process to process."""
    if isinstance(value, tuple):
        return tuple(value)
    return sorted(value) if isinstance(value, frozenset) else str(value)
