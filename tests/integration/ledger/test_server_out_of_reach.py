"""A database server that is stopped, started again, frozen: cards go on, no feedback gets a false 200."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Thread

import pytest

from tests.cds_service.ledger.books import WARNINGS, overridden, request_of, rows, until
from tests.cds_service.ledger.service_process import ServiceProcess
from tests.cds_service.ledger.test_real_processes import CALL, FEEDBACK
from tests.integration.ledger.postgresql_process import PostgresqlProcess

pytestmark = pytest.mark.alone

STRANGER = "3b0e8a52-9d0a-4b8e-8c1f-{:012}"


@pytest.fixture
def server() -> Iterator[PostgresqlProcess]:
    """A server of this test's own: it will be ill-treated."""
    with PostgresqlProcess() as process:
        yield process


def report(service: ServiceProcess, number: int) -> int:
    """The status of the answer to a feedback."""
    return service.post(FEEDBACK, {"feedback": [overridden(STRANGER.format(number))]})[0]


def cards(service: ServiceProcess) -> int:
    """How many cards a call brings."""
    status, answer = service.post(CALL, request_of(WARNINGS))
    assert status == 200
    return len(answer["cards"])


def test_stopped_and_started_again_it_has_all_that_was_acknowledged_and_all_cards(server: PostgresqlProcess) -> None:
    address = server.address("ledger")
    with ServiceProcess(address) as service:
        service.until_reachable()
        assert [report(service, number) for number in range(10)] == [200] * 10
        assert cards(service) == 2
        server.stop()
        assert report(service, 10) == 503
        assert [cards(service) for _ in range(5)] == [2] * 5
        until(lambda: all(service.ledger() == "unreachable" for _ in range(40)), 30)
        server.start()
        service.until_reachable()
        assert [report(service, number) for number in range(10, 20)] == [200] * 10
    assert {row["card"] for row in rows(address, "feedback")} == {STRANGER.format(number) for number in range(20)}
    assert len(rows(address, "issued_cards")) == 12
    assert service.written.count('"event":"the ledger is out of reach') <= 2  # once for each worker


def test_feedback_under_way_while_it_is_stopped_is_stored_or_refused(server: PostgresqlProcess) -> None:
    address = server.address("ledger")
    acknowledged: list[int] = []
    is_over = False

    def keep_reporting() -> None:
        number = 0
        while not is_over:
            number += 1
            if report(service, number) == 200:
                acknowledged.append(number)

    with ServiceProcess(address) as service:
        service.until_reachable()
        client = Thread(target=keep_reporting)
        client.start()
        for _ in range(2):
            time.sleep(1)
            server.stop()
            time.sleep(0.5)
            server.start()
        service.until_reachable()
        is_over = True
        client.join()
    assert len(acknowledged) > 20
    assert {STRANGER.format(number) for number in acknowledged} <= {row["card"] for row in rows(address, "feedback")}


def test_frozen_it_delays_no_card_and_holds_no_feedback_for_long(server: PostgresqlProcess) -> None:
    address = server.address("ledger")
    with ServiceProcess(address, workers=1) as service:
        assert report(service, 1) == 200
        server.freeze()
        try:
            began = time.monotonic()
            assert report(service, 2) == 503
            assert time.monotonic() - began < 4
            for _ in range(5):
                began = time.monotonic()
                assert cards(service) == 2
                assert time.monotonic() - began < 1
            assert service.ledger() == "unreachable"
        finally:
            server.thaw()
        until(lambda: service.ledger() == "reachable", 30)
        assert report(service, 2) == 200
    assert len(rows(address, "issued_cards")) == 10
