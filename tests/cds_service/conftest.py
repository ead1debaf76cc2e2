"""What every test of the service may ask for besides: servers on this machine that behave as a test wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cds_service.hooks.loopback_server import Answer, LoopbackServer, Started


@pytest.fixture
def loopback() -> Iterator[Started]:
    """Starts servers that answer like this; they stop with the test."""
    started: list[LoopbackServer] = []

    def start(answer: Answer) -> LoopbackServer:
        started.append(LoopbackServer(answer))
        return started[-1]

    yield start
    for server in started:
        server.stop()
