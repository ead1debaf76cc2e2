"""The project's own service, started as an operator starts it, passes its own suite: open and authenticated."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from cds_service.command_line import main
from cds_service.conformance.runner import GROUPS
from tests.cds_service.conformance.running import ORIGIN, free_port, key_file, running, two_clients

pytestmark = pytest.mark.alone

INSIDE = {row.id for group in GROUPS for row in group.rows if row.check is None}
NEEDS_CLIENTS = {"FBK-06", "FBK-09", *(row.id for group in GROUPS if group.id == "A9" for row in group.rows)}
ON_THIS_MACHINE = {"NET-01"}  # reached without TLS
OF_THE_MACHINE = {"NET-04"}  # how quick answers are says little on a machine that does much else
PAGE = (Path(__file__).parents[3] / "docs" / "conformance.md").read_text(encoding="utf-8")
OF_3_0 = {row.id for group in GROUPS for row in group.rows if row.profile == "3.0"}


def try_service(url: str, folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """(exit code, JSON report) of the command; the other reports lie in the folder."""
    files = [f"--{form}={folder / f'report.{form}'}" for form in ("json", "junit", "html", "markdown")]
    exit_code = 0
    try:
        main(["conformance", url, *options, *files])
    except SystemExit as end:
        exit_code = int(end.code or 0)
    return exit_code, json.loads((folder / "report.json").read_text(encoding="utf-8"))


def faults(report: dict[str, Any]) -> dict[str, str]:
    """The rows that fail, with the reason."""
    failed = [row for row in report["rows"] if row["status"] == "fail" and row["id"] not in OF_THE_MACHINE]
    return {row["id"]: row["reason"] for row in failed}


def statuses(report: dict[str, Any]) -> dict[str, set[str]]:
    """Row ids by status."""
    found: dict[str, set[str]] = {"pass": set(), "fail": set(), "not applicable": set()}
    for row in report["rows"]:
        if row["id"] not in OF_THE_MACHINE:
            found[row["status"]].add(row["id"])
    return found


@pytest.mark.parametrize("profile", ["2.0.1", "3.0"])
def test_the_open_service_passes_every_row_that_applies(profile: str, tmp_path: Path) -> None:
    with running(tmp_path, f'profile = "{profile}"\n') as url:
        exit_code, report = try_service(url, tmp_path, "--profile", profile)
    found = statuses(report)
    assert faults(report) == {}
    assert found["not applicable"] == INSIDE | NEEDS_CLIENTS | ON_THIS_MACHINE
    assert OF_3_0.issubset(found["pass"]) == (profile == "3.0")
    assert exit_code == 0
    assert report["passed"] is True
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count('<th scope="row"') == len(report["rows"])


def test_the_authenticated_service_passes_every_row_that_applies(tmp_path: Path) -> None:
    keys_port, fhir_port = free_port(), free_port()
    jku, double = f"http://127.0.0.1:{keys_port}/jwks.json", f"http://127.0.0.1:{fhir_port}/fhir"
    ehr, other = two_clients(tmp_path, jku)
    site = f"""
        profile = "3.0"
        [[clients]]
        issuer = "{ORIGIN}"
        name = "ehr"
        jku = ["{jku}"]
        tenants = ["north"]
        fhir_servers = ["{double}"]
        [[clients]]
        issuer = "https://other.example.org"
        name = "other"
        keys = "{tmp_path / "other.jwks.json"}"
        [cors]
        origins = ["{ORIGIN}"]
    """
    options = ["--client", ehr, "--client", other, "--origin", ORIGIN, "--profile", "3.0"]
    options += ["--fhir-double-url", double, "--fhir-double-listen", f"127.0.0.1:{fhir_port}"]
    with running(tmp_path, site) as url:
        exit_code, report = try_service(url, tmp_path, *options)
    assert faults(report) == {}
    assert statuses(report)["not applicable"] == INSIDE | ON_THIS_MACHINE
    assert exit_code == 0
    _holds_no_secret(tmp_path, ehr, other)
    assert _steady(PAGE) >= _steady((tmp_path / "report.markdown").read_text(encoding="utf-8"))


def test_a_service_that_asks_for_tokens_fails_for_a_client_it_does_not_know(tmp_path: Path) -> None:
    """The exit code is 1 when a mandatory row fails; the reports say which and show the exchange."""
    _, other = two_clients(tmp_path, "http://127.0.0.1:1/jwks.json")
    stranger = json.loads(Path(other).read_text(encoding="utf-8")) | {"issuer": "https://stranger.example.org"}
    path = key_file(tmp_path, "stranger", stranger)
    site = f"""
        [[clients]]
        issuer = "https://other.example.org"
        name = "other"
        keys = "{tmp_path / "other.jwks.json"}"
    """
    with running(tmp_path, site) as url:
        exit_code, report = try_service(url, tmp_path, "--client", path, "--rows", "REQ-02,DIS-01")
    assert exit_code == 1
    (failed,) = [row for row in report["rows"] if row["status"] == "fail"]
    assert failed["id"] == "REQ-02"
    shown = {exchange["number"]: exchange for exchange in report["exchanges"]}
    assert shown[failed["exchanges"][0]]["answer"]["status"] == 401
    suites = ElementTree.parse(tmp_path / "report.junit")  # noqa: S314 - written by ourselves
    assert [case.get("name", "")[:6] for case in suites.iter("testcase") if case.find("failure") is not None] == [
        "REQ-02"
    ]
    assert 'id="row-REQ-02"' in (tmp_path / "report.html").read_text(encoding="utf-8")


def _holds_no_secret(folder: Path, *key_files: str) -> None:
    """Neither tokens nor private keys stand in a report."""
    private = [key["d"] for path in key_files for key in json.loads(Path(path).read_text(encoding="utf-8"))["keys"]]
    for form in ("json", "junit", "html", "markdown"):
        written = (folder / f"report.{form}").read_text(encoding="utf-8")
        assert "eyJ" not in written, "the start of every token"
        assert "conformance-fhir-token" not in written
        assert not any(secret in written for secret in private)


def _steady(page: str) -> set[str]:
    """The rows of the table but for those that depend on the machine."""
    rows = {line for line in page.splitlines() if line.startswith("| ")}
    return {line for line in rows if not any(line.startswith(f"| {row} ") for row in OF_THE_MACHINE)}
