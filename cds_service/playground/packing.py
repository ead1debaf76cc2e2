"""JSON in an address: compressed, in letters that an address may hold, and read back within bounds."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson

from cds_service.hooks.json_bounds import is_too_deep

LONGEST = 24_000  # characters; servers and browsers cut far longer addresses
LARGEST = 400_000  # bytes when unpacked
_LEVELS_AROUND = 20  # more than a call, or the page, has around what was unpacked


class NotPacked(ValueError):
    """A text that `packed` did not make, or one that is too large."""


def packed(value: Any) -> str:
    """A JSON value as text for an address."""
    return urlsafe_b64encode(zlib.compress(orjson.dumps(value), 9)).decode().rstrip("=")


def unpacked(text: str) -> Any:
    """The JSON value of such a text. Raises NotPacked."""
    if len(text) > LONGEST:
        raise NotPacked
    try:
        reader = zlib.decompressobj()
        content = reader.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)), LARGEST)
        if not reader.eof:
            raise NotPacked
        value = orjson.loads(content)
    except (ValueError, zlib.error):  # of base64, of UTF-8, of JSON
        raise NotPacked from None
    around = value
    for _ in range(_LEVELS_AROUND):
        around = [around]
    if is_too_deep(around):
        raise NotPacked
    return value
