"""Load at a given rate over a given number of connections, for a given time; nothing about it ends it but an error.

One thread waits for all connections, as in `tests.bench.load`. A call that is due while every connection still waits
for its answer is sent late. How late the latest was stands beside the latencies: a service that stalls, or a machine
that others use too, cannot hide it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from selectors import EVENT_READ, DefaultSelector
from typing import NamedTuple

from tests.bench.load import PATH, Connection, request_bytes


class Load(NamedTuple):
    """What came of it: latencies (ms) in order of arrival, seconds it took, seconds that the latest call was late."""

    latencies_ms: list[float]
    seconds: float
    late_seconds: float

    @property
    def per_second(self) -> float:
        """Calls answered in a second."""
        return len(self.latencies_ms) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of the calls stayed under."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def paced(
    port: int,
    body: bytes,
    *,
    connections: int,
    seconds: float,
    per_second: float,
    every_second: Callable[[float], None] = lambda elapsed: None,
) -> Load:
    """Sends calls at this rate; 0: as many as the connections carry. `every_second` is told how much time has passed.

    Raises RuntimeError for an answer that is no 200, and for a connection that the server closes.
    """
    request = request_bytes(body, PATH)
    latencies: list[float] = []
    with DefaultSelector() as selector:
        idle: deque[Connection] = deque()
        for _ in range(connections):
            connection = Connection(port, request)
            selector.register(connection.socket, EVENT_READ, connection)
            idle.append(connection)
        began, sent, told, late = time.perf_counter(), 0, 0, 0.0
        while (elapsed := time.perf_counter() - began) < seconds or len(idle) < connections:
            if elapsed >= told + 1:
                told = int(elapsed)
                every_second(elapsed)
            due = _due(elapsed, per_second, seconds)
            while idle and elapsed < seconds and sent < due:
                idle.popleft().send()
                late = max(late, elapsed - sent / per_second if per_second else 0)
                sent += 1
            for key, _ in selector.select(_until_next(began, sent, per_second) if idle else 1):
                latency = key.data.receive()
                if latency is not None:
                    latencies.append(latency)
                    idle.append(key.data)
        took = time.perf_counter() - began
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return Load(latencies, took, late)


def _due(elapsed: float, per_second: float, seconds: float) -> float:
    """How many calls should have been sent by now."""
    return float("inf") if not per_second else min(elapsed, seconds) * per_second


def _until_next(began: float, sent: int, per_second: float) -> float:
    """Seconds to wait for the next call that is due."""
    return max(0.0, began + sent / per_second - time.perf_counter()) if per_second else 0.0
