"""Tokens with a good signature over claims and headers that nobody would send, and tokens that are none."""

from __future__ import annotations

import base64
import json
from random import Random
from typing import Any

from jwt.algorithms import ECAlgorithm

from tests.cds_service.hooks.tokens import SERVICE, claims, private_key
from tests.fuzz.mutations import mutated

ALGORITHM = "ES384"
_HEADER: dict[str, Any] = {"alg": ALGORITHM, "typ": "JWT", "kid": ALGORITHM}
_MORE: tuple[dict[str, Any], ...] = (
    {}, {"jku": "https://ehr.example.org/jwks.json"}, {"jku": "http://169.254.169.254/"}, {"crit": ["exp"]},
    {"b64": False}, {"jwk": {"kty": "oct", "k": "eA"}}, {"x5u": "https://x.example"}, {"alg": "none"},
    {"alg": "HS256"}, {"zip": "DEF"},
)  # fmt: skip


def odd_token(random: Random) -> str:
    """A token; a good one now and then."""
    header, said = {**_HEADER, **random.choice(_MORE)}, claims(SERVICE, jti=str(random.random()))
    if random.random() < 0.3:
        header = mutated(header, [header, said], random)
    if random.random() < 0.7:
        said = mutated(said, [header, said], random)
    written = (json.dumps(part).encode() for part in (header, said))
    signed = b".".join(_part(_spoilt_now_and_then(part, random)) for part in written)
    signature = ECAlgorithm(ECAlgorithm.SHA384).sign(signed, private_key(ALGORITHM))
    token = signed + b"." + _part(signature)
    text = _spoilt_now_and_then(token, random).decode("latin-1")
    return text.translate({ord("\r"): " ", ord("\n"): " "})  # which would end the header


def _spoilt_now_and_then(text: bytes, random: Random) -> bytes:
    """One time in ten cut, or with another byte in it."""
    if random.random() < 0.9:
        return text
    place = random.randrange(len(text))
    return text[:place] + random.choice((b"", bytes([random.randrange(256)]) + text[place + 1 :]))


def _part(text: bytes) -> bytes:
    return base64.urlsafe_b64encode(text).rstrip(b"=")
