"""Which browser pages may call: the origins a site lists; in open mode loopback pages and the public sandbox too."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

SANDBOX = "https://sandbox.cds-hooks.org"

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept",
    "Access-Control-Max-Age": "600",
}


class AllowedOrigins:
    """The origins that may read our answers. Never `*`, never with credentials."""

    def __init__(self, listed: tuple[str, ...], *, is_open: bool) -> None:
        self._listed = frozenset((*listed, SANDBOX) if is_open else listed)
        self._is_open = is_open

    def __contains__(self, origin: str) -> bool:
        return origin in self._listed or (self._is_open and _is_loopback(origin))

    def answer(self, origin: str | None, headers: Headers, *, is_preflight: bool, asks_for_loopback: bool) -> None:
        """Adds what lets the page of `origin` read this answer; nothing for an origin that is not listed."""
        headers.add("Vary", "Origin")
        if origin is None or origin not in self:
            return
        headers["Access-Control-Allow-Origin"] = origin
        if not is_preflight:
            return
        headers.update(_PREFLIGHT)
        if asks_for_loopback:  # some browsers ask before a public page may call a service on this machine
            headers["Access-Control-Allow-Private-Network"] = "true"


def _is_loopback(origin: str) -> bool:
    try:
        host = urlsplit(origin).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
