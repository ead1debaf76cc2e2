"""What only real processes show: a stop under load, a worker that is killed, more callers than can be answered."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest

from tests.bench.bodies import one_card, without_prefetch
from tests.bench.slow_fhir_server import slow_fhir_server
from tests.cds_service.test_metrics import value
from tests.running_service import CALL, JSON, Service, running

pytestmark = pytest.mark.alone

CONNECTIONS = 20
SLOW_SECONDS = 0.4
IN_FLIGHT_SECONDS = 0.2  # sent so long before the stop, a request has been received by then


class Caller:
    """Sends one call after the other over one connection until it breaks; each has a hook instance of its own."""

    def __init__(self, port: int, body: bytes) -> None:
        self.sent: dict[str, float] = {}
        self.answered: dict[str, int] = {}
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._body = json.loads(body)

    def call_on(self, stopped: Event) -> None:
        """Until the service has stopped."""
        with closing(self._connection), suppress(OSError, HTTPException):
            while not stopped.is_set():
                instance = str(uuid4())
                self.sent[instance] = time.monotonic()
                self._connection.request("POST", CALL, json.dumps(self._body | {"hookInstance": instance}), JSON)
                with self._connection.getresponse() as response:
                    response.read()
                self.answered[instance] = response.status


def test_run_02_a_stop_under_load_loses_no_call_that_was_accepted(tmp_path: Path) -> None:
    stopped = Event()
    with slow_fhir_server(SLOW_SECONDS) as fhir, running(tmp_path, workers=2) as service:
        bodies = (one_card(), without_prefetch(fhir))
        callers = [Caller(service.port, bodies[number % 2]) for number in range(CONNECTIONS)]
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            for caller in callers:
                threads.submit(caller.call_on, stopped)
            time.sleep(2)
            stopping_at = time.monotonic()
            exit_code = service.stop()
            seconds = time.monotonic() - stopping_at
            stopped.set()
        answered = {instance: status for caller in callers for instance, status in caller.answered.items()}
        sent_before = {i for c in callers for i, at in c.sent.items() if at < stopping_at - IN_FLIGHT_SECONDS}
        logged = {line["hook_instance"] for line in service.lines() if line["event"] == "call"}
    assert exit_code == 0
    assert seconds < 10
    assert set(answered.values()) <= {200, 412}  # 412: on a busy machine the FHIR double is late
    assert len(answered) > CONNECTIONS
    assert sent_before - answered.keys() == set(), "sent in time and never answered"
    assert logged - answered.keys() == set(), "reviewed and never answered"


def test_a_worker_that_is_killed_is_replaced_and_the_other_one_answers_meanwhile(tmp_path: Path) -> None:
    body = one_card()
    with running(tmp_path, workers=2) as service:
        before = service.workers()
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        assert [answered(service, body) for _ in range(20)] == [200] * 20
        assert len(wait_for_workers(service, but=min(before))) == 2
        assert service.ask("POST", CALL, body).status == 200
        assert (
            value(service.ask("GET", "/metrics").text, "calls_total", service="neuropathy-order-sign", status="200")
            > 20
        )


def answered(service: Service, body: bytes) -> int:
    """The status of a call; one that met the dying worker is made once more, as an EHR would."""
    try:
        return service.ask("POST", CALL, body).status
    except (OSError, HTTPException):
        return service.ask("POST", CALL, body).status


def wait_for_workers(service: Service, but: int) -> set[int]:
    """The workers when there are two again."""
    for _ in range(300):
        found = service.workers() - {but}
        if len(found) == 2:
            break
        time.sleep(0.1)
    return found


def test_more_callers_than_can_be_answered_wait_and_none_is_refused(tmp_path: Path) -> None:
    body = one_card()
    with running(tmp_path, workers=1) as service, ThreadPoolExecutor(150) as threads:
        statuses = list(threads.map(lambda _: service.ask("POST", CALL, body).status, range(300)))
    assert statuses == [200] * 300


def test_every_worker_shows_the_calls_of_all_and_the_counts_begin_anew_with_a_start(tmp_path: Path) -> None:
    body = one_card()
    with running(tmp_path, workers=2, TMPDIR=str(tmp_path)) as service:
        (directory,) = tmp_path.glob("neuropathy-cds-*")
        for _ in range(30):
            assert service.ask("POST", CALL, body).status == 200
        shown = {
            value(service.ask("GET", "/metrics").text, "calls_total", service="neuropathy-order-sign", status="200")
            for _ in range(10)
        }
        assert shown == {30.0}
        assert service.stop() == 0
        assert not directory.exists()
    with running(tmp_path, TMPDIR=str(tmp_path)) as service:
        assert "calls_total{" not in service.ask("GET", "/metrics").text


def test_without_its_ledger_the_service_answers_cards_says_so_and_refuses_feedback(tmp_path: Path) -> None:
    out_of_reach = "postgresql+psycopg://cds@127.0.0.1:9/ledger?connect_timeout=1"
    said = {"card": str(uuid4()), "outcome": "accepted", "outcomeTimestamp": "2026-06-15T12:00:00Z"}
    feedback = {"feedback": [{**said, "acceptedSuggestions": [{"id": str(uuid4())}]}]}
    with running(tmp_path, database=out_of_reach) as service:
        assert service.ask("POST", CALL, one_card()).status == 200
        assert service.ask("POST", f"{CALL}/feedback", json.dumps(feedback).encode()).status == 503
        ready = service.ask("GET", "/readyz")
        assert (ready.status, json.loads(ready.text)["ledger"]) == (200, "unreachable")
        assert value(service.ask("GET", "/metrics").text, "ledger_reachable") == 0


# -- secrets ------------------------------------------------------------------------------------------------------

SECRETS = {
    "database": "postgresql+psycopg://cds:PASSWORD-MARKER@127.0.0.1:9/ledger?connect_timeout=1",
    "hash_key": "HASH-KEY-MARKER-of-32-characters!",
    "operator_token": "OPERATOR-TOKEN-MARKER-of-some-length",
}


def test_run_04_no_secret_is_in_what_the_service_writes_or_answers(tmp_path: Path) -> None:
    with running(tmp_path, log_level="debug", **SECRETS) as service:
        answers = [
            service.ask("GET", "/readyz"),
            service.ask("GET", "/healthz"),
            service.ask("GET", "/"),
            service.ask("GET", "/metrics"),
            service.ask("GET", "/metrics", headers={"Authorization": f"Bearer {SECRETS['operator_token']}"}),
            service.ask("POST", CALL, one_card()),
            service.ask("POST", CALL, b"{"),
            service.ask("POST", f"{CALL}/feedback", b'{"feedback": []}'),
        ]
    assert [answer.status for answer in answers][3:5] == [401, 200]
    assert "MARKER" not in service.output() + "".join(answer.text for answer in answers)


@pytest.mark.parametrize("wrong", ["databse", "log_level", "public_url"])
def test_run_04_a_start_that_is_refused_shows_no_value_either(tmp_path: Path, wrong: str) -> None:
    settings = SECRETS | {wrong: "MARKER"}
    with pytest.raises(RuntimeError, match="it ended with 2") as ended, running(tmp_path, **settings):
        pass
    assert wrong.upper() in str(ended.value)
    assert "MARKER" not in str(ended.value)


# -- traces -------------------------------------------------------------------------------------------------------


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An OpenTelemetry collector: its address, and what it was sent."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()


def test_traces_reach_the_collector_those_of_the_last_calls_too(
    tmp_path: Path, collector: tuple[str, list[bytes]]
) -> None:
    address, received = collector
    with running(tmp_path, tracing="on", OTEL_EXPORTER_OTLP_ENDPOINT=address) as service:
        assert service.ask("POST", CALL, one_card()).status == 200
        assert service.stop() == 0
    assert b"neuropathy-order-sign" in b"".join(received)


def test_a_collector_that_is_not_there_delays_neither_call_nor_stop(tmp_path: Path) -> None:
    with running(tmp_path, tracing="on", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9") as service:
        began = time.monotonic()
        assert service.ask("POST", CALL, one_card()).status == 200
        assert time.monotonic() - began < 5
        assert service.stop() == 0
    assert time.monotonic() - began < 20
