"""Reads from the client's FHIR server: in parallel, inside one deadline, and as if every answer were hostile.

Nothing here raises for what a server does or fails to do: what could not be had comes back as a `Reply` without a body
and with a short reason that can be shown, free of addresses and of patient data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from math import inf
from threading import Lock
from time import monotonic, time_ns
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urljoin

from cds_service.config import Limits
from cds_service.fhir.bundle import next_url
from cds_service.fhir.coding import as_list
from cds_service.hooks.fhir_access import lifetime_seconds, usable_token
from cds_service.hooks.fhir_address import AddressPolicy, Origin, Reach, origin
from cds_service.hooks.fhir_reply import LATE, NO_TOKEN, NOT_ALLOWED, NOT_SUPPLIED, FhirRead, Reply
from cds_service.turn import given_away

if TYPE_CHECKING:
    from cds_service.hooks.fhir_exchange import FhirExchange

T = TypeVar("T")

_THREADS = 64  # of all calls to one server together; a server that hangs keeps one until the deadline of its call
_HANDING_OVER_SECONDS = 0.05  # reading stops so long before the deadline, that a part that was read still counts

_UNQUOTED = re.compile(r"[ \x80-\U0010ffff]+")  # what some servers write into next links as it is


@dataclass(frozen=True, slots=True)
class NoFhirServer:
    """There is no FHIR server to ask. `why` in words for a card."""

    why: str = NOT_SUPPLIED


class FhirServers:
    """The FHIR servers of all clients: threads and open connections, kept for the life of the process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._threads: dict[Reach | Origin | None, ThreadPoolExecutor] = {}
        self._exchanges: dict[Reach, FhirExchange] = {}
        self._opening = Lock()

    def of_call(
        self,
        base_address: str,
        authorization: Mapping[str, Any],
        policy: AddressPolicy,
        reads: list[FhirRead] | None = None,
        ends_at: float = inf,
    ) -> FhirServer | NoFhirServer:
        """The FHIR server of one hook call, whose time starts now and is over at `ends_at`; or why none is called.

        `authorization` is the `fhirAuthorization` of the request; without a token in it, open mode calls all the same.
        Every request that is sent is added to `reads`.
        """
        if not base_address:
            return NoFhirServer()
        reach = policy.reach(base_address)
        if reach is None:
            return NoFhirServer(NOT_ALLOWED)
        token = usable_token(authorization)  # empty from the Da Vinci request generator
        if not token and not policy.is_open:
            return NoFhirServer(NO_TOKEN)
        lives = lifetime_seconds(authorization)
        seconds = min(self._limits.fhir_seconds, ends_at - monotonic())
        if lives is not None:
            seconds = min(seconds, lives)
        threads = self._threads_for(base_address, reach)
        return FhirServer(base_address, token, seconds, self._limits, self._exchange(reach), threads, reads)

    def close(self) -> None:
        """Ends what is kept; no call can be made after this."""
        for threads in self._threads.values():
            threads.shutdown(cancel_futures=True)
        for exchange in self._exchanges.values():
            exchange.close()

    def _threads_for(self, base_address: str, reach: Reach) -> ThreadPoolExecutor:
        """A listed server has threads of its own: when it hangs, the servers of other clients still answer.

        Any other address is the caller's choice, so all of these share: nobody can make us start more and more.
        """
        whose = origin(base_address) if reach is Reach.ANYWHERE else reach
        with self._opening:
            if whose not in self._threads:
                self._threads[whose] = ThreadPoolExecutor(_THREADS, thread_name_prefix="fhir")
            return self._threads[whose]

    def _exchange(self, reach: Reach) -> FhirExchange:
        from cds_service.hooks.fhir_exchange import FhirExchange  # takes a tenth of a second, which no start waits for

        with self._opening:
            if reach not in self._exchanges:
                self._exchanges[reach] = FhirExchange(reach, _THREADS)
            return self._exchanges[reach]


class FhirServer:
    """The client's FHIR server during one hook call: its address, the token given, one deadline for everything."""

    def __init__(
        self,
        base_address: str,
        access_token: str,
        seconds: float,
        limits: Limits,
        exchange: FhirExchange,
        threads: ThreadPoolExecutor,
        reads: list[FhirRead] | None = None,
    ) -> None:
        self.base_address = base_address.rstrip("/")
        self._ends_at = monotonic() + seconds
        self._limits = limits
        self._origin = origin(base_address)
        self._headers = {"Authorization": f"Bearer {access_token}"} if access_token else {}
        self._exchange = exchange
        self._threads = threads
        self._reads = [] if reads is None else reads

    def get(self, query: str) -> Reply:
        """The answer to one query, first page only. `query` is relative to the base address."""
        return self._get(f"{self.base_address}/{query}")

    def get_pages(self, query: str) -> Reply:
        """The answer to one query with all its pages."""
        reply = self.get(query)
        return reply if reply.body is None else Reply(self.with_next_pages(reply.body))

    def with_next_pages(self, bundle: dict[str, Any]) -> dict[str, Any]:
        """The Bundle with the entries of the pages that follow, as far as limits, origin and time allow.

        A `next` link that is left says that more was not read. What has no next page comes back unchanged.
        """
        entries, page, seen = as_list(bundle.get("entry")), bundle, set[str]()
        for _ in range(self._limits.pages - 1):
            url = self._next_url(page)
            if url is None or url in seen or len(entries) >= self._limits.entries:
                break
            seen.add(url)
            following = self._get(url).body
            if following is None or following["resourceType"] != "Bundle":
                break
            page = following
            entries = entries + as_list(page.get("entry"))
        return bundle if page is bundle else {**bundle, "entry": entries, "link": page.get("link")}

    def in_parallel(self, jobs: Mapping[str, Callable[[], T]], *, late: T) -> dict[str, T]:
        """What every job brings, by name; `late` for a job that is not done when the time is over."""
        running = {name: self._threads.submit(job) for name, job in jobs.items()}
        with given_away():
            wait(running.values(), timeout=max(0.0, self._ends_at - monotonic()))
        return {name: late if job.cancel() or not job.done() else job.result() for name, job in running.items()}

    def _next_url(self, page: dict[str, Any]) -> str | None:
        """Address of the next page, if it is at the origin that the token is for."""
        link = next_url(page)
        if link is None or link.startswith("?"):  # of the search or of the base? The wrong one may answer "none"
            return None
        try:
            url = urljoin(f"{self.base_address}/", _UNQUOTED.sub(lambda signs: quote(signs[0]), link))
        except ValueError:  # a link that is no address
            return None
        return url if origin(url) == self._origin else None

    def _get(self, url: str) -> Reply:
        left = self._ends_at - _HANDING_OVER_SECONDS - monotonic()
        if left <= 0:
            return Reply(why=LATE)
        read = FhirRead(time_ns())
        self._reads.append(read)
        began = monotonic()
        reply = self._exchange.get(url, self._headers, left, self._limits.answer_bytes)
        read.seconds, read.why = monotonic() - began, reply.why
        return reply
