"""Doors that let one kind of bad token through, or keep a good one out, by the row that must find each."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests

from cds_service.clients import AuthFailure
from cds_service.errors import NotAuthenticated, outcome_of
from cds_service.hooks.authentication import TokenAuthentication
from tests.cds_service.conformance.wrong_service import Ask, Got, Planted, Sent

Door = Callable[[Sent, str], bool | None]  # let in, keep out, or None: as is right; the text is why it would be refused


def letting_in(*reasons: AuthFailure) -> Door:
    """Lets in who ought to be refused for one of these reasons."""
    return lambda _, reason: True if reason in reasons else None


def keeping_out(fits: Callable[[dict[str, Any], dict[str, Any]], Any]) -> Door:
    """Keeps out tokens of this header and these claims."""
    return lambda sent, _: False if fits(*token_of(sent)) else None


def token_of(sent: Sent) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of the token, both empty when there is none."""
    try:
        parts = sent.environ.get("HTTP_AUTHORIZATION", "").partition(" ")[2].split(".")
        header, claims = (json.loads(urlsafe_b64decode(part + "===")) for part in parts[:2])
    except ValueError:
        return {}, {}
    return header, claims


def fetches(sent: Sent, _: str) -> None:
    """Looks for the key wherever the token says."""
    jku = token_of(sent)[0].get("jku")
    if jku:
        requests.get(jku, timeout=5)


def fetches_unasked(sent: Sent, reason: str) -> None:
    """Looks for keys again for every key it does not know."""
    if reason == AuthFailure.KEY:
        try:
            fetches(sent, reason)
        except requests.RequestException:
            return


def spoofed(sent: Sent, reason: str) -> bool | None:
    """Believes the Host header."""
    return True if reason == AuthFailure.AUDIENCE and "spoofed" in sent.environ["HTTP_HOST"] else None


def at_feedback(sent: Sent, _: str) -> bool | None:
    return True if sent.is_feedback else None


LAX: dict[str, list[Door]] = {
    "JWT-01": [letting_in(AuthFailure.NO_TOKEN), letting_in(AuthFailure.MALFORMED)],
    "JWT-02": [keeping_out(lambda header, _: header.get("alg") == "RS384")],
    "JWT-03": [letting_in(AuthFailure.ALGORITHM)],
    "JWT-04": [letting_in(AuthFailure.SIGNATURE), letting_in(AuthFailure.KEY), letting_in(AuthFailure.HEADER)],
    "JWT-05": [letting_in(AuthFailure.ISSUER), fetches],
    "JWT-06": [letting_in(AuthFailure.JKU), fetches],
    "JWT-07": [keeping_out(lambda header, _: header and "jku" not in header)],
    "JWT-08": [letting_in(AuthFailure.AUDIENCE), keeping_out(lambda _, claims: isinstance(claims.get("aud"), list))],
    "JWT-09": [spoofed],
    "JWT-10": [letting_in(AuthFailure.EXPIRED), letting_in(AuthFailure.NOT_YET_VALID), letting_in(AuthFailure.CLAIM)],
    "JWT-11": [letting_in(AuthFailure.LIFETIME)],
    "JWT-12": [letting_in(AuthFailure.REPLAYED)],
    "JWT-13": [letting_in(AuthFailure.REPLAYED)],
    "JWT-14": [letting_in(AuthFailure.TENANT)],
    "JWT-15": [keeping_out(lambda header, _: str(header.get("kid")).startswith("rotated-"))],
    "JWT-16": [fetches_unasked],
    "JWT-17": [letting_in(AuthFailure.HEADER)],
    "JWT-18": [keeping_out(lambda header, _: "+" in str(header.get("kid")))],
    "FBK-06": [at_feedback],
    "FBK-09": [],
}


class Guarded:
    """Our service behind a door of ours: the real one, but for what `door` lets in or keeps out."""

    def __init__(self, tokens: TokenAuthentication) -> None:
        self._tokens = tokens
        self.door: Door = lambda sent, reason: None
        self.planted: Planted = lambda sent, ask: ask(sent)

    def __call__(self, sent: Sent, ask: Ask) -> Got:
        if not sent.path.startswith("/cds-services/") or sent.method == "OPTIONS":
            return ask(sent)
        path = sent.path.removesuffix("/feedback")
        reason = ""
        try:
            self._tokens.caller(sent.environ.get("HTTP_AUTHORIZATION"), path, is_feedback=sent.is_feedback)
        except NotAuthenticated as refusal:
            reason = str(refusal.reason)
        lets_in = self.door(sent, reason)
        if lets_in is None:
            lets_in = not reason
        if lets_in:
            return self.planted(sent, ask)
        outcome = outcome_of(NotAuthenticated())
        got = ask(sent).with_json(outcome.body, outcome.status)
        return replace(got, headers=[*got.headers, ("WWW-Authenticate", "Bearer")])
