"""The export: the fields of certification.md B2, for the operator all, for a client its own (API1, API5, FBK-09)."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.command_line import main
from cds_service.ledger.endpoint import PATH
from cds_service.ledger.export import COLUMNS
from tests.cds_service.hooks.tokens import (
    PUBLIC_URL,
    bearer,
    key_file,
    private_key,
    public_jwk,
    token,
)
from tests.cds_service.ledger.books import WARNINGS, Books, Kept, overridden, request_of
from tests.cds_service.ledger.test_issued_cards import issued

SELECT = "/cds-services/neuropathy-order-select"
SIGN_FEEDBACK = "/cds-services/neuropathy-order-sign/feedback"
OPERATOR = {"Authorization": "Bearer operator"}
STRANGER = "3b0e8a52-9d0a-4b8e-8c1f-5e0c7a52f00d"


@pytest.fixture
def kept(books: Books, tmp_path: Path) -> Kept:
    """A service that two clients call."""
    names = ("north", "south")
    keys = {
        name: str(key_file(tmp_path, public_jwk(private_key("ES384"), name), name=f"{name}.json")) for name in names
    }
    clients = [{"issuer": f"https://{name}.example.org", "name": name, "keys": keys[name]} for name in names]
    return books({"public_url": PUBLIC_URL, "operator_token": "operator"}, clients=clients)


def of(client: str, address: str, tenant: str | None = None) -> dict[str, str]:
    """The headers of a client's request."""
    return bearer(token(address, header={"kid": client}, iss=f"https://{client}.example.org", tenant=tenant))


def card_issued_to(kept: Kept, client: str, tenant: str | None = None) -> dict[str, Any]:
    """A card that was issued to this client."""
    card = kept.call(headers=of(client, SELECT, tenant))[0]
    kept.written()
    return dict(card)


def report(kept: Kept, client: str, *entries: dict[str, Any], tenant: str | None = None) -> None:
    """Feedback of this client."""
    assert kept.report(*entries, headers=of(client, SIGN_FEEDBACK, tenant)) == 200


def exported(kept: Kept, headers: dict[str, str] = OPERATOR, **asked: str) -> list[dict[str, Any]]:
    """The rows of the export."""
    answer = kept.client.get(PATH, headers=headers, query_string=asked)
    assert (answer.status_code, answer.content_type) == (200, "application/x-ndjson")
    assert answer.headers["Cache-Control"] == "no-store"
    return [json.loads(line) for line in answer.data.splitlines()]


def test_b2_a_card_and_the_feedback_on_it_are_one_row_with_every_field(kept: Kept) -> None:
    card = card_issued_to(kept, "north", "ward-7")
    said = {"reason": {"code": "data-incorrect"}, "userComment": "as discussed"}
    report(kept, "north", overridden(card["uuid"], overrideReason=said), tenant="ward-7")
    (row,) = exported(kept)
    (issued,) = [one for one in kept.rows("issued_cards") if one["card"] == card["uuid"]]
    assert tuple(row) == COLUMNS
    received_at, issued_at = row.pop("received_at"), row.pop("issued_at")
    assert issued_at[:19] == issued["issued_at"].isoformat()[:19]
    assert received_at > issued_at
    assert row == {
        "intervention": card["source"]["topic"]["code"],
        "rule_version": issued["rule_version"],
        "hook": "order-select",
        "hook_instance": request_of(WARNINGS)["hookInstance"],
        "indicator": card["indicator"],
        "card": card["uuid"],
        "is_known_card": True,
        "action_taken": "overridden",
        "accepted_suggestions": [],
        "user_feedback": [{"code": "data-incorrect", "system": "", "display": "", "is_known": True}],
        "user_comment": "as discussed",
        "user_extension": "",
        "user": issued["user"],
        "date": "2026-06-15T09:14:31Z",
        "location": "north",
        "tenant": "ward-7",
        "encounter": issued["encounter"],
    }


def test_fbk_05_feedback_on_an_unknown_card_is_flagged(kept: Kept) -> None:
    report(kept, "north", overridden(STRANGER))
    (row,) = exported(kept)
    assert (row["is_known_card"], row["intervention"], row["user"], row["issued_at"]) == (False, "", "", None)


@pytest.mark.parametrize(("client", "tenant"), [("south", "ward-7"), ("north", "ward-8"), ("north", None)])
def test_fbk_09_feedback_on_a_card_of_another_client_or_tenant_is_not_joined(
    kept: Kept, client: str, tenant: str | None
) -> None:
    card = card_issued_to(kept, "north", "ward-7")
    report(kept, client, overridden(card["uuid"]), tenant=tenant)
    (row,) = exported(kept)
    assert (row["is_known_card"], row["intervention"], row["user"]) == (False, "", "")
    assert kept.rows("overridden") == []


def test_api1_a_client_gets_what_is_its_own_and_of_its_tenant(kept: Kept) -> None:
    for client, tenant in (("north", "a"), ("north", "b"), ("south", "a")):
        report(kept, client, overridden(STRANGER), tenant=tenant)
    (row,) = exported(kept, of("north", PATH, "a"), client="south", tenant="b")
    assert (row["location"], row["tenant"]) == ("north", "a")
    assert len(exported(kept)) == 3


@pytest.mark.parametrize(
    "header",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic operator"}],
    ids=["nothing", "a wrong token", "another scheme"],
)
def test_api5_without_a_good_token_there_is_no_export(kept: Kept, header: dict[str, str]) -> None:
    answer = kept.client.get(PATH, headers=header)
    assert answer.status_code == 401
    assert answer.json["issue"][0]["code"] == "login"  # type: ignore[index]


def test_api5_a_token_for_a_service_is_none_for_the_export(kept: Kept) -> None:
    assert kept.client.get(PATH, headers=of("north", SELECT)).status_code == 401


def test_api5_in_open_mode_on_loopback_the_machine_is_the_operator(books: Books) -> None:
    kept = books()
    kept.report(overridden(STRANGER))
    assert len(exported(kept, {})) == 1


def test_by_client_tenant_and_time_of_the_outcome(kept: Kept) -> None:
    for client, tenant, day in (("north", "a", 13), ("north", "b", 14), ("south", "a", 15)):
        entry = overridden(STRANGER, outcomeTimestamp=f"2026-06-{day}T00:00:00Z")
        report(kept, client, entry, tenant=tenant)
    for asked, days in (
        ({"client": "north"}, ["13", "14"]),
        ({"tenant": "a"}, ["13", "15"]),
        ({"since": "2026-06-14"}, ["14", "15"]),
        ({"until": "2026-06-14T00:00:00Z"}, ["13"]),
        ({"since": "2026-06-14T02:00:00+02:00", "until": "2026-06-15"}, ["14"]),
    ):
        assert [row["date"][8:10] for row in exported(kept, **asked)] == days  # type: ignore[arg-type]


def test_on_demand_the_cards_that_nobody_reported_on_follow(kept: Kept) -> None:
    first, second = kept.call(headers=of("north", SELECT, "a"))
    card_issued_to(kept, "south")
    report(kept, "north", overridden(first["uuid"]), tenant="a")
    assert len(exported(kept)) == 1
    rows = exported(kept, unanswered="true")
    assert [row["action_taken"] for row in rows] == ["overridden", "", "", ""]
    (row,) = exported(kept, of("north", PATH, "a"), unanswered="true")[1:]
    assert (row["card"], row["is_known_card"], row["date"]) == (second["uuid"], True, None)
    assert (row["accepted_suggestions"], row["user_feedback"], row["user_comment"]) == ([], [], "")
    assert tuple(row) == COLUMNS


def test_the_unanswered_cards_of_more_than_a_page_come_whole(books: Books) -> None:
    kept = books()
    kept.ledger.issue([issued(number) for number in range(1_100)])
    kept.written()
    rows = exported(kept, {}, unanswered="true", since="2026-06-15T12:00:00Z")
    assert len({row["card"] for row in rows}) == len(rows) == 1_100
    assert exported(kept, {}, unanswered="true", until="2026-06-15T12:00:00Z") == []


@pytest.mark.parametrize(
    "asked", [{"unanswered": "MARKER"}, {"format": "xml"}, {"since": "MARKER"}, {"until": "2026-13-01"}]
)
def test_what_cannot_be_asked_for_is_named_and_not_repeated(kept: Kept, asked: dict[str, str]) -> None:
    answer = kept.client.get(PATH, headers=OPERATOR, query_string=asked)
    assert answer.status_code == 400
    assert answer.json["issue"][0]["expression"] == list(asked)  # type: ignore[index]
    assert "MARKER" not in answer.text


def test_more_than_a_page_comes_whole_and_in_order(kept: Kept) -> None:
    entries = [
        overridden(f"3b0e8a52-9d0a-4b8e-8c1f-{number:012}", outcomeTimestamp=f"2026-06-14T10:{number % 60:02}:00Z")
        for number in range(903)
    ]
    report(kept, "north", *entries)
    dates = [row["date"] for row in exported(kept)]
    assert len(dates) == 903
    assert dates == sorted(dates)


def test_csv_has_the_same_columns_and_no_formula(kept: Kept) -> None:
    formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
    for number, formula in enumerate(formulas):
        said = {"reason": {"code": formula.strip()}, "userComment": f'{formula}\nsecond; "line"'}
        entry = overridden(STRANGER, overrideReason=said, outcomeTimestamp=f"2026-06-14T10:0{number}:00Z")
        report(kept, "north", entry)
    answer = kept.client.get(PATH, headers=OPERATOR, query_string={"format": "csv"})
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="feedback.csv"'
    names, *lines = csv.reader(io.StringIO(answer.text, newline=""))
    assert tuple(names) == COLUMNS
    assert len(lines) == len(formulas)
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert lines[0][COLUMNS.index("date")] == "2026-06-14T10:00:00Z"


def test_the_command_writes_what_the_endpoint_answers(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    report(kept, "north", overridden(STRANGER), overridden(STRANGER, outcomeTimestamp="2026-06-16T00:00:00Z"))
    monkeypatch.setenv("CDS_SERVICE_DATABASE", kept.address)
    for form in ("ndjson", "csv"):
        capfdbinary.readouterr()
        main(["export", "--format", form, "--until", "2026-06-16", "--client", "north"])
        written = capfdbinary.readouterr().out
        asked = {"format": form, "until": "2026-06-16"}
        assert written == kept.client.get(PATH, headers=OPERATOR, query_string=asked).data
        assert len(written.splitlines()) == (1 if form == "ndjson" else 2)


def test_the_export_is_in_the_log_with_who_asked(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    exported(kept, of("north", PATH))
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (line["event"], line["why"]) == ("feedback was exported", "north")


def test_the_story_has_a_user_and_the_export_a_hash_of_it(kept: Kept) -> None:
    card = card_issued_to(kept, "north")
    report(kept, "north", overridden(card["uuid"]))
    user = request_of(WARNINGS)["context"]["userId"]
    (row,) = exported(kept)
    assert user
    assert user not in json.dumps(row)
    assert len(row["user"]) == 32


def test_what_no_database_takes_selects_nothing_and_breaks_nothing(kept: Kept) -> None:
    report(kept, "north", overridden(STRANGER))
    assert exported(kept, client="\0") == []
    assert exported(kept, tenant="x\0y") == []
