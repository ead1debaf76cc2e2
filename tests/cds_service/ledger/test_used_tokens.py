"""A token is used once, whichever worker it comes to (certification.md JWT-12, JWT-13)."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

from cds_service.ledger.ledger import Ledger
from tests.cds_service.ledger.books import open_ledger, rows

LATER = datetime.now(UTC) + timedelta(hours=6)

WORKER = """
import sys
from datetime import UTC, datetime, timedelta
from tests.cds_service.ledger.books import open_ledger
ledger = open_ledger(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
later = datetime.now(UTC) + timedelta(hours=6)
print(sum(ledger.first_use("https://ehr.example.org", f"token-{n}", later) for n in range(200)), flush=True)
ledger.close()
"""


def test_jwt_12_the_second_use_is_told_from_the_first(ledger: Ledger) -> None:
    uses = [("a", "1"), ("a", "1"), ("a", "2"), ("b", "1"), ("b", "1")]
    assert [ledger.first_use(issuer, jti, LATER) for issuer, jti in uses] == [True, False, True, True, False]


def test_jwt_13_each_of_many_tokens_is_new_to_one_of_two_processes_only(address: str) -> None:
    open_ledger(address).close()  # makes the tables
    command = [sys.executable, "-c", WORKER, address]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    new = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert sum(new) == 200


def test_jwt_13_threads_of_one_worker_share_it_too(ledger: Ledger) -> None:
    together, firsts = Barrier(8), []

    def use() -> None:
        together.wait()
        firsts.append(ledger.first_use("a", "same", LATER))

    threads = [Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(firsts) == [False] * 7 + [True]


def test_neither_issuer_nor_token_is_kept_as_it_is(ledger: Ledger, address: str) -> None:
    ledger.first_use("https://ehr.example.org", "MARKER\ud800\0", LATER)
    (row,) = rows(address, "used_tokens")
    assert "MARKER" not in str(row)
    assert "ehr.example.org" not in str(row)
    assert 0 <= row["expires_at"] - LATER.timestamp() <= 1
