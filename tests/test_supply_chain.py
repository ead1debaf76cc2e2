"""The checks of a release read their reports rightly, and no secret is among the files (certification.md D4)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.supply_chain import audit, sbom
from tests.supply_chain.locked import locked
from tests.test_packaging import ROOT, planned, project_files

LOCK = {"flask": "3.1.2", "jinja2": "3.1.6"}
CLEAN = {"name": "flask", "version": "3.1.2", "vulns": []}
KNOWN = {"id": "PYSEC-2026-1", "fix_versions": ["3.1.7"], "aliases": ["CVE-2026-1"], "description": "…"}
VULNERABLE = {"name": "Jinja2", "version": "3.1.6", "vulns": [KNOWN]}
UNFIXED = {"name": "jinja2", "version": "3.1.6", "vulns": [{**KNOWN, "fix_versions": []}]}
SKIPPED = {"name": "jinja2", "skip_reason": "Dependency not found on PyPI and could not be audited: jinja2 (3.1.6)"}


def audited(*dependencies: dict[str, Any]) -> list[str]:
    return list(audit.problems({"dependencies": list(dependencies), "fixes": []}, LOCK))


# -- audit --------------------------------------------------------------------------------------------------------


def test_sup_02_a_report_on_every_locked_package_without_a_finding_is_clean() -> None:
    assert audited(CLEAN, {**VULNERABLE, "vulns": []}) == []


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (SKIPPED, "jinja2 3.1.6: skipped"),
        (VULNERABLE, "jinja2 3.1.6: PYSEC-2026-1, fixed in 3.1.7"),
        (UNFIXED, "jinja2 3.1.6: PYSEC-2026-1, fixed in no version"),
        ({**VULNERABLE, "version": "3.1.5"}, "jinja2 3.1.6: looked up as 3.1.5"),
        (CLEAN, "jinja2 3.1.6: not in the report"),
    ],
    ids=["skipped", "vulnerable", "vulnerable without a fix", "another version", "left out"],
)
def test_sup_02_whatever_was_not_shown_to_be_clean_is_a_problem(second: dict[str, Any], problem: str) -> None:
    assert audited(CLEAN, second) == [problem]


@pytest.mark.parametrize(
    ("report", "exit_code"),
    [
        (json.dumps({"dependencies": [CLEAN, {**VULNERABLE, "vulns": []}]}), 0),
        (json.dumps({"dependencies": [CLEAN, SKIPPED]}), 1),
        (json.dumps({"dependencies": []}), 1),
        ("{}", 1),
        ("", 1),
        (None, 1),
    ],
    ids=["clean", "skipped", "nothing looked up", "another document", "empty", "no report"],
)
def test_sup_02_the_check_fails_unless_everything_was_looked_up(
    tmp_path: Path, report: str | None, exit_code: int
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("flask==3.1.2 \\\n    --hash=sha256:0\njinja2==3.1.6 \\\n    --hash=sha256:0\n", encoding="utf-8")
    path = tmp_path / "audit.json"
    if report is not None:
        path.write_text(report, encoding="utf-8")
    command = [sys.executable, "-m", "tests.supply_chain.audit", str(path), str(lock)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == exit_code, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_sup_02_make_audit_looks_up_the_lock_and_believes_the_report_alone() -> None:
    plan = planned("audit")
    assert "rm -f build/audit.json" in plan  # an old report must not pass for a new one
    assert "pip-audit --require-hashes --disable-pip --requirement requirements.lock --format json" in plan
    assert plan.rstrip().endswith("-m tests.supply_chain.audit build/audit.json requirements.lock")


# -- SBOM ---------------------------------------------------------------------------------------------------------


def component(name: str, version: str) -> dict[str, Any]:
    """A component as cyclonedx-py writes it from a hash lock."""
    reference = {"type": "distribution", "hashes": [{"alg": "SHA-256", "content": "0" * 64}]}
    return {"type": "library", "name": name, "version": version, "externalReferences": [reference]}


def document(*components: dict[str, Any]) -> dict[str, Any]:
    about = {"component": {"type": "application", "name": "neuropathy-cds"}}
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": about, "components": list(components)}


def test_sup_03_a_list_of_every_locked_package_with_its_hashes_is_complete() -> None:
    assert list(sbom.problems(document(component("Flask", "3.1.2"), component("jinja2", "3.1.6")), LOCK)) == []


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (document(), "flask 3.1.2: not listed"),
        (document(component("flask", "3.1.1")), "flask 3.1.2: not listed"),
        (document({**component("flask", "3.1.2"), "externalReferences": []}), "flask 3.1.2: listed without its hashes"),
        ({**document(), "bomFormat": "SPDX"}, "not a CycloneDX document"),
        ({**document(), "metadata": {}}, "it does not say what it is the list of"),
    ],
    ids=["empty", "another version", "without hashes", "another format", "of nothing"],
)
def test_sup_03_what_is_missing_is_named(found: dict[str, Any], problem: str) -> None:
    assert problem in list(sbom.problems(found, LOCK))


def test_sup_03_make_sbom_is_written_from_the_hash_lock_and_checked() -> None:
    plan = planned("sbom")
    assert "cyclonedx-py requirements requirements.lock --pyproject pyproject.toml" in plan
    assert plan.rstrip().endswith("-m tests.supply_chain.sbom build/sbom.json requirements.lock")


@pytest.mark.parametrize(("target", "tool"), [("sbom", "cyclonedx-bom"), ("audit", "pip-audit")])
def test_the_tools_of_a_release_are_pinned_in_environments_of_their_own(target: str, tool: str) -> None:
    assert re.search(rf"\.venv-{target}/bin/python -m pip .* install {tool}==\d", planned("--always-make", target))


def test_the_runtime_lock_is_read_whole() -> None:
    stated = re.findall(r"^[^\s#]", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert len(locked(ROOT / "requirements.lock")) == len(stated) > 20


# -- secrets ------------------------------------------------------------------------------------------------------

SHAPES = {
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "private member of a JWK": r'"(?:d|dp|dq|qi)"\s*:\s*"[A-Za-z0-9_-]{40,}"',
    "signed token": r"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "cloud access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "cloud API key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "token of a code host": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22}|glpat-[\w-]{20})",
    "token of a chat": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "token of a package index": r"\b(?:pypi-AgE[\w-]{50}|npm_[A-Za-z0-9]{36})",
    "database address with a password": r"\b(?:postgresql|mysql)(?:\+\w+)?://\w+:(?!PASSWORD)[^@\s$\"'{<]{8,}@(?!127\.0\.0\.1)",
}
SAMPLES = {
    "private key": "-----BEGIN EC " + "PRIVATE KEY-----",
    "private member of a JWK": '"d"' + ': "' + "a" * 43 + '"',
    "signed token": ".".join(("eyJ" + "a" * 20, "eyJ" + "b" * 40, "c" * 60)),
    "cloud access key": "AKIA" + "A1" * 8,
    "cloud API key": "AIza" + "a" * 35,
    "token of a code host": "ghp_" + "a" * 36,
    "token of a chat": "xoxb-" + "1" * 12,
    "token of a package index": "npm_" + "a" * 36,
    "database address with a password": "postgresql+psycopg" + "://cds:correct-horse@db.example.org/ledger",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_sup_05_a_secret_of_this_shape_would_be_found(shape: str) -> None:
    assert re.search(SHAPES[shape], f"x = '{SAMPLES[shape]}'")


@pytest.mark.parametrize("shape", SHAPES)
def test_sup_05_sup_06_no_file_of_the_project_holds_a_secret_of_this_shape(shape: str) -> None:
    holds = re.compile(SHAPES[shape]).search
    found = [path.relative_to(ROOT).as_posix() for path in project_files() if holds(path.read_text(errors="ignore"))]
    assert found == []
