"""A9: whose keys count: issuers, key sets, their addresses, and keys that change."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from cds_service.conformance.authentication import GROUP, audience_of, call_with, expect_refused_alike
from cds_service.conformance.expect import expect, expect_status
from cds_service.conformance.fhir_double import Behaviour, FhirDouble, Reply, always
from cds_service.conformance.row import NotApplicable
from cds_service.conformance.target import Target
from cds_service.conformance.tokens import Client, new_key, public

_FLOOD = 25
_MOST_FETCHES = 5
_NEXT_FETCH_SECONDS = 90.0
_ASK_AGAIN_SECONDS = 2.0


@GROUP.row("JWT-05", "G", "CH2#195")
def unknown_issuers_are_refused(target: Target) -> None:
    """An iss that is not on the list gets 401, and nothing is fetched for it."""
    client = target.client
    for issuer in ("https://stranger.example.org", f"{client.issuer}.example.org", f"{client.issuer}/", ""):
        _refused_without_fetching(target, {"iss": issuer})


@GROUP.row("JWT-06", "G", "CH2#195")
def foreign_key_sets_are_refused(target: Target) -> None:
    """A jku that is not the one registered for the iss gets 401, and nothing is fetched from it."""
    _refused_without_fetching(target, {})


@GROUP.row("JWT-07", "G", "CH2#199")
def without_jku_the_registered_keys_count(target: Target) -> None:
    """A token without jku is held against the key set registered for its iss."""
    expect_status(call_with(target, target.client.token(audience_of(target), header={"jku": None})), 200)


@GROUP.row("JWT-15", "G3", "CH3")
def keys_may_be_changed(target: Target) -> None:
    """A new kid in the key set at jku is found, at once or when the next fetch is due."""
    client, server = target.client, target.key_server
    expect_status(call_with(target, client.token(audience_of(target))), 200)
    fresh = new_key(f"rotated-{uuid.uuid4()}")
    with server.answering(key_set_of(client, fresh)) as seen:
        answer = call_with(target, client.token(audience_of(target), key=fresh))
        until = time.monotonic() + _NEXT_FETCH_SECONDS
        while answer.status == 401 and time.monotonic() < until:
            time.sleep(_ASK_AGAIN_SECONDS)
            answer = call_with(target, client.token(audience_of(target), key=fresh))
        expect_status(answer, 200)
    expect(len(seen.queries) <= _MOST_FETCHES, f"{len(seen.queries)} fetches for one new key", answer)


@GROUP.row("JWT-16", "P", "PyJWT advisory GHSA-fhv5-28vv-h8m8")
def unknown_keys_cannot_make_it_fetch(target: Target) -> None:
    """A flood of unknown kids brings few fetches, and the keys that are known outlive a fetch that fails."""
    client, server, audience = target.client, target.key_server, audience_of(target)
    expect_status(call_with(target, client.token(audience)), 200)
    with server.answering(always(Reply({}, 500))) as seen:
        flood = [client.token(audience, header={"kid": f"flood-{n}-{uuid.uuid4()}"}) for n in range(_FLOOD)]
        expect_refused_alike([call_with(target, token) for token in flood])
        expect(len(seen.queries) <= _MOST_FETCHES, f"{len(seen.queries)} fetches for {_FLOOD} unknown keys")
        expect_status(call_with(target, client.token(audience)), 200)


@GROUP.row("JWT-17", "P", "RFC 7515")
def a_token_brings_no_key_of_its_own(target: Target) -> None:
    """Keys inside the token (jwk, x5u, x5c) are not used, and an unknown crit gets 401."""
    client, audience = target.client, audience_of(target)
    stranger = new_key("own-key")
    embedded = [
        client.token(audience, key=stranger, header=header)
        for header in (
            {"jwk": public(stranger)},
            {"jwk": public(stranger), "kid": client.keys[0]["kid"]},
            {"x5u": "https://stranger.example.org/x5u", "kid": None},
            {"x5c": ["MIIB"], "kid": client.keys[0]["kid"]},
        )
    ]
    critical = client.token(audience, header={"crit": ["conformance"], "conformance": True})
    expect_refused_alike([call_with(target, token) for token in (*embedded, critical)])


@GROUP.row("JWT-18", "V", "EPIC")
def key_ids_may_hold_base64(target: Target) -> None:
    """A kid with +, / and = works."""
    for key in target.client.keys:
        if set(str(key["kid"])) & set("+/="):
            expect_status(call_with(target, target.client.token(audience_of(target), key=key)), 200)
            return
    raise NotApplicable("no key of the client has such a kid")


def key_set_of(client: Client, *more: Mapping[str, Any]) -> Behaviour:
    """A server that has the client's key set, and these keys besides."""
    keys = {"keys": [*client.key_set["keys"], *map(public, more)]}
    return always(Reply(keys, headers={"Content-Type": "application/json"}))


def _refused_without_fetching(target: Target, claims: Mapping[str, Any]) -> None:
    """A token whose key is found at an address that nobody registered is refused, and nobody looks there."""
    server = FhirDouble()
    try:
        header = {"jku": f"{server.url}/jwks.json"}
        token = target.client.token(audience_of(target), key=new_key("stranger"), header=header, claims=claims)
        with server.answering(always(Reply({"keys": []}))) as seen:
            expect_status(call_with(target, token), 401)
        expect(not seen.queries, "the service fetched keys from an address that nobody registered")
    finally:
        server.close()
