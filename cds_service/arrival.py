"""The body of a call is received before the call has its turn: a client that sends slowly keeps only itself waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from time import monotonic
from typing import Any

from cds_service.turn import Application

BODY = "cds_service.body"  # member of environ: the body, as received
ARRIVED = "cds_service.arrived"  # when the call was there in full, on the monotonic clock

_DROPPED = 4  # times the limit; who announces more is answered at once
_PIECE = 64 * 1024


def received_first(application: Application, at_most: int) -> Application:
    """The WSGI application, entered when the body is there. More than `at_most` bytes are not kept.

    Some more are read and dropped: a client that is still sending would not see the answer that it sends too much.
    """

    def receive(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            body, announced = environ["wsgi.input"], _announced(environ)
            if announced <= at_most:
                # one byte more: the application sees then that a body without a length is too large
                environ[BODY] = body.read(at_most + 1)
                environ["wsgi.input"] = BytesIO(environ[BODY])
            if announced <= _DROPPED * at_most and (announced or len(environ[BODY])) > at_most:
                _drop(body, _DROPPED * at_most)
        environ[ARRIVED] = monotonic()
        return application(environ, start_response)

    return receive


def _drop(body: Any, at_most: int) -> None:
    """Reads so many bytes, or what there is, and keeps none."""
    while at_most > 0 and (piece := body.read(min(at_most, _PIECE))):
        at_most -= len(piece)


def _announced(environ: dict[str, Any]) -> int:
    """Bytes that the body has by its header; 0 when it is sent in chunks."""
    length = environ.get("CONTENT_LENGTH", "")
    return int(length) if length.isdecimal() else 0
