"""What was found out last about the database holds, whatever began before."""

from __future__ import annotations

from cds_service.errors import LedgerUnavailable
from cds_service.ledger.reach import Reach


def test_work_that_began_before_the_database_was_lost_does_not_bring_it_back() -> None:
    reach = Reach()
    reach.found(reach.losses)
    began = reach.losses
    reach.lost(LedgerUnavailable("SQLITE_BUSY"))
    reach.found(began)
    assert not reach.is_reachable
    reach.found(reach.losses)
    assert reach.is_reachable
