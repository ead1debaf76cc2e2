"""Every card that was issued is in the ledger, written behind the answer (issue: the ledger; certification.md B2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cds_service.ledger.ledger import Ledger
from cds_service.ledger.records import IssuedCard
from tests.cds_service.ledger.books import WARNINGS, Books, everything_in, open_ledger, request_of, rows, until

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def issued(number: int, **changes: Any) -> IssuedCard:
    """A card that was issued."""
    card = IssuedCard(
        card=f"00000000-0000-4000-8000-{number:012}", client="open", tenant="", service="neuropathy-order-sign",
        hook="order-sign", hook_instance="", topic="topic", rule_version="2026-11-21", indicator="warning",
        issued_at=NOW, user="u", encounter="", suggestions="[]",
    )  # fmt: skip
    return card._replace(**changes)


def test_b2_every_card_of_an_answer_is_kept_with_topic_rule_version_level_and_time(books: Books) -> None:
    kept = books()
    cards = kept.call()
    began = datetime.now(UTC)
    by_card = {row["card"]: row for row in kept.rows("issued_cards")}
    assert set(by_card) == {card["uuid"] for card in cards}
    for card in cards:
        row = by_card[card["uuid"]]
        assert (row["topic"], row["indicator"]) == (card["source"]["topic"]["code"], card["indicator"])
        assert (row["service"], row["hook"]) == ("neuropathy-order-select", "order-select")
        assert (row["client"], row["tenant"]) == ("open", "")
        assert row["hook_instance"] == request_of(WARNINGS)["hookInstance"]
        assert row["rule_version"].startswith("20")
        assert abs(began - row["issued_at"]) < timedelta(minutes=1)
        for suggestion in card.get("suggestions", ()):
            assert suggestion["uuid"] in row["suggestions"]


def test_log_04_neither_patient_nor_value_nor_user_is_kept(books: Books) -> None:
    kept = books()

    def mark(body: dict[str, Any]) -> None:
        body["context"]["userId"] = "Practitioner/MARKER-user"
        body["context"]["encounterId"] = "MARKER-encounter"
        body["hookInstance"] = "MARKER-instance"

    assert kept.call(change=mark)
    (row, *_) = kept.rows("issued_cards")
    everything = everything_in(kept.address)
    assert "MARKER" not in everything
    assert request_of(WARNINGS)["context"]["patientId"] not in everything
    assert len(row["user"]) == len(row["encounter"]) == 32
    assert row["hook_instance"] == ""


def test_the_same_user_has_the_same_hash_and_another_one_another(books: Books) -> None:
    kept = books()
    for user in ("Practitioner/1", "Practitioner/2", "Practitioner/1"):
        kept.call(change=lambda body, user=user: body["context"].update(userId=user))
    hashes = [row["user"] for row in kept.rows("issued_cards")]
    assert len(set(hashes)) == 2
    assert sorted(hashes.count(one) for one in set(hashes)) == [2, 4]


def test_more_cards_than_are_written_at_once_are_all_written(ledger: Ledger) -> None:
    ledger.issue([issued(number) for number in range(1_700)])
    until(lambda: ledger.written == 1_700)
    assert (ledger.queue_length, ledger.lost) == (0, 0)


def test_a_card_written_twice_is_there_once(ledger: Ledger, address: str) -> None:
    ledger.issue([issued(1), issued(1)])
    ledger.issue([issued(1)])
    until(lambda: ledger.written == 3)
    assert len(rows(address, "issued_cards")) == 1


def test_closing_writes_what_waits(address: str) -> None:
    ledger = open_ledger(address)
    ledger.issue([issued(number) for number in range(20)])
    ledger.close()
    assert (len(rows(address, "issued_cards")), ledger.lost) == (20, 0)
