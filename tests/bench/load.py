"""Load from several connections, each in a thread of its own, and what it cost the server."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import NamedTuple

from tests.bench.servers import Running

PATH = "/cds-services/neuropathy-order-sign"
HEADERS = {"Content-Type": "application/json"}


class Measured(NamedTuple):
    """CPU milliseconds of the server per request, and the sorted latencies in milliseconds."""

    cpu_ms: float
    latencies_ms: list[float]

    def percentile(self, share: float) -> float:
        """The latency that this share of the requests stayed under."""
        return self.latencies_ms[min(int(len(self.latencies_ms) * share), len(self.latencies_ms) - 1)]


def measure(server: Running, body: bytes, *, requests: int, connections: int, path: str = PATH) -> Measured:
    """Sends the same body so many times over so many connections; every answer must be a 200."""
    before = server.cpu_seconds()
    with ThreadPoolExecutor(connections) as pool:
        share = requests // connections
        parts = list(pool.map(lambda _: _send(server.port, body, share, path), range(connections)))
    cpu = server.cpu_seconds() - before
    latencies = sorted(ms for part in parts for ms in part)
    return Measured(cpu * 1000 / len(latencies), latencies)


def _send(port: int, body: bytes, times: int, path: str) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    latencies = []
    for _ in range(times):
        began = time.perf_counter()
        connection.request("POST", path, body, HEADERS)
        answer = connection.getresponse()
        answer.read()
        latencies.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"status {answer.status}")
    connection.close()
    return latencies
