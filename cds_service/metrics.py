"""Counts for Prometheus: every call, what it said, what it could not find out. Labels are words of our own, and few.

Workers count into files of the directory in PROMETHEUS_MULTIPROC_DIR, which `cds-service serve` makes and removes; the
answer of any worker adds up all of them. Without that variable a process counts for itself.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from cds_service.log import Call
from cds_service.unknowns import word
from cds_service.unmapped_drugs import NO_CODE, OTHER

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ANSWERED = "answered"
NO_SERVICE = "none"
OUTCOMES = ("accepted", "overridden")

_CALL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
_FHIR_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2)
_FILES = ("counter", "histogram", "gauge_max")  # one of each for a worker
_FILE_BYTES = 256 * 1024  # several times what all labels together need

_log = logging.getLogger(__name__)


class Metrics:
    """What is counted. `build`: labels of the running version. `is_known`: is this one of our code systems?"""

    def __init__(self, build: Callable[[], Mapping[str, str]], is_known: Callable[[str], bool]) -> None:
        self._build = build
        self._is_known = is_known
        self._loading = Lock()
        self._instruments: _Instruments | None = None

    def load(self) -> None:
        """Prepares what the first call would else wait for: the library takes 0.05 s, which no start has to spare."""
        self._counting()

    def count(self, call: Call, status: int) -> None:
        """Counts a call that is over."""
        self._counting().count(call, status)

    def exposition(self) -> bytes:
        """What Prometheus reads: the sums over all workers."""
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

        def counter(name: str, text: str, *labels: str) -> Callable[..., Counter]:
            return cache(Counter(f"neuropathy_cds_{name}", text, labels, registry=registry).labels)

        def seconds(name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
            return Histogram(f"neuropathy_cds_{name}", text, labels, buckets=buckets, registry=registry)

        self._calls = counter("calls", "Calls and feedback answered.", "service", "status")
        self._seconds = cache(seconds("call_seconds", "Time to the answer.", _CALL_SECONDS, "service").labels)
        self._cards = counter("cards", "Cards sent.", "topic", "level")
        self._cannot_tell = counter("cannot_tell", "Rules that could not tell.", "reason")
        self._fhir_calls = counter("fhir_calls", "Requests sent to FHIR servers.", "outcome")
        self._fhir_seconds = seconds("fhir_call_seconds", "Time a FHIR server took.", _FHIR_SECONDS)
        self._auth_failures = counter("auth_failures", "Calls answered 401.", "reason")
        self._rate_limited = counter("rate_limited_calls", "Calls answered 429.", "client")
        self._unmapped = counter("unmapped_drugs", "Ordered drugs without a known code.", "recognised", "system")
        self._feedback = counter("feedback", "Cards that feedback came for.", "outcome")
        about = Gauge(
            "neuropathy_cds_build_info", "The running version.", build, registry=registry, multiprocess_mode="max"
        )
        about.labels(**build).set(1)
        self._is_known = is_known

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
