"""Counts for Prometheus: every call, what it said, what it could not find out. Labels are words of our own, and few.

Workers count into files of the directory in PROMETHEUS_MULTIPROC_DIR, which `cds-service serve` makes and removes; the
answer of any worker adds up all of them. Without that variable a process counts for itself.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

from cds_service.hooks.feedback import OUTCOMES
from cds_service.log import Call
from cds_service.unknowns import word
from cds_service.unmapped_drugs import NO_CODE, OTHER

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from cds_service.ledger.ledger import Ledger

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # read by the library too
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ANSWERED = "answered"
NO_SERVICE = "none"

_CALL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
_FHIR_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2)
_FILES = ("counter", "histogram", "gauge_max", "gauge_livemin", "gauge_livesum")  # one of each for a worker
_FILE_BYTES = 256 * 1024  # several times what all labels together need

SECONDS_BETWEEN_LOOKS = 2.0

GaugeMode = Literal["max", "livemin", "livesum"]

_log = logging.getLogger(__name__)


class Metrics:
    """What is counted. `build`: labels of the running version. `is_known`: is this one of our code systems?

    `ledger` None: none is kept.
    """

    def __init__(
        self,
        build: Callable[[], Mapping[str, str]],
        is_known: Callable[[str], bool],
        ledger: Ledger | None = None,
    ) -> None:
        self._build = build
        self._is_known = is_known
        self._ledger = ledger
        self._loading = Lock()
        self._instruments: _Instruments | None = None

    def keep_up(self) -> None:
        """Looks at the ledger, which works on its own, every few seconds, for ever: for a thread.

        Its first round prepares what a call would else wait for: the library takes 0.05 s, which no start has to spare.
        """
        while True:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            self.look()

    def look(self) -> None:
        """Takes over what the ledger of this worker has counted."""
        counting = self._counting()
        if self._ledger is not None:
            counting.look_at(self._ledger)

    def count(self, call: Call, status: int) -> None:
        """Counts a call that is over."""
        self._counting().count(call, status)

    def exposition(self) -> bytes:
        """What Prometheus reads: the sums over all workers."""
        self.look()
        return self._counting().exposition()

    def _counting(self) -> _Instruments:
        with self._loading:
            if self._instruments is None:
                self._instruments = _Instruments(self._build(), self._is_known)
            return self._instruments


class _Instruments:
    """The counters themselves, each with its labels bound once."""

    def __init__(self, build: Mapping[str, str], is_known: Callable[[str], bool]) -> None:
        self._is_shared = _is_shared()
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        registry = self._registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"neuropathy_cds_{name}", text, labels, registry=registry)

        def seconds(name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
            return Histogram(f"neuropathy_cds_{name}", text, labels, buckets=buckets, registry=registry)

        def gauge(name: str, text: str, over_workers: GaugeMode, *labels: str) -> Gauge:
            name = f"neuropathy_cds_{name}"
            return Gauge(name, text, labels, registry=registry, multiprocess_mode=over_workers)

        self._calls = cache(counter("calls", "Calls and feedback answered.", "service", "status").labels)
        self._seconds = cache(seconds("call_seconds", "Time to the answer.", _CALL_SECONDS, "service").labels)
        self._cards = cache(counter("cards", "Cards sent.", "topic", "level").labels)
        self._cannot_tell = cache(counter("cannot_tell", "Rules that could not tell.", "reason").labels)
        self._fhir_calls = cache(counter("fhir_calls", "Requests sent to FHIR servers.", "outcome").labels)
        self._fhir_seconds = seconds("fhir_call_seconds", "Time a FHIR server took.", _FHIR_SECONDS)
        self._auth_failures = cache(counter("auth_failures", "Tokens that were refused.", "reason").labels)
        self._rate_limited = cache(counter("rate_limited_calls", "Calls answered 429.", "client").labels)
        self._unmapped = cache(
            counter("unmapped_drugs", "Ordered drugs without a known code.", "recognised", "system").labels
        )
        self._feedback = cache(counter("feedback", "Cards that feedback came for.", "outcome").labels)
        self._written = counter("ledger_cards_written", "Issued cards that the ledger has taken.")
        self._lost = counter("ledger_cards_lost", "Issued cards that the ledger did not take.")
        self._waiting = gauge("ledger_queue_length", "Issued cards that wait for the ledger.", "livesum")
        self._reachable = gauge("ledger_reachable", "1: every worker reaches the ledger.", "livemin")
        gauge("build_info", "The running version.", "max", *build).labels(**build).set(1)
        self._seen = (0, 0)
        self._looking = Lock()
        self._is_known = is_known

    def look_at(self, ledger: Ledger) -> None:
        with self._looking:
            written, lost = ledger.written, ledger.lost
            self._written.inc(written - self._seen[0])
            self._lost.inc(lost - self._seen[1])
            self._seen = written, lost
        self._waiting.set(ledger.queue_length)
        self._reachable.set(ledger.is_reachable)

    def count(self, call: Call, status: int) -> None:
        service = call.service or NO_SERVICE
        self._calls(service, status).inc()
        self._seconds(service).observe(call.seconds)
        for topic, level in call.topics:
            self._cards(topic, level).inc()
        for reason, rules in (call.cannot_tell or {}).items():
            self._cannot_tell(reason).inc(rules)
        if call.auth_failure:
            self._auth_failures(call.auth_failure).inc()
        if status == 429:
            self._rate_limited(call.client).inc()
        self._count_reads(call)
        self._count_drugs(call)
        for outcome in OUTCOMES:
            if call.feedback and outcome in call.feedback:
                self._feedback(outcome).inc(call.feedback[outcome])

    def _count_reads(self, call: Call) -> None:
        for read in list(call.reads):  # one that is late may end meanwhile
            self._fhir_calls(word(read.why) if read.why else ANSWERED).inc()
            if read.seconds is not None:
                self._fhir_seconds.observe(read.seconds)

    def _count_drugs(self, call: Call) -> None:
        for system, drugs in (call.unknown_drugs or {}).items():
            self._unmapped("no", self._system(system)).inc(drugs)
        for system, drugs in (call.drugs_by_name or {}).items():
            self._unmapped("by name", self._system(system)).inc(drugs)

    def _system(self, label: str) -> str:
        """A label of a code system, anybody's word replaced by one of ours."""
        return label if label == NO_CODE or self._is_known(label) else OTHER

    def exposition(self) -> bytes:
        from prometheus_client import generate_latest

        return generate_latest(self._all_workers() if self._is_shared else self._registry)

    def _all_workers(self) -> CollectorRegistry:
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        _forget_the_dead(Path(os.environ[DIRECTORY]))
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry


def _is_shared() -> bool:
    """Does this worker count together with others? Its files are written full of zeros first.

    The library maps them into memory, and a page for which the disk then has no room would end the process.
    """
    directory = os.environ.get(DIRECTORY)
    if not directory:
        return False
    try:
        for kind in _FILES:
            path = Path(directory, f"{kind}_{os.getpid()}.db")
            if not path.exists():
                path.write_bytes(bytes(_FILE_BYTES))
    except OSError as error:
        del os.environ[DIRECTORY]  # read by the library when it is imported
        _log.error("this worker counts for itself alone", extra={"error": type(error).__name__, "why": error.strerror})
        return False
    return True


def _forget_the_dead(directory: Path) -> None:
    """Takes away what workers that are gone said of the present; what they counted stays."""
    for path in directory.glob("gauge_live*.db"):
        try:
            os.kill(int(path.stem.rpartition("_")[2]), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
