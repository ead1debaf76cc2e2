"""Plots are as high as their numbers; sheets hold no formula; every reason has words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from cds_service.outcomes.figures import Figures
from cds_service.outcomes.plots import cards_by_week, override_rate_by_week
from cds_service.outcomes.words import Words
from cds_service.unknowns import REASONS
from tests.cds_service.ledger.books import Books
from tests.cds_service.outcomes.hand_made import DAYS, FOR_LONG, issued, page, put, received, sheet


def test_every_reason_for_not_knowing_has_words() -> None:
    words = Words({}, {})
    assert {reason for reason in REASONS if words.why(reason) == reason} == set()


def test_codes_of_others_beyond_a_thousand_are_added_up(address: str, books: Books, monkeypatch: Any) -> None:
    monkeypatch.setattr("cds_service.outcomes.counts.MOST_FOREIGN", 2)
    at = "2026-06-15T12:00:00Z"
    cards = [issued(n, "open", "", "order-sign", "pair", at) for n in range(5)]
    said = [received(n, n, "open", "", "overridden", at, at, []) for n in range(5)]
    for n, one in enumerate(said):
        one["reasons"] = f'[{{"code":"={n}","system":"","display":"@{n}","is_known":false}}]'
    put(address, {"issued_cards": cards, "feedback": said})
    kept = books(ledger=FOR_LONG)
    lines = sheet(kept, "reasons", **DAYS)
    assert sorted(int(line["overridden"]) for line in lines) == [1, 1, 3]
    assert {line["reason_words"][0] for line in lines} == {"'", "M"}  # an apostrophe before what would be a formula
    assert "More codes of other systems" in page(kept, **DAYS).text


def test_no_cell_of_a_sheet_is_a_formula(address: str, books: Books) -> None:
    put(address, {"issued_cards": [issued(1, "=1+1", "", "@x", "-2", "2026-06-15T12:00:00Z")]})
    (line,) = sheet(books(ledger=FOR_LONG), **DAYS)
    assert (line["client"], line["hook"], line["rule"]) == ("'=1+1", "'@x", "'-2")


def test_bars_are_as_high_as_their_numbers() -> None:
    mondays = [date(2026, 6, 15), date(2026, 6, 22), date(2026, 6, 29)]
    of = {mondays[0]: Figures(accepted=2, overridden=4, ignored=2), mondays[2]: Figures(ignored=4)}
    plot = cards_by_week(mondays, of)
    assert [label.text for label in plot.grid] == ["0", "2", "4", "6", "8"]
    bottom, top = plot.grid[0].y, plot.grid[-1].y
    assert [
        (part.kind, round((bottom - top) * n / 8, 1)) for part, n in zip(plot.parts, (2, 4, 2, 4), strict=True)
    ] == [(part.kind, part.height) for part in plot.parts]
    assert plot.parts[2].y == top
    assert [number.text for number in plot.numbers] == ["8", "4"]
    assert plot.description == "2026-W25 to 2026-W27: 12 cards shown, at most 8 in a week"


def test_a_line_is_broken_where_nothing_was_answered() -> None:
    mondays = [date(2026, 6, 1) + timedelta(weeks=week) for week in range(4)]
    of = {mondays[n]: Figures(accepted=1, overridden=n) for n in (0, 1, 3)}
    plot = override_rate_by_week(mondays, of)
    assert (len(plot.points), len(plot.lines)) == (3, 1)
    assert [number.text for number in plot.numbers] == ["0", "50", "75"]
    assert "no card was answered" in override_rate_by_week(mondays, {}).description


def test_a_long_time_is_drawn_as_its_last_year() -> None:
    mondays = [date(2024, 1, 1) + timedelta(weeks=week) for week in range(120)]
    plot = cards_by_week(mondays, {monday: Figures(ignored=1000) for monday in mondays})
    assert (len(plot.parts), len(plot.numbers)) == (52, 0)
    assert len(plot.weeks) <= 6
    assert plot.grid[-1].text == "1200"
