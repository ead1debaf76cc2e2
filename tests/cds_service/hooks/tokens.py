"""Clients that sign tokens with keys of their own, made for the tests."""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

PUBLIC_URL = "https://cds.example.org"
ISSUER = "https://ehr.example.org/fhir"
SERVICE = "/cds-services/neuropathy-order-sign"
FEEDBACK = f"{SERVICE}/feedback"
DISCOVERY = "/cds-services"

QUIET: dict[str, Any] = {
    "hook": "order-sign",
    "hookInstance": "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93",
    "context": {
        "userId": "Practitioner/1",
        "patientId": "np-1",
        "draftOrders": {"resourceType": "Bundle", "entry": []},
    },
}
"""A call about nothing, answered with no cards."""


@cache
def private_key(algorithm: str, number: int = 0) -> Any:
    """A key for this algorithm; the same one for the same number."""
    if algorithm.startswith("ES"):
        return ec.generate_private_key(
            {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}[algorithm]()
        )
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return _rsa_key(number)


@cache
def _rsa_key(number: int, bits: int = 2048) -> Any:
    return rsa.generate_private_key(65537, bits)


@cache
def short_rsa_key() -> Any:
    """An RSA key that is too short to be trusted."""
    return _rsa_key(99, 1024)


def public_jwk(key: Any, kid: str, **members: Any) -> dict[str, Any]:
    """The public half of a key as a JSON Web Key."""
    public = key.public_key()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        jwk = ECAlgorithm.to_jwk(public, as_dict=True)
    elif isinstance(key, rsa.RSAPrivateKey):
        jwk = RSAAlgorithm.to_jwk(public, as_dict=True)
    else:
        jwk = OKPAlgorithm.to_jwk(public, as_dict=True)
    return {**jwk, "kid": kid, **members}


def key_set(*jwks: dict[str, Any]) -> dict[str, Any]:
    """A JSON Web Key Set."""
    return {"keys": list(jwks)}


def key_file(folder: Path, *jwks: dict[str, Any], name: str = "keys.json") -> Path:
    """A key set as a file; that of whoever signs with `token`, where no key is given."""
    path = folder / name
    path.write_text(json.dumps(key_set(*(jwks or [public_jwk(private_key("ES384"), "ES384")]))), encoding="utf-8")
    return path


def claims(address: str = SERVICE, **changes: Any) -> dict[str, Any]:
    """The claims of a good token; a claim set to None is left out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": PUBLIC_URL + address, "iat": now, "exp": now + 300, "jti": str(uuid4())}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token(
    address: str = SERVICE,
    *,
    algorithm: str = "ES384",
    key: Any = None,
    header: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """A token for this address. `header`: members besides alg and typ; `kid` is the algorithm unless given there."""
    members = {"kid": algorithm, **(header or {})}
    signing = private_key(algorithm) if key is None else key
    return jwt.encode(
        claims(address, **changes),
        signing,
        algorithm=algorithm,
        headers={name: value for name, value in members.items() if value is not None},
    )


def bearer(text: str) -> dict[str, str]:
    """The headers that send a token."""
    return {"Authorization": f"Bearer {text}"}
