"""Gaps in the drug codes: what is counted, under which name, and how a site lists them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cards.concepts import load_value_sets
from cards.orders import Drug
from cds_service.command_line import main
from cds_service.unmapped_drugs import Gaps, gaps, read_log

VALUE_SETS = load_value_sets()
OID = "urn:oid:1.2.246.537.6.55"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def drug(system: str = "", *concepts: str, by_text: bool = False) -> Drug:
    """An ordered drug."""
    return Drug("a drug", frozenset(concepts), by_text=by_text, system=system)


def counted(*drugs: Drug) -> Gaps | None:
    return gaps(drugs, VALUE_SETS)


def test_a_drug_without_a_known_code_is_counted_by_its_code_system():
    assert counted(drug(OID), drug(OID), drug(OID, "pregabalin", by_text=True)) == Gaps({OID: 2}, {OID: 1})
    assert counted(drug()) == Gaps({"no code": 1}, {})
    assert counted(drug("http://hl7.org/fhir/sid/ndc")) == Gaps({"ndc": 1}, {})


def test_a_code_of_a_covered_vocabulary_is_no_gap():
    assert counted(drug(RXNORM), drug("urn:oid:2.16.840.1.113883.6.88"), drug(OID, "pregabalin")) is None


@pytest.mark.parametrize(
    ("system", "label"),
    [
        ("https://ehr.example.org/patients/Mary-Doe/drugs", "ehr.example.org"),
        ("http://[", "other"),
        ("Mary Doe, born 1950-01-01", "other"),
        ("urn:oid:1.2.3 Mary Doe", "other"),
    ],
)
def test_nothing_of_a_code_system_is_counted_that_could_be_about_a_patient(system: str, label: str):
    assert counted(drug(system)) == Gaps({label: 1}, {})


def test_the_gaps_of_a_log_are_added_up_and_other_lines_passed_over():
    lines = [
        b'{"event":"call","unknown_drugs":{"no code":2,"ndc":1}}',
        b'{"event":"call","drugs_by_name":{"ndc":3},"unknown_drugs":{"no code":1}}',
        b'{"event":"call","unknown_drugs":["no code"],"drugs_by_name":{"ndc":"many"}}',
        b"listening on port 8000",
        b"[]",
    ]
    assert read_log(lines) == Gaps({"no code": 3, "ndc": 1}, {"ndc": 3})


def test_the_command_lists_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    log = tmp_path / "calls.log"
    log.write_text(
        '{"event":"call","unknown_drugs":{"ehr.example.org":2}}\n{"event":"call","drugs_by_name":{"no code":5}}\n',
        encoding="utf-8",
    )
    main(["rules", "--unmapped", str(log)])
    said = capsys.readouterr().out
    rows = [line.split() for line in said.splitlines()]
    assert rows.index(["no", "code", "0", "5"]) < rows.index(["ehr.example.org", "2", "0"])
    assert "terminology.codes" in said
    log.write_text('{"event":"call"}\n', encoding="utf-8")
    main(["rules", "--unmapped", str(log)])
    assert capsys.readouterr().out.startswith("No gaps")


@pytest.mark.parametrize("said", ["", "<html>", '{"cards":[]}', '{"event":"failed"}', "[]", "2026 web-1 started"])
def test_a_file_without_the_line_of_a_call_is_no_all_clear(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str
):
    log = tmp_path / "calls.log"
    log.write_text(said, encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["rules", "--unmapped", str(log)])
    assert end.value.code == 2
    assert "no line of a call" in capsys.readouterr().err


def test_the_line_of_a_call_counts_the_drugs_of_its_basket(client: FlaskClient, capsys: pytest.CaptureFixture[str]):
    coded: dict[str, Any] = {"coding": [{"system": OID, "code": "17"}], "text": "Mystery 5 mg"}
    by_name = {"coding": [{"system": OID, "code": "18"}], "text": "pregabalin"}
    drafts = [
        {"resourceType": "MedicationRequest", "id": f"m{number}", "medicationCodeableConcept": medication}
        for number, medication in enumerate((coded, by_name), start=1)
    ]
    drafts.append({"resourceType": "MedicationRequest", "id": "m3"})  # before a drug is chosen: nothing to map
    body = {
        "hook": "order-select",
        "hookInstance": "6f0f8f7e-5f3b-4b8e-9d8f-3c1d6a1f0001",
        "context": {
            "userId": "Practitioner/1",
            "patientId": "p-1",
            "selections": ["MedicationRequest/m1", "MedicationRequest/m2", "MedicationRequest/m3"],
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft} for draft in drafts]},
        },
        "prefetch": {"patient": {"resourceType": "Patient", "id": "p-1", "birthDate": "1966-01-01"}},
    }
    capsys.readouterr()
    client.post("/cds-services/neuropathy-order-select", json=body)
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"call"' in line]
    assert (line["unknown_drugs"], line["drugs_by_name"]) == ({OID: 1}, {OID: 1})
    assert "Mystery" not in json.dumps(line)
