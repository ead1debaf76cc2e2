"""A card overridden with a reason is not repeated (decisions.md, Repetition)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cds_service.ledger.books import CRITICAL, Books, Kept, overridden, rows

Change = Callable[[dict[str, Any]], None]


def topics(cards: list[dict[str, Any]]) -> list[str]:
    """What cards are about."""
    return [card["source"]["topic"]["code"] for card in cards]


def override_all(kept: Kept, story: str | None = None, **said: Any) -> list[str]:
    """Calls, overrides every card, and says what they were about."""
    cards = kept.call(**({} if story is None else {"story": story}))
    assert cards
    assert kept.report(*(overridden(card["uuid"], **said) for card in cards), hook="order-select") == 200
    return topics(cards)


def user(body: dict[str, Any]) -> None:
    body["context"]["userId"] = "Practitioner/somebody-else"


def patient(body: dict[str, Any]) -> None:
    text = body["context"]["patientId"]
    body["context"]["patientId"] = "somebody-else"
    for entry in body["context"]["draftOrders"]["entry"]:
        entry["resource"]["subject"] = {"reference": "Patient/somebody-else"}
    body["prefetch"]["patient"]["id"] = "somebody-else"
    for value in body["prefetch"].values():
        for entry in (value or {}).get("entry", ()):
            for name in ("subject", "patient"):
                if text in str(entry["resource"].get(name)):
                    entry["resource"][name] = {"reference": "Patient/somebody-else"}


def dose(body: dict[str, Any]) -> None:
    for entry in body["context"]["draftOrders"]["entry"]:
        for line in entry["resource"]["dosageInstruction"]:
            line["text"] = "another text"


def server(body: dict[str, Any]) -> None:
    body["fhirServer"] = "https://elsewhere.example.org/r4"


def order_id(body: dict[str, Any]) -> None:
    for number, entry in enumerate(body["context"]["draftOrders"]["entry"]):
        entry["resource"]["id"] = f"another-{number}"
        entry["resource"]["authoredOn"] = "2026-06-15"
        entry.pop("fullUrl", None)
    body["context"]["selections"] = ["MedicationRequest/another-0"]


def test_a_card_overridden_with_a_reason_is_not_repeated(books: Books) -> None:
    kept = books()
    assert len(override_all(kept)) == 2
    assert kept.call() == []


def test_one_of_two_overridden_leaves_the_other(books: Books) -> None:
    kept = books()
    first, second = kept.call()
    kept.report(overridden(first["uuid"]))
    assert topics(kept.call()) == topics([second])
    known = {(row["topic"], row["repetition"]) for row in kept.rows("issued_cards")}
    assert len(known) == 2  # the other by the same hash as before


def test_it_is_logged_as_kept_back(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    kept = books()
    override_all(kept)
    capsys.readouterr()
    kept.call()
    assert '"kept back":2' in capsys.readouterr().out


@pytest.mark.parametrize(
    "said", [{"code": ""}, {"code": "", "overrideReason": {"userComment": "no"}}], ids=["nothing", "a comment"]
)
def test_without_a_reason_it_is_repeated(books: Books, said: dict[str, Any]) -> None:
    kept = books()
    assert override_all(kept, **said) == topics(kept.call())


def test_a_reason_in_an_extension_is_a_reason(books: Books) -> None:
    kept = books()
    override_all(kept, code="", overrideReasons=[{"extension": {"com.epic.reason": "7"}}])
    assert kept.call() == []


@pytest.mark.parametrize("change", [user, patient, dose, server])
def test_to_another_user_for_another_patient_or_order_it_is_repeated(books: Books, change: Change) -> None:
    kept = books()
    assert override_all(kept)
    assert kept.call(change=change)


def test_how_the_order_is_called_and_when_it_was_written_does_not_matter(books: Books) -> None:
    kept = books()
    override_all(kept)
    assert kept.call(change=order_id) == []


def test_a_critical_card_is_always_repeated(books: Books) -> None:
    kept = books()
    cards = kept.call(CRITICAL)
    assert cards[0]["indicator"] == "critical"
    kept.report(*(overridden(card["uuid"]) for card in cards))
    assert topics(kept.call(CRITICAL))[0] == topics(cards)[0]


def test_only_a_critical_card_has_no_hash_of_its_repetition(books: Books) -> None:
    kept = books()
    kept.call(CRITICAL)
    kept.call()
    for row in kept.rows("issued_cards"):
        is_note = row["topic"] == "couldNotCheck"
        assert (row["repetition"] is None) is (row["indicator"] == "critical" or is_note)
        assert (row["repetition_until"] is None) is (row["repetition"] is None)


def test_one_hash_holds_it_all_and_the_window_its_time(books: Books) -> None:
    kept = books(ledger={"repetition_hours": 2})
    override_all(kept)
    for row in rows(kept.address, "overridden"):
        assert set(row) == {"repetition", "until"}
        assert len(row["repetition"]) == 32
    until = {row["repetition"]: row["until"] for row in rows(kept.address, "overridden")}
    for row in kept.rows("issued_cards"):
        assert 7_195 <= until[row["repetition"]] - row["issued_at"].timestamp() <= 7_201


def test_when_the_window_is_over_it_is_repeated(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = books()
    said = override_all(kept)
    assert kept.call() == []
    from cds_service.ledger import storage

    now = storage.time.time
    monkeypatch.setattr(storage.time, "time", lambda: now() + 24 * 3600 + 10)
    assert topics(kept.call()) == said


def test_a_site_may_have_everything_repeated(books: Books) -> None:
    kept = books(ledger={"repetition_hours": 0})
    assert override_all(kept) == topics(kept.call())
    assert all(row["repetition"] is None for row in kept.rows("issued_cards"))


def test_an_accepted_card_is_no_overridden_one(books: Books) -> None:
    kept = books()
    cards = kept.call()
    entries = [
        {**overridden(card["uuid"]), "outcome": "accepted", "acceptedSuggestions": [{"id": "x"}]} for card in cards
    ]
    kept.report(*entries)
    assert topics(kept.call()) == topics(cards)


def test_with_the_ledger_out_of_reach_it_is_repeated(books: Books) -> None:
    kept = books()
    said = override_all(kept)
    kept.ledger._reach.is_reachable = False
    assert topics(kept.call()) == said
