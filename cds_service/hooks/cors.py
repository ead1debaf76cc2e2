"""Which browser pages may call: the origins a site lists; in open mode loopback pages and the public sandbox too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cds_service.setting_values import is_loopback

SANDBOX = "https://sandbox.cds-hooks.org"

_VARY = ("Vary", "Origin")
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept"),
    ("Access-Control-Max-Age", "600"),
)
_LOOPBACK = ("Access-Control-Allow-Private-Network", "true")


class AllowedOrigins:
    """The origins that may read our answers. Never `*`, never with credentials."""

    def __init__(self, listed: tuple[str, ...], *, is_open: bool) -> None:
        self._listed = frozenset((*listed, SANDBOX) if is_open else listed)
        self._is_open = is_open

    def __contains__(self, origin: str) -> bool:
        return origin in self._listed or (self._is_open and _is_loopback(origin))

    def headers(self, environ: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What lets the page that made this request read the answer; next to nothing for an origin not listed."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or origin not in self:
            return [_VARY]
        headers = [_VARY, ("Access-Control-Allow-Origin", origin)]
        if environ["REQUEST_METHOD"] == "OPTIONS":
            headers += _PREFLIGHT
            if "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK" in environ:
                headers.append(_LOOPBACK)  # some browsers ask before a public page may call this machine
        return headers


def _is_loopback(origin: str) -> bool:
    try:
        return is_loopback(urlsplit(origin).hostname or "")
    except ValueError:
        return False
