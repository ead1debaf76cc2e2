"""One HTTP exchange with the service: sent exactly as asked for, kept for the report without its secrets."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 15.0
_REDACTED = "[redacted]"
_TOKEN = re.compile(r'("access_token"\s*:\s*")[^"]*"')


@dataclass(frozen=True)
class Exchange:
    """A request and its answer. `status` 0: no answer came, `error` says why. `seconds`: until the body was read.

    `number`: its place in the report.
    """

    method: str
    url: str
    sent_headers: Mapping[str, str]
    sent_body: bytes
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""
    number: int = -1

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def media_type(self) -> str:
        """The media type of the answer, without parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """A header of the answer; empty when it is not there."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def __str__(self) -> str:
        return f"{self.method} {urlsplit(self.url).path} → {self.status or self.error}"


def exchange(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
    """Sends a request on a connection of its own; follows no redirect, uses no proxy. Never raises for the network."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    began = time.perf_counter()
    try:
        _send(connection, method, path or "/", headers, body)
        answer = connection.getresponse()
        received = answer.read()
    except (OSError, HTTPException) as error:
        seconds = time.perf_counter() - began
        return Exchange(method, url, headers, body, seconds=seconds, error=type(error).__name__)
    finally:
        connection.close()
    answered = tuple(answer.getheaders())
    return Exchange(method, url, headers, body, answer.status, answered, received, time.perf_counter() - began)


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=PATIENCE_SECONDS, context=ssl.create_default_context())
    return HTTPConnection(host, port, timeout=PATIENCE_SECONDS)


def _send(connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
    given = {name.lower() for name in headers}
    connection.putrequest(method, path, skip_host="host" in given, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body or method == "POST":
        connection.putheader("Content-Length", str(len(body)))
    with suppress(BrokenPipeError, ConnectionResetError):  # answered before all was read; the answer may still be there
        connection.endheaders(body or None)


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers for the report: the token is left out, its scheme is not."""
    return {
        name: f"{value.partition(' ')[0]} {_REDACTED}" if name.lower() == "authorization" else value
        for name, value in headers.items()
    }


def readable(body: bytes, limit: int = 20_000) -> str:
    """A body for the report: JSON indented, tokens left out, cut at `limit` characters."""
    text = body[: 4 * limit].decode("utf-8", "replace")
    if len(body) <= 4 * limit:
        with suppress(ValueError, RecursionError):  # no JSON: shown as it is
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    text = _TOKEN.sub(rf'\1{_REDACTED}"', text)
    return text if len(text) <= limit else f"{text[:limit]}\n… ({len(body):,} bytes in all)"
