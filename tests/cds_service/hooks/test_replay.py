"""A token is good for one request, whichever worker gets it (JWT-12, JWT-13, SEC-13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cds_service.errors import LedgerUnavailable
from cds_service.hooks.replay import UsedTokensInMemory, UsedTokensOfAll

SOON = datetime.now(UTC) + timedelta(hours=6)
PAST = datetime.now(UTC) - timedelta(seconds=1)


class SharedStore(UsedTokensInMemory):
    """What the workers share; it can be out of reach."""

    is_down = False
    asked = 0

    def first_use(self, issuer: str, jti: str, expires_at: datetime) -> bool:
        self.asked += 1
        if self.is_down:
            raise LedgerUnavailable
        return super().first_use(issuer, jti, expires_at)


def test_jwt_12_the_second_use_is_told_from_the_first_by_issuer_and_jti():
    used = UsedTokensInMemory()
    assert [used.first_use("a", "1", SOON), used.first_use("a", "1", SOON)] == [True, False]
    assert [used.first_use("b", "1", SOON), used.first_use("a", "2", SOON)] == [True, True]
    assert [used.first_use("ab", "c", SOON), used.first_use("a", "bc", SOON)] == [True, True]


def test_jwt_13_a_token_is_forgotten_when_it_has_expired():
    used = UsedTokensInMemory()
    assert [used.first_use("a", "0", PAST) for _ in range(3)] == [True] * 3


def test_jwt_13_what_is_remembered_is_bounded_and_what_expires_soonest_goes_first():
    used = UsedTokensInMemory(at_most=3)
    for minutes in (4, 1, 3, 2):
        assert used.first_use("a", f"in {minutes}", SOON + timedelta(minutes=minutes))
    assert not used.first_use("a", "in 4", SOON + timedelta(minutes=4))
    assert used.first_use("a", "in 1", SOON + timedelta(minutes=1))


def test_a_jti_may_hold_any_text():
    used = UsedTokensInMemory()
    assert [used.first_use("a", "\ud800", SOON), used.first_use("a", "\ud800", SOON)] == [True, False]


def test_jwt_13_a_token_used_with_one_worker_is_refused_by_the_other():
    shared = SharedStore()
    one, other = UsedTokensOfAll(shared), UsedTokensOfAll(shared)
    assert [one.first_use("a", "1", SOON), other.first_use("a", "1", SOON)] == [True, False]


def test_jwt_13_what_a_worker_has_seen_itself_it_need_not_ask_for():
    worker = UsedTokensOfAll(shared := SharedStore())
    assert [worker.first_use("a", "1", SOON), worker.first_use("a", "1", SOON)] == [True, False]
    assert shared.asked == 1


def test_jwt_13_without_the_store_each_worker_refuses_what_it_has_seen_itself():
    shared = SharedStore()
    worker = UsedTokensOfAll(shared)
    assert worker.first_use("a", "before", SOON)
    shared.is_down = True
    assert [worker.first_use("a", "1", SOON), worker.first_use("a", "1", SOON)] == [True, False]
    assert not worker.first_use("a", "before", SOON)
