"""Where a call asks the ledger and waits for the answer, for a limited time only."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

from cds_service.errors import LedgerUnavailable

Answer = TypeVar("Answer")
LATE = "late"


class Desk(Protocol):
    """Does work with the database for somebody who waits."""

    def ask(self, work: Callable[[], Answer], seconds: float) -> Answer:
        """What `work` returns. Raises LedgerUnavailable when it fails or takes longer than `seconds`."""
        ...

    def close(self) -> None:
        """Nobody asks any more."""
        ...


class InPlace:
    """For a file on this machine: the caller does the work. How long that may take is the database's own limit."""

    def ask(self, work: Callable[[], Answer], seconds: float) -> Answer:
        """What `work` returns."""
        return work()

    def close(self) -> None:
        """Nothing to do."""


class Clerk:
    """For a database across a network: a thread of its own does the work, so that whoever waits can give up.

    A server that is frozen, or behind a network that swallows everything, holds the clerk and nobody else.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "ledger clerk")
        self._late: Future[object] | None = None

    def ask(self, work: Callable[[], Answer], seconds: float) -> Answer:
        """What `work` returns. While the clerk is late with something else, it is not even begun."""
        if self._late is not None and not self._late.done():
            raise LedgerUnavailable(LATE)
        task = self._thread.submit(work)
        try:
            return task.result(seconds)
        except TimeoutError:
            if not task.cancel():
                self._late = task  # type: ignore[assignment]  # whatever it may come to: it is only asked whether it is done
            raise LedgerUnavailable(LATE) from None

    def close(self) -> None:
        """Ends the thread after what it has begun."""
        self._thread.shutdown(wait=False, cancel_futures=True)
