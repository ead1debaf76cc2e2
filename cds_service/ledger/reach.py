"""Is the ledger within reach? Says so in the log when that changes, loudly and once."""

from __future__ import annotations

import logging
import time
from threading import Lock

from cds_service.errors import LedgerUnavailable

SECONDS_BETWEEN_LINES = 60.0  # a database that comes and goes does not fill the log

_log = logging.getLogger(__name__)


class Reach:
    """What was found out last about the database. `losses` counts how often it did not do what it was asked."""

    def __init__(self) -> None:
        self.is_reachable = False
        self.losses = 0
        self._is_reported = False
        self._reported_at = -SECONDS_BETWEEN_LINES
        self._lock = Lock()

    def lost(self, error: LedgerUnavailable) -> None:
        """The database did not do what it was asked."""
        with self._lock:
            self.is_reachable = False
            self.losses += 1
            if self._is_reported or time.monotonic() - self._reported_at < SECONDS_BETWEEN_LINES:
                return
            self._is_reported, self._reported_at = True, time.monotonic()
        _log.critical("the ledger is out of reach: cards go on, feedback is refused", extra={"why": error.cause})

    def found(self, losses: int) -> None:
        """Work has gone well that began after so many losses; another one meanwhile is the newer finding."""
        with self._lock:
            if losses != self.losses:
                return
            self.is_reachable = True
            if not self._is_reported:
                return
            self._is_reported = False
        _log.warning("the ledger is within reach again")
