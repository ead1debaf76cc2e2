"""What every answer carries, errors included: its headers; and of every call, its line in the log.

Stands around the application as WSGI, where this costs a tenth of what it costs inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cds_service.hooks.cors import AllowedOrigins
from cds_service.log import Call

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CALL = "cds_service.call"  # where an endpoint leaves what the log may say of the call

_NOSNIFF = ("X-Content-Type-Options", "nosniff")
_NO_STORE = ("Cache-Control", "no-store")
_HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")

Watcher = Callable[[Call, int], None]


class EveryAnswer:
    """Wraps an application; `path` is the part of it that browser pages may call.

    Each of `watchers` is told of every call that is over, with its status. `is_https`: clients come over https only.
    """

    def __init__(
        self,
        application: WSGIApplication,
        path: str,
        origins: AllowedOrigins,
        watchers: Sequence[Watcher],
        *,
        is_https: bool = False,
    ) -> None:
        self._application = application
        self._path = path.lstrip("/")
        self._origins = origins
        self._watchers = tuple(watchers)
        self._headers = (_NOSNIFF, _HTTPS_ONLY) if is_https else (_NOSNIFF,)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        answered = [""]

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if method == "OPTIONS" and status.startswith("200"):
                status = "204 NO CONTENT"
                headers = [header for header in headers if not header[0].startswith("Content-")]
            headers += self._headers
            if method == "POST":
                headers.append(_NO_STORE)
            if environ["PATH_INFO"].lstrip("/").startswith(self._path):  # "//…": routes take it too
                headers += self._origins.headers(environ)
            answered[0] = status
            return start_response(status, headers, exc_info)

        body = self._application(environ, start)
        if method == "POST" or CALL in environ:
            self._tell(environ.get(CALL) or Call(), int(answered[0][:3]))
        return body

    def _tell(self, call: Call, status: int) -> None:
        for watch in self._watchers:
            watch(call, status)
