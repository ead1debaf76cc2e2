"""Changes of a body as bytes: JSON that is cut, garbled, doubled, differently encoded, or legal and unusual."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from tests.fuzz.odd_values import PLANTED

_INSERTED = (
    b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\\x41", b'"', b"\\", b"{", b"}", b"[",
    b"]", b",", b":", b"NaN", b"Infinity", b"-", b"1e999999", b"-1E-999999", b"0123", b"1" * 400, b"9" * 5_000,
    b"/* c */", b"//", b"\xe2\x80\xa8", b" " * 5_000, b"'", b"\xef\xbb\xbf", PLANTED.encode(),
)  # fmt: skip
_NUMBER = re.compile(rb"(?<=: )-?\d+(?:\.\d+)?(?=[,\n}\]])")
_KEY = re.compile(rb'"(\w+)": ')
_NUMBERS = (
    b"1e400",
    b"1E+2",
    b"0.10",
    b"1.0000000000000000000000001",
    b"123456789012345678901234567890",
    b"-0",
    b"1e-400",
)


def spoilt(body: bytes, random: Random) -> bytes:
    """The body with one change."""
    return random.choice(_CHANGES)(body, random)


def _cut(body: bytes, random: Random) -> bytes:
    return body[: random.randrange(len(body) + 1)]


def _garbled(body: bytes, random: Random) -> bytes:
    changed = bytearray(body)
    for _ in range(random.choice((1, 1, 4, 40))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _inserted(body: bytes, random: Random) -> bytes:
    place = random.randrange(len(body) + 1)
    return body[:place] + random.choice(_INSERTED) + body[place:]


def _number(body: bytes, random: Random) -> bytes:
    places = list(_NUMBER.finditer(body))
    if not places:
        return body
    place = random.choice(places)
    return body[: place.start()] + random.choice(_NUMBERS) + body[place.end() :]


def _doubled_key(body: bytes, random: Random) -> bytes:
    """The same key twice in an object: which of the two counts is nobody's rule."""
    place = random.choice(list(_KEY.finditer(body)))
    value = random.choice((b"null", b"[]", b"{}", b'"x"', b"1"))
    return body[: place.start()] + place[0] + value + b", " + body[place.start() :]


def _encoded(body: bytes, random: Random) -> bytes:
    text = body.decode()
    return random.choice(
        (
            text.encode("utf-16"),
            text.encode("utf-32"),
            b"\xef\xbb\xbf" + body,
            _all_escaped(text),
            body + body,
            b"[" + body + b"]",
        )
    )


def _all_escaped(text: str) -> bytes:
    r"""Every letter of every string as \uXXXX, which means the same."""
    return re.sub(r'"((?:[^"\\]|\\.)*)"', lambda found: _escaped(json.loads(found[0])), text).encode()


def _escaped(text: str) -> str:
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)) + '"'


def _shuffled(body: bytes, random: Random) -> bytes:
    """Members of every object in another order."""

    def shuffle(value: Any) -> Any:
        if isinstance(value, dict):
            names = list(value)
            random.shuffle(names)
            return {name: shuffle(value[name]) for name in names}
        return [shuffle(inner) for inner in value] if isinstance(value, list) else value

    return json.dumps(shuffle(json.loads(body))).encode()


_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _cut, _garbled, _inserted, _inserted, _number, _doubled_key, _encoded, _shuffled
)  # fmt: skip
