"""How many calls a minute a client may make: a token bucket for each client, in each worker.

Workers know nothing of each other: each gives out its share of the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil
from threading import Lock
from time import monotonic

from cds_service.clients import Caller, Client
from cds_service.errors import TooManyCalls

SECONDS = 60


class CallRates:
    """The calls that each client has left in this process."""

    def __init__(
        self, clients: Iterable[Client] = (), workers: int = 1, seconds_now: Callable[[], float] = monotonic
    ) -> None:
        self._buckets = {
            client.name: _Bucket(client.calls_per_minute / workers, seconds_now)
            for client in clients
            if client.calls_per_minute
        }

    def take(self, caller: Caller) -> None:
        """Counts one call. Raises TooManyCalls when the caller has none left."""
        bucket = self._buckets.get(caller.name)
        if bucket is not None:
            bucket.take()


class _Bucket:
    """Holds the calls of one minute, fills up evenly. It holds one at least, however many workers share a limit."""

    def __init__(self, per_minute: float, seconds_now: Callable[[], float]) -> None:
        self._per_second = per_minute / SECONDS
        self._most = max(1.0, per_minute)
        self._left = self._most
        self._seconds_now = seconds_now
        self._filled_at = seconds_now()
        self._taking = Lock()

    def take(self) -> None:
        with self._taking:
            now = self._seconds_now()
            self._left = min(self._most, self._left + (now - self._filled_at) * self._per_second)
            self._filled_at = now
            if self._left < 1:
                raise TooManyCalls(ceil((1 - self._left) / self._per_second))
            self._left -= 1
