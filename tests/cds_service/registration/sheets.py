"""Sheets for tests: of a service with a public address and two trusted clients."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from cds_service.config import Settings, SiteConfig
from cds_service.registration.build import registration_sheet
from cds_service.registration.counterpart import counterpart
from cds_service.registration.running import Running, running
from cds_service.registration.sheet import Exact, Row, Sheet, Table, plain
from cds_service.rule_base import load_rule_base

BASE = "https://cds.example.org"
TOKEN = "s3cret-of-the-operator"
KEYS = "keys-of-the-north.json"
SETTINGS = Settings(database=SecretStr(""), public_url=BASE, operator_token=SecretStr(TOKEN))
NORTH = {
    "profile": "epic",
    "name": "north",
    "issuer": "https://epic.north.example.org/FHIR/R4",
    "jku": ["https://epic.north.example.org/keys"],
    "keys": KEYS,
    "audiences": ["https://typed.in.example.org/cds"],
    "tenants": ["north-clinic"],
    "subjects": ["our-client-id"],
    "lifetime_seconds": 900,
    "fhir_servers": ["https://epic.north.example.org/FHIR/R4"],
    "fhir_subject": "0a1b2c3d",
    "prefetch_keys": {"Pat": "patient"},
    "calls_per_minute": 600,
    "cards": {"only": ["tca-caution", "rituximab-hbv-serology"]},
}
SOUTH = {"name": "south", "issuer": "https://south.example.org", "jku": ["https://south.example.org/jwks.json"]}


def service(settings: Settings = SETTINGS, **choices: Any) -> Running:
    """A service as its settings and site file have it."""
    site = SiteConfig.model_validate(choices)
    return running(settings, site, load_rule_base(site))


def trusting(settings: Settings = SETTINGS, **choices: Any) -> Running:
    """A service that trusts both clients."""
    return service(settings, clients=[NORTH, SOUTH], **choices)


def sheet_of(of: Running, *, client: str = "", profile: str = "") -> Sheet:
    """The sheet of this service."""
    return registration_sheet(of, counterpart(of.site, of.rules, client=client, profile=profile))


def table(sheet: Sheet, key: str) -> Table:
    """A table of the sheet."""
    return next(one for one in sheet.tables if one.key == key)


def column(sheet: Sheet, key: str, name: str) -> list[str]:
    """A column of a table, as text."""
    found = table(sheet, key)
    at = [one.key for one in found.columns].index(name)
    return [plain(row[at]) for row in found.rows]


def row(sheet: Sheet, key: str, item: str) -> Row:
    """The row of a table that this stands at the head of."""
    return next(one for one in table(sheet, key).rows if plain(one[0]) == item)


def copied(sheet: Sheet, key: str, item: str) -> tuple[str, ...]:
    """What is copied from this row's second cell."""
    value = row(sheet, key, item)[1]
    assert isinstance(value, Exact), value
    return value.texts
