"""A FHIR server whose answers are changed: other resources, other patients, broken bodies, wrong headers, silence."""

from __future__ import annotations

import gzip
import json
from random import Random
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.cds_service.hooks.loopback_server import Call, LoopbackServer
from tests.fuzz.examples import trees
from tests.fuzz.mutations import mutated
from tests.fuzz.odd_values import PLANTED
from tests.fuzz.spoilt_text import spoilt

_STATUSES = (201, 204, 301, 307, 400, 401, 403, 404, 410, 429, 500, 503)
_SLOW_SECONDS = 0.4


def lying_fhir_server(seed: int) -> LoopbackServer:
    """A running server. Below `/fhir/<number>` it has the prefetch of that story; the same question, the same lie."""
    return LoopbackServer(lambda call: _answer(call, seed))


def _answer(call: Call, seed: int) -> None:
    random = Random(f"{seed}/{call.path}")
    kind = random.random()
    body = _truth(call.path)
    if kind < 0.25:
        call.json(body)
    elif kind < 0.7:
        call.json(mutated(body, trees(), random))
    elif kind < 0.85:
        call.bytes(spoilt(json.dumps(body).encode(), random))
    else:
        _misbehave(call, body, random)


def _truth(path: str) -> dict[str, Any]:
    """What the story's prefetch holds of the type that is asked for."""
    _, _, number, question = urlsplit(path).path.split("/", 3)
    prefetch = trees()[int(number) % len(trees())].get("prefetch", {}) if number.isdecimal() else {}
    kind = unquote(question.partition("/")[0])
    found = [one for value in prefetch.values() for one in _resources(value) if one.get("resourceType") == kind]
    if "/" in question and found:
        return found[0]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        "entry": [{"resource": one} for one in found],
    }


def _resources(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, dict):
        return []
    return [value] if "entry" not in value else [entry["resource"] for entry in value["entry"] if "resource" in entry]


def _misbehave(call: Call, body: dict[str, Any], random: Random) -> None:
    written = json.dumps(body).encode()
    match random.randrange(9):
        case 0:
            call.bytes(PLANTED.encode(), random.choice(_STATUSES))
        case 1:
            call.head(
                random.choice((301, 302, 303, 307, 308)),
                location="http://169.254.169.254/latest/meta-data",
                content_length="0",
            )
        case 2:
            call.bytes(b"<html>log in</html>", content_type="text/html")
        case 3:
            call.bytes(written, content_encoding=random.choice(("gzip", "br", "deflate", "zstd", PLANTED)))
        case 4:
            call.bytes(gzip.compress(b" " * 6_000_000 + written), content_encoding="gzip")
        case 5:
            call.head(content_length=str(len(written) + 1_000))  # announced, never sent
            call.wfile.write(written)
            call.close_connection = True
        case 6:
            call.wait(_SLOW_SECONDS)
            call.json(body)
        case 7:
            link = random.choice((call.path, "http://127.0.0.1:9/next", "//x.example/", "?page=2", "\x00", PLANTED))
            call.json({**body, "link": [{"relation": "next", "url": link}]})
        case _:
            call.wfile.write(
                random.choice((b"", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 100, b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200))
            )
            call.close_connection = True
