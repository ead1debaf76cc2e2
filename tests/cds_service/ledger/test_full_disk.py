"""A disk that is full, as the processes of the service meet it: no file may grow any more."""

from __future__ import annotations

import resource
from pathlib import Path

from tests.cds_service.ledger.books import WARNINGS, overridden, request_of, rows, until
from tests.cds_service.ledger.service_process import ServiceProcess
from tests.cds_service.ledger.test_real_processes import CALL, FEEDBACK

AT_ONCE = 2_000


def batch(number: int) -> dict[str, object]:
    """Feedback on many cards at once."""
    cards = [f"3b0e8a52-{number:04}-4b8e-8c1f-{card:012}" for card in range(AT_ONCE)]
    return {"feedback": [overridden(card) for card in cards]}


def test_with_a_full_disk_cards_go_on_feedback_gets_503_and_nothing_stored_is_lost(
    address: str, tmp_path: Path
) -> None:
    with ServiceProcess(address, workers=1) as service:
        assert service.post(FEEDBACK, batch(0)) == (200, {"received": AT_ONCE})
        (worker,) = service.workers()
        size = (tmp_path / "ledger.sqlite3-wal").stat().st_size
        _, most = resource.prlimit(worker, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        status, outcome = service.post(FEEDBACK, batch(1))
        assert (status, outcome["resourceType"]) == (503, "OperationOutcome")
        assert service.ledger() == "unreachable"
        status, answer = service.post(CALL, request_of(WARNINGS))
        assert (status, len(answer["cards"])) == (200, 2)
        assert len(rows(address, "feedback")) == AT_ONCE

        resource.prlimit(worker, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, most))
        until(lambda: service.ledger() == "reachable", 30)
        assert service.post(FEEDBACK, batch(1)) == (200, {"received": AT_ONCE})
    assert len(rows(address, "feedback")) == 2 * AT_ONCE
    assert len(rows(address, "issued_cards")) == 2
    assert "the ledger is out of reach: cards go on, feedback is refused" in service.written
