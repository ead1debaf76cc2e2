"""A token is good for one request: which (issuer, jti) were seen, until they expire."""

from __future__ import annotations

import hashlib
import heapq
from datetime import datetime
from threading import Lock
from typing import Protocol

from cds_service.errors import LedgerUnavailable

MOST_TOKENS = 100_000  # remembered by one worker: some 20 MB


class UsedTokens(Protocol):
    """What remembers the tokens that were used."""

    def first_use(self, issuer: str, jti: str, expires_at: datetime) -> bool:
        """Is this the first time? Remembers it until it expires. Raises LedgerUnavailable."""
        ...


class UsedTokensInMemory:
    """Remembers those that came to this worker. Of more than `at_most`, those that expire soonest are forgotten."""

    def __init__(self, at_most: int = MOST_TOKENS) -> None:
        self._at_most = at_most
        self._seen: set[bytes] = set()
        self._by_expiry: list[tuple[datetime, bytes]] = []
        self._lock = Lock()

    def first_use(self, issuer: str, jti: str, expires_at: datetime) -> bool:
        """Is this the first time in this worker?"""
        token = hashlib.sha256(f"{len(issuer)} {issuer}{jti}".encode(errors="surrogatepass")).digest()
        now = datetime.now(expires_at.tzinfo)
        with self._lock:
            while self._by_expiry and (self._by_expiry[0][0] < now or len(self._by_expiry) >= self._at_most):
                self._seen.discard(heapq.heappop(self._by_expiry)[1])
            if token in self._seen:
                return False
            self._seen.add(token)
            heapq.heappush(self._by_expiry, (expires_at, token))
            return True


class UsedTokensOfAll:
    """Remembers those of all workers, in a store that they share, and without it those of this one."""

    def __init__(self, shared: UsedTokens) -> None:
        self._mine = UsedTokensInMemory()
        self._shared = shared

    def first_use(self, issuer: str, jti: str, expires_at: datetime) -> bool:
        """Is this the first time, as far as can be told now? Never raises."""
        if not self._mine.first_use(issuer, jti, expires_at):
            return False
        try:
            return self._shared.first_use(issuer, jti, expires_at)
        except LedgerUnavailable:
            return True
