"""A client's key file, the tokens it signs, and tokens that nobody may accept."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cds_service.errors import CannotBeDone

LIFETIME_SECONDS = 300
_BY_CURVE = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


class KeyFileUnusable(CannotBeDone):
    """A key file that cannot be read; the message names file and member, never a value."""


class Client(BaseModel):
    """A client of the service, as its key file describes it.

    `keys`: its private keys as JWKs, the first one signs unless another is asked for. `jku`: where the service reads
    its key set. `public_url`: what `aud` is made of where that is not the address called. `serve_keys`: serve the key
    set at `jku`, whose port on this machine must be free.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(min_length=1)
    keys: tuple[dict[str, Any], ...] = Field(min_length=1)
    jku: str = ""
    tenant: str = ""
    subject: str = ""
    public_url: str = ""
    serve_keys: bool = False

    def __repr__(self) -> str:
        return f"Client({self.issuer})"  # the rest is secret

    def claims(self, audience: str) -> dict[str, Any]:
        """The claims of a good token for this address."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": audience, "iat": now, "exp": now + LIFETIME_SECONDS, "jti": str(uuid.uuid4()),
        }  # fmt: skip
        if self.tenant:
            claims["tenant"] = self.tenant
        if self.subject:
            claims["sub"] = self.subject
        return claims

    def header(self, key: Mapping[str, Any]) -> dict[str, Any]:
        """The header of a good token."""
        header = {"alg": algorithm_of(key), "kid": key["kid"], "typ": "JWT"}
        return {**header, "jku": self.jku} if self.jku else header

    def token(
        self,
        audience: str,
        *,
        key: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] = {},
        claims: Mapping[str, Any] = {},
    ) -> str:
        """A signed token; `header` and `claims` replace members of a good one, None leaves them out."""
        key = key or self.keys[0]
        return signed(
            _changed(self.header(key), header), _changed(self.claims(audience), claims), lambda data: _sign(key, data)
        )

    def key_for(self, algorithm: str) -> dict[str, Any] | None:
        """Its key for this algorithm."""
        return next((key for key in self.keys if algorithm_of(key) == algorithm), None)

    @property
    def key_set(self) -> dict[str, Any]:
        """The public halves."""
        return {"keys": [public(key) for key in self.keys]}


def read_client(path: Path) -> Client:
    """The client of a key file. Raises KeyFileUnusable."""
    try:
        client = Client.model_validate(json.loads(path.read_bytes()))
        for key in client.keys:
            _sign(key, b"")
            key["kid"]
    except OSError as error:
        raise KeyFileUnusable(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise KeyFileUnusable(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, TypeError, KeyError, LookupError):
        raise KeyFileUnusable(f"{path}: keys: expected private JWKs with kid, EC P-384 or RSA") from None
    return client


def new_key(kid: str) -> dict[str, Any]:
    """A new private EC key for ES384."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from jwt.algorithms import ECAlgorithm

    made = ec.generate_private_key(ec.SECP384R1())
    return {**ECAlgorithm.to_jwk(made, as_dict=True), "kid": kid, "alg": "ES384"}


def public(key: Mapping[str, Any]) -> dict[str, Any]:
    """The public half of a JWK."""
    return {name: value for name, value in key.items() if name not in _PRIVATE and name != "key_ops"}


def algorithm_of(key: Mapping[str, Any]) -> str:
    """The algorithm a key is for. Raises LookupError for a kind of key that we do not sign with."""
    if key.get("alg"):
        return str(key["alg"])
    return "RS384" if key.get("kty") == "RSA" else _BY_CURVE[str(key.get("crv"))]


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A compact JWS, whatever header and claims say."""
    parts = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{parts}.{_base64url(sign(parts.encode()))}"


def public_pem(key: Mapping[str, Any]) -> bytes:
    """The public half as PEM, which an attacker knows too."""
    import jwt
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    loaded: Any = jwt.PyJWK(public(key), algorithm_of(key)).key
    pem: bytes = loaded.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


def _sign(key: Mapping[str, Any], data: bytes) -> bytes:
    import jwt

    loaded = jwt.PyJWK(dict(key), algorithm_of(key))
    made: bytes = loaded.Algorithm.sign(data, loaded.key)
    return made


def _changed(good: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
