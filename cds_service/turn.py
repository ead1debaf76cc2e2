"""One call at a time computes in a worker; while it waits for a FHIR server the next one does.

Threads that compute side by side share one interpreter: none gets ahead, all of them come out late. In turns the same
calls cost less and the slowest one waits half as long (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, local
from typing import Any

_turn = Lock()
_mine = local()  # `taken` in a thread that has the turn; there is none on the command line

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def in_turns(application: Application) -> Application:
    """The WSGI application, entered by one call at a time."""

    def one_at_a_time(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with _turn:
            _mine.taken = True
            try:
                return application(environ, start_response)
            finally:
                _mine.taken = False

    return one_at_a_time


@contextmanager
def given_away() -> Iterator[None]:
    """While this call waits for others, another one may have its turn."""
    if not getattr(_mine, "taken", False):
        yield
        return
    _turn.release()
    try:
        yield
    finally:
        _turn.acquire()
