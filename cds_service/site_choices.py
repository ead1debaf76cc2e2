"""The sections of the site file. docs/configuration.md is made from the words and the example that each key has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from cards.orders import Hook
from cds_service.setting_values import Origin, Section, WebAddress

MEGABYTE = 1024 * 1024
_MOST_DAYS = 36_500  # a hundred years: no calendar goes back as far as a million days


class CardChoice(Section):
    """Which cards are given, and how many of them."""

    off: frozenset[str] = Field(default=frozenset(), description="rules to leave out, by rule id")
    on: frozenset[str] = Field(
        default=frozenset(),
        description="rules that are off by default and wanted here",
    )
    silent: frozenset[str] = Field(
        default=frozenset(),
        description="rules that are asked, kept in the ledger and never shown",
    )
    could_not_check: Literal["on", "off", "every"] = Field(
        default="on",
        description="the note at order-sign that collects what could not be checked; "
        "`every`: also where a rule is silent on what it could not know",
    )
    at_most: int = Field(
        default=5, ge=1, description="cards in one answer; critical and warning are never dropped", examples=[3]
    )
    at_most_info: int = Field(default=2, ge=0, description="of them info", examples=[1])
    info_at_signing: bool = Field(
        default=False,
        description="for sites that use order-sign only: what is said while choosing is said on signing too",
    )
    off_at: Mapping[Hook, frozenset[str]] = Field(
        default={},
        description="rules to leave out at one hook only",
    )

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.on & self.off:
            raise ValueError("a card is listed in on and in off")
        if self.silent & self.off:
            raise ValueError("a card is listed in silent and in off; what is off is not asked")
        return self


class Services(Section):
    """How the cards are divided into services."""

    split_by: Literal["hook", "family"] = Field(
        default="hook", description="one service per hook, or one per family of cards and hook"
    )


class AuthenticationChoice(Section):
    """Tokens of trusted clients."""

    discovery: Literal["open", "token"] = Field(default="open", description="`token`: discovery needs a token too")
    leeway_seconds: int = Field(
        default=60, ge=0, le=300, description="by how much a client's clock may differ", examples=[30]
    )


class Cors(Section):
    """Browser origins that may call, besides those that open mode lets in (loopback and the public sandbox)."""

    origins: tuple[Origin, ...] = Field(
        default=(), description="scheme, host and port of each", examples=[["https://ehr.example.org"]]
    )


class Limits(Section):
    """What one call may cost."""

    body_mb: float = Field(default=4, gt=0, description="the largest request, in megabytes", examples=[8])
    answer_mb: float = Field(
        default=5, gt=0, description="the largest answer of a FHIR server, in megabytes", examples=[10]
    )
    entries: int = Field(
        default=500, ge=1, description="entries of a Bundle; what is beyond counts as unread", examples=[1000]
    )
    pages: int = Field(default=5, ge=1, description="pages of a search; likewise", examples=[10])
    fhir_seconds: float = Field(
        default=1.5, gt=0, description="for all reads from the FHIR server together, in seconds", examples=[1]
    )
    call_seconds: float = Field(
        default=2,
        gt=0,
        description="for the whole call, in seconds from the last byte of its body; "
        "reads end after three quarters of it, also when the call had to wait",
        examples=[3],
    )

    @property
    def body_bytes(self) -> int:
        """The largest body that is read."""
        return int(self.body_mb * MEGABYTE)

    @property
    def answer_bytes(self) -> int:
        """The largest FHIR answer that is read."""
        return int(self.answer_mb * MEGABYTE)

    @property
    def seconds_until_reads_end(self) -> float:
        """From the arrival of a call to the end of its reads; the rest is for the review."""
        return 0.75 * self.call_seconds


class Terminology(Section):
    """Codes and names of your own: see below."""

    value_sets: tuple[Path, ...] = Field(
        default=(),
        description="FHIR R4 ValueSets (JSON) beside the site file; the `name` of each is the value set it adds to",
    )
    codes: Mapping[str, Mapping[str, str]] = Field(
        default={},
        description='by code system: code → a value set, or a code of a known system ("rxnorm:483438")',
    )
    drug_names: Mapping[str, str] = Field(
        default={},
        description="what your people call a drug → its value set; a drug known by its name reaches warning at most",
    )


class LocalLink(Section):
    """Links of your own on the cards of a rule, behind those of the rule."""

    rule: str = Field(description="rule id")
    label: str = Field(min_length=1, description="what the link says")
    url: WebAddress = Field(description="where it leads")


class Operator(Section):
    """Who runs the service here, for the registration sheet; what is empty is left to be filled in."""

    name: str = Field(default="", description="who runs it", examples=["North Clinic, IT"])
    support: str = Field(default="", description="where to turn when it fails", examples=["support@north.example.org"])
    security: str = Field(default="", description="where to report a weakness", examples=["security@north.example.org"])


class PlaygroundChoice(Section):
    """The page at `/` on which anybody tries the service without a token, with made-up patients."""

    switch: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="is it there? `auto`: only where the service listens on loopback, without a public address and "
        "without clients",
    )
    fhir_servers: tuple[WebAddress, ...] = Field(
        default=(),
        description="base addresses of FHIR servers that it offers besides; they are read without a token",
        examples=[["https://fhir.example.org/r4"]],
    )


class LedgerChoice(Section):
    """How long the ledger keeps what, and for how long an overridden card is not repeated."""

    card_days: float = Field(
        default=90,
        gt=0,
        le=_MOST_DAYS,
        description="days for tallies, and for cards without feedback; other cards stay as long as their feedback",
        examples=[30],
    )
    feedback_days: float = Field(default=90, gt=0, le=_MOST_DAYS, description="days for feedback", examples=[180])
    comment_days: float = Field(
        default=30,
        gt=0,
        description="days for comments and a client's own reasons, which are free text; at most `feedback_days`",
        examples=[14],
    )
    repetition_hours: float = Field(
        default=24,
        ge=0,
        le=24 * 365,
        description="a card overridden with a reason is not repeated so long; 0: it always is; critical always is",
        examples=[0],
    )

    @model_validator(mode="after")
    def _comments_not_alone(self) -> Self:
        if self.comment_days > self.feedback_days:
            raise ValueError("comment_days: comments cannot be kept longer than the feedback they belong to")
        return self
