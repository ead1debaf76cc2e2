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
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator

from cds_service.clients import OPEN, Client
from cds_service.errors import InvalidConfiguration
from cds_service.safe_start import unsafe_combinations
from cds_service.setting_values import DatabaseAddress, Section, TimeZone, WebAddress, is_loopback
from cds_service.site_choices import (
    AuthenticationChoice,
    CardChoice,
    Cors,
    LedgerChoice,
    Limits,
    LocalLink,
    Operator,
    PlaygroundChoice,
    Services,
    Terminology,
)

__all__ = [
    "EMBEDDED",
    "PREFIX",
    "CardChoice",
    "LedgerChoice",
    "Limits",
    "Settings",
    "SiteConfig",
    "Terminology",
    "check_safe",
    "load_settings",
    "load_site",
]

PREFIX = "CDS_SERVICE_"
EMBEDDED = "sqlite:///ledger.sqlite3"

_NO_LIST = ("frozen_set_type", "list_type", "tuple_type")  # what pydantic calls a single value in the place of a list


class Settings(Section):
    """How the process runs.

    A process for which nobody chose a database gets EMBEDDED; what is built in code, in tests say, writes no file
    unless told to.
    """

    host: str = Field(
        default="127.0.0.1",
        description="address to listen on; anything but loopback needs trusted clients, "
        "or `allow_open = true` in the site file",
        examples=["0.0.0.0"],  # noqa: S104
    )
    port: int = Field(default=8000, ge=1, le=65535, description="port to listen on", examples=[9000])
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="processes; left out: one per core", examples=[4]
    )
    public_url: WebAddress | None = Field(
        default=None,
        description="the address that clients call, which their tokens have to name; left out: where it listens",
        examples=["https://cds.example.org"],
    )
    site: Path | None = Field(
        default=None, description="the site file below", examples=["/etc/neuropathy-cds/site.toml"]
    )
    database: DatabaseAddress = Field(
        default=SecretStr(""),
        description="where the ledger of issued cards and feedback is, as SQLAlchemy spells it; empty: none is kept",
        examples=["postgresql+psycopg://cds@db.example.org/ledger"],
    )
    hash_key: SecretStr | None = Field(
        default=None,
        description="secret for the keyed hashes in log and ledger; left out: made at the start. "
        "Replicas, and a ledger that outlives a start, need one",
        examples=["32 random characters or more"],
    )
    operator_token: SecretStr | None = Field(
        default=None,
        description="what `/metrics`, the export and `/outcomes` ask for as bearer token (the page, in a browser, as "
        "password); left out: they are open to loopback alone",
        examples=["another secret"],
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level of the lines of the log; calls are logged at `info`"
    )
    tracing: Literal["on", "off"] = Field(
        default="off",
        description="`on`: an OpenTelemetry trace of each call, sent where the `OTEL_…` variables say; "
        "needs the extra `tracing`",
    )

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
    def is_for_this_machine(self) -> bool:
        """Can nobody else call, through a proxy neither?"""
        return self.is_loopback and self.public_url is None

    @property
    def is_https(self) -> bool:
        """Do clients come over https?"""
        return self.base_url.startswith("https://")

    @property
    def base_url(self) -> str:
        """Where the service is found, without a final slash."""
        return self.public_url or self.own_url

    @property
    def own_url(self) -> str:
        """Where it listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class SiteConfig(Section):
    """What the site wants."""

    allow_open: bool = Field(
        default=False,
        description="`true`: callers need no token although the service listens beyond loopback; not beside clients",
    )
    profile: Literal["2.0.1", "3.0"] = Field(
        default="2.0.1", description="of CDS Hooks; `3.0` adds `version` and `hookVersion` to discovery"
    )
    time_zone: TimeZone = Field(
        default="UTC",
        description='of calendar days: windows such as "365 days" are counted in it',
        examples=["Europe/Helsinki"],
    )
    code_systems: WebAddress = Field(
        default="https://neuropathy-cds.example.org/CodeSystem",
        description="base of the code systems of topics and override reasons",
        examples=["https://cds.example.org/CodeSystem"],
    )
    licensed_codes: bool = Field(
        default=True,
        description="`false`: without ATC codes and SNOMED CT codes outside the Global Patient Set",
    )
    allow_test_clients: bool = Field(
        default=False,
        description="`true`: clients whose private keys are public may be listed; never where patients are treated",
    )
    check_resources: bool = Field(
        default=False,
        description="`true`: hold every resource of a suggestion against the R4 models and leave a wrong one out; "
        "costs some ms a card",
    )
    cards: CardChoice = CardChoice()
    thresholds: Mapping[str, Mapping[str, float]] = Field(
        default={},
        description="numbers of your own: see below",
        examples=[{"renal_function": {"fresh_at_risk": 120}}],
    )
    links: tuple[LocalLink, ...] = ()
    terminology: Terminology = Terminology()
    services: Services = Services()
    clients: tuple[Client, ...] = ()
    authentication: AuthenticationChoice = AuthenticationChoice()
    cors: Cors = Cors()
    limits: Limits = Limits()
    ledger: LedgerChoice = LedgerChoice()
    operator: Operator = Operator()
    playground: PlaygroundChoice = PlaygroundChoice()

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


def is_among_ourselves(settings: Settings, site: SiteConfig) -> bool:
    """Does nobody but this machine call, and without tokens?"""
    return settings.is_for_this_machine and not site.clients


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
    if first["type"] in _NO_LIST:
        return f"{key}: write a list, in square brackets"
    return f"{key}: {first['msg'].removeprefix('Value error, ')}"
