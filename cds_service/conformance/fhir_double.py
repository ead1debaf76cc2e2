"""A FHIR server of our own for the service to call: answers from a chart, counts, and misbehaves when told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

BASE = "/fhir"
FHIR_JSON = "application/fhir+json; charset=utf-8"


class Query(NamedTuple):
    """What was asked: the part behind the base address, the headers in lower case."""

    path: str
    headers: Mapping[str, str]

    @property
    def token(self) -> str:
        """The Authorization header; empty without one."""
        return self.headers.get("authorization", "")


class Reply(NamedTuple):
    """What is answered, after `wait` seconds."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = {}
    wait: float = 0.0


Behaviour = Callable[[Query], Reply]


@dataclass
class Seen:
    """What a behaviour was asked. `waiting`: queries not answered yet; `most_at_once`: the most of them together."""

    queries: list[Query] = field(default_factory=list)
    most_at_once: int = 0
    waiting: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def arrival(self, query: Query) -> Iterator[None]:
        """Counts a query while it is answered."""
        with self._lock:
            self.queries.append(query)
            self.waiting += 1
            self.most_at_once = max(self.most_at_once, self.waiting)
        try:
            yield
        finally:
            with self._lock:
                self.waiting -= 1


class FhirDouble:
    """Listens on this machine; `url` is where the service finds it."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, url: str = "") -> None:
        self._server = _Server((host, port), _Handler)
        self.url = (url or f"http://{host}:{self._server.server_port}{BASE}").rstrip("/")
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def always(self, behaviour: Behaviour) -> None:
        """Answers like this where nothing else is asked of it."""
        self._server.behaviour = behaviour

    @contextmanager
    def answering(self, behaviour: Behaviour) -> Iterator[Seen]:
        """Answers like this for a while; what was asked meanwhile."""
        before = self._server.behaviour, self._server.seen
        seen = Seen()
        self._server.behaviour, self._server.seen = behaviour, seen
        try:
            yield seen
        finally:
            self._server.behaviour, self._server.seen = before

    def close(self) -> None:
        """Ends it, and every answer that is still waiting."""
        self._server.is_over.set()
        self._server.shutdown()
        self._server.server_close()


def nothing(_: Query) -> Reply:
    """A server that has nothing."""
    return Reply({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}, 404)


def always(reply: Reply) -> Behaviour:
    """A server that has one answer."""
    return lambda _: reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.behaviour: Behaviour = nothing
        self.seen = Seen()
        self.is_over = threading.Event()

    def handle_error(self, *_: Any) -> None:
        """A service that hangs up does as it may."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or the body would wait until the head is acknowledged
    server: _Server

    def do_GET(self) -> None:
        path = self.path.partition(BASE)[2].lstrip("/") if self.path.startswith(BASE) else self.path
        query = Query(path, {name.lower(): value for name, value in self.headers.items()})
        seen, behaviour = self.server.seen, self.server.behaviour
        with seen.arrival(query):
            reply = behaviour(query)
            self.server.is_over.wait(reply.wait)
        self._write(reply)

    def do_POST(self) -> None:
        self.do_GET()  # a search by POST is a search too

    def _write(self, reply: Reply) -> None:
        body = json.dumps(reply.body).encode() if reply.body is not None else b""
        self.send_response(reply.status)
        for name, value in {"Content-Type": FHIR_JSON, **reply.headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""
