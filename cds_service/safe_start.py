"""Which combinations of settings are unsafe: each message names the key and says what to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cds_service.published_keys import is_published_issuer
from cds_service.setting_values import is_loopback

if TYPE_CHECKING:
    from cds_service.clients import Client
    from cds_service.config import Settings, SiteConfig


def unsafe_combinations(settings: Settings, site: SiteConfig) -> Iterator[str]:
    """What stops the start. Nothing: the service can be reached by those only for whom it is meant."""
    if site.clients:
        yield from _with_clients(settings, site)
        for client in site.clients:
            yield from _of_client(client, settings, site)
        return
    if not settings.is_loopback and not site.allow_open:
        yield (
            "allow_open: callers need no token, and CDS_SERVICE_HOST is not a loopback address; list clients,"
            " or set allow_open = true in the site file, or CDS_SERVICE_HOST=127.0.0.1"
        )
    if site.authentication.discovery == "token":
        yield 'authentication.discovery: no client is listed that could have a token; list it, or write "open"'


def _with_clients(settings: Settings, site: SiteConfig) -> Iterator[str]:
    if site.allow_open:
        yield "allow_open: with clients every caller needs a token; remove allow_open, or the clients"
    only_for_tests = all(client.test for client in site.clients)
    if settings.public_url is None and not settings.is_loopback:
        yield (
            "CDS_SERVICE_PUBLIC_URL: tokens are made for the address that clients call, and CDS_SERVICE_HOST is not a"
            " loopback address; set it to that address, such as https://cds.example.org"
        )
    if settings.public_url and _is_plain(settings.public_url) and not only_for_tests:
        yield (
            "CDS_SERVICE_PUBLIC_URL: tokens and patient data would be sent unencrypted; put a proxy with TLS in front"
            " and name its address, https://…"
        )
    for origin in site.cors.origins:
        if _is_plain(origin) and not only_for_tests:
            yield "cors.origins: a page that came unencrypted may be anybody's; list https origins only"


def _of_client(client: Client, settings: Settings, site: SiteConfig) -> Iterator[str]:
    if client.test and not site.allow_test_clients:
        yield (
            f"clients.{client.name}.test: anybody can sign its tokens; remove the client, or set allow_test_clients ="
            " true where no patient is treated"
        )
    if is_published_issuer(client.issuer) and not client.test:
        yield f"clients.{client.name}.issuer: its private keys are published; set test = true"
    for key, addresses in (("jku", client.jku), ("fhir_servers", client.fhir_servers)):
        if not client.test and any(_is_unencrypted(address, settings) for address in addresses):
            yield f"clients.{client.name}.{key}: write https addresses; plain http can be read and changed on its way"


def _is_unencrypted(address: str, settings: Settings) -> bool:
    """Would it cross a network in the clear? Plain http stays on this machine when it and the service do."""
    return urlsplit(address).scheme == "http" and (_is_plain(address) or not settings.is_loopback)


def _is_plain(address: str) -> bool:
    """Plain http to another machine."""
    parts = urlsplit(address)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")
