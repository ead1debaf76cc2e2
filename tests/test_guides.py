"""README and guides: what they tell somebody to type, open or look at is there."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.command_line import _parser
from cds_service.config import Settings, check_safe, load_site

ROOT = Path(__file__).parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
GUIDES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "adding-a-card.md",
    *ROOT.glob("docs/guide-*.md"),
]
every_guide = pytest.mark.parametrize("guide", GUIDES, ids=[guide.name for guide in GUIDES])


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def commands(page: Path, program: str) -> list[list[str]]:
    """The indented command lines of a page that call this program, as words; what a variable sets is left out."""
    lines = re.sub(r"\\\n\s+", "", text_of(page)).splitlines()
    found = [shlex.split(line.split("#")[0]) for line in lines if line.startswith("    ") and f"{program} " in line]
    return [words[place + 1 :] for words in found for place, word in enumerate(words) if Path(word).name == program]


def anchors(page: Path) -> set[str]:
    """What a link to a heading of this page may end with."""
    titles = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_there_is_a_guide_for_each_reader_and_the_readme_leads_to_it() -> None:
    for reader in ("analyst", "clinician", "developer"):
        assert f"(docs/guide-{reader}.md)" in text_of(ROOT / "README.md")


def test_every_page_is_in_the_index_with_its_readers() -> None:
    index = text_of(ROOT / "docs" / "README.md")
    assert [page.name for page in DOCS if page.name != "README.md" and f"({page.name})" not in index] == []


@every_guide
def test_every_command_is_understood_as_it_is_written(guide: Path) -> None:
    for words in commands(guide, "cds-service"):
        assert callable(_parser().parse_args(words).run), words


@every_guide
def test_every_module_that_is_to_be_run_is_there(guide: Path) -> None:
    for module in re.findall(r"python -m ([\w.]+)", text_of(guide)):
        assert find_spec(module) is not None, module


def test_the_readme_begins_with_how_to_run_and_test_it() -> None:
    beginning = text_of(ROOT / "README.md").partition("\n## ")[0]
    assert re.findall(r"^    make (\w+)", beginning, re.MULTILINE) == ["serve", "test"]


@every_guide
def test_every_make_target_is_there(guide: Path) -> None:
    makefile = text_of(ROOT / "Makefile")
    spoken = re.findall(r"(?:`|^    )make ([a-z -]+?)(?:`| ARGS|  | #|$)", text_of(guide), re.MULTILINE)
    for target in {target for targets in spoken for target in targets.split()}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_command_for_developers_is_explained() -> None:
    declared = re.findall(r"^\.PHONY: (serve .*)$", text_of(ROOT / "Makefile"), re.MULTILINE)
    explained = set(re.findall(r"`make ([a-z-]+)", text_of(ROOT / "CONTRIBUTING.md")))
    assert {target for line in declared for target in line.split()} - explained == set()


@every_guide
def test_every_file_that_is_named_is_there(guide: Path) -> None:
    """Whole paths from the root of the project; a place that is to be filled in has its < or …"""
    named = re.findall(r"\b((?:cards|cds_service|fhir_fixtures|tests)/[\w/.-]*\w\.?\w+/?)(?![\w<…{*])", text_of(guide))
    made_by_the_walk = "pregabalin_heart_failure"
    assert [name for name in named if made_by_the_walk not in name and not (ROOT / name).exists()] == []


def test_the_files_that_a_call_runs_through_are_there() -> None:
    walk = text_of(ROOT / "docs" / "guide-developer.md").partition("## Follow one call")[2].partition("Three ideas")[0]
    named = re.findall(r"(?<![>\w/])([\w/]+\.py)", walk.replace("<card>/rule.py", ""))
    places = (ROOT / "cds_service", ROOT / "cds_service" / "hooks", ROOT)
    assert len(named) > 10
    assert [name for name in named if not any((place / name).is_file() for place in places)] == []


@every_guide
def test_every_address_of_the_service_answers(guide: Path, client: FlaskClient) -> None:
    """As on a machine for trials: open mode, loopback, every page on."""
    named = set(re.findall(r"`(/[a-z][\w./-]*)`", text_of(guide)))
    assert {path: client.get(path).status_code for path in named if client.get(path).status_code != 200} == {}


@every_guide
def test_every_request_that_is_to_be_sent_gets_a_card(guide: Path, client: FlaskClient) -> None:
    for words in commands(guide, "curl"):
        (body,) = [word.removeprefix("@") for word in words if word.startswith("@")]
        path = urlsplit(words[-1]).path
        answer = client.post(path, data=(ROOT / body).read_bytes(), content_type="application/json")
        assert answer.get_json()["cards"], words


@every_guide
def test_every_example_of_a_site_file_starts(guide: Path, tmp_path: Path) -> None:
    for example in re.findall(r"```toml\n(.*?)```", text_of(guide), re.DOTALL):
        (tmp_path / "site.toml").write_text(example, encoding="utf-8")
        check_safe(Settings(public_url="https://cds.example.org"), load_site(tmp_path / "site.toml"))


@pytest.mark.parametrize("page", sorted({*GUIDES, *DOCS}), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_says_what_it_shows(page: Path) -> None:
    assert all(len(said) > 20 for said in re.findall(r"!\[([^]]*)\]\(", text_of(page)))


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_to_a_heading_finds_it(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([\w.-]*\.md)#([^)]+)\)", text_of(page)):
        assert anchor in anchors(page.parent / target), f"{target}#{anchor}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    ledger = tmp_path_factory.mktemp("ledger") / "ledger.sqlite3"
    return create_app(Settings(log_level="error", database=f"sqlite:///{ledger}")).test_client()  # type: ignore[arg-type]
