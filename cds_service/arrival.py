"""The body of a call is received before the call has its turn: a client that sends slowly keeps only itself waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from time import monotonic
from typing import Any

from cds_service.turn import Application

BODY = "cds_service.body"  # member of environ: the body, as received
ARRIVED = "cds_service.arrived"  # when the call was there in full, on the monotonic clock


def received_first(application: Application, at_most: int) -> Application:
    """The WSGI application, entered when the body is there. More than `at_most` bytes are not waited for."""

    def receive(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and _announced(environ) <= at_most:
            # one byte more: the application sees then that a body without a length is too large
            environ[BODY] = environ["wsgi.input"].read(at_most + 1)
            environ["wsgi.input"] = BytesIO(environ[BODY])
        environ[ARRIVED] = monotonic()
        return application(environ, start_response)

    return receive


def _announced(environ: dict[str, Any]) -> int:
    """Bytes that the body has by its header; 0 when it is sent in chunks."""
    length = environ.get("CONTENT_LENGTH", "")
    return int(length) if length.isdecimal() else 0
