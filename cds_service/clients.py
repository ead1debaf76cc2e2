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
TRYING = "playground"  # what the page is called on which anybody tries the service; no client's name either


class Answers(Section):
    """How a client wants its cards."""

    selection_behavior: Literal["any", "at-most-one"] = Field(
        default="any", description="`at-most-one`: then one suggestion at most is recommended"
    )
    several_actions: bool = Field(
        default=False,
        description="under `at-most-one`: orders to be created together are one suggestion with an action for each",
    )
    actions: frozenset[Action] = Field(
        default=frozenset({"create", "update", "delete"}),
        description="what it can carry out, of any resource or of one type; "
        "the rest is said in the text of the card, as *Options*",
        examples=[["delete", "create ServiceRequest"]],
    )
    code_systems: Mapping[str, str] = Field(
        default={},
        description="how it spells a code system in what we write, by our short name or URI",
        examples=[{"rxnorm": "urn:oid:2.16.840.1.113883.6.88"}],
    )
    system_actions: bool = Field(
        default=False,
        description="an empty `systemActions` on order-sign, which the CRD test kit demands against the specification",
    )

    @model_validator(mode="after")
    def _several_where_one_is_chosen(self) -> Self:
        if self.several_actions and self.selection_behavior == "any":
            raise ValueError('several_actions needs selection_behavior = "at-most-one"; under any, each can be chosen')
        return self

    def can(self, action: str, resource_type: str) -> bool:
        """Can the client carry out this kind of action on a resource of this type?"""
        return action in self.actions or f"{action} {resource_type}" in self.actions


class ClientCards(Section):
    """Which of the site's cards a client gets: all of them, but those in `off`, or those in `only`; and sees."""

    off: frozenset[str] = Field(default=frozenset(), description="rules it does not get, by rule id")
    only: frozenset[str] = Field(default=frozenset(), description="the only rules it gets; empty: all")
    silent: frozenset[str] = Field(
        default=frozenset(),
        description="rules that are asked for it, kept in the ledger and never shown, besides those silent at the site",
    )

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.off and self.only:
            raise ValueError("write only or off, not both")
        if self.silent & self.off:
            raise ValueError("a card is listed in silent and in off; what is off is not asked")
        if self.only and self.silent - self.only:
            raise ValueError("a card is listed in silent and not in only; what is not listed there is not asked")
        return self


class Client(Section):
    """A client you trust: one issuer of tokens."""

    profile: str = Field(
        default="", description="ready-made choices that those written here override; empty: none", examples=["epic"]
    )
    issuer: str = Field(
        min_length=1,
        description="`iss` of its tokens, exactly; each once only",
        examples=["https://ehr.example.org/fhir/r4"],
    )
    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}$",
        description="what log, metrics and ledger call it: small letters, digits and hyphens; each once only",
        examples=["north-clinic"],
    )
    keys: Path | None = Field(
        default=None,
        description="its public keys (JWKS) as a file beside the site file; this or `jku`. "
        "With both, the file is looked at first",
        examples=["ehr-keys.json"],
    )
    jku: tuple[ExactAddress, ...] = Field(
        default=(),
        description="where its public keys are. A `jku` in a token must be one of these, "
        "also where the keys stand in a file",
        examples=[["https://ehr.example.org/jwks.json"]],
    )
    algorithms: frozenset[Algorithm] = Field(
        default=frozenset({"ES384", "RS384"}),
        min_length=1,
        description="that may sign its tokens; each fits one type of key",
        examples=[["RS256"]],
    )
    audiences: tuple[str, ...] = Field(
        default=(),
        description="values of `aud` accepted besides the address called: for an EHR where somebody typed in another",
        examples=[["https://cds.example.org"]],
    )
    feedback_audience: Literal["feedback", "service", "either"] = Field(
        default="feedback",
        description="the address that tokens for feedback name: its own, that of the service, or either",
    )
    tenants: frozenset[str] = Field(
        default=frozenset(), description="`tenant` of its tokens; empty: any", examples=[["north", "south"]]
    )
    subjects: frozenset[str] = Field(
        default=frozenset(), description="`sub` of its tokens; empty: any", examples=[["0a1b2c3d"]]
    )
    lifetime_seconds: int = Field(
        default=3600, ge=1, le=86_400, description="the longest time from `iat` to `exp`", examples=[300]
    )
    replay_check: bool = Field(
        default=True, description="a token is good for one request; `false` for test suites that use one again"
    )
    test: bool = Field(
        default=False,
        description="its private key is public: accepted with `allow_test_clients = true` only, "
        "and plain http is then no error",
    )
    silent: bool = Field(
        default=False,
        description='every card is asked for it and kept in the ledger; its answer is always `{"cards": []}`',
    )
    fhir_servers: tuple[WebAddress, ...] = Field(
        default=(),
        description="base addresses that may be called for it, with the token it gives and never without; "
        "any other is not called (`fhir_access` in the log) and prefetch alone counts",
        examples=[["https://ehr.example.org/fhir/r4"]],
    )
    fhir_subject: str = Field(
        default="",
        description="our client id at its authorization server: a token whose `subject` is another is not used; "
        "empty: any",
        examples=["0a1b2c3d"],
    )
    prefetch_keys: Mapping[str, str] = Field(
        default={},
        description="its name of a prefetch key → ours, one for each; keys it does not rename keep our names",
        examples=[{"Pat": "patient", "HepB": "hbv_markers"}],
    )
    strict: bool = Field(
        default=False,
        description="refuse with 400 what can be read but is not as specified: a `hookInstance` that is no UUID, "
        "`selections` that are missing or name no draft, feedback with ids that are no UUIDs, times that are not UTC, "
        "or an `overrideReason` of another shape",
    )
    calls_per_minute: int = Field(
        default=0,
        ge=0,
        description="calls and feedback together; 0: no limit. Each worker gives out its share, "
        "then 429 with `Retry-After`",
        examples=[600],
    )
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
        if name in (OPEN, TRYING):
            raise ValueError(f"{OPEN} and {TRYING} are what callers without a token are called")
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
    """Who makes a call, as its token shows. `client` None: nobody with a token, who is then called `otherwise`."""

    client: Client | None = None
    tenant: str = ""
    jti: str = ""
    otherwise: str = OPEN

    @property
    def name(self) -> str:
        """What the caller is called where a word is needed."""
        return self.otherwise if self.client is None else self.client.name

    @property
    def is_strict(self) -> bool:
        """Is the caller refused what the specification forbids although it could be read?"""
        return self.client is not None and self.client.strict


ANYBODY = Caller()
PLAYGROUND = Caller(otherwise=TRYING)


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
