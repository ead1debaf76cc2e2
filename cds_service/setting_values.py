"""The values that settings are made of: addresses, origins, time zones, and sections that know all their keys."""

from __future__ import annotations

from importlib.util import find_spec
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr


def _web_address(url: str) -> str:
    """An absolute http(s) address, written without a final slash."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("write an absolute address such as https://cds.example.org")
    return url.rstrip("/")


def _exact_address(url: str) -> str:
    """An absolute http(s) address, as it was written: a final slash may matter to the server."""
    _web_address(url)
    return url


def _origin(url: str) -> str:
    """What a browser sends as Origin: scheme, host, port and nothing else."""
    parts = urlsplit(_web_address(url))
    if parts.path:
        raise ValueError("write scheme, host and port only, such as https://ehr.example.org")
    return url.rstrip("/").lower()


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write a name of the time zone database such as Europe/Berlin") from None
    return name


def _database_address(address: SecretStr) -> SecretStr:
    """By its spelling alone: a database that is out of reach stops no start. It holds a password: not repeated."""
    written = address.get_secret_value()
    if not written:
        return address
    kind, found, place = written.partition("://")
    if not found:
        raise ValueError("write an address such as sqlite:////var/lib/cds/ledger.sqlite3")
    if kind == "sqlite":
        if place.partition("?")[0] in ("", "/", "/:memory:"):
            raise ValueError("name a file; a ledger in memory would differ from worker to worker")
    elif kind not in ("postgresql", "postgresql+psycopg"):
        raise ValueError("the ledger can be in sqlite or in postgresql")
    elif find_spec("psycopg") is None:
        raise ValueError("postgresql needs psycopg: install neuropathy-cds[postgresql]")
    return address


def is_loopback(host: str) -> bool:
    """Does this host name or address stand for this machine?"""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


WebAddress = Annotated[str, AfterValidator(_web_address)]
ExactAddress = Annotated[str, AfterValidator(_exact_address)]
Origin = Annotated[str, AfterValidator(_origin)]
DatabaseAddress = Annotated[SecretStr, AfterValidator(_database_address)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


class Section(BaseModel):
    """A part of the settings: an unknown key is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
