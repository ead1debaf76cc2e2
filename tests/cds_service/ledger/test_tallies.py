"""Calls and opinions are counted in the ledger, day by day, whoever counts them; never a patient or a user."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cds_service.config import LedgerChoice
from cds_service.errors import LedgerUnavailable
from cds_service.ledger import tallies as tallies_module
from cds_service.ledger.ledger import Ledger
from cds_service.ledger.records import Tally
from cds_service.ledger.storage import Storage
from cds_service.ledger.tallies import CALL, Tallies
from tests.cds_service.hooks.tokens import PUBLIC_URL, bearer, key_file, private_key, public_jwk, token
from tests.cds_service.ledger.books import CRITICAL, WARNINGS, Books, Kept, open_ledger, request_of, rows, until
from tests.cds_service.test_hook_endpoints import LISINOPRIL, RITUXIMAB, call, order

GROUP = ("2026-06-15", "open", "", "order-sign")
KEY = ("day", "client", "tenant", "hook", "topic", "what", "reason")
SELECT, SIGN = "/cds-services/neuropathy-order-select", "/cds-services/neuropathy-order-sign"


def counted(kept: Kept) -> dict[tuple[str, str, str], int]:
    """What was said how often, of whatever day, client and hook: {(topic, what, reason): number}."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for row in kept.rows("tallies"):
        sums[row["topic"], row["what"], row["reason"]] += row["number"]
    return dict(sums)


def written(address: str) -> dict[tuple[Any, ...], int]:
    """The tallies by their key."""
    return {tuple(row[name] for name in KEY): row["number"] for row in rows(address, "tallies")}


# -- what is counted --------------------------------------------------------------------------------------------------


def test_a_call_is_counted_with_every_opinion_of_the_rules_that_were_asked(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = books()
    before = datetime.now(UTC).date()
    cards = kept.call(WARNINGS)
    (line,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["event"] == "call"]
    sums = counted(kept)
    assert sums.pop(("", "call", "")) == 1
    words: Counter[str] = Counter()
    for (_, what, _), number in sums.items():
        words[what.replace("-", " ")] += number
    assert words == line["opinions"]
    shown = Counter({topic: number for (topic, what, _), number in sums.items() if what == "shown"})
    assert shown == Counter(card["source"]["topic"]["code"] for card in cards)
    (where,) = {(row["client"], row["tenant"], row["hook"]) for row in kept.rows("tallies")}
    assert where == ("open", "", "order-select")
    (day,) = {row["day"] for row in kept.rows("tallies")}
    assert before.isoformat() <= day <= datetime.now(UTC).date().isoformat()


def test_a_call_that_triggers_nothing_counts_too(books: Books) -> None:
    kept = books()
    for _ in range(3):
        assert kept.client.post(SIGN, json=call(order(LISINOPRIL))).json == {"cards": []}
    assert counted(kept) == {("", "call", ""): 3}


def test_why_a_rule_could_not_tell_is_counted_in_the_word_of_the_log(books: Books) -> None:
    kept = books()

    def without_problems(body: dict[str, Any]) -> None:
        del body["prefetch"]["conditions"]

    kept.call(CRITICAL, without_problems)
    unknown = [said for said in counted(kept) if said[2]]
    assert unknown == [("rituximabIgmFlare", "cannot-tell", "not-supplied")]


def test_the_same_again_adds_up_to_the_rows_there_are(books: Books) -> None:
    kept = books()
    kept.call(WARNINGS)
    once = counted(kept)
    for _ in range(4):
        kept.call(WARNINGS)
    assert counted(kept) == {said: 5 * number for said, number in once.items()}
    assert len(kept.rows("tallies")) == len(once)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (call(order(RITUXIMAB)), 412),
        ({"hook": "order-sign"}, 400),
    ],
)
def test_a_call_that_is_refused_is_not_counted(books: Books, body: dict[str, Any], status: int) -> None:
    kept = books()
    assert kept.client.post(SIGN, json=body).status_code == status
    assert counted(kept) == {}


def test_neither_patient_nor_user_nor_a_tenant_that_nobody_listed_is_in_it(books: Books, tmp_path: Path) -> None:
    keys = str(key_file(tmp_path, public_jwk(private_key("ES384"), "ehr"), name="ehr.json"))
    listed = {"issuer": "https://a.example.org", "name": "listed", "keys": keys, "tenants": ["ward-7"]}
    open_to_all = {"issuer": "https://b.example.org", "name": "any", "keys": keys}
    kept = books({"public_url": PUBLIC_URL}, clients=[listed, open_to_all])

    def of(issuer: str, tenant: str) -> dict[str, str]:
        return bearer(token(SELECT, header={"kid": "ehr"}, iss=f"https://{issuer}.example.org", tenant=tenant))

    def mark(body: dict[str, Any]) -> None:
        body["context"]["userId"] = "Practitioner/MARKER-user"

    kept.call(WARNINGS, mark, headers=of("a", "ward-7"))
    for number in range(5):
        kept.call(WARNINGS, mark, headers=of("b", f"MARKER-{number}"))
    found = kept.rows("tallies")
    assert {(row["client"], row["tenant"]) for row in found} == {("listed", "ward-7"), ("any", "")}
    text = str(found)
    assert "MARKER" not in text
    assert request_of(WARNINGS)["context"]["patientId"] not in text


# -- how it gets there ------------------------------------------------------------------------------------------------


def test_two_workers_that_write_the_same_in_other_orders_do_not_wait_for_each_other(address: str) -> None:
    tallied = {Tally(*GROUP, f"topic{number}", "shown", ""): 1 for number in range(300)}

    def write(storage: Storage, order: dict[Tally, int]) -> int:
        for _ in range(15):
            storage.count(order)
        return 15

    storages = [Storage(address, LedgerChoice()) for _ in range(2)]
    for storage in storages:
        storage.open()
    orders = (tallied, dict(reversed(tallied.items())))
    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(write, storages, orders)) == 30
    for storage in storages:
        storage.close()
    assert set(written(address).values()) == {30}


def test_what_several_workers_count_at_once_adds_up(
    address: str, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    others = [open_ledger(address) for _ in range(3)]
    said = [CALL, *[(f"topic{number}", "cannot-tell", "late") for number in range(20)]]

    def count(one: Ledger, backwards: bool) -> None:
        for _ in range(30):
            one.count(GROUP, reversed(said) if backwards else said)
            one._writer.wake()

    threads = [Thread(target=count, args=(one, number % 2 == 0)) for number, one in enumerate((ledger, *others))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in (ledger, *others):
        one.close()
    assert "out of reach" not in caplog.text
    assert set(written(address).values()) == {120}
    assert len(written(address)) == 21


def test_closing_writes_what_was_counted(address: str) -> None:
    ledger = open_ledger(address)
    ledger.count(GROUP, [CALL, CALL])
    ledger.close()
    assert written(address) == {(*GROUP, *CALL): 2}


def test_while_nothing_is_issued_it_is_written_with_the_next_look_at_the_database(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cds_service.ledger import writer

    monkeypatch.setattr(writer, "CHECK_SECONDS", 0.05)
    ledger = open_ledger(address)
    ledger.count(GROUP, [CALL])
    until(lambda: written(address) == {(*GROUP, *CALL): 1})
    ledger.close()


def test_what_the_database_does_not_take_waits_and_is_counted_once(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cds_service.ledger import writer

    monkeypatch.setattr(writer, "PAUSE_SECONDS", 0.02)
    refused: list[int] = []
    count = Storage.count

    def refuse_three_times(storage: Storage, tallied: Mapping[Any, int]) -> None:
        if len(refused) < 3:
            refused.append(len(tallied))
            ledger.count(GROUP, [CALL])  # the calls go on meanwhile
            raise LedgerUnavailable("SQLITE_BUSY")
        count(storage, tallied)

    ledger = open_ledger(address)
    monkeypatch.setattr(Storage, "count", refuse_three_times)
    ledger.count(GROUP, [CALL, ("topic", "shown", "")])
    ledger._writer.wake()
    until(lambda: len(refused) == 3)
    ledger.close()
    assert written(address) == {(*GROUP, *CALL): 4, (*GROUP, "topic", "shown", ""): 1}


def test_without_a_database_what_waits_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies_module, "MOST_GROUPS", 3)
    waiting = Tallies()
    for day in range(10):
        for _ in range(100):
            waiting.add((f"2026-06-{day:02}", "open", "", "order-sign"), [CALL])
    taken = waiting.take()
    assert {(tally.day, number) for tally, number in taken.items()} == {
        ("2026-06-00", 100),
        ("2026-06-01", 100),
        ("2026-06-02", 100),
    }
    waiting.put_back()
    waiting.add(("2026-06-00", "open", "", "order-sign"), [CALL])
    assert sum(waiting.take().values()) == 301
    waiting.written()
    assert not waiting.are_waiting
