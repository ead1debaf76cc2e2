"""The page: for the operator alone, with a word beside every field that is wrong; nobody waits for who looks at it."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from cds_service.errors import UNREADABLE, LedgerUnavailable
from cds_service.ledger.database import Database
from cds_service.outcomes import answers
from cds_service.turn import in_turns
from tests.cds_service.hooks.tokens import PUBLIC_URL
from tests.cds_service.ledger.books import Books, Kept, accepted, overridden, until
from tests.cds_service.outcomes.hand_made import DAYS, FOR_LONG, issued, page, put, put_hand_made, received, sheet

PATHS = ("/outcomes", "/outcomes.csv")


@pytest.fixture
def kept(address: str, books: Books) -> Kept:
    """The service that keeps the ledger made by hand."""
    put_hand_made(address)
    return books(ledger=FOR_LONG)


def basic(credentials: str) -> dict[str, str]:
    """What a browser sends for a name and a password."""
    return {"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}


# -- who may look ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic operator"},
        {"Authorization": "Basic ü"},
        basic("operator"),
        basic("operator:wrong"),
        basic("operator:"),
    ],
)
def test_without_the_operator_s_token_there_is_nothing_to_see(books: Books, path: str, header: dict[str, str]) -> None:
    answer = books({"operator_token": "operator"}).client.get(path, headers=header)
    assert (answer.status_code, answer.json["issue"][0]["code"]) == (401, "login")  # type: ignore[index]
    challenges = answer.headers.get_all("WWW-Authenticate")
    assert challenges == ["Bearer", 'Basic realm="operator", charset="UTF-8"']


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "header", [{"Authorization": "Bearer s3cret:ü"}, basic("anybody:s3cret:ü"), basic(":s3cret:ü")]
)
def test_the_token_opens_as_a_bearer_s_or_as_a_password_with_any_name(
    books: Books, path: str, header: dict[str, str]
) -> None:
    client = books({"operator_token": "s3cret:ü"}).client
    assert client.get(path, headers=header).status_code == 200
    assert "Basic" not in client.get("/metrics").headers["WWW-Authenticate"]
    assert client.get("/metrics", headers=basic("anybody:s3cret:ü")).status_code == 401


def test_a_machine_without_a_token_looks_at_its_own_ledger_and_nobody_else_does(books: Books) -> None:
    assert books().client.get("/outcomes").status_code == 200
    assert books({"public_url": PUBLIC_URL}).client.get("/outcomes").status_code == 401


def test_without_a_ledger_there_is_no_page(client: FlaskClient) -> None:
    assert [client.get(path).status_code for path in PATHS] == [404, 404]
    assert "Outcomes" not in client.get("/rules").text


def test_with_a_ledger_the_page_is_in_the_menu(books: Books) -> None:
    assert '<a href="/outcomes">Outcomes</a>' in books().client.get("/rules").text


def test_nothing_of_it_is_stored_run_or_loaded_from_elsewhere(kept: Kept) -> None:
    answer = kept.client.get("/outcomes", query_string=DAYS)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<style|\sstyle=|http://(?!localhost)", answer.text)


# -- when there is little to see ---------------------------------------------------------------------------------------


def test_an_empty_ledger_says_how_it_fills(books: Books) -> None:
    shown = page(books())
    assert "The ledger is empty" in shown.text
    assert shown.tables == {}
    assert sheet(books()) == []


def test_a_choice_that_nothing_fits_says_so(kept: Kept) -> None:
    shown = page(kept, **DAYS, client="nobody")
    assert "No call and no card fits this choice" in shown.text


def test_a_comment_on_cards_of_earlier_days_is_shown_where_no_card_is(kept: Kept) -> None:
    assert "from the week before" in page(kept, since="2026-06-01", until="2026-06-03").text


def test_a_ledger_out_of_reach_is_a_503_that_says_so(address: str, books: Books) -> None:
    kept = books()
    kept.ledger._reach.lost(LedgerUnavailable("gone"))
    for path in PATHS:
        answer = kept.client.get(path)
        assert answer.status_code == 503
        assert answer.json["issue"][0]["details"]["text"] == UNREADABLE  # type: ignore[index]
        assert answer.headers["Retry-After"]


# -- fields ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": "15.6.2026"}, "since"),
        ({"until": "2026-06-31"}, "until"),
        ({"since": "2026-06-15", "until": "2026-06-15"}, "until"),
        ({"hook": "patient-view"}, "hook"),
    ],
)
def test_a_field_that_cannot_be_used_comes_back_with_a_word_beside_it(
    books: Books, asked: dict[str, str], field: str
) -> None:
    kept = books()
    answer = kept.client.get("/outcomes", query_string=asked)
    assert answer.status_code == 400
    assert f'id="{field}-problem"' in answer.text
    assert f'aria-describedby="{field}-problem"' in answer.text
    assert answer.text.count('class="problem"') == 1
    answer = kept.client.get("/outcomes.csv", query_string=asked)
    assert (answer.status_code, answer.json["issue"][0]["expression"]) == (400, [field])  # type: ignore[index]


def test_what_was_written_into_the_form_is_still_in_it(kept: Kept) -> None:
    asked = {"since": "<b>", "tenant": 'a"b', "client": "south", "hook": "order-sign", "rule": "pair"}
    html = kept.client.get("/outcomes", query_string=asked).text
    for said in ('value="&lt;b&gt;"', 'value="a&#34;b"', "<option selected>south", "<option selected>order-sign"):
        assert said in html
    assert '<option value="pair" selected>' in html


@pytest.mark.parametrize("asked", [{"page": "0"}, {"page": "x"}, {"page": "10000"}, {"page": "²"}])
def test_a_page_that_is_no_number_is_refused(kept: Kept, asked: dict[str, str]) -> None:
    answer = kept.client.get("/outcomes", query_string=asked)
    assert (answer.status_code, answer.json["issue"][0]["expression"]) == (400, ["page"])  # type: ignore[index]


def test_a_sheet_that_there_is_not_is_refused(kept: Kept) -> None:
    answer = kept.client.get("/outcomes.csv", query_string={"table": "x"})
    assert (answer.status_code, answer.json["issue"][0]["expression"]) == (400, ["table"])  # type: ignore[index]


@pytest.mark.parametrize(
    "asked", [{"since": "0001-01-01"}, {"until": "9999-12-31"}, {"tenant": "x\0y"}, {"rule": "\0"}]
)
def test_what_no_calendar_and_no_database_takes_breaks_nothing(kept: Kept, asked: dict[str, str]) -> None:
    assert kept.client.get("/outcomes", query_string=asked).status_code == 200


# -- what was said -----------------------------------------------------------------------------------------------------


def test_more_than_a_page_of_comments_is_read_page_by_page(address: str, books: Books) -> None:
    at = "2026-06-15T12:00:{:02}Z"
    said = [received(n, n, "open", "", "overridden", at.format(n), at.format(n), []) for n in range(45)]
    free = [
        {"feedback": one["id"], "comment": f"said-{n:02}", "extension": "", "received_at": one["received_at"]}
        for n, one in enumerate(said)
    ]
    put(
        address,
        {"feedback": said, "comments": free, "issued_cards": [issued(1, "open", "", "order-sign", "x", at.format(1))]},
    )
    kept = books(ledger=FOR_LONG)
    found = []
    for number in (1, 2, 3):
        html = kept.client.get("/outcomes", query_string={**DAYS, "page": number}).text
        found += re.findall(r"said-\d\d", html)
        assert f"Page {number} of 3" in html
        assert ('rel="next"' in html) is (number < 3)
    assert found == [f"said-{n:02}" for n in reversed(range(45))]
    assert "There are no more" in kept.client.get("/outcomes", query_string={**DAYS, "page": 4}).text


def test_what_a_client_says_in_its_own_way_is_shown_and_escaped(books: Books) -> None:
    kept = books()
    card = kept.call()[0]["uuid"]
    reason = {"extension": {"com.example": "<i>because</i>"}}
    assert kept.report(overridden(card, "", overrideReason=reason, outcomeTimestamp=now())) == 200
    kept.written()
    assert "&lt;i&gt;because&lt;/i&gt;" in kept.client.get("/outcomes").text


def now() -> str:
    """This instant, as a client writes it."""
    return datetime.now(UTC).isoformat()


def test_from_the_call_to_the_page(books: Books) -> None:
    kept = books()
    first, second = kept.call()
    kept.call()
    kept.report(overridden(first["uuid"], outcomeTimestamp=now()))
    kept.report(accepted(second["uuid"], "3b0e8a52-9d0a-4b8e-8c1f-000000000001", outcomeTimestamp=now()))
    kept.written()
    shown = page(kept)
    assert {name: shown.sums[name] for name in ("Cards shown", "Accepted", "Overridden")} == {
        "Cards shown": "4",
        "Accepted": "1",
        "Overridden": "1",
    }


# -- time --------------------------------------------------------------------------------------------------------------


def test_counting_ends_when_its_time_is_over_and_says_nothing_about_the_next_call(kept: Kept, monkeypatch: Any) -> None:
    monkeypatch.setattr(answers, "SECONDS", 0.0)
    assert kept.client.get("/outcomes", query_string=DAYS).status_code == 503
    monkeypatch.undo()
    assert kept.ledger.is_reachable
    until(lambda: kept.client.get("/outcomes", query_string=DAYS).status_code == 200)  # what was begun is ending


def test_a_statement_that_never_ends_is_ended(address: str) -> None:
    database = Database(address)
    for_ever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(LedgerUnavailable) as late, database.looking(0.2) as connection:
        connection.scalar(text(for_ever))
    assert late.value.cause == "SQLITE_INTERRUPT"
    with database.reading() as connection:  # the same connection, for which there is no limit now
        assert (
            connection.scalar(
                text(
                    "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
                    " SELECT i + 1 FROM n WHERE i < 300000) SELECT * FROM n)"
                )
            )
            == 300_000
        )
    database.close()


def test_while_somebody_counts_calls_go_on_in_the_same_worker(address: str, kept: Kept) -> None:
    began, may_end = time.monotonic(), []

    def slow(connection: Connection) -> int:
        while not may_end and time.monotonic() < began + 20:
            connection.scalar(text("SELECT 1"))
            time.sleep(0.01)
        return len(may_end)

    application = in_turns(lambda environ, start: [b"%d" % kept.ledger.look(slow, 20)])
    looking = Thread(target=lambda: application({}, lambda *_: None))
    looking.start()
    answered = in_turns(lambda environ, start: [b"called"])({}, lambda *_: None)
    assert answered == [b"called"]
    assert looking.is_alive()
    may_end.append(1)
    looking.join()


def test_the_start_does_not_wait_for_the_database_s_library() -> None:
    started = (
        "import sys; from cds_service.app import create_app; from cds_service.config import Settings, SiteConfig;"
        "create_app(Settings(database='sqlite:////nowhere/ledger.sqlite3'), SiteConfig());"
        "print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", started], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
