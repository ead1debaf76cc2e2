"""The papers and the build: what stands at the top, what the locks hold, what the two commands do."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent

HOUSE = {"pyproject.toml", "cds_service", "cards", "fhir_fixtures", "tests", "Dockerfile", "README.md"}
PAPERS = {"LICENSE", "NOTICE", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "Makefile", "requirements*.lock"}
ROOMS_FOR_OPERATORS = {"deploy", "docs"}

LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")
OTHER_PEOPLES_DATA = "../shared"
REGISTRIES = ("pypi.org", "pythonhosted.org", "npmjs.", "yarnpkg.", "docker.io", "ghcr.io", "deb.debian.org")


class Pin(NamedTuple):
    """One requirement of a lock: its exact version and the hashes it may have."""

    version: Version
    hashes: list[str]


def project() -> dict[str, Any]:
    """pyproject.toml, read."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(lock: str) -> dict[str, Pin]:
    """The requirements of a lock by normalised name."""
    text = (ROOT / lock).read_text()
    entries = re.findall(r"^([\w.-]+)==(\S+)((?: \\\n +--hash=\S+)*)", text, re.MULTILINE)
    return {
        canonicalize_name(name): Pin(Version(version), re.findall(r"--hash=(\S+)", hashes))
        for name, version, hashes in entries
    }


def unmet(lock: str, requirements: list[str]) -> list[str]:
    """The requirements that the lock does not hold in a version they accept."""
    locked = pins(lock)
    wanted = [Requirement(requirement) for requirement in requirements]
    return [
        str(requirement)
        for requirement in wanted
        if canonicalize_name(requirement.name) not in locked
        or not requirement.specifier.contains(locked[canonicalize_name(requirement.name)].version)
    ]


def is_ignored(path: Path) -> bool:
    """Does .gitignore name this file or folder?"""
    patterns = (line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line)
    return any(fnmatch(path.name, pattern) for pattern in patterns)


def project_files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file that belongs to the project."""
    for path in sorted(folder.iterdir()):
        if is_ignored(path) or path.name == ".git":
            continue
        if path.is_dir():
            yield from project_files(path)
        else:
            yield path


def naming(word: str) -> list[str]:
    """The project's files that hold this word, this one aside."""
    return [
        path.relative_to(ROOT).as_posix()
        for path in project_files()
        if path != Path(__file__) and word in path.read_text(errors="ignore")
    ]


def planned(*arguments: str, **variables: str) -> str:
    """What make would run: nothing is installed, nothing started."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS", "CDS_")) and name not in {"PORT", "ARGS"}
    }
    ended = subprocess.run(
        ["make", "--dry-run", *arguments],
        cwd=ROOT,
        env=inherited | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return ended.stdout


# ---- the top level ----


def test_the_seven_rooms_stand_at_the_top_and_beside_them_only_customary_papers() -> None:
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".") and not is_ignored(path)}
    assert HOUSE - names == set()
    allowed = HOUSE | PAPERS | ROOMS_FOR_OPERATORS
    assert [name for name in sorted(names) if not any(fnmatch(name, pattern) for pattern in allowed)] == []


def test_every_customary_paper_is_there() -> None:
    assert [pattern for pattern in sorted(PAPERS) if not list(ROOT.glob(pattern))] == []


@pytest.mark.parametrize("registry", REGISTRIES)
def test_no_file_records_where_packages_come_from(registry: str) -> None:
    assert naming(registry) == []


def test_only_the_checks_know_where_other_peoples_records_lie() -> None:
    assert naming(OTHER_PEOPLES_DATA) == [".ci/run"]


def test_every_card_has_its_line_in_the_changelog() -> None:
    rules = [path.parent.name.replace("_", "-") for path in sorted(ROOT.glob("cards/*/*/rule.py"))]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert rules != []
    assert [rule for rule in rules if f"`{rule}`" not in changelog] == []


# ---- dependencies and locks ----


def test_every_dependency_says_what_it_is_for() -> None:
    """SUP-01."""
    text = (ROOT / "pyproject.toml").read_text()
    declared = project()["project"]["dependencies"] + project()["project"]["optional-dependencies"]["dev"]
    unexplained = [name for name in declared if not re.search(rf'^ +"{re.escape(name)}", +# \S', text, re.MULTILINE)]
    assert unexplained == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_holds_its_hashes(lock: str) -> None:
    """SUP-01."""
    stated = re.findall(r"^[^\s#]", (ROOT / lock).read_text(), re.MULTILINE)
    locked = pins(lock)
    assert len(locked) == len(stated) > 0
    assert [name for name, pin in locked.items() if not pin.hashes] == []
    assert [
        name for name, pin in locked.items() if any(not re.match("sha256:[0-9a-f]{64}$", h) for h in pin.hashes)
    ] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_holds_an_address_an_option_or_a_path_of_the_machine_that_made_it(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert [line for line in lines if re.search(r"https?:|file:|^-|(^|[\s=])/|\.{2}/", line)] == []


def test_the_runtime_lock_satisfies_the_dependencies_and_knows_both_databases() -> None:
    declared = project()["project"]
    wanted = [*declared["dependencies"], *declared["optional-dependencies"]["postgresql"]]
    assert unmet("requirements.lock", wanted) == []


def test_the_build_lock_satisfies_the_build_backend() -> None:
    assert unmet("requirements-build.lock", project()["build-system"]["requires"]) == []


def test_the_development_lock_satisfies_everything() -> None:
    declared = project()
    everything = [
        *declared["project"]["dependencies"],
        *(wanted for group in declared["project"]["optional-dependencies"].values() for wanted in group),
        *declared["build-system"]["requires"],
    ]
    everything.remove("neuropathy-cds[postgresql,tracing]")  # the groups themselves, all of them listed here
    assert unmet("requirements-dev.lock", everything) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-build.lock"])
def test_what_runs_and_what_builds_is_what_was_tested(lock: str) -> None:
    tested = pins("requirements-dev.lock")
    assert {name: pin for name, pin in pins(lock).items() if tested.get(name) != pin} == {}


# ---- the wheel ----


def test_the_wheel_holds_both_packages_with_their_knowledge_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, timeout=120, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    packages = (path for package in ("cards", "cds_service") for path in project_files(ROOT / package))
    charts = {path.name for path in project_files(ROOT / "fhir_fixtures" / "patients")}
    assert held == {path.relative_to(ROOT).as_posix() for path in packages} | {
        f"cds_service/playground/patients/{name}" for name in charts
    }
    assert any(name.endswith(".yaml") for name in held)


# ---- make ----


def test_serve_listens_on_loopback_at_port_8000() -> None:
    assert "/cds-service serve --host 127.0.0.1 --port 8000\n" in planned("serve")


def test_a_port_on_the_command_line_changes_where_serve_listens() -> None:
    assert "--host 127.0.0.1 --port 9001\n" in planned("serve", "PORT=9001")


def test_settings_of_the_service_change_where_serve_listens() -> None:
    settings = {"CDS_SERVICE_HOST": "127.0.0.2", "CDS_SERVICE_PORT": "9002"}
    assert "--host 127.0.0.2 --port 9002\n" in planned("serve", **settings)


def test_test_runs_all_that_needs_only_python_and_says_what_it_leaves_out() -> None:
    plan = planned("test")
    assert "-m pytest --ignore=tests/real_data tests --ignore=tests/integration --ignore=tests/browser" in plan
    assert "tests/real_data is left out" in plan
    assert "tests/integration and tests/browser are left out" in plan


def test_test_reads_other_peoples_records_when_their_folder_is_named() -> None:
    plan = planned("test", CDS_TEST_DATA="/records")
    assert "--ignore=tests/real_data" not in plan
    assert "is left out" not in plan


@pytest.mark.parametrize("target", ["browser", "test-all"])
def test_the_browser_is_left_out_nowhere_else_and_its_pictures_are_said_to_be_kept(target: str) -> None:
    plan = planned(target)
    assert "--ignore=tests/browser" not in plan
    assert "build/screenshots/" in plan


@pytest.mark.parametrize(("stamp", "locks"), [("runtime", LOCKS[:2]), ("dev", LOCKS[2:])])
def test_an_environment_is_installed_with_hashes_from_its_locks(stamp: str, locks: tuple[str, ...]) -> None:
    plan = planned("--always-make", f".venv/{stamp}.stamp")
    named = " ".join(f"-r {lock}" for lock in locks)
    assert f"pip --disable-pip-version-check --quiet install --require-hashes {named}\n" in plan
    assert "install --no-build-isolation --no-deps --editable .\n" in plan
