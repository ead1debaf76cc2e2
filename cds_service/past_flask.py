"""Hook calls go past Flask, whose way to a view and back costs as much as an order that concerns no card.

Everything else is Flask's: other addresses and methods, and the answer to every error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class PastFlask:
    """Wraps the WSGI application of `app`. `calls` are by address: each makes the JSON of its answer of the environ."""

    def __init__(self, app: Flask, calls: Mapping[str, Callable[[WSGIEnvironment], bytes]]) -> None:
        self._app = app
        self._application = app.wsgi_app
        self._calls = calls

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._calls.get(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if answer is None:
            return self._application(environ, start_response)
        try:
            body = answer(environ)
        except Exception as error:  # noqa: BLE001 - as Flask does: each error has its answer
            with self._app.request_context(environ):
                response = self._app.make_response(self._app.handle_user_exception(error))
                return response(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]
