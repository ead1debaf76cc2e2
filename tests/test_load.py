"""The short form of `python -m tests.load`: no error, no stall, flat memory (NET-04)."""

from __future__ import annotations

import pytest

from tests.bench.bodies import one_card
from tests.bench.servers import service
from tests.load.__main__ import GROWTH, P95_MS, SHARE, endure

pytestmark = pytest.mark.alone

SECONDS = 14


def test_net_04_under_load_calls_are_answered_in_time_and_memory_stays_flat() -> None:
    with service(workers=2) as server:
        endured = endure(server, seconds=SECONDS, warm_seconds=6, body=one_card())
    first, last = endured.memory(0.25)
    assert endured.load.percentile(0.95) <= P95_MS
    assert len(endured.load.latencies_ms) >= SHARE * SECONDS * endured.most.per_second / 2
    assert last / first - 1 < GROWTH
