"""Whom a sheet is made for: anybody, the EHRs of a ready-made profile, or one trusted client of this site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from cds_service.client_profiles import profiles, with_profile
from cds_service.client_ways import USUAL, Ways
from cds_service.clients import Client
from cds_service.config import SiteConfig
from cds_service.registration.ehr_notes import EhrNotes, ehr_notes
from cds_service.rule_base import RuleBase

# stands where a value is not known yet, and is never shown
_UNKNOWN: Mapping[str, Any] = {"issuer": "unknown", "name": "unknown", "jku": ["https://unknown.invalid"]}


class NoSuchCounterpart(LookupError):
    """There is no client, or no profile, of this name. `kind` says which, the message what was expected."""

    def __init__(self, kind: Literal["client", "profile"], known: tuple[str, ...]) -> None:
        self.kind: Literal["client", "profile"] = kind
        self.expected = f"one of {', '.join(known)}" if known else "nothing, for none is listed"
        super().__init__(f"expected {self.expected}")


class Counterpart(NamedTuple):
    """Whom the sheet is for. `given` names the keys of `client` that are known; what is not is for others to fill in.

    `ways`: which cards it gets, of which profiles say nothing. `notes`: what its vendor documents, if it has a profile.
    """

    kind: Literal["anybody", "profile", "client"]
    name: str
    client: Client
    given: frozenset[str]
    ways: Ways
    notes: EhrNotes | None = None

    def knows(self, key: str) -> bool:
        """Is this key of the client known here?"""
        return key in self.given

    @property
    def called(self) -> str:
        """Whom the sheet is for, in words."""
        if self.kind == "anybody":
            return "any CDS Hooks client"
        title = self.notes.title if self.notes else ""
        if self.kind == "profile":
            return f"{title} (profile {self.name})"
        return f"the client {self.name}" + (f" ({title})" if title else "")


def counterpart(
    site: SiteConfig, rules: RuleBase, *, client: str | None = None, profile: str | None = None
) -> Counterpart:
    """The one that is asked for; anybody if none is. Raises NoSuchCounterpart."""
    if client:
        return of_client(client, site, rules)
    return of_profile(profile) if profile else anybody()


def anybody() -> Counterpart:
    """A client of which nothing is known: the service's defaults hold."""
    return _made("anybody", "", {})


def of_profile(name: str) -> Counterpart:
    """The EHRs that a ready-made profile is for. Raises NoSuchCounterpart."""
    if name not in profiles():
        raise NoSuchCounterpart("profile", profiles())
    return _made("profile", name, with_profile({"profile": name}))


def of_client(name: str, site: SiteConfig, rules: RuleBase) -> Counterpart:
    """A trusted client of this site. Raises NoSuchCounterpart."""
    client = next((client for client in site.clients if client.name == name), None)
    if client is None:
        raise NoSuchCounterpart("client", tuple(client.name for client in site.clients))
    notes = ehr_notes()[client.profile] if client.profile else None
    return Counterpart("client", name, client, frozenset(Client.model_fields), rules.ways[name], notes)


def _made(kind: Literal["anybody", "profile"], name: str, chosen: Mapping[str, Any]) -> Counterpart:
    client = Client.model_validate({**_UNKNOWN, **chosen})
    return Counterpart(kind, name, client, frozenset(chosen), USUAL, ehr_notes()[name] if name else None)
