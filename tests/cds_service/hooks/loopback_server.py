"""A server on this machine that answers as a test tells it to: slowly, without end, wrongly, never."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FHIR_JSON = "application/fhir+json; charset=utf-8"
Answer = Callable[["Call"], None]
Started = Callable[[Answer], "LoopbackServer"]  # what the fixture `loopback` gives


class Call(BaseHTTPRequestHandler):
    """One request, and the ways to answer it."""

    protocol_version = "HTTP/1.1"
    server: LoopbackServer
    disable_nagle_algorithm = True  # or the body would wait until the head is acknowledged

    def do_GET(self) -> None:
        self.server.seen.append(self)
        self.server.paths.append(self.path)
        try:
            self.server.answer(self)
        except OSError:
            self.close_connection = True  # the client went away, as it should

    def json(self, body: Any, status: int = 200, **headers: str) -> None:
        """A complete answer."""
        self.bytes(json.dumps(body).encode(), status, **headers)

    def bytes(self, body: bytes, status: int = 200, **headers: str) -> None:
        """A complete answer; a header is written as content_type=…."""
        headers.setdefault("content_type", FHIR_JSON)
        headers.setdefault("content_length", str(len(body)))
        self.head(status, **headers)
        self.wfile.write(body)

    def head(self, status: int = 200, **headers: str) -> None:
        """Status and headers."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def wait(self, seconds: float) -> None:
        """Waits, but not beyond the end of the test."""
        self.server.is_over.wait(seconds)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class LoopbackServer(ThreadingHTTPServer):
    """Answers every GET with `answer`; `seen` holds the requests, `connections` counts the connections.

    `paths` is what was asked for, in the order of arrival: the requests of one connection are one and the same object.
    """

    daemon_threads = True
    block_on_close = False
    # the connections of a call come all at once; one that is turned away comes again after a second
    request_queue_size = 64

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.answer = answer
        self.seen: list[Call] = []
        self.paths: list[str] = []
        self.connections = 0
        self.is_over = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def base(self) -> str:
        """Its FHIR base address."""
        return f"http://127.0.0.1:{self.server_port}/fhir"

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is what the tests are about."""

    def stop(self) -> None:
        """Ends it, and every answer that is still waiting."""
        self.is_over.set()
        self.shutdown()
        self.server_close()
