"""A call has its turn when its body is there: clients that send slowly, or never finish, hold nobody else up."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import requests

from cds_service.arrival import ARRIVED, received_first

SERVICE = "/cds-services/neuropathy-order-sign"
CALL = json.dumps(
    {
        "hook": "order-sign",
        "hookInstance": "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93",
        "context": {"userId": "Practitioner/1", "patientId": "1", "draftOrders": {"resourceType": "Bundle"}},
    }
).encode()
HEAD = f"POST {SERVICE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
WAITS = {
    "in the head": HEAD.encode(),
    "in a body of known length": f"{HEAD}Content-Length: {len(CALL)}\r\n\r\n".encode() + CALL[:20],
    "in a chunk": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n40\r\n".encode() + CALL[:20],
    "between chunks": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n14\r\n".encode() + CALL[:20] + b"\r\n",
    "after announcing too much": f"{HEAD}Content-Length: 99999999\r\n\r\n".encode() + CALL[:20],
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a running service with one worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    command = [sys.executable, "-m", "cds_service.command_line", "serve", "--port", str(number), "--workers", "1"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        command, cwd=tmp_path_factory.mktemp("service"), env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(number)
        yield number
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    ends_at = monotonic() + 60
    while monotonic() < ends_at:
        try:
            requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
        except requests.ConnectionError:
            sleep(0.1)
        else:
            return
    pytest.fail("the service did not start")


@pytest.mark.parametrize("clients", [1, 40])
@pytest.mark.parametrize("stalled", WAITS.values(), ids=WAITS.keys())
def test_net_06_clients_that_stop_sending_hold_nobody_else_up(port: int, stalled: bytes, clients: int):
    """NET-05, NET-06, REQ-10: one worker, and calls that never arrive in full."""
    with ExitStack() as open_connections:
        for _ in range(clients):
            connection = open_connections.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall(stalled)
        sleep(0.2)
        answer = requests.post(
            f"http://127.0.0.1:{port}{SERVICE}", CALL, headers={"Content-Type": "application/json"}, timeout=10
        )
    assert answer.json() == {"cards": []}


def test_a_body_that_comes_in_pieces_is_read_whole(port: int):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"{HEAD}Content-Length: {len(CALL)}\r\nConnection: close\r\n\r\n".encode())
        for start in range(0, len(CALL), 50):
            connection.sendall(CALL[start : start + 50])
            sleep(0.01)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b'{"cards":[]}')


def entered(method: str = "POST", length: int = 100, **environ: Any) -> tuple[int, Any]:
    """(bytes of the body that were read before the application was entered, the body that the application is given)."""
    sent, given = Body(b"x" * length), []
    application = received_first(lambda environ, _: given.append(environ) or [], at_most=50)
    list(application({"REQUEST_METHOD": method, "wsgi.input": sent, **environ}, lambda *_: None))
    assert given[0][ARRIVED] <= monotonic()
    return sent.was_read, given[0]["wsgi.input"]


class Body(BytesIO):
    """A body that notes how much of it was read."""

    was_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.was_read += len(piece)
        return piece


def test_req_10_of_a_body_without_length_one_byte_more_than_the_limit_is_kept():
    was_read, body = entered()
    assert was_read == 100, "the rest is read and dropped: a client that still sends does not see the answer"
    assert len(body.read()) == 51
    assert entered(length=1_000)[0] == 51 + 200


def test_req_10_a_body_that_is_announced_too_large_is_dropped_and_one_far_too_large_not_waited_for():
    assert entered(CONTENT_LENGTH="100")[0] == 100
    assert entered(CONTENT_LENGTH="200", length=200)[0] == 200
    assert entered(CONTENT_LENGTH="201", length=201)[0] == 0
    assert entered(CONTENT_LENGTH="50", length=50)[0] == 50


def test_req_10_a_client_that_sends_too_much_sees_why(port: int):
    """At the real server: an answer given while it sends would break the connection instead."""
    answer = requests.post(
        f"http://127.0.0.1:{port}{SERVICE}", b" " * 6_000_000, headers={"Content-Type": "application/json"}, timeout=10
    )
    assert answer.status_code == 413


def test_a_call_without_body_is_not_waited_for():
    assert entered("GET")[0] == 0
