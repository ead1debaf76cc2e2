"""The figures are those counted by hand, on the page and in the sheets alike."""

from __future__ import annotations

from collections import Counter
from urllib.parse import parse_qsl

import pytest

from tests.cds_service.ledger.books import Books, Kept
from tests.cds_service.outcomes.hand_made import (
    DAYS,
    FOR_LONG,
    added,
    hand_made,
    issued,
    page,
    put,
    put_hand_made,
    sheet,
    uuid_of,
)

COLUMNS = ("shown", "accepted", "overridden", "ignored", "silent", "asked", "cannot_tell")


@pytest.fixture
def kept(address: str, books: Books) -> Kept:
    """The service that keeps the ledger made by hand."""
    put_hand_made(address)
    return books(ledger=FOR_LONG)


@pytest.mark.parametrize("choice", hand_made()["totals"])
def test_what_is_chosen_comes_to_what_was_counted_by_hand(kept: Kept, choice: str) -> None:
    asked = {**DAYS, **dict(parse_qsl(choice))}
    calls, *numbers = hand_made()["totals"][choice]
    lines = sheet(kept, **asked)
    assert dict(zip(COLUMNS, numbers, strict=True)) == {column: added(lines, column) for column in COLUMNS}
    shown, accepted, overridden, ignored, silent, _, _ = numbers
    assert (
        page(kept, **asked).sums.items()
        >= {
            "Cards shown": str(shown),
            "Accepted": str(accepted),
            "Overridden": str(overridden),
            "Ignored": str(ignored),
            "Silent cards": str(silent),
            "Calls": str(calls),
        }.items()
    )


def test_each_week_has_its_own(kept: Kept) -> None:
    of_weeks = {
        week: [added(lines, column) for column in COLUMNS[:5]]
        for week in hand_made()["weeks"]
        if (lines := [line for line in sheet(kept, **DAYS) if line["week"] == week])
    }
    assert of_weeks == {week: numbers[:5] for week, numbers in hand_made()["weeks"].items()}
    rows = {row[0].split()[0]: row for row in page(kept, **DAYS).tables["All cards by week"][1:]}
    for week, (shown, accepted, overridden, ignored, silent, calls) in hand_made()["weeks"].items():
        _, *numbers, rate, per_100, still = rows[week]
        assert [*map(int, numbers)] == [shown, accepted, overridden, ignored]
        assert (rate, per_100, int(still)) == (rate_of(accepted, overridden), f"{100 * shown / calls:.2f}", silent)


def rate_of(accepted: int, overridden: int) -> str:
    """The override rate as the page writes it."""
    return f"{100 * overridden / (accepted + overridden):.1f} %" if accepted + overridden else "–"


def test_each_rule_client_and_hook_has_its_own(kept: Kept) -> None:
    tables = page(kept, **DAYS).tables
    assert tables["Cards by rule"][1:] == [
        ["dose", "6", "2", "1", "3", "33.3 %", "2.52", "2", "7.3 %"],
        ["pair", "4", "1", "3", "0", "75.0 %", "1.68", "0", "5.0 %"],
    ]
    assert tables["Cards by client"][1:] == [
        ["north", "208", "8", "2", "4", "2", "66.7 %", "3.85", "0", "7.1 %"],
        ["south", "30", "2", "1", "0", "1", "0.0 %", "6.67", "2", "0.0 %"],
    ]
    assert tables["Cards by hook"][1:] == [
        ["order-sign", "178", "9", "3", "3", "3", "50.0 %", "5.06", "0", "7.1 %"],
        ["order-select", "60", "1", "0", "1", "0", "100.0 %", "1.67", "2", "0.0 %"],
    ]


def test_a_line_of_the_sheet_has_the_calls_of_its_week_client_and_hook(kept: Kept) -> None:
    lines = sheet(kept, **DAYS)
    assert {(line["week"], line["client"], line["hook"]): line["calls"] for line in lines} == {
        ("2026-W24", "north", "order-sign"): "10",
        ("2026-W25", "north", "order-sign"): "140",
        ("2026-W25", "north", "order-select"): "50",
        ("2026-W25", "south", "order-sign"): "20",
        ("2026-W25", "south", "order-select"): "10",
        ("2026-W26", "north", "order-sign"): "8",
    }
    (line,) = [line for line in lines if (line["rule"], line["client"], line["silent"]) == ("dose", "south", "2")]
    assert (line["week_begins"], line["shown"], line["silent_per_100_calls"]) == ("2026-06-15", "0", "20.0")


def test_reasons_are_those_of_the_feedback_that_counts(kept: Kept) -> None:
    counted: Counter[str] = Counter()
    for line in sheet(kept, "reasons", **DAYS):
        counted[line["reason"]] += int(line["overridden"])
    assert counted == hand_made()["reasons"]
    rows = page(kept, **DAYS).tables["Why cards were overridden. A card with several reasons counts for each of them."]
    assert {tuple(row[:3]) for row in rows[1:]} == {
        ("Frailty: deliberate slow titration frail-slow-titration", "1", "25.0 %"),
        ("Switching: other drug being tapered cross-taper", "1", "25.0 %"),
        ("No reason chosen (a comment alone, or nothing)", "1", "25.0 %"),
        ("Benefit outweighs risk urn:other|benefit-outweighs-risk another system's code", "1", "25.0 %"),
        ("The data shown are wrong data-incorrect", "1", "25.0 %"),
    }


def test_why_rules_could_not_tell(kept: Kept) -> None:
    counted: Counter[str] = Counter()
    for line in sheet(kept, "cannot-tell", **DAYS):
        counted[line["reason"]] += int(line["cannot_tell"])
    assert counted == hand_made()["unknowns"]
    _, *rows = page(kept, **DAYS).tables["Rules that could not tell, for want of data or of a clear order"]
    assert [row[:4] for row in rows] == [["dose", "110", "8", "7.3 %"], ["pair", "40", "2", "5.0 %"]]
    assert rows[0][4].startswith("the FHIR server answered too late (5); the order is not clear enough (2); ")


def test_a_silent_rule_stands_beside_where_it_was_shown(kept: Kept) -> None:
    caption = "Rules that were silent somewhere: how often each would have been shown, beside how often it was"
    assert page(kept, **DAYS).tables[caption][1:] == [
        ["dose", "north", "208", "0", "0.00", "5", "2.40", "33.3 %"],
        ["dose", "south", "30", "2", "6.67", "1", "3.33", "–"],
    ]


def test_feedback_about_cards_not_shown_is_told_as_a_number(kept: Kept) -> None:
    said = f"{hand_made()['strangers']} entries of feedback in these days: about cards that were not shown"
    assert said in page(kept, **DAYS).text
    assert "1 entry of feedback" in page(kept, **DAYS, client="south").text
    assert "of feedback in these days: about" not in page(kept, since="2026-06-22", until="2026-07-31").text


def entries(html: str) -> list[str]:
    """What was said, in the order of the page."""
    return html.partition('<ol class="said"')[2].partition("</ol>")[0].split("<li")[1:]


def test_comments_come_with_wrong_data_first_and_are_escaped(kept: Kept) -> None:
    html = kept.client.get("/outcomes", query_string=DAYS).text
    said = entries(html)
    assert len(said) == len(hand_made()["comments"])
    for entry, (card, comment) in zip(said, hand_made()["comments"], strict=True):
        assert uuid_of(card) in entry
        assert comment.replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;") in entry
    assert ["Wrong data reported" in entry for entry in said] == [True, True, True, False, False]
    assert "<b>" not in html
    assert "A card that the ledger does not know" in said[0]


@pytest.mark.parametrize(
    ("asked", "cards"),
    [
        ({"rule": "pair"}, [7, 5]),
        ({"client": "playground"}, [13]),
        ({"tenant": "b"}, [7, 5]),
        ({"hook": "order-select"}, []),
        ({"until": "2026-06-17"}, [3, 14]),
    ],
)
def test_comments_are_chosen_like_cards(kept: Kept, asked: dict[str, str], cards: list[int]) -> None:
    said = entries(kept.client.get("/outcomes", query_string={**DAYS, **asked}).text)
    assert [card for entry in said for card in range(20) if uuid_of(card) in entry] == cards


def test_no_sheet_holds_a_comment(kept: Kept) -> None:
    said = [comment for _, comment in hand_made()["comments"] if comment]
    for table in ("figures", "reasons", "cannot-tell"):
        text = kept.client.get("/outcomes.csv", query_string={**DAYS, "table": table}).text
        assert not [comment for comment in said if comment in text]


def test_a_rule_can_be_chosen_by_its_id(kept: Kept) -> None:
    html = kept.client.get("/outcomes", query_string={**DAYS, "rule": "gabapentinoid-duplicate"}).text
    assert 'value="gabapentinoidDuplicate" selected' in html


def test_from_the_figures_of_a_rule_a_link_leads_to_what_it_says(address: str, books: Books) -> None:
    put(address, {"issued_cards": [issued(1, "open", "", "order-sign", "tcaCaution", "2026-06-15T12:00:00Z")]})
    html = books(ledger=FOR_LONG).client.get("/outcomes", query_string={**DAYS, "rule": "tcaCaution"}).text
    assert '<a href="/rules/tcaCaution">Read this rule</a>' in html
