"""A9: client authentication. Tokens that are good are accepted, tokens that are not get one constant 401."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from cds_service.conformance.exchange import Exchange
from cds_service.conformance.expect import expect, expect_status
from cds_service.conformance.row import Group, NotApplicable
from cds_service.conformance.target import Target
from cds_service.conformance.tokens import new_key, public, public_pem, signed

GROUP = Group("A9", "Client authentication (JWT)")

_HMAC = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_BEYOND_SKEW = 600
_DAY = 24 * 3600
_AT_ONCE = 8


@GROUP.row("JWT-01", "G", "CH2#178")
def no_token_no_cards(target: Target) -> None:
    """No token, another scheme and garbage get 401, with one constant body and WWW-Authenticate."""
    client = target.client
    basic = {"Authorization": "Basic dXNlcjpwYXNz"}
    bare = [call_with(target, None), call_with(target, None, headers=basic)]
    garbage = [call_with(target, text) for text in ("garbage", "a.b.c", "", client.token(audience_of(target))[:-40])]
    expect_refused_alike([*bare, *garbage])
    for answer in bare:
        expect(answer.header("www-authenticate").lower().startswith("bearer"), "no WWW-Authenticate: Bearer", answer)


@GROUP.row("JWT-02", "G", "CH2#205; INF; EPIC default RS384")
def both_recommended_algorithms_are_accepted(target: Target) -> None:
    """A token signed with ES384 gets 200, and so does one signed with RS384."""
    client, tried = target.client, False
    for algorithm in ("ES384", "RS384"):
        key = client.key_for(algorithm)
        if key:
            tried = True
            expect_status(call_with(target, client.token(audience_of(target), key=key)), 200)
    if not tried:
        raise NotApplicable("the client has neither an ES384 nor an RS384 key")


@GROUP.row("JWT-03", "G", "CH2#201-203")
def weak_algorithms_are_refused(target: Target) -> None:
    """alg none, and HS256, HS384, HS512 with the public key as the secret, get 401."""
    client = target.client
    key = client.keys[0]
    claims = client.claims(audience_of(target))
    forged = [signed({**client.header(key), "alg": alg}, claims, lambda _: b"") for alg in ("none", "None", "NONE")]
    for secret in (public_pem(key), json.dumps(public(key)).encode(), b""):
        for alg, digest in _HMAC.items():
            header = {**client.header(key), "alg": alg}
            forged.append(signed(header, claims, _keyed(secret, digest)))
    expect_refused_alike([call_with(target, token) for token in forged])


@GROUP.row("JWT-04", "G", "CH2#182-184")
def altered_tokens_are_refused(target: Target) -> None:
    """A bad signature, an altered payload, a kid that is missing or unknown, and a typ other than JWT get 401."""
    client, audience = target.client, audience_of(target)
    head, payload, signature = client.token(audience).split(".")
    _, other_payload, _ = client.token(audience, claims={"exp": int(time.time()) + 200}).split(".")
    stranger = new_key(client.keys[0]["kid"])
    bad = [
        f"{head}.{payload}.{_flipped(signature)}",
        f"{head}.{other_payload}.{signature}",
        f"{head}.{payload}.",
        client.token(audience, key=stranger),
        client.token(audience, header={"kid": None}),
        client.token(audience, header={"kid": f"unknown-{uuid.uuid4()}"}),
        client.token(audience, header={"typ": "at+jwt"}),
    ]
    expect_refused_alike([call_with(target, token) for token in bad])


@GROUP.row("JWT-08", "G", "CH2#189,196")
def the_audience_is_the_address_called(target: Target) -> None:
    """aud is the address called, as a text or in a list; another service, discovery, the base, another host get 401."""
    client, audience = target.client, audience_of(target)
    for good in (audience, ["https://else.example.org", audience]):
        expect_status(call_with(target, client.token(audience, claims={"aud": good})), 200)
    base = target.address("")
    others = [
        f"{base}/cds-services", base, f"{base}/cds-services/other", f"{audience}/feedback", f"{audience}-x",
        audience.replace(urlsplit(audience).netloc, "else.example.org"), [], "", 12, {"aud": audience},
    ]  # fmt: skip
    expect_refused_alike([call_with(target, client.token(audience, claims={"aud": other})) for other in others])


@GROUP.row("JWT-09", "P", "-")
def the_audience_is_not_what_a_header_says(target: Target) -> None:
    """The audience comes from the configured address, never from Host or X-Forwarded-…"""
    client = target.client
    path = urlsplit(audience_of(target)).path
    spoofed = f"https://spoofed.example.org{path}"
    token = {"claims": {"aud": spoofed}}
    forwarded = {
        "X-Forwarded-Host": "spoofed.example.org", "X-Forwarded-Proto": "https",
        "Forwarded": "host=spoofed.example.org;proto=https",
    }  # fmt: skip
    answers = [
        call_with(target, client.token(spoofed, **token), headers=headers)
        for headers in ({"Host": "spoofed.example.org"}, forwarded, {"Host": "spoofed.example.org", **forwarded})
    ]
    plain = client.token(spoofed.replace("https", "http"))
    answers.append(call_with(target, plain, headers={"Host": "spoofed.example.org"}))
    for answer in answers:
        expect(400 <= answer.status < 500, f"expected 401: {answer}", answer)


@GROUP.row("JWT-10", "G", "CH2#187-192")
def tokens_hold_for_their_time(target: Target) -> None:
    """exp in the past, iat or nbf in the future, and exp, iat, jti, iss or aud missing or mistyped get 401."""
    client, audience, now = target.client, audience_of(target), int(time.time())
    wrong: list[Mapping[str, Any]] = [
        {"exp": now - _BEYOND_SKEW, "iat": now - 2 * _BEYOND_SKEW},
        {"iat": now + _BEYOND_SKEW, "exp": now + 2 * _BEYOND_SKEW},
        {"nbf": now + _BEYOND_SKEW, "exp": now + 2 * _BEYOND_SKEW},
        {"exp": "soon"},
        {"iat": "now"},
        *({name: None} for name in ("exp", "iat", "jti", "iss", "aud")),
    ]
    expect_refused_alike([call_with(target, client.token(audience, claims=claims)) for claims in wrong])
    usual = {"nbf": now - 300, "sub": client.subject or "conformance"}
    expect_status(call_with(target, client.token(audience, claims=usual)), 200)


@GROUP.row("JWT-11", "G", "BP", should=True)
def tokens_live_shortly(target: Target) -> None:
    """A token for a whole day gets 401."""
    claims = {"exp": int(time.time()) + _DAY}
    expect_status(call_with(target, target.client.token(audience_of(target), claims=claims)), 401)


@GROUP.row("JWT-12", "G", "CH2#192; BP", should=True)
def a_token_is_good_once(target: Target) -> None:
    """The same token again within its life gets 401."""
    token = target.client.token(audience_of(target))
    expect_status(call_with(target, token), 200)
    expect_status(call_with(target, token), 401)


@GROUP.row("JWT-13", "P", "-")
def a_token_is_good_once_for_all_workers(target: Target) -> None:
    """One token sent many times at once is accepted once, however many workers there are."""
    token = target.client.token(audience_of(target))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        answers = list(threads.map(lambda _: call_with(target, token), range(2 * _AT_ONCE)))
    accepted = sum(answer.status == 200 for answer in answers)
    expect(accepted == 1, f"one token was accepted {accepted} times", answers[-1])
    expect(all(answer.status in (200, 401) for answer in answers), "neither 200 nor 401", answers[-1])


@GROUP.row("JWT-14", "G", "BP", should=True)
def tenants_are_checked(target: Target) -> None:
    """Where tenants are registered for the issuer, a token for another tenant, or for none, gets 401."""
    client = target.client
    if not client.tenant:
        raise NotApplicable("the client has no tenant: tenant in the key file")
    audience = audience_of(target)
    wrong = [
        client.token(audience, claims={"tenant": tenant}) for tenant in (f"{client.tenant}-x", None, [client.tenant])
    ]
    expect_refused_alike([call_with(target, token) for token in wrong])


GROUP.elsewhere(
    "JWT-19", "P", "SBX; INF key file",
    "Public test issuers, whose private keys are published, are refused unless a test mode says otherwise.",
    test="tests/cds_service/hooks/test_client_keys.py::test_jwt_19_sup_06_a_key_whose_private_half_others_know_stops_the_start",
)  # fmt: skip
GROUP.elsewhere(
    "JWT-20", "G", "BP", "JWT and FHIR token never stand in logs, errors, metrics or traces.",
    test="tests/cds_service/hooks/test_authentication.py::test_jwt_20_log_05_a_failure_is_counted_by_a_word_and_the_client_it_names_and_nothing_of_the_token_is_written",
)  # fmt: skip


def audience_of(target: Target) -> str:
    """What a token for a quiet call names."""
    return target.address(f"/cds-services/{target.quiet().service}")


def call_with(target: Target, token: str | None, **how: Any) -> Exchange:
    """A quiet call with this token."""
    return target.call(target.quiet(), token=token, **how)


def expect_refused_alike(answers: list[Exchange]) -> None:
    """All of them 401, byte for byte the same."""
    for answer in answers:
        expect_status(answer, 401)
        expect(answer.body == answers[0].body, "the bodies of two 401 differ: one tells more", answer)


def _flipped(signature: str) -> str:
    return ("B" if signature[0] == "A" else "A") + signature[1:]


def _keyed(secret: bytes, digest: Any) -> Callable[[bytes], bytes]:
    return lambda data: hmac.new(secret, data, digest).digest()
