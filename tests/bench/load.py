"""Load from several connections at once, and what it cost the server.

One thread waits for all connections and does next to nothing itself: the cores are for the server, and a latency is not
the time that an answer waited for its reader.
"""

from __future__ import annotations

import time
from selectors import EVENT_READ, DefaultSelector
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection
from typing import NamedTuple

from tests.bench.servers import Running

PATH = "/cds-services/neuropathy-order-sign"
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
CHUNK = 65_536


class Measured(NamedTuple):
    """CPU milliseconds of the server per request, and the sorted latencies in milliseconds."""

    cpu_ms: float
    latencies_ms: list[float]

    def percentile(self, share: float) -> float:
        """The latency that this share of the requests stayed under."""
        return self.latencies_ms[min(int(len(self.latencies_ms) * share), len(self.latencies_ms) - 1)]


class Connection:
    """One connection that sends the same request again and again."""

    def __init__(self, port: int, request: bytes) -> None:
        self._request = request
        self._received = b""
        self._began = 0.0
        self.socket = create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    def send(self) -> None:
        """Sends the request; from here on its latency counts."""
        self._received = b""
        self._began = time.perf_counter()
        self.socket.sendall(self._request)

    def receive(self) -> float | None:
        """What has arrived; the latency in milliseconds when that completes the answer, which must be a 200."""
        part = self.socket.recv(CHUNK)
        if not part:
            raise RuntimeError("the server closed the connection")
        self._received += part
        head, found, rest = self._received.partition(END_OF_HEAD)
        if not found or len(rest) < _content_length(head):
            return None
        latency = (time.perf_counter() - self._began) * 1000
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise RuntimeError(f"not a 200: {head[:60]!r}")
        return latency


def measure(server: Running, body: bytes, *, requests: int, connections: int, path: str = PATH) -> Measured:
    """Sends the same body so many times over so many connections; every answer must be a 200."""
    before = server.cpu_seconds()
    latencies = _load(server.port, request_bytes(body, path), requests, connections)
    cpu = server.cpu_seconds() - before
    return Measured(cpu * 1000 / len(latencies), sorted(latencies))


def _load(port: int, request: bytes, requests: int, connections: int) -> list[float]:
    latencies: list[float] = []
    with DefaultSelector() as selector:
        for _ in range(connections):
            connection = Connection(port, request)
            selector.register(connection.socket, EVENT_READ, connection)
            connection.send()
        unsent = requests - connections
        while len(latencies) < requests:
            for key, _ in selector.select():
                latency = key.data.receive()
                if latency is None:
                    continue
                latencies.append(latency)
                if unsent > 0:
                    unsent -= 1
                    key.data.send()
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return latencies


def request_bytes(body: bytes, path: str) -> bytes:
    """The request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + END_OF_HEAD + body


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(LENGTH):
            return int(line[len(LENGTH) :])
    raise RuntimeError("an answer without Content-Length")
