"""The calls of a campaign: number n of a seed is the same call on every machine and in every order."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any, NamedTuple

from tests.cds_service.hooks.tokens import SERVICE
from tests.fuzz.mutations import mutated
from tests.fuzz.odd_tokens import odd_token
from tests.fuzz.odd_values import PLANTED
from tests.fuzz.spoilt_text import spoilt
from tests.whole_requests import stories

JSON = "application/json"
_CARD, _SUGGESTION = "2f8a6f0c-1f0d-4d4b-9a55-3b6f0a7d9c21", "9b7a1a58-0a35-4f4b-8d5c-7f3f4e2d6c01"
_FEEDBACK = {
    "feedback": [
        {
            "card": _CARD,
            "outcome": "accepted",
            "outcomeTimestamp": "2026-05-02T09:14:07.250Z",
            "acceptedSuggestions": [{"id": _SUGGESTION}],
        },
        {
            "card": _CARD,
            "outcome": "overridden",
            "outcomeTimestamp": "2026-05-02T09:14:31Z",
            "overrideReason": {"reason": {"system": "https://x.example", "code": "c"}, "userComment": PLANTED},
        },
    ]
}
_MEDIA_TYPES = (
    "", "text/plain", "application/xml", "application/json; charset=utf-16", "APPLICATION/JSON ; x=y", "a/b+json",
    "multipart/form-data; boundary=x", "json", "application/x-www-form-urlencoded", ";",
    "application/fhir+json", "\xff",
)  # fmt: skip
_AUTHORIZATIONS = (
    "Bearer",
    "Bearer ",
    "bearer a.b.c",
    "Basic YTpi",
    "Bearer " + "A" * 9_000,
    "Bearer \xff",
    f"x {PLANTED}",
    "Bearer e30.e30.",
)
_ACCEPTED = (
    "",
    "*/*",
    "text/html",
    "application/fhir+json",
    "application/json;q=0",
    "\xff",
    ",,,",
    "a" * 5_000,
    PLANTED,
)
_METHODS = ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "POST")


class Example(NamedTuple):
    """One HTTP call. `is_trusted`: to the service that asks for tokens, with one of `odd_tokens.py`."""

    path: str
    body: bytes
    headers: dict[str, str]
    method: str = "POST"
    is_trusted: bool = False


def example(seed: int, number: int, fhir_base: str = "") -> Example:
    """Call `number` of the campaign `seed`. Without the address of a FHIR server the calls that need one prefetch."""
    random = Random(f"{seed}/{number}")
    kind = random.random()
    for share, make in _KINDS:
        if kind < share:
            return make(random, fhir_base)
        kind -= share
    return _mutated_call(random, fhir_base)


@cache
def _bodies() -> tuple[bytes, ...]:
    return tuple(story.read_bytes() for story in stories())


@cache
def trees() -> list[dict[str, Any]]:
    """The stories, parsed."""
    return [json.loads(body) for body in _bodies()]


def _mutated_call(random: Random, _: str) -> Example:
    """A story with other values, members and resources in it."""
    tree = random.choice(trees())
    return Example(_address(tree, random), _written(mutated(tree, trees(), random)), {"Content-Type": JSON})


def _spoilt_call(random: Random, _: str) -> Example:
    """A story that is no longer JSON, or unusual JSON."""
    body = random.choice(_bodies())
    return Example(_address(json.loads(body), random), spoilt(body, random), {"Content-Type": JSON})


def _fetching_call(random: Random, fhir_base: str) -> Example:
    """A story without its prefetch: the FHIR server has it, and lies."""
    if not fhir_base:
        return _mutated_call(random, fhir_base)
    number = random.randrange(len(trees()))
    tree = {**trees()[number], "fhirServer": f"{fhir_base}/{number}"}
    tree["fhirAuthorization"] = {
        "access_token": "t0ken", "token_type": "Bearer", "expires_in": 60, "scope": "patient/*.read", "subject": "s"
    }  # fmt: skip
    kept = {key: value for key, value in tree.pop("prefetch", {}).items() if random.random() < 0.2}
    if kept:
        tree["prefetch"] = kept
    if random.random() < 0.3:
        tree = mutated(tree, trees(), random)
    return Example(_address(tree, random), _written(tree), {"Content-Type": JSON})


def _feedback(random: Random, _: str) -> Example:
    """Feedback, changed as a tree or as text."""
    tree = mutated(_FEEDBACK, [_FEEDBACK, *trees()[:3]], random)
    body = spoilt(_written(_FEEDBACK), random) if random.random() < 0.4 else _written(tree)
    return Example(f"/cds-services/neuropathy-{_hook(random)}/feedback", body, {"Content-Type": JSON})


def _odd_headers(random: Random, _: str) -> Example:
    """A story under another method, path or header."""
    body = random.choice((*_bodies(), b"", b"{}"))
    headers = {
        "Content-Type": random.choice((JSON, *_MEDIA_TYPES)),
        "Accept": random.choice(_ACCEPTED),
        "Authorization": random.choice(_AUTHORIZATIONS),
        "Origin": random.choice(("null", "http://localhost:1", "https://x.example", "://", PLANTED)),
        random.choice(("X-Forwarded-Host", "Cookie", "If-None-Match", "Range", "Referer")): f"{PLANTED}=1",
    }
    path = random.choice((f"/cds-services/neuropathy-{_hook(random)}", _odd_path(random)))
    return Example(path, body, headers, random.choice(_METHODS))


def _odd_token(random: Random, _: str) -> Example:
    """A story with a token that may be anything."""
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {odd_token(random)}"}
    return Example(SERVICE, random.choice(_bodies()), headers, is_trusted=True)


def _odd_path(random: Random) -> str:
    service = f"/cds-services/neuropathy-{_hook(random)}"
    return random.choice(
        ("/", "/cds-services", "/cds-services/", f"{service}/", f"{service}/feedback/", f"/{service}", f"{service}%00",
         "/readyz", f"/cds-services/{PLANTED}", f"/cds-services/../{PLANTED}", f"{service}?{PLANTED}=1", "/healthz",
         "/static/%2e%2e/%2e%2e/config.py", "/cds-services/%ff", "/" + "a" * 5_000)
    )  # fmt: skip


_KINDS: tuple[tuple[float, Callable[[Random, str], Example]], ...] = (
    (0.12, _spoilt_call), (0.08, _feedback), (0.06, _odd_headers), (0.12, _fetching_call), (0.06, _odd_token)
)  # fmt: skip


def _hook(random: Random) -> str:
    return random.choice(("order-sign", "order-select"))


def _address(tree: dict[str, Any], random: Random) -> str:
    """The service of the story's hook, nearly always."""
    hook = tree.get("hook") if random.random() < 0.97 else _hook(random)
    return f"/cds-services/neuropathy-{hook if hook in ('order-sign', 'order-select') else _hook(random)}"


def _written(tree: Any) -> bytes:
    """As JSON; characters that UTF-8 does not have are escaped, as a careless sender would."""
    return json.dumps(tree).encode()
