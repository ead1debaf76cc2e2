"""Whatever is in the ledger, the figures are those that anybody can recompute from `cds-service export`."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from cds_service.command_line import main
from tests.cds_service.ledger.books import Books
from tests.cds_service.outcomes.hand_made import FOR_LONG, FOREIGN, issued, put, received, sheet

SINCE, UNTIL = date(2026, 6, 3), date(2026, 7, 8)  # a Wednesday each
OUTCOMES = ("accepted", "overridden", "ignored")
Row = dict[str, Any]


def random_ledger(chance: Random) -> dict[str, list[Row]]:
    """Cards around the days, near midnights too; much feedback at the same instants, some of it about other cards."""
    cards = [
        issued(
            number, chance.choice(("north", "south", "playground")), chance.choice("ab"),
            chance.choice(("order-sign", "order-select")), chance.choice(("dose", "pair", "other")),
            str(instant(chance)), silent=chance.random() < 0.2,
        )
        for number in range(300)
    ]  # fmt: skip
    return {"issued_cards": cards, "feedback": [feedback(chance, number, cards) for number in range(500)]}


def instant(chance: Random) -> datetime:
    """On the days, before or after them; often the first or the last of a day."""
    at = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=chance.randrange(42))
    return at + chance.choice((timedelta(), timedelta(hours=chance.random() * 24), timedelta(days=1, microseconds=-1)))


def feedback(chance: Random, number: int, cards: list[Row]) -> Row:
    """Feedback, now and then from where the card was not shown, or about none."""
    card = chance.choice(cards)
    about = int(card["card"][-12:]) if chance.random() < 0.95 else 999
    client, tenant = card["client"], card["tenant"]
    if chance.random() < 0.1:
        client, tenant = chance.choice(("north", "south")), chance.choice("ab")
    at = card["issued_at"] + timedelta(minutes=chance.randrange(3))
    codes = chance.sample(("data-incorrect", "cross-taper", FOREIGN), chance.randrange(3))
    outcome = chance.choice(("accepted", "overridden"))
    then = at + timedelta(minutes=chance.randrange(2))
    return received(number, about, client, tenant, outcome, str(at), str(then), codes)


def recomputed(rows: list[Row]) -> tuple[Counter[Any], Counter[Any]]:
    """Cards by week, rule, client, hook and outcome; reasons. `rows`: the export, in its own order."""
    of_cards: dict[Any, list[Row]] = {}
    for row in rows:
        shown_here = row["is_known_card"] and row["location"] != "playground"
        if shown_here and SINCE <= datetime.fromisoformat(row["issued_at"]).astimezone(UTC).date() < UNTIL:
            of_cards.setdefault(row["card"], []).append(row)
    cards: Counter[Any] = Counter()
    reasons: Counter[Any] = Counter()
    for feedback_on_it in of_cards.values():
        row = sorted(
            sorted(feedback_on_it, key=lambda row: row["action_taken"]),
            key=lambda row: (row["date"] or "", row["received_at"] or ""),
            reverse=True,
        )[0]
        day = datetime.fromisoformat(row["issued_at"]).astimezone(UTC).date()
        group = (day - timedelta(days=day.weekday()), row["intervention"], row["location"], row["hook"])
        cards[*group, row["action_taken"] or "ignored"] += 1
        if row["action_taken"] == "overridden":
            said = {
                one["code"] if one["is_known"] else f"{one['system']}|{one['code']}" for one in row["user_feedback"]
            }
            reasons.update((*group, code) for code in said or {""})
    return cards, reasons


@pytest.mark.parametrize("seed", range(3))
def test_the_page_counts_what_the_export_holds(
    seed: int, address: str, books: Books, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    put(address, random_ledger(Random(seed)))
    kept = books(ledger=FOR_LONG)
    monkeypatch.setenv("CDS_SERVICE_DATABASE", address)
    capfdbinary.readouterr()
    main(["export", "--unanswered"])
    rows = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    cards, reasons = recomputed(rows)
    asked = {"since": SINCE.isoformat(), "until": UNTIL.isoformat()}
    counted: Counter[Any] = Counter()
    for line in sheet(kept, **asked):
        for outcome in OUTCOMES:
            counted[*group_of(line), outcome] += int(line[outcome])
        assert int(line["shown"]) == sum(int(line[outcome]) for outcome in OUTCOMES)
    assert +counted == cards
    assert sum(cards.values()) > 100
    given = {(*group_of(line), line["reason"]): int(line["overridden"]) for line in sheet(kept, "reasons", **asked)}
    assert given == reasons
    strangers = sum(is_stranger(row) for row in rows)
    text = kept.client.get("/outcomes", query_string=asked).text
    assert re.findall(r"<strong>(\d+)</strong> entries", text) == [str(strangers)]


def group_of(line: dict[str, str]) -> tuple[Any, ...]:
    """What a line of a sheet is about."""
    return date.fromisoformat(line["week_begins"]), line["rule"], line["client"], line["hook"]


def is_stranger(row: Row) -> bool:
    """Is this feedback of these days, and about no card that was shown there?"""
    if row["is_known_card"] or row["location"] == "playground":
        return False
    return SINCE <= datetime.fromisoformat(row["date"]).astimezone(UTC).date() < UNTIL
