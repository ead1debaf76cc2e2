"""The public keys of trusted clients: from files read at the start, and from the addresses (`jku`) a site registered.

A key set at an address is fetched when it is first needed. A key that is not in it makes it read again, so that
clients can change their keys, but seldom, so that made-up keys make no flood. It is read again in the background when
it is old. While an address does not answer, what was read last holds.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterable, Mapping
from threading import Lock, Thread
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from cds_service.clients import AuthFailure, Client
from cds_service.errors import InvalidConfiguration, NotAuthenticated
from cds_service.hooks.connections import open_session, received
from cds_service.hooks.fhir_address import AddressNotAllowed, Origin, Reach, origin
from cds_service.hooks.key_sets import KeySet, UnusableKeySet, VerificationKey, read_key_file, read_key_set
from cds_service.turn import given_away

FETCH_SECONDS = 2.0
REFRESH_SECONDS = 10.0  # an unknown key makes us ask at most this often
OLD_SECONDS = 900.0  # a key that was withdrawn is trusted no longer than this
KEY_SET_BYTES = 256 * 1024
_CONNECTIONS = 2

_log = logging.getLogger(__name__)

Clock = Callable[[], float]


class ClientKeys:
    """The keys of all clients. Raises InvalidConfiguration for a file that cannot be used."""

    def __init__(self, clients: Iterable[Client], clock: Clock = monotonic) -> None:
        session = open_session(Reach.ANYWHERE, "application/json", _CONNECTIONS)
        self._files: dict[str, KeySet] = {}
        self._registered: dict[str, Mapping[_Place, RemoteKeySet]] = {}
        remote: dict[_Place, RemoteKeySet] = {}  # clients of one vendor share an address
        for client in clients:
            self._files[client.issuer] = _keys_in_file(client)
            places = {place: address for address in client.jku if (place := _place(address))}
            for place, address in places.items():
                remote.setdefault(place, RemoteKeySet(address, session, clock))
            self._registered[client.issuer] = {place: remote[place] for place in places}

    def find(self, client: Client, header: Mapping[str, Any]) -> tuple[VerificationKey, ...]:
        """The keys of this client that the header of a token names. Raises NotAuthenticated.

        Nothing is fetched but from an address registered for this client.
        """
        registered = self._registered[client.issuer]
        if "jku" in header:
            place = _place(header["jku"])
            if place is None or place not in registered:
                raise NotAuthenticated(AuthFailure.JKU)
            registered = {place: registered[place]}
        kid = header["kid"]
        found = self._files[client.issuer].get(kid, ())
        for key_set in registered.values():
            found = found or key_set.find(kid)
        trusted = tuple(key for key in found if client.test or not key.is_exposed)
        if not trusted:
            raise NotAuthenticated(AuthFailure.KEY)
        return trusted


class RemoteKeySet:
    """The key set at one address, kept."""

    def __init__(self, address: str, session: requests.Session, clock: Clock = monotonic) -> None:
        self._address = address
        self._session = session
        self._clock = clock
        self._keys: KeySet = {}
        self._old_at = 0.0
        self._again_at = clock()
        self._fetching = Lock()

    def find(self, kid: str) -> tuple[VerificationKey, ...]:
        """The keys with this id; empty when there is none, or when it is not known for now."""
        found = self._keys.get(kid)
        if found is None:
            with given_away():
                self._fetch_for(kid)
            return self._keys.get(kid, ())
        now = self._clock()
        if now >= self._old_at and now >= self._again_at:
            self._again_at = now + REFRESH_SECONDS
            Thread(target=self._fetch_anew, name="keys", daemon=True).start()
        return found

    def _fetch_for(self, kid: str) -> None:
        with self._fetching:  # another call may just be reading it
            now = self._clock()
            if kid in self._keys or now < self._again_at:
                return
            is_first = not self._keys
            self._again_at = now + REFRESH_SECONDS
            self._fetch()
            if is_first and self._keys:
                self._again_at = now  # the first time is no sign of anything

    def _fetch_anew(self) -> None:
        with self._fetching:
            self._fetch()

    def _fetch(self) -> None:
        try:
            self._keys = read_key_set(self._download())
            self._old_at = self._clock() + OLD_SECONDS
        except UnusableKeySet as error:
            _log.warning("a key set could not be read", extra={"why": f"{self._address}: {error}"})

    def _download(self) -> bytes:
        timeout: Any = Timeout(total=FETCH_SECONDS)  # `requests` takes it; its types do not say so
        try:
            with self._session.get(self._address, timeout=timeout, allow_redirects=False, stream=True) as response:
                if response.status_code != requests.codes.ok:
                    raise UnusableKeySet(f"answered with status {response.status_code}")
                body = received(response, KEY_SET_BYTES)
        except AddressNotAllowed:
            raise UnusableKeySet("the name stands for an address that is never called") from None
        except (requests.RequestException, HTTPError) as error:
            raise UnusableKeySet(f"could not be reached ({type(error).__name__})") from None
        except (zlib.error, ValueError):
            raise UnusableKeySet("is not packed as it says") from None
        if body is None:
            raise UnusableKeySet(f"is larger than {KEY_SET_BYTES} bytes")
        return body


_Place = tuple[Origin, str]


def _place(address: Any) -> _Place | None:
    """Scheme, host, port and path; None for what cannot be a registered address."""
    found = origin(address) if isinstance(address, str) else None
    if found is None or "?" in address or "#" in address:
        return None
    return found, urlsplit(address).path


def _keys_in_file(client: Client) -> KeySet:
    if client.keys is None:
        return {}
    try:
        return read_key_file(client.keys, may_be_exposed=client.test)
    except UnusableKeySet as error:
        raise InvalidConfiguration(f"clients.{client.name}.keys: {client.keys}: {error}") from None
