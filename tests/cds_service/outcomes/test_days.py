"""Which days are counted: the last weeks, those chosen, and none of which the ledger has a part only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cds_service.config import LedgerChoice
from cds_service.outcomes.selection import kept_since, weeks_of
from tests.cds_service.ledger.books import Books, Kept
from tests.cds_service.outcomes.hand_made import DAYS, FOR_LONG, issued, page, put, put_hand_made, received, sheet

TODAY = datetime.now(UTC).date()


@pytest.fixture
def kept(address: str, books: Books) -> Kept:
    """The service that keeps the ledger made by hand."""
    put_hand_made(address)
    return books(ledger=FOR_LONG)


def day_and_hour(days_ago: int) -> str:
    """Noon of a day before this one."""
    return f"{TODAY - timedelta(days=days_ago)}T12:00:00Z"


def test_the_last_twelve_weeks_are_shown_unless_others_are_chosen(address: str, books: Books) -> None:
    first = TODAY - timedelta(days=TODAY.weekday() + 77)
    days = [(TODAY - first).days + 1, (TODAY - first).days, 0]
    put(
        address,
        {"issued_cards": [issued(n, "open", "", "order-sign", "pair", day_and_hour(d)) for n, d in enumerate(days)]},
    )
    kept = books()
    assert [line["shown"] for line in sheet(kept)] == ["1", "1"]
    assert len(page(kept).tables["All cards by week"][1:]) == 12
    assert len(sheet(kept, since=(first - timedelta(days=1)).isoformat())) == 3


def test_days_of_which_the_ledger_has_only_a_part_are_not_counted(address: str, books: Books) -> None:
    cards = [issued(n, "open", "", "order-sign", "pair", day_and_hour(days)) for n, days in enumerate((12, 8))]
    late = [received(n, n, "open", "", "accepted", day_and_hour(1), day_and_hour(1), []) for n in (0, 1)]
    put(address, {"issued_cards": cards, "feedback": late})
    kept = books(ledger={"card_days": 10, "feedback_days": 10, "comment_days": 10})
    assert len(kept.rows("issued_cards")) == 2  # the older one stays as long as its feedback
    lines = sheet(kept, since="2020-01-01")
    assert [(line["shown"], line["accepted"]) for line in lines] == [("1", "1")]
    assert "the ledger keeps cards for 10 days and feedback for 10" in page(kept, since="2020-01-01").text


@pytest.mark.parametrize(("cards", "feedback"), [(90, 30), (30, 90)])
def test_feedback_that_went_before_its_card_would_make_it_look_ignored(cards: int, feedback: int) -> None:
    choice = LedgerChoice(card_days=cards, feedback_days=feedback, comment_days=1)
    assert kept_since(choice, datetime(2026, 6, 15, 12, tzinfo=UTC)) == date(2026, 5, 17)


def test_weeks_begin_on_monday_and_are_cut_at_the_days_chosen() -> None:
    weeks = list(weeks_of(date(2026, 12, 30), date(2027, 1, 6)))
    assert [(week.monday, week.start, week.end) for week in weeks] == [
        (date(2026, 12, 28), date(2026, 12, 30), date(2027, 1, 4)),
        (date(2027, 1, 4), date(2027, 1, 4), date(2027, 1, 6)),
    ]


def test_calls_that_were_not_counted_yet_are_mentioned(kept: Kept, address: str) -> None:
    assert "Calls are counted since 2026-05-31 only" not in page(kept, **DAYS).text
    put(address, {"issued_cards": [issued(50, "north", "", "order-sign", "pair", "2026-05-04T12:00:00Z")]})
    assert "Calls are counted since 2026-05-31 only" in page(kept, since="2026-05-01", until="2026-06-10").text
