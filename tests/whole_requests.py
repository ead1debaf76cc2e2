"""The stories of fhir_fixtures/: whole hook requests and the whole answers they get.

    python -m tests.whole_requests                      says which answers differ from those on file
    python -m tests.whole_requests --write              files the answers that are given now; read the difference
    python -m tests.whole_requests --new CARD STORY --case "NAME" [--hook order-select]
                                                        files a case of CARD as a new story

Answers are as of 2026-06-15, with every card on, uuids masked.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from cards.orders import Hook
from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from tests.situations.asking import off_by_default
from tests.situations.reading import CARDS, read_cases
from tests.situations.request import hook_request

FIXTURES = Path(__file__).parents[1] / "fhir_fixtures"
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def stories() -> list[Path]:
    """The request file of every story."""
    return sorted(FIXTURES.rglob("*.request.json"))


def answer_file(story: Path) -> Path:
    """Where the answer to a request is on file."""
    return story.with_name(story.name.replace(".request.json", ".response.json"))


def answer(story: Path) -> tuple[int, Any]:
    """(status, body with uuids masked) that the service gives to a story now."""
    body = story.read_bytes()
    hook = json.loads(body)["hook"]
    response = _client().post(f"/cds-services/neuropathy-{hook}", data=body, content_type="application/json")
    return response.status_code, masked(response.get_json())


def masked(body: Any) -> Any:
    """The uuids of cards and suggestions numbered in the order in which they come."""
    seen: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return seen.setdefault(match[0], f"uuid-{len(seen) + 1}")

    def mask(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: mask(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [mask(inner) for inner in value]
        return _UUID.sub(number, value) if key == "uuid" else value

    return mask(body)


def written(body: Any) -> str:
    """A body as it is filed."""
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


@cache
def _client() -> FlaskClient:
    site = SiteConfig.model_validate({"cards": {"on": off_by_default()}})
    return create_app(Settings(log_level="error"), site, clock=lambda: NOON).test_client()


def _new(card: str, story: str, case_name: str, hook: str | None) -> Path:
    """Files a case as the request of a new story."""
    path = next(CARDS.glob(f"*/{card}/cases.yaml"))
    case = next(case for case in read_cases(path) if case.name == case_name)
    assert case.situation.as_of == NOON.date(), "stories are all as of one day"
    request = hook_request(case.situation, Hook(hook) if hook else next(iter(case.expected)))
    file = FIXTURES / card / f"{story}.request.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(written(request), encoding="utf-8")
    return file


def _differing(among: list[Path]) -> Iterator[tuple[Path, str]]:
    """(answer file, answer now) wherever the two differ."""
    for story in among:
        text, file = written(answer(story)[1]), answer_file(story)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            yield file, text


def main() -> int:
    """The command. Returns 1 when answers differ and are not written."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--write", action="store_true")
    options.add_argument("--new", nargs=2, metavar=("CARD", "STORY"))
    options.add_argument("--case")
    options.add_argument("--hook", choices=[hook.value for hook in Hook])
    chosen = options.parse_args()
    writes = chosen.write or bool(chosen.new)
    differing = list(_differing([_new(*chosen.new, chosen.case, chosen.hook)] if chosen.new else stories()))
    for file, text in differing:
        print(("wrote " if writes else "differs: ") + str(file.relative_to(FIXTURES)))
        if writes:
            file.write_text(text, encoding="utf-8")
    return int(bool(differing) and not writes)


if __name__ == "__main__":
    raise SystemExit(main())
