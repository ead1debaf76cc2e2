"""One call at a time computes in a worker, first come first served; while it waits for a FHIR server the next one does.

Threads that compute side by side share one interpreter: none gets ahead, all of them come out late. In turns the same
calls cost less and the slowest one waits half as long (docs/performance.md). Python's own locks are not fair: a thread
that has just let go often takes them again, and whoever waited goes on waiting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, local
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Turn:
    """A lock that is handed on in the order of asking."""

    def __init__(self) -> None:
        self._inside = Lock()  # held for a few instructions only
        self._is_taken = False
        self._waiting: deque[Lock] = deque()

    def take(self) -> None:
        """Waits until everyone who asked before has had the turn."""
        with self._inside:
            if not self._is_taken:
                self._is_taken = True
                return
            called = Lock()
            called.acquire()
            self._waiting.append(called)
        called.acquire()

    def hand_on(self) -> None:
        """Gives the turn to whoever has waited longest."""
        with self._inside:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


_turn = Turn()
_mine = local()  # `taken` in a thread that has the turn; there is none on the command line


def in_turns(application: Application) -> Application:
    """The WSGI application, entered by one call at a time."""

    def one_at_a_time(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _turn.take()
        _mine.taken = True
        try:
            return application(environ, start_response)
        finally:
            _mine.taken = False
            _turn.hand_on()

    return one_at_a_time


@contextmanager
def given_away() -> Iterator[None]:
    """While this call waits for others, another one may have its turn."""
    if not getattr(_mine, "taken", False):
        yield
        return
    _mine.taken = False  # what is given away within has nothing to give
    _turn.hand_on()
    try:
        yield
    finally:
        _turn.take()
        _mine.taken = True
