"""The short campaign: 2,400 calls that nobody would send. `make fuzz` runs a longer one."""

from __future__ import annotations

import pytest

from tests.fuzz.campaign import campaign

pytestmark = pytest.mark.alone

SEED = 20_261_121
CALLS = 2_400
PARTS = 8  # that several processes may share the work


@pytest.mark.parametrize("part", range(PARTS))
def test_req_10_req_11_rsp_1_sts_1_whatever_is_sent_gets_cards_or_a_bare_reason_in_time(part: int) -> None:
    """REQ-10, REQ-11, NET-05, PRE-10, CRD-01, CRD-02, CRD-03, CRD-07, CRD-08, CRD-11, OUT-07: no status of 500 and
    above, no answer over 2 s, no HTML, nothing of what was sent in an error, every card as it is specified.
    """
    with campaign(SEED) as running:
        assert [str(fault) for fault in running.run(range(part, CALLS, PARTS))] == []
    calls = sum(running.statuses.values())
    assert calls == CALLS // PARTS
    assert running.statuses[200] > calls / 2, "most calls should get as far as the rules"
