"""The ledger of a service that is killed, stopped and asked by several clients at once, in real processes."""

from __future__ import annotations

import os
import signal
import time
from http.client import HTTPException
from pathlib import Path
from threading import Thread

import pytest

from tests.cds_service.hooks.tokens import ISSUER, QUIET, SERVICE, bearer, key_file, token
from tests.cds_service.ledger.books import WARNINGS, overridden, request_of, rows, until
from tests.cds_service.ledger.service_process import ServiceProcess

pytestmark = pytest.mark.alone

FEEDBACK = "/cds-services/neuropathy-order-select/feedback"
CALL = "/cds-services/neuropathy-order-select"


def test_every_acknowledged_feedback_is_there_after_workers_were_killed_in_a_burst(address: str) -> None:
    """Two workers, four clients, one worker after another killed; what got its 200 is in the ledger."""
    acknowledged: list[str] = []
    is_over = False

    def report(client: int) -> None:
        number = 0
        while not is_over:
            number += 1
            card = f"3b0e8a52-{client:04}-4b8e-8c1f-{number:012}"
            try:
                status, _ = service.post(FEEDBACK, {"feedback": [overridden(card)]})
            except (OSError, HTTPException, ValueError):
                continue  # the worker that it came to was killed: no answer, no promise
            if status == 200:
                acknowledged.append(card)

    with ServiceProcess(address) as service:
        clients = [Thread(target=report, args=(client,)) for client in range(4)]
        for client in clients:
            client.start()
        for _ in range(3):
            time.sleep(1)
            os.kill(service.workers()[0], signal.SIGKILL)
        time.sleep(1)
        is_over = True
        for client in clients:
            client.join()
    assert len(acknowledged) > 50
    stored = {row["card"] for row in rows(address, "feedback")}
    assert set(acknowledged) <= stored


def test_cards_that_wait_are_written_when_the_service_is_stopped(address: str) -> None:
    with ServiceProcess(address) as service:
        answers = [service.post(CALL, request_of(WARNINGS)) for _ in range(10)]
        service.stop()
    issued = {card["uuid"] for _, answer in answers for card in answer["cards"]}
    assert len(issued) == 20
    assert {row["card"] for row in rows(address, "issued_cards")} == issued


def test_jwt_12_jwt_13_a_token_used_in_one_worker_is_used_up_in_the_other(address: str, tmp_path: Path) -> None:
    key_file(tmp_path)
    site = tmp_path / "site.toml"
    site.write_text(f'[[clients]]\nissuer = "{ISSUER}"\nname = "ehr"\nkeys = "keys.json"\n', encoding="utf-8")
    with ServiceProcess(address, site=site, PUBLIC_URL="https://cds.example.org") as service:
        service.until_reachable()
        for _ in range(10):  # each on a connection of its own: the kernel deals them out to both workers
            sent = bearer(token(SERVICE))
            statuses = [service.post(SERVICE, QUIET, sent)[0] for _ in range(6)]
            assert statuses == [200] + [401] * 5


def test_an_override_holds_in_every_worker(address: str) -> None:
    with ServiceProcess(address) as service:
        _, answer = service.post(CALL, request_of(WARNINGS))
        time.sleep(1)
        entries = [overridden(card["uuid"]) for card in answer["cards"]]
        assert len(entries) == 2
        assert service.post(FEEDBACK, {"feedback": entries})[0] == 200
        for _ in range(8):  # a look that comes late on a busy machine shows the card: then once more
            until(lambda: service.post(CALL, request_of(WARNINGS)) == (200, {"cards": []}), 5)
