"""Clients for tests whose private keys anybody can read: the CDS Hooks Sandbox and the Inferno test kits.

A token that they sign proves nothing, so they are trusted only where a client is marked `test`. They are known by
their issuers' hosts, and by their keys wherever those turn up.
"""

from __future__ import annotations

from urllib.parse import urlsplit

_HOSTS = frozenset({"sandbox.cds-hooks.org", "inferno.healthit.gov"})

PUBLISHED_KEYS = frozenset(  # thumbprints (RFC 7638)
    {
        "s9fOe-KDYD1myZ8YCzleUqJQgrYZL49kVijBxhnZvZc",  # CDS Hooks Sandbox, ES384
        "WUEVfFenRfMtdDhwPUzCCfmqEN45h61hdHclwVoqfes",  # the same, its older ES256
        "RBFgQFFUIf4hfG8iUUZrf3vFZ_V2r3YRGPx9nKJXk5M",  # Inferno, ES384
        "Q7fgcIzqt0bVAKsWaw_FyUFSDDpOTfsGdGtjJmAnzFY",  # Inferno, RS384
    }
)


def is_published_issuer(issuer: str) -> bool:
    """Is this the issuer of a public test client?"""
    try:
        return (urlsplit(issuer).hostname or "").rstrip(".") in _HOSTS
    except ValueError:
        return False
