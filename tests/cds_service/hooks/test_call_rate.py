"""Calls per minute of a client (decisions "Limits"; certification.md D1 API4)."""

from __future__ import annotations

import pytest
from flask import Flask

from cds_service.app import create_app
from cds_service.clients import ANYBODY, Caller
from cds_service.config import Settings, SiteConfig
from cds_service.errors import TooManyCalls
from cds_service.hooks.call_rate import CallRates
from tests.cds_service.trusted import trusted


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def calls_until_refused(rates: CallRates, caller: Caller) -> int:
    """How many calls are let through; 100 where there is no end."""
    for made in range(100):
        try:
            rates.take(caller)
        except TooManyCalls:
            return made
    return 100


def rates_of(*callers: Caller, workers: int = 1, clock: Clock | None = None) -> CallRates:
    clients = [caller.client for caller in callers if caller.client is not None]
    return CallRates(clients, workers, clock or Clock())


@pytest.mark.parametrize(("limit", "workers", "calls"), [(60, 1, 60), (60, 4, 15), (10, 4, 2), (3, 16, 1)])
def test_api4_each_worker_gives_out_its_share_of_the_limit_and_one_call_at_least(
    limit: int, workers: int, calls: int
) -> None:
    client = trusted(calls_per_minute=limit)
    assert calls_until_refused(rates_of(client, workers=workers), client) == calls


def test_api4_a_refusal_says_after_how_many_whole_seconds_there_is_one_more_call() -> None:
    clock, client = Clock(), trusted(calls_per_minute=7)
    rates = rates_of(client, clock=clock)
    assert calls_until_refused(rates, client) == 7
    with pytest.raises(TooManyCalls) as refusal:
        rates.take(client)
    assert refusal.value.retry_after == 9  # 60 s / 7
    clock.now += refusal.value.retry_after - 1
    with pytest.raises(TooManyCalls):
        rates.take(client)
    clock.now += 1
    rates.take(client)


def test_api4_a_quiet_hour_saves_no_more_than_a_minute_of_calls() -> None:
    clock, client = Clock(), trusted(calls_per_minute=5)
    rates = rates_of(client, clock=clock)
    clock.now += 3600
    assert calls_until_refused(rates, client) == 5


def test_api4_one_client_does_not_use_up_the_calls_of_another() -> None:
    one, other = trusted(name="one", calls_per_minute=1), trusted(name="other", calls_per_minute=1)
    rates = rates_of(one, other)
    rates.take(one)
    with pytest.raises(TooManyCalls):
        rates.take(one)
    rates.take(other)


def test_api4_without_a_limit_and_in_open_mode_nothing_is_counted() -> None:
    client = trusted()
    rates = rates_of(client)
    assert calls_until_refused(rates, client) == 100
    assert calls_until_refused(rates, ANYBODY) == 100


@pytest.fixture
def app() -> Flask:
    app = create_app(Settings(), SiteConfig())

    @app.post("/busy")
    def busy() -> str:
        raise TooManyCalls(17)

    return app


def test_api4_too_many_calls_are_429_with_retry_after_and_an_operation_outcome(app: Flask) -> None:
    answer = app.test_client().post("/busy", json={})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "17")
    assert answer.json is not None
    assert answer.json["issue"][0]["code"] == "throttled"
