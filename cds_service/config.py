"""Settings of the process (CDS_SERVICE_… variables) and choices of the site (a TOML file), checked at the start.

A wrong key or an unsafe combination raises InvalidConfiguration and names the key, never the value.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from cards.orders import Hook
from cds_service.clients import OPEN, Client
from cds_service.errors import InvalidConfiguration
from cds_service.safe_start import unsafe_combinations
from cds_service.setting_values import Origin, Section, TimeZone, WebAddress, is_loopback

PREFIX = "CDS_SERVICE_"
EMBEDDED = "sqlite:///ledger.sqlite3"
MEGABYTE = 1024 * 1024


class Settings(Section):
    """How the process runs. `site` names the TOML file of the site; `public_url` is what clients call.

    `database`: where the ledger is, as SQLAlchemy spells it; empty: no ledger is kept. A process for which nobody chose
    gets EMBEDDED; what is built in code, in tests say, writes no file unless told to. `hash_key`: for the keyed hashes
    in log and ledger; without one they hold for the life of the process. `operator_token`: what metrics and export ask
    for; without one they are open to loopback alone. `tracing`: a trace of each call, sent where
    the OTEL_… variables say.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    public_url: WebAddress | None = None
    site: Path | None = None
    database: SecretStr = SecretStr("")
    hash_key: SecretStr | None = None
    operator_token: SecretStr | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    tracing: Literal["on", "off"] = "off"

    @field_validator("tracing")
    @classmethod
    def _can_trace(cls, tracing: str) -> str:
        if tracing == "on" and find_spec("opentelemetry") is None:
            raise ValueError("install neuropathy-cds[tracing], or write off")
        return tracing

    @property
    def is_loopback(self) -> bool:
        """Can only this machine reach the service?"""
        return is_loopback(self.host)

    @property
    def is_https(self) -> bool:
        """Do clients come over https?"""
        return self.base_url.startswith("https://")

    @property
    def base_url(self) -> str:
        """Where the service is found, without a final slash."""
        if self.public_url:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class CardChoice(Section):
    """Which cards, and how many (book 0.4, 1.10.3). `could_not_check`: the note on what could not be checked.

    `off_at`: rules left out at one hook only.
    """

    off: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()
    could_not_check: Literal["on", "off", "every"] = "on"
    at_most: int = Field(default=5, ge=1)
    at_most_info: int = Field(default=2, ge=0)
    info_at_signing: bool = False
    off_at: Mapping[Hook, frozenset[str]] = {}

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.on & self.off:
            raise ValueError("a card is listed in on and in off")
        return self


class Services(Section):
    """One service per hook, or one per family of cards and hook."""

    split_by: Literal["hook", "family"] = "hook"


class AuthenticationChoice(Section):
    """Tokens of trusted clients. `discovery`: does it need one too? `leeway_seconds`: by how much clocks may differ."""

    discovery: Literal["open", "token"] = "open"
    leeway_seconds: int = Field(default=60, ge=0, le=300)


class Cors(Section):
    """Browser origins that may call, besides those that open mode lets in."""

    origins: tuple[Origin, ...] = ()


class Limits(Section):
    """What one call may cost. Entries are per Bundle, pages per search, `fhir_seconds` for all reads together.

    `call_seconds` is the whole call, counted from the last byte of its body; three quarters of it are for reads.
    """

    body_mb: float = Field(default=4, gt=0)
    answer_mb: float = Field(default=5, gt=0)
    entries: int = Field(default=500, ge=1)
    pages: int = Field(default=5, ge=1)
    fhir_seconds: float = Field(default=1.5, gt=0)
    call_seconds: float = Field(default=2, gt=0)

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
    """Codes and names of the site. `value_sets`: FHIR ValueSet files, each named as the value set that it adds to.

    `codes`: by code system, code → value set or code of a known system ("rxnorm:483438"). `drug_names`: name → value
    set.
    """

    value_sets: tuple[Path, ...] = ()
    codes: Mapping[str, Mapping[str, str]] = {}
    drug_names: Mapping[str, str] = {}


class LocalLink(Section):
    """A link that the site adds to the cards of a rule."""

    rule: str
    label: str = Field(min_length=1)
    url: WebAddress


class LedgerChoice(Section):
    """How long the ledger keeps what (days), and for how long an overridden card is not repeated (0: it always is).

    `card_days` counts for cards without feedback; the others stay as long as their feedback.
    """

    card_days: float = Field(default=90, gt=0)
    feedback_days: float = Field(default=90, gt=0)
    comment_days: float = Field(default=30, gt=0)
    repetition_hours: float = Field(default=24, ge=0)

    @model_validator(mode="after")
    def _comments_not_alone(self) -> Self:
        if self.comment_days > self.feedback_days:
            raise ValueError("comment_days: comments cannot be kept longer than the feedback they belong to")
        return self


class Operator(Section):
    """Who runs the service here, in words for the registration sheet. Empty: left to be filled in."""

    name: str = ""
    support: str = ""
    security: str = ""


class SiteConfig(Section):
    """What the site wants. `code_systems` is the base address of the topic and override-reason code systems.

    `licensed_codes` False leaves out the codes that need a licence of the site. `check_resources` holds every resource
    that a suggestion sends against the R4 models and leaves a wrong one out. `thresholds`: by rule or shared table,
    the numbers that the book leaves to the site (⚙). `allow_test_clients`: clients whose private keys are public may be
    listed.
    """

    allow_open: bool = False
    profile: Literal["2.0.1", "3.0"] = "2.0.1"
    time_zone: TimeZone = "UTC"
    code_systems: WebAddress = "https://neuropathy-cds.example.org/CodeSystem"
    licensed_codes: bool = True
    allow_test_clients: bool = False
    check_resources: bool = False
    cards: CardChoice = CardChoice()
    thresholds: Mapping[str, Mapping[str, float]] = {}
    links: tuple[LocalLink, ...] = ()
    terminology: Terminology = Terminology()
    services: Services = Services()
    clients: tuple[Client, ...] = ()
    authentication: AuthenticationChoice = AuthenticationChoice()
    cors: Cors = Cors()
    limits: Limits = Limits()
    ledger: LedgerChoice = LedgerChoice()
    operator: Operator = Operator()

    @field_validator("clients")
    @classmethod
    def _told_apart(cls, clients: tuple[Client, ...]) -> tuple[Client, ...]:
        for key in ("issuer", "name"):
            if len({getattr(client, key) for client in clients}) < len(clients):
                raise ValueError(f"two clients have the same {key}")
        return clients

    @property
    def mode(self) -> str:
        """Who may call, in words: "open", or how many clients."""
        tests = sum(client.test for client in self.clients)
        trusted = len(self.clients) - tests
        counts = [
            f"{count} {kind} client{'s' * (count > 1)}"
            for count, kind in ((trusted, "trusted"), (tests, "test"))
            if count
        ]
        return ", ".join(counts) or OPEN

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the site's calendar days."""
        return ZoneInfo(self.time_zone)


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from CDS_SERVICE_… variables. Raises InvalidConfiguration naming the variable."""
    given = {name.upper().removeprefix(PREFIX): value for name, value in environment.items() if _is_ours(name)}
    known = {name.upper(): name for name in Settings.model_fields}
    for name in given:
        if name not in known:
            raise InvalidConfiguration(f"{PREFIX}{name}: no such setting; there are {', '.join(known)} after {PREFIX}")
    try:
        chosen = {known[name]: value for name, value in given.items() if value or name == "DATABASE"}
        return Settings.model_validate({"database": EMBEDDED, **chosen})
    except ValidationError as error:
        raise InvalidConfiguration(PREFIX + _message(error, str.upper)) from None


def _is_ours(name: str) -> bool:
    return name.upper().startswith(PREFIX)


def load_site(path: Path | None) -> SiteConfig:
    """The site's choices; the defaults without a file. Raises InvalidConfiguration naming file and key."""
    if path is None:
        return SiteConfig()
    try:
        with path.open("rb") as stream:
            choices = tomllib.load(stream)
    except OSError as error:
        raise InvalidConfiguration(f"{PREFIX}SITE: {path}: {error.strerror}") from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise InvalidConfiguration(f"{PREFIX}SITE: {path}: {error}") from None
    try:
        site = SiteConfig.model_validate(choices)
    except ValidationError as error:
        raise InvalidConfiguration(f"{path}: {_message(error)}") from None
    return _with_paths_beside(site, path.parent)


def _with_paths_beside(site: SiteConfig, folder: Path) -> SiteConfig:
    """Files that the site file names stand beside it."""
    value_sets = tuple(folder / file for file in site.terminology.value_sets)
    clients = tuple(
        client.model_copy(update={"keys": folder / client.keys}) if client.keys else client for client in site.clients
    )
    terminology = site.terminology.model_copy(update={"value_sets": value_sets})
    return site.model_copy(update={"terminology": terminology, "clients": clients})


def check_safe(settings: Settings, site: SiteConfig) -> None:
    """Raises InvalidConfiguration for a combination of settings that lets in, or lets out, what it should not."""
    problem = next(unsafe_combinations(settings, site), None)
    if problem:
        raise InvalidConfiguration(problem)


def _message(error: ValidationError, spelt: Callable[[str], str] = str) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    key = spelt(".".join(str(part) for part in first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"{key}: no such key"
    return f"{key}: {first['msg'].removeprefix('Value error, ')}"
