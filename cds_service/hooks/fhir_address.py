"""Which FHIR servers may be called.

`fhirServer` comes with the request, so it is anybody's choice: it is checked as text before anything is sent, and the
address its name stands for is checked again at the moment of connecting (connections.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from cds_service.clients import Caller
from cds_service.setting_values import is_loopback

_PORTS = {"https": 443, "http": 80}
_CARRIES_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))  # NAT64, and the form from before it
_METADATA = frozenset({IPv4Address("168.63.129.16")})  # a cloud's host service on a public address

_Address = IPv4Address | IPv6Address
Origin = tuple[str, str, int]


class Reach(Enum):
    """What kind of address a connection may go to."""

    PUBLIC = "public addresses"
    LOOPBACK = "loopback addresses"
    ANYWHERE = "any address but those of this machine's cloud"

    def holds(self, address: str) -> bool:
        """May a connection of this reach go to this IP address?"""
        meant = list(_meant(ip_address(address.partition("%")[0])))
        if self is Reach.ANYWHERE:  # a listed name that stands for one of these was moved there
            return not any(one.is_link_local or one.is_multicast or one in _METADATA for one in meant)
        if self is Reach.LOOPBACK:
            return all(one.is_loopback for one in meant)
        return all(one.is_global and not one.is_multicast and one not in _METADATA for one in meant)


class AddressNotAllowed(Exception):
    """A host name stands for an address that must not be called."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Which FHIR servers may be called.

    `allowed`: base addresses that may be called wherever they are. `is_open`: any other server on a public address
    may be called too, over https, and http on loopback when the service itself `is_on_loopback`. Not open: nothing
    else is called, and nothing without a token.
    """

    allowed: tuple[str, ...] = ()
    is_open: bool = True
    is_on_loopback: bool = False

    def reach(self, base_address: str) -> Reach | None:
        """What kind of address this server may be at; None: it is not called."""
        parts = _checked(base_address)
        if parts is None:
            return None
        if any(_starts_with(parts, prefix) for prefix in self.allowed):
            return Reach.ANYWHERE
        if not self.is_open:
            return None
        host = parts.hostname or ""
        if is_loopback(host):
            return Reach.LOOPBACK if self.is_on_loopback else None
        return Reach.PUBLIC if parts.scheme == "https" and not _is_ip(host) else None


def policy_of(caller: Caller, of_anybody: AddressPolicy) -> AddressPolicy:
    """What may be called for this caller; `of_anybody`: for a caller who needs no token."""
    if caller.client is None:
        return of_anybody
    return AddressPolicy(caller.client.fhir_servers, is_open=False)


def must_be_https(caller: Caller, fhir_server: str) -> bool:
    """Is this plain http for a client that is no test client? Its listed servers were looked at on the start."""
    if caller.client is None or caller.client.test or not fhir_server.lower().startswith("http:"):
        return False
    return policy_of(caller, AddressPolicy()).reach(fhir_server) is None


def origin(url: str) -> Origin | None:
    """Scheme, host and port of an address; None when it is not one that may be called."""
    parts = _split(url)
    return None if parts is None else (parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme])


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address without user, and without characters that programs read differently."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:  # a port or an IPv6 address that is none
        return None
    return parts if is_address else None


def _checked(base_address: str) -> SplitResult | None:
    """The parts of an address that can be a base: no query, no fragment, no way up the path."""
    parts = _split(base_address)
    if parts is None or "?" in base_address or "#" in base_address:
        return None
    segments = unquote(parts.path).replace("\\", "/").split("/")
    return None if {".", ".."} & set(segments) else parts


def _starts_with(parts: SplitResult, prefix: str) -> bool:
    """Is the address this one, or below it? Compared by whole path segments."""
    allowed = _checked(prefix)
    if allowed is None or origin(parts.geturl()) != origin(prefix):
        return False
    path = allowed.path.rstrip("/")
    return parts.path.rstrip("/") == path or parts.path.startswith(path + "/")


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _meant(address: _Address) -> Iterator[_Address]:
    """The address, and the IPv4 addresses that an IPv6 address carries inside."""
    carried: list[IPv4Address | None] = []
    if isinstance(address, IPv6Address):
        if address.is_loopback:
            return iter([address])
        if address.ipv4_mapped is not None:
            return iter([address.ipv4_mapped])
        carried = [address.sixtofour, *(address.teredo or ())]
        if any(address in network for network in _CARRIES_IPV4):
            carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return iter([address, *(inner for inner in carried if inner is not None)])
