"""The list of rows: complete, each with its sentence and source, and what is tried elsewhere is tried there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cds_service.conformance.chart import Chart
from cds_service.conformance.exchange import Exchange, readable, without_secrets
from cds_service.conformance.row import LEVELS, Row
from cds_service.conformance.runner import GROUPS, NoSuchRow, chosen
from cds_service.conformance.samples import shipped
from cds_service.hooks.wire import OrderSelectCall, OrderSignCall

ROOT = Path(__file__).parents[3]
ROWS = [row for group in GROUPS for row in group.rows]
LAST = {
    "DIS": 15, "REQ": 12, "CTX": 10, "PRE": 14, "CRD": 16, "SUG": 12, "LNK": 5, "OVR": 2, "FBK": 9, "JWT": 20, "NET": 7,
}  # fmt: skip
ENTRIES = [
    {"id": "one", "hook": "order-sign", "prefetch": {"patient": "Patient/{{context.patientId}}"}},
    {
        "id": "two",
        "hook": "order-select",
        "prefetch": {"labs": "Observation?patient={{context.patientId}}&code=2160-0"},
    },
]


def test_every_row_of_the_check_list_is_there_once() -> None:
    numbered = [row.id for row in ROWS if row.id[:3] in LAST]
    assert sorted(numbered) == sorted(f"{prefix}-{n:02}" for prefix, last in LAST.items() for n in range(1, last + 1))
    assert len({row.id for row in ROWS}) == len(ROWS)


def test_rows_come_by_number_wherever_they_were_written() -> None:
    (group,) = [group for group in GROUPS if group.id == "A9"]
    assert [row.id for row in group.in_order] == [f"JWT-{n:02}" for n in range(1, 21)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_says_what_it_asks_for_and_on_whose_word(row: Row) -> None:
    assert row.sentence.endswith((".", "…"))
    assert row.source
    assert row.level in LEVELS


@pytest.mark.parametrize("row", [row for row in ROWS if row.check is None], ids=lambda row: row.id)
def test_what_shows_only_inside_is_tried_where_the_row_says(row: Row) -> None:
    path, _, name = row.elsewhere.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_rows_are_chosen_by_id_and_by_group() -> None:
    picked = chosen(["fbk-02", "A12"])
    assert [group.id for group, _ in picked] == ["A8", "A12"]
    assert [row.id for row in picked[0][1]] == ["FBK-02"]
    with pytest.raises(NoSuchRow, match="FBK-99"):
        chosen(["FBK-99"])


def test_the_requests_shipped_keep_to_the_specification() -> None:
    samples = [*shipped("good", ENTRIES), *shipped("quiet", ENTRIES)]
    assert {sample.service for sample in samples} == {"one", "two"}
    for sample in samples:
        model = OrderSignCall if sample.entry["hook"] == "order-sign" else OrderSelectCall
        model.model_validate(sample.request)
        assert "{{" not in str(sample.request)


def test_the_requests_shipped_bring_what_the_service_asks_for() -> None:
    by_service = {sample.service: sample.request["prefetch"] for sample in shipped("good", ENTRIES)}
    assert by_service["one"]["patient"]["resourceType"] == "Patient"
    (entry,) = by_service["two"]["labs"]["entry"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", entry["resource"]["effectiveDateTime"])


def test_a_chart_reads_and_searches() -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "1-1"}]}
    chart = Chart([{"resourceType": "Observation", "id": "a", "code": code}, {"resourceType": "Patient", "id": "p"}])
    assert chart.answer("Patient/p") == {"resourceType": "Patient", "id": "p"}
    assert chart.answer("Patient/q") is None
    found = [chart.answer(f"Observation?{query}") for query in ("code=http://loinc.org|1-1", "code=2-2", "_sort=-date")]
    assert [bundle and bundle["total"] for bundle in found] == [1, 0, 1]


def test_a_report_shows_no_token() -> None:
    assert without_secrets({"Authorization": "Bearer abc"}) == {"Authorization": "Bearer [redacted]"}
    assert "abc" not in readable(b'{"fhirAuthorization": {"access_token": "abc"}}')
    assert "abc" not in readable(b'{"fhirAuthorization": {"access_token" :"abc"}, broken')
    assert len(readable(b"x" * 5_000_000)) < 30_000


def test_an_answer_that_is_no_json_reads_as_none() -> None:
    assert Exchange("GET", "http://x/", {}, b"", 200, (), b"<html>").json is None
    assert Exchange("GET", "http://x/", {}, b"", 200, (), b"[" * 100_000).json is None
