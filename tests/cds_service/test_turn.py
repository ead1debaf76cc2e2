"""Calls compute one at a time, and wait for FHIR servers side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from time import sleep

import pytest

from cds_service.turn import Turn, given_away, in_turns


def start_response(*_: object) -> None:
    """Nobody is listening."""


def run_together(application, count: int) -> list:
    turns = in_turns(application)
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: turns({}, start_response), range(count)))


def test_two_calls_never_compute_at_the_same_time():
    inside = Lock()

    def application(*_):
        assert inside.acquire(blocking=False), "another call is computing"
        sleep(0.01)
        inside.release()
        return [b"done"]

    assert run_together(application, 4) == [[b"done"]] * 4


def test_calls_wait_for_others_side_by_side():
    all_waiting = Barrier(4, timeout=5)  # passed only when all four wait at once

    def application(*_):
        with given_away():
            all_waiting.wait()
        return [b"done"]

    assert run_together(application, 4) == [[b"done"]] * 4


def test_who_gave_the_turn_away_cannot_give_away_that_of_another():
    inside = Lock()

    def application(*_):
        with given_away():
            sleep(0.005)
            with given_away():
                sleep(0.005)
        assert inside.acquire(blocking=False), "another call is computing"
        sleep(0.01)
        inside.release()
        return [b"done"]

    assert run_together(application, 6) == [[b"done"]] * 6


def test_a_call_that_fails_leaves_the_turn_to_the_next():
    def application(environ, _):
        if environ:
            raise RuntimeError("failed")
        return [b"done"]

    turns = in_turns(application)
    with pytest.raises(RuntimeError):
        turns({"fails": True}, start_response)
    assert turns({}, start_response) == [b"done"]


def test_waiting_outside_of_any_turn_is_just_waiting():
    with given_away():
        pass
    assert in_turns(lambda *_: [b"done"])({}, start_response) == [b"done"]


def test_who_asked_first_is_served_first():
    turn, served = Turn(), []
    turn.take()

    def call(name: int) -> None:
        turn.take()
        served.append(name)
        turn.hand_on()

    with ThreadPoolExecutor(5) as pool:
        for name in range(5):
            pool.submit(call, name)
            while len(turn._waiting) <= name:
                sleep(0.001)
        turn.hand_on()
    assert served == [0, 1, 2, 3, 4]
