"""Opens the ledger and writes what was issued and counted, behind the answers, in a thread of its own."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from cds_service.errors import LedgerUnavailable
from cds_service.ledger.reach import Reach
from cds_service.ledger.records import IssuedCard
from cds_service.ledger.tallies import Tallies

if TYPE_CHECKING:
    from cds_service.ledger.storage import Storage

MOST_WAITING = 10_000  # cards; some 10 MB
BATCH = 500
GATHERING_SECONDS = 0.2  # a batch costs little more than a row
PAUSE_SECONDS = 1.0  # before another try
CHECK_SECONDS = 5.0  # between looks whether the database is still there, when nothing is issued
OVERDUE_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Writer:
    """Takes issued cards without ever waiting, and writes them in batches. `written` and `lost` count cards.

    While the database is out of reach the cards wait; when there are too many, the new ones are lost. `tallies` go with
    the cards, or with the next look at the database: for them alone nobody is woken.
    """

    def __init__(self, storage_of_site: Callable[[], Storage], reach: Reach) -> None:
        self.written = 0
        self.lost = 0
        self.storage: Storage | None = None
        self.tried = Event()  # the first attempt to open the storage is over
        self._storage_of_site = storage_of_site
        self._reach = reach
        self._is_open = False
        self.tallies = Tallies()
        self._waiting: deque[IssuedCard] = deque()
        self._batch: list[IssuedCard] = []
        self._wake = Event()
        self._hurry = Event()
        self._is_flushed = Event()
        self._closing = Event()
        self._tidied_at = 0.0
        self._began_at: float | None = None
        self._thread: Thread | None = None
        self._starting = Lock()

    def start(self) -> None:
        """Begins, if it has not begun."""
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = Thread(target=self._run, name="ledger writer", daemon=True)
                    self._thread.start()

    def add(self, cards: Sequence[IssuedCard]) -> None:
        """Cards to write, soon. Never waits, never raises."""
        if len(self._waiting) + len(cards) > MOST_WAITING:
            self._lose(len(cards))
            return
        self._waiting.extend(cards)
        self.wake()

    def wake(self) -> None:
        """There is something to do."""
        if not self._wake.is_set():
            self._wake.set()

    @property
    def queue_length(self) -> int:
        """Cards that are not written yet."""
        return len(self._waiting) + len(self._batch)

    @property
    def is_overdue(self) -> bool:
        """Has the database held the writer for longer than any of its work takes?"""
        began_at = self._began_at
        return began_at is not None and time.monotonic() - began_at > OVERDUE_SECONDS

    def flush(self, seconds: float) -> None:
        """Waits until what waits now is written, for so long at most."""
        if not self.queue_length or not self._reach.is_reachable:
            return
        self._is_flushed.clear()
        self._hurry.set()
        self.wake()
        self._is_flushed.wait(seconds)

    def close(self, seconds: float) -> None:
        """Writes what waits, for so long at most; the rest is lost."""
        self._closing.set()
        self._hurry.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(seconds)
        self._lose(self.queue_length)

    def _run(self) -> None:
        while True:
            is_last = self._closing.is_set()
            self._wake.clear()
            self._hurry.clear()
            self._began_at = time.monotonic()
            losses = self._reach.losses
            try:
                self._work()
            except Exception as error:  # noqa: BLE001 - a thread that has ended tells nobody, and never tries again
                self._is_open = False
                lost = error if isinstance(error, LedgerUnavailable) else LedgerUnavailable(type(error).__name__)
                self._reach.lost(lost)
            else:
                self._reach.found(losses)
            self._began_at = None
            self.tried.set()
            self._is_flushed.set()
            if is_last:
                return
            self._wait()

    def _work(self) -> None:
        storage = self.storage or self._storage_of_site()
        self.storage = storage
        if not self._is_open:
            storage.open()
            self._is_open = True
        if not self._reach.is_reachable:
            storage.probe()
        self._began_at = time.monotonic()
        self._write_tallies(storage)  # once a round: under load there would always be some
        while self._batch or self._waiting:
            self._began_at = time.monotonic()
            while self._waiting and len(self._batch) < BATCH:
                self._batch.append(self._waiting.popleft())
            storage.write(self._batch)
            self.written += len(self._batch)
            self._batch = []
        self._began_at = time.monotonic()
        if self._began_at - self._tidied_at > CHECK_SECONDS:
            storage.tidy()
            self._tidied_at = time.monotonic()

    def _write_tallies(self, storage: Storage) -> None:
        if not self.tallies.are_waiting:
            return
        try:
            storage.count(self.tallies.take())
        except LedgerUnavailable:
            self.tallies.put_back()
            raise
        self.tallies.written()

    def _wait(self) -> None:
        if self._reach.is_reachable:
            if self._wake.wait(CHECK_SECONDS):
                self._hurry.wait(GATHERING_SECONDS)
        else:
            self._closing.wait(PAUSE_SECONDS)

    def _lose(self, cards: int) -> None:
        if cards and not self.lost:
            _log.critical("issued cards are lost: the ledger does not take them")
        self.lost += cards
