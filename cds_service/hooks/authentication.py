"""Is this a trusted client? The token (JWT, RFC 7519) of a request, as CDS Hooks has it.

What a token says is believed only after its signature was verified with a key of the client whose issuer it names; an
algorithm, a key or an address that it brings along is never used. Times are held against the system clock.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
import jwt.types
import orjson

from cds_service.clients import AuthFailure, Caller, Client
from cds_service.errors import NotAuthenticated
from cds_service.hooks.client_keys import ClientKeys
from cds_service.hooks.key_sets import VerificationKey
from cds_service.hooks.replay import UsedTokens

LONGEST_TOKEN = 8192  # characters; those of EHRs have about 1,000
LONGEST_CLAIM = 255

REQUIRED_CLAIMS = ("iss", "aud", "exp", "iat", "jti")

_OPTIONS: jwt.types.Options = {"require": list(REQUIRED_CLAIMS)}
_KEYS_BROUGHT_ALONG = frozenset({"jwk", "x5u", "x5c"})
_NOT_UNDERSTOOD = frozenset({"crit", "b64"})
_FAILURES: tuple[tuple[type[jwt.PyJWTError], AuthFailure], ...] = (
    (jwt.InvalidSignatureError, AuthFailure.SIGNATURE),
    (jwt.InvalidAlgorithmError, AuthFailure.ALGORITHM),
    (jwt.ExpiredSignatureError, AuthFailure.EXPIRED),
    (jwt.ImmatureSignatureError, AuthFailure.NOT_YET_VALID),
    (jwt.InvalidAudienceError, AuthFailure.AUDIENCE),
    (jwt.DecodeError, AuthFailure.MALFORMED),  # what the library reads more strictly than we did
    (jwt.PyJWTError, AuthFailure.CLAIM),
)


class TokenAuthentication:
    """Every request needs a token of a trusted client that was made for the address called.

    `base_url` is what clients call, from the settings: a Host header is anybody's choice.
    """

    def __init__(
        self, clients: Iterable[Client], keys: ClientKeys, used: UsedTokens, *, base_url: str, leeway_seconds: int
    ) -> None:
        self._clients = {client.issuer: client for client in clients}
        self._keys = keys
        self._used = used
        self._base_url = base_url
        self._leeway = leeway_seconds

    def caller(self, authorization: str | None, path: str, *, is_feedback: bool = False) -> Caller:
        """Who sends this Authorization header to a path (of a service, or its feedback). Raises NotAuthenticated."""
        token = _bearer_token(authorization)
        header, issuer = _stated(token)
        client = self._clients.get(issuer)
        if client is None:
            raise NotAuthenticated(AuthFailure.ISSUER)
        try:
            key = self._key(client, header)
            accepted = client.accepted_audiences(self._base_url + path, is_feedback=is_feedback)
            claims = self._verified(token, key, client, header["alg"], accepted)
            return self._caller(client, claims)
        except NotAuthenticated as refusal:
            raise NotAuthenticated(refusal.reason, client.name) from None

    def _key(self, client: Client, header: Mapping[str, Any]) -> VerificationKey:
        _check_header(header)
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in client.algorithms:
            raise NotAuthenticated(AuthFailure.ALGORITHM)
        for key in self._keys.find(client, header):
            if algorithm in key.algorithms:
                return key
        raise NotAuthenticated(AuthFailure.ALGORITHM)

    def _verified(
        self, token: str, key: VerificationKey, client: Client, algorithm: str, accepted: tuple[str, ...]
    ) -> dict[str, Any]:
        """The claims of a token whose signature, times and audience hold."""
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=[algorithm],
                audience=accepted,
                issuer=client.issuer,
                leeway=self._leeway,
                options=_OPTIONS,
            )
        except jwt.PyJWTError as error:
            raise NotAuthenticated(_failure(error)) from None

    def _caller(self, client: Client, claims: Mapping[str, Any]) -> Caller:
        """The caller, if the client's own conditions hold too and the token was not used before."""
        issued_at, expires_at = _number(claims, "iat"), _number(claims, "exp")
        if expires_at - issued_at > client.lifetime_seconds:
            raise NotAuthenticated(AuthFailure.LIFETIME)
        tenant = _text(claims, "tenant")
        if client.tenants and tenant not in client.tenants:
            raise NotAuthenticated(AuthFailure.TENANT)
        if client.subjects and _text(claims, "sub") not in client.subjects:
            raise NotAuthenticated(AuthFailure.SUBJECT)
        jti = _text(claims, "jti")
        if not jti:
            raise NotAuthenticated(AuthFailure.CLAIM)
        until = datetime.fromtimestamp(expires_at + self._leeway, UTC)
        if client.replay_check and not self._used.first_use(client.issuer, jti, until):
            raise NotAuthenticated(AuthFailure.REPLAYED)
        return Caller(client, tenant, jti)


def _bearer_token(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated(AuthFailure.NO_TOKEN)
    if len(token) > LONGEST_TOKEN:
        raise NotAuthenticated(AuthFailure.MALFORMED)
    return token.strip()


def _stated(token: str) -> tuple[dict[str, Any], str]:
    """(header, issuer) as the token states them: enough to look for the key that can tell whether they are true."""
    parts = token.split(".")
    if len(parts) != 3:
        raise NotAuthenticated(AuthFailure.MALFORMED)
    issuer = _read_part(parts[1]).get("iss")
    if not isinstance(issuer, str):
        raise NotAuthenticated(AuthFailure.CLAIM)
    return _read_part(parts[0]), issuer


def _read_part(part: str) -> dict[str, Any]:
    try:
        value = orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        raise NotAuthenticated(AuthFailure.MALFORMED) from None
    if not isinstance(value, dict):
        raise NotAuthenticated(AuthFailure.MALFORMED)
    return value


def _check_header(header: Mapping[str, Any]) -> None:
    kind, kid = header.get("typ"), header.get("kid")
    if not isinstance(kind, str) or kind.upper() != "JWT" or not isinstance(kid, str) or not kid:
        raise NotAuthenticated(AuthFailure.HEADER)
    if not header.keys().isdisjoint(_KEYS_BROUGHT_ALONG | _NOT_UNDERSTOOD):
        raise NotAuthenticated(AuthFailure.HEADER)


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise NotAuthenticated(AuthFailure.CLAIM)  # the library reads "123" too
    return value


def _text(claims: Mapping[str, Any], name: str) -> str:
    """A claim as a text that can be kept; empty when there is none."""
    value = claims.get(name) or ""
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_CLAIM:
        raise NotAuthenticated(AuthFailure.CLAIM)
    return value


def _failure(error: jwt.PyJWTError) -> AuthFailure:
    return next(failure for kind, failure in _FAILURES if isinstance(error, kind))
