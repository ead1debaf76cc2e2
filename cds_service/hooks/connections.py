"""Connections to servers of others: no redirect, no cookie, no proxy, no more bytes than were agreed on.

They reach no other address than the kind allowed, which is looked at again at the moment of connecting. Whoever needs
this module at the start has to wait for it: the libraries below take a tenth of a second to load.
"""

from __future__ import annotations

import io
import socket
import zlib
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Any, ClassVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection
from urllib3.util.ssl_ import create_urllib3_context

from cds_service.hooks.fhir_address import AddressNotAllowed, Reach

_HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "neuropathy-cds"}
_CHUNK_BYTES = 65_536
_GZIP = 16 + zlib.MAX_WBITS
_IDLE_SECONDS = 30  # firewalls forget a connection after minutes, without a word to either end
_MOST_ADDRESSES = 2  # the second one is the only connect retry there is


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


class ReachAdapter(HTTPAdapter):
    """Connections, kept open between calls, that go to addresses of one reach only."""

    def __init__(self, reach: Reach, connections: int) -> None:
        self._reach = reach
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """The pools of `requests`, with connections of our own.

        They trust whom this machine trusts (SSL_CERT_FILE, SSL_CERT_DIR) beside the authorities that `requests` brings:
        many hospitals sign the certificates of their servers themselves.
        """
        context = create_urllib3_context()
        context.load_default_certs()
        super().init_poolmanager(*args, ssl_context=context, **kwargs)
        mine = {"reach": self._reach}
        http = type("_HTTPConnection", (_CheckedHTTPConnection,), mine)
        https = type("_HTTPSConnection", (_CheckedHTTPSConnection,), mine)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("_HTTPPool", (HTTPConnectionPool,), {"ConnectionCls": http}),
            "https": type("_HTTPSPool", (HTTPSConnectionPool,), {"ConnectionCls": https}),
        }


class _AnswerInTime(HTTPResponse):
    """An answer for which the read time-out holds as a whole.

    The time-out of a socket starts again with every byte, so that a server which trickles could keep a thread for ever.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_ReadInTime(sock))


class _ReadInTime(io.RawIOBase):
    """A socket's bytes until the time-out it has now is over."""

    def __init__(self, sock: socket.socket) -> None:
        seconds = sock.gettimeout()
        self._ends_at = None if seconds is None else monotonic() + seconds
        self._sock = sock
        self._bytes = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._ends_at is not None:
            left = self._ends_at - monotonic()
            if left <= 0:
                raise TimeoutError("the answer did not come in time")
            self._sock.settimeout(left)
        return self._bytes.readinto(buffer)

    def close(self) -> None:
        self._bytes.close()
        super().close()


class _CheckedHTTPConnection(HTTPConnection):
    """A connection that looks at the address before it connects, so that a name cannot be moved in between."""

    reach: ClassVar[Reach]
    response_class = _AnswerInTime
    _answered_at = 0.0

    @property
    def is_connected(self) -> bool:
        """Can it be used again? One that was idle for long may lead nowhere, which shows only when the time is over."""
        return super().is_connected and monotonic() - self._answered_at < _IDLE_SECONDS

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        """The answer; from now on the connection is idle."""
        response = super().getresponse()
        self._answered_at = monotonic()
        return response

    def _new_conn(self) -> socket.socket:
        seconds = self.timeout if isinstance(self.timeout, int | float) else None
        ends_at = None if seconds is None else monotonic() + seconds
        found = self._addresses()
        if not all(self.reach.holds(address) for address in found):
            raise AddressNotAllowed
        failure: OSError = TimeoutError("no time left to connect")
        for number, address in enumerate(found, start=1):
            left = None if ends_at is None else (ends_at - monotonic()) / (len(found) - number + 1)
            if left is not None and left <= 0:
                break
            try:
                return create_connection((address, self.port), left, socket_options=self.socket_options)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, "connecting took too long") from failure
        raise NewConnectionError(self, "could not connect") from failure

    def _addresses(self) -> list[str]:
        """The addresses to try, at most two."""
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise NewConnectionError(self, "the host name could not be resolved") from error
        return list(dict.fromkeys(str(address[0]) for *_, address in found))[:_MOST_ADDRESSES]


class _CheckedHTTPSConnection(_CheckedHTTPConnection, HTTPSConnection):
    """The same over TLS."""
