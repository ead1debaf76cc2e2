"""UUIDs: new ones for cards and suggestions, and what counts as one of a client's."""

from __future__ import annotations

import re
from os import urandom
from time import time_ns

_VERSION_7 = 7 << 76
_VARIANT = 2 << 62
_RANDOM = (1 << 80) - 1 & ~(15 << 76 | 3 << 62)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def is_uuid(text: str) -> bool:
    """Is this a UUID in text form, of any version and case?"""
    return _UUID.fullmatch(text) is not None


def new_uuid() -> str:
    """A UUID that begins with the time (RFC 9562, version 7), so that new rows of the ledger lie side by side."""
    bits = time_ns() // 1_000_000 << 80 | int.from_bytes(urandom(10), "big") & _RANDOM | _VERSION_7 | _VARIANT
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
