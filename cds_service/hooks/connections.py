"""Connections to servers of others: no redirect, no cookie, no proxy, no more bytes than were agreed on."""

from __future__ import annotations

import zlib
from http.cookiejar import DefaultCookiePolicy

import requests

from cds_service.hooks.fhir_address import Reach, ReachAdapter

_HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "neuropathy-cds"}
_CHUNK_BYTES = 65_536
_GZIP = 16 + zlib.MAX_WBITS


class _Session(requests.Session):
    """Follows no redirect and does not even read the body of one, which `requests` does, without bounds."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def open_session(reach: Reach, accept: str, connections: int) -> requests.Session:
    """Connections that are kept open, to addresses of this reach only."""
    session = _Session()
    session.trust_env = False  # no proxy, and no .netrc: it would replace the token
    session.headers.clear()
    session.headers.update({"Accept": accept, **_HEADERS})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    adapter = ReachAdapter(reach, connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def received(response: requests.Response, at_most: int) -> bytes | None:
    """The body; None when it is larger than `at_most` bytes, which is noticed before it is all unpacked.

    Raises zlib.error, ValueError when it is not packed as it says.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise ValueError("a content encoding that was not asked for")
    unpack = None if encoding == "identity" else zlib.decompressobj(_GZIP)
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=False):
        body += chunk if unpack is None else unpack.decompress(chunk, at_most + 1 - len(body))
        if len(body) > at_most:
            return None
    return bytes(body)
