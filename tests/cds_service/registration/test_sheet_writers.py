"""A sheet as text, JSON, CSV and HTML, from the command: the same values in each."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from cds_service.command_line import main
from cds_service.registration.sheet import Exact, Sheet
from cds_service.registration.writers import WIDTH, as_csv, as_html, as_json, as_text
from tests.cds_service.registration.sheets import SETTINGS, service, sheet_of, trusting

EPIC = sheet_of(service(), profile="epic")
NORTH = sheet_of(trusting(), client="north")
every_sheet = pytest.mark.parametrize("sheet", [EPIC, NORTH], ids=["epic", "north"])


def exact_values(sheet: Sheet) -> set[str]:
    return {
        text
        for table in sheet.tables
        for row in table.rows
        for value in row
        if isinstance(value, Exact)
        for text in value.texts
    }


@every_sheet
def test_whatever_is_to_be_copied_is_whole_in_every_form(sheet: Sheet) -> None:
    lines = as_text(sheet).decode().splitlines()
    cells = {row["value"] for row in csv.DictReader(io.StringIO(as_csv(sheet).decode()))}
    cells |= {row["row"] for row in csv.DictReader(io.StringIO(as_csv(sheet).decode()))}
    found = json.loads(as_json(sheet))
    of_json = {
        text
        for table in found["tables"].values()
        for row in table["rows"]
        for value in row.values()
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str)
    }
    html = as_html(sheet).decode().replace("&amp;", "&").replace("&#39;", "'")
    for text in exact_values(sheet):
        assert any(line.endswith(text) for line in lines), text
        assert text in of_json
        assert f">{text}</code>" in html
        assert text in cells, text


@every_sheet
def test_what_shares_a_value_has_it_in_every_row_of_json_and_csv(sheet: Sheet) -> None:
    topics = json.loads(as_json(sheet))["tables"]["topics"]["rows"]
    assert {row["system"] for row in topics} == {"https://neuropathy-cds.example.org/CodeSystem/topic"}
    rows = csv.DictReader(io.StringIO(as_csv(sheet).decode()))
    assert len([row for row in rows if (row["table"], row["field"]) == ("topics", "system")]) == len(topics)


@every_sheet
def test_prose_is_broken_for_80_columns_and_what_is_copied_never_is(sheet: Sheet) -> None:
    values = exact_values(sheet)
    for line in as_text(sheet).decode().splitlines():
        assert len(line) <= WIDTH or line.strip() in values, line


def test_what_is_open_is_marked_in_every_form() -> None:
    text = as_text(EPIC).decode()
    assert "TO BE FILLED IN BY THE EHR'S ANALYST" in text
    assert "[ ] to be filled in by the operator of this service: who runs the service" in text
    token = {row["item"]: row["value"] for row in json.loads(as_json(EPIC))["tables"]["token"]["rows"]}
    assert token["iss"] == {"to_be_filled_in_by": "the EHR's analyst", "what": "iss of the EHR's tokens"}
    assert "to be filled in by the EHR's analyst: iss of the EHR's tokens" in as_csv(EPIC).decode()
    assert "To be filled in</strong> by the EHR&#39;s analyst: iss of the EHR&#39;s tokens" in as_html(EPIC).decode()


def test_warnings_are_in_every_form() -> None:
    for written in (as_text(EPIC), as_json(EPIC), as_csv(EPIC), as_html(EPIC)):
        assert b"open mode" in written


def test_no_cell_of_the_csv_begins_like_a_formula() -> None:
    sheet = sheet_of(service(operator={"name": "=HYPERLINK(1)", "support": "+49 30 1"}))
    for row in csv.reader(io.StringIO(as_csv(sheet).decode())):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_the_html_file_needs_nothing_else() -> None:
    html = as_html(EPIC).decode()
    assert re.findall(r"<(?:script|link|img)\b", html) == []
    assert "<style>" in html


def test_markup_in_a_site_s_words_stays_text() -> None:
    html = as_html(sheet_of(service(operator={"name": "<img src=x>"}))).decode()
    assert "<img" not in html
    assert "&lt;img src=x&gt;" in html


# -- the command ------------------------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, bytes, str]]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command with a site file of these contents: (exit code, output, message)."""

    def command(*arguments: str, site: str = "") -> tuple[int, bytes, str]:
        path = tmp_path / "site.toml"
        path.write_text(site, encoding="utf-8")
        monkeypatch.setenv("CDS_SERVICE_SITE", str(path))
        monkeypatch.setenv("CDS_SERVICE_PUBLIC_URL", str(SETTINGS.public_url))
        output = TextIOWrapper(BytesIO())
        messages = TextIOWrapper(BytesIO())
        monkeypatch.setattr(sys, "stdout", output)
        monkeypatch.setattr(sys, "stderr", messages)
        code = 0
        try:
            main(["sheet", *arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        for stream in (output, messages):
            stream.flush()
        return code, output.buffer.getvalue(), messages.buffer.getvalue().decode()  # type: ignore[attr-defined]

    return command


@pytest.mark.parametrize(
    ("form", "written"), [("text", as_text), ("json", as_json), ("csv", as_csv), ("html", as_html)]
)
def test_the_command_writes_each_form(run: Run, form: str, written: Callable[[Sheet], bytes]) -> None:
    assert run("--profile", "epic", "--format", form) == (0, written(EPIC), "")


def test_the_command_knows_the_clients_of_the_site_file(run: Run) -> None:
    site = '[[clients]]\nname = "south"\nissuer = "https://south.example.org"\njku = ["https://south.example.org/jwks.json"]\n'
    code, output, _ = run("--client", "south", site=site)
    assert code == 0
    assert b"https://south.example.org/jwks.json" in output


@pytest.mark.parametrize(
    ("kind", "there"), [("client", "nothing, for none is listed"), ("profile", "one of crd-test-kit")]
)
def test_the_command_says_which_names_there_are(run: Run, kind: str, there: str) -> None:
    code, output, message = run(f"--{kind}", "nobody")
    assert (code, output) == (2, b"")
    assert message.startswith(f"--{kind}: expected {there}")


def test_the_command_takes_a_client_or_a_profile(run: Run) -> None:
    assert run("--client", "a", "--profile", "epic")[0] == 2


def test_the_command_names_a_mistake_of_the_site(run: Run) -> None:
    code, _, message = run(site="no_such_key = 1\n")
    assert code == 2
    assert "no_such_key" in message
