"""JSON Web Key Sets (RFC 7517): the public keys of a client, each bound to the algorithms of its type."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from jwt import PyJWK, PyJWTError

from cds_service.fhir.coding import as_list
from cds_service.published_keys import PUBLISHED_KEYS

_MOST_KEYS = 100
_SHORTEST_RSA = 2048  # bits; NIST SP 800-131A
_PUBLIC_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
    "RSA": ("e", "kty", "n"),
}
_ALGORITHMS: Mapping[tuple[str, str | None], tuple[str, ...]] = {
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("RSA", None): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
}


class UnusableKeySet(Exception):
    """A key set from which no key can be taken; the message says why."""


class VerificationKey(NamedTuple):
    """A public key with the algorithms that its type allows. `is_exposed`: others know the private key too."""

    key: Any
    algorithms: frozenset[str]
    is_exposed: bool


KeySet = Mapping[str, tuple[VerificationKey, ...]]  # by kid; one kid for two types of key is legal


def read_key_set(text: bytes) -> KeySet:
    """The keys for signatures of a key set, by `kid`; what else stands in it is passed over. Raises UnusableKeySet."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise UnusableKeySet("expected a JSON Web Key Set") from None
    listed = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise UnusableKeySet(f"expected a JSON Web Key Set with at most {_MOST_KEYS} keys")
    keys: dict[str, tuple[VerificationKey, ...]] = {}
    for jwk in listed:
        if isinstance(jwk, dict) and isinstance(kid := jwk.get("kid"), str) and kid and (key := _key(jwk)):
            keys[kid] = (*keys.get(kid, ()), key)
    if not keys:
        raise UnusableKeySet("it holds no key for signatures with a kid")
    return keys


def read_key_file(path: Path, *, may_be_exposed: bool) -> KeySet:
    """The keys of a file. Raises UnusableKeySet, also for a key whose private half others know, unless it may be."""
    try:
        keys = read_key_set(path.read_bytes())
    except OSError as error:
        raise UnusableKeySet(error.strerror or "cannot be read") from None
    exposed = sorted(kid for kid, found in keys.items() if any(key.is_exposed for key in found))
    if exposed and not may_be_exposed:
        raise UnusableKeySet(
            f"others know the private half of key {exposed[0]} (it is published, or stands in this file);"
            " use a new pair of keys and give the public half only, or mark a client that is for tests as test = true"
        )
    return keys


def _key(jwk: Mapping[str, Any]) -> VerificationKey | None:
    """A key for the signatures of a type that is known and long enough; None for any other."""
    if jwk.get("use", "sig") != "sig" or "verify" not in as_list(jwk.get("key_ops", "verify")):
        return None
    kind, curve = jwk.get("kty"), jwk.get("crv")
    if not isinstance(kind, str) or not isinstance(curve, str | None):
        return None
    of_type = _ALGORITHMS.get((kind, curve), ())
    algorithms = frozenset(name for name in of_type if jwk.get("alg", name) == name)
    if not algorithms:
        return None
    public = {name: jwk.get(name) for name in _PUBLIC_MEMBERS[kind]}
    try:
        key = PyJWK(public, of_type[0]).key
    except PyJWTError:
        return None
    if kind == "RSA" and key.key_size < _SHORTEST_RSA:
        return None
    return VerificationKey(key, algorithms, "d" in jwk or _thumbprint(public) in PUBLISHED_KEYS)


def _thumbprint(public: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(orjson.dumps(public, option=orjson.OPT_SORT_KEYS)).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
