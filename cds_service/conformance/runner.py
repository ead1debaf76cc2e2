"""Tries the rows one after the other, and keeps what came of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from cds_service.conformance import (
    authentication,
    cards,
    context,
    discovery,
    envelope,
    feedback,
    fhir_access,
    invariants,
    key_sets,
    links,
    prefetch,
    second_opinion,
    suggestions,
    transport,
)
from cds_service.conformance.exchange import Exchange
from cds_service.conformance.fhir_double import FhirDouble
from cds_service.conformance.row import Fault, Group, NotApplicable, Profile, Row
from cds_service.conformance.target import Target
from cds_service.conformance.tokens import Client
from cds_service.errors import CannotBeDone

GROUPS: tuple[Group, ...] = tuple(
    module.GROUP
    for module in (
        discovery, envelope, context, prefetch, cards, suggestions, links, feedback, authentication, transport,
        second_opinion, invariants,
    )
)  # fmt: skip

_SPREAD_OVER_TWO = (fhir_access, key_sets)  # loaded for the rows they add to the groups of prefetch and authentication

Status = Literal["pass", "fail", "not applicable"]


class NoSuchRow(CannotBeDone):
    """A row or a group that was asked for does not exist; the message names it."""


@dataclass(frozen=True)
class Result:
    """What came of a row. `exchanges`: the numbers of those that show it, the decisive one first.

    `reason`: why it did not pass.
    """

    row: Row
    status: Status
    reason: str
    exchanges: tuple[int, ...]
    seconds: float


@dataclass(frozen=True)
class Report:
    """A whole run."""

    url: str
    profile: Profile
    began: datetime
    results: tuple[tuple[Group, tuple[Result, ...]], ...]
    exchanges: tuple[Exchange, ...]

    def __iter__(self) -> Iterator[Result]:
        for _, results in self.results:
            yield from results

    def is_mandatory(self, result: Result) -> bool:
        """Does a service fail the suite with this row?"""
        return result.row.is_mandatory(self.profile)

    @property
    def passed(self) -> bool:
        """Did every mandatory row that applies pass?"""
        return not any(result.status == "fail" and self.is_mandatory(result) for result in self)

    def count(self, status: Status) -> int:
        """How many rows ended so."""
        return sum(result.status == status for result in self)


def chosen(names: Iterable[str]) -> list[tuple[Group, list[Row]]]:
    """The rows named, by row (JWT-08) or by group (A9), in the order of the list; all of them for none. NoSuchRow."""
    asked = [name.strip() for name in names if name.strip()]
    known = {group.id.lower() for group in GROUPS} | {row.id.lower() for group in GROUPS for row in group.rows}
    for name in asked:
        if name.lower() not in known:
            raise NoSuchRow(f"{name}: no such row or group; groups are {', '.join(group.id for group in GROUPS)}")
    wanted = {name.lower() for name in asked}
    picked = [
        (group, [row for row in group.in_order if not wanted or {row.id.lower(), group.id.lower()} & wanted])
        for group in GROUPS
    ]
    return [(group, rows) for group, rows in picked if rows]


def run(target: Target, rows: list[tuple[Group, list[Row]]], seen: Callable[[Result], None] = lambda _: None) -> Report:
    """Tries the rows on a service; `seen` is told of each as it ends."""
    began = datetime.now(UTC)
    results: list[tuple[Group, tuple[Result, ...]]] = []
    for group, listed in rows:
        tried = []
        for row in listed:
            if row.profile in ("", target.profile):
                tried.append(_try(target, row))
                seen(tried[-1])
        if tried:
            results.append((group, tuple(tried)))
    return Report(target.base, target.profile, began, tuple(results), tuple(target.exchanges))


def _try(target: Target, row: Row) -> Result:
    target.looked_at.clear()
    if row.check is None:
        reason = f"shows only inside the service; this project tries it in {row.elsewhere}"
        return Result(row, "not applicable", reason, (), 0.0)
    began = time.perf_counter()
    status: Status = "pass"
    reason, decisive = "", None
    try:
        row.check(target)
    except NotApplicable as why:
        status, reason = "not applicable", str(why)
    except Fault as fault:
        status, reason, decisive = "fail", str(fault), fault.exchange
    looked_at = [number for number in target.looked_at if decisive is None or number != decisive.number]
    exchanges = looked_at if decisive is None else [decisive.number, *looked_at]
    return Result(row, status, reason, tuple(exchanges), time.perf_counter() - began)


@contextmanager
def serving_keys(clients: Iterable[Client]) -> Iterator[FhirDouble | None]:
    """Serves the key sets of the clients that say so, each at its jku; the first client's server, if it has one."""
    servers = {}
    try:
        for number, client in enumerate(clients):
            if client.serve_keys:
                parts = urlsplit(client.jku)
                server = FhirDouble(parts.hostname or "127.0.0.1", parts.port or 80)
                server.always(key_sets.key_set_of(client))
                servers[number] = server
        yield servers.get(0)
    finally:
        for server in servers.values():
            server.close()
