"""The clients a site trusts: whose tokens are accepted, and what each of them is used to. Part of the site file.

A *client* is one issuer (`iss`). Where none is listed, callers need no token (open mode).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import Field, field_validator, model_validator

from cds_service.client_profiles import profiles, with_profile
from cds_service.setting_values import ExactAddress, Section, WebAddress

Algorithm = Literal["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"]
Action = Annotated[str, Field(pattern=r"^(create|update|delete)( [A-Z][A-Za-z]+)?$")]
OPEN = "open"  # what a caller is called who needs no token; no client's name


class Answers(Section):
    """How a client wants its cards.

    `actions`: what it can carry out, of any resource ("delete") or of one type ("create ServiceRequest"); what it
    cannot is said in the text of the card instead. `several_actions`: under at-most-one, orders that are to be created
    together are one suggestion with an action for each. `code_systems`: how it spells a code system in what we write,
    by our short name or URI. `system_actions`: an empty `systemActions` on order-sign, which one public test kit
    demands against the specification.
    """

    selection_behavior: Literal["any", "at-most-one"] = "any"
    several_actions: bool = False
    actions: frozenset[Action] = frozenset({"create", "update", "delete"})
    code_systems: Mapping[str, str] = {}
    system_actions: bool = False

    @model_validator(mode="after")
    def _several_where_one_is_chosen(self) -> Self:
        if self.several_actions and self.selection_behavior == "any":
            raise ValueError('several_actions needs selection_behavior = "at-most-one"; under any, each can be chosen')
        return self

    def can(self, action: str, resource_type: str) -> bool:
        """Can the client carry out this kind of action on a resource of this type?"""
        return action in self.actions or f"{action} {resource_type}" in self.actions


class ClientCards(Section):
    """Which of the site's cards a client gets. `only` empty: all of them, but those in `off`."""

    off: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.off and self.only:
            raise ValueError("write only or off, not both")
        return self


class Client(Section):
    """One trusted issuer.

    `profile`: ready-made choices that those written here override (`client_profiles/`). `name`: what it is called in
    logs, metrics and the ledger. `keys`: its key set (JWKS) as a file; `jku`: addresses it may be read from; one of the
    two at least. `audiences`: values of `aud` accepted besides the address called. `feedback_audience`: which address a
    token for feedback names. `tenants` and `subjects` empty: any.
    `lifetime_seconds`: the longest `exp` − `iat`. `replay_check` False: a token may be used again (test kits do).
    `fhir_servers`: base addresses that may be called for it, with the token it gives. `fhir_subject`: our client id at
    its authorization server. `prefetch_keys`: its name of a prefetch key → ours. `strict`: refuse what the
    specification forbids although it could be read. `calls_per_minute` 0: no limit. `test`: its private key is public.
    """

    profile: str = ""
    issuer: str = Field(min_length=1)
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    keys: Path | None = None
    jku: tuple[ExactAddress, ...] = ()
    algorithms: frozenset[Algorithm] = Field(default=frozenset({"ES384", "RS384"}), min_length=1)
    audiences: tuple[str, ...] = ()
    feedback_audience: Literal["feedback", "service", "either"] = "feedback"
    tenants: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    lifetime_seconds: int = Field(default=3600, ge=1, le=86_400)
    replay_check: bool = True
    test: bool = False
    fhir_servers: tuple[WebAddress, ...] = ()
    fhir_subject: str = ""
    prefetch_keys: Mapping[str, str] = {}
    strict: bool = False
    calls_per_minute: int = Field(default=0, ge=0)
    answers: Answers = Answers()
    cards: ClientCards = ClientCards()

    @model_validator(mode="before")
    @classmethod
    def _with_profile(cls, choices: Any) -> Any:
        return with_profile(choices) if isinstance(choices, dict) else choices

    @field_validator("profile")
    @classmethod
    def _is_known(cls, profile: str) -> str:
        if profile and profile not in profiles():
            raise ValueError(f"there are {', '.join(profiles())}")
        return profile

    @field_validator("prefetch_keys")
    @classmethod
    def _one_key_each(cls, keys: Mapping[str, str]) -> Mapping[str, str]:
        if len(set(keys.values())) < len(keys):
            raise ValueError("two keys of the client mean the same one of ours; name one key for each")
        return keys

    @field_validator("name")
    @classmethod
    def _is_its_own(cls, name: str) -> str:
        if name == OPEN:
            raise ValueError(f"{OPEN} is what callers without a token are called")
        return name

    def accepted_audiences(self, service: str, *, is_feedback: bool = False) -> tuple[str, ...]:
        """Values of `aud` accepted in a call to the service at this address, or in its feedback."""
        feedback = f"{service}/feedback"
        of_feedback = {"feedback": (feedback,), "service": (service,), "either": (feedback, service)}
        addresses = of_feedback[self.feedback_audience] if is_feedback else (service,)
        return (*addresses, *self.audiences)

    @model_validator(mode="after")
    def _has_keys(self) -> Self:
        if self.keys is None and not self.jku:
            raise ValueError("name its key set: keys (a file) or jku (addresses)")
        return self


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call, as its token shows. `client` None: open mode, anybody."""

    client: Client | None = None
    tenant: str = ""
    jti: str = ""

    @property
    def name(self) -> str:
        """What the caller is called where a word is needed."""
        return OPEN if self.client is None else self.client.name

    @property
    def is_strict(self) -> bool:
        """Is the caller refused what the specification forbids although it could be read?"""
        return self.client is not None and self.client.strict


ANYBODY = Caller()


class AuthFailure(StrEnum):
    """Why a token was not accepted, in the one word that log and metrics have for it. No caller is told."""

    NO_TOKEN = "no-token"  # noqa: S105
    MALFORMED = "malformed"
    ISSUER = "issuer"
    HEADER = "header"
    ALGORITHM = "algorithm"
    JKU = "jku"
    KEY = "key"
    SIGNATURE = "signature"
    CLAIM = "claim"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    LIFETIME = "lifetime"
    TENANT = "tenant"
    SUBJECT = "subject"
    REPLAYED = "replayed"


class Authentication(Protocol):
    """Tells who calls."""

    def caller(self, authorization: str | None, path: str, *, is_feedback: bool = False) -> Caller:
        """Who sends this Authorization header to a path (of a service, or its feedback). Raises NotAuthenticated."""
        ...


class OpenMode:
    """Everybody may call; a token that is sent is not looked at."""

    def caller(self, authorization: str | None, path: str, *, is_feedback: bool = False) -> Caller:
        """Anybody."""
        return ANYBODY
