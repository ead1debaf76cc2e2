"""docs/configuration.md: the tables of keys between its markers, taken from the models and the knowledge files.

python -m tests.configuration_page             says whether the page is in step
python -m tests.configuration_page --write     writes the tables anew; the prose around them is written by hand
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from cards.catalogue import load_catalogue, shared_tables
from cards.knowledge import Thresholds, load_thresholds
from cds_service.clients import Client
from cds_service.config import PREFIX, Settings, SiteConfig, load_settings
from tests.configuration_keys import Key, Table, as_toml, keys, tables

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"
WRITE = "python -m tests.configuration_page --write"
_BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_KEY = "| Key | Value | Default | Means | Example |\n| --- | --- | --- | --- | --- |"


def page(text: str) -> str:
    """The page with its tables as they should be. Raises LookupError naming a key without words or example."""
    missing = BLOCKS.keys() - {name for _, name, _ in _BLOCK.findall(text)}
    if missing:
        raise LookupError(f"docs/configuration.md has no place for: {', '.join(sorted(missing))}")
    return _BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]()}\n\n{found[3]}", text)


def _process() -> str:
    as_started = load_settings({})
    rows = (_variable(key, getattr(as_started, key.name)) for key in keys(Settings))
    return "\n".join(("| Variable | Value | Default | Means | Example |\n| --- | --- | --- | --- | --- |", *rows))


def _variable(key: Key, default: object) -> str:
    """A row as the shell would have it, without quotes; the default is that of a start without any variable."""
    is_same_everywhere = key.default.startswith("`") and default is not None
    shown = f"`{as_toml(default)}`" if is_same_everywhere else key.default
    cells = (cell.replace('"', "") for cell in (key.kind, shown, key.means, key.example))
    return _row(f"`{PREFIX}{key.name.upper()}`", *cells)


def _site() -> str:
    others = (table for table in tables(SiteConfig) if "clients" not in table.heading)
    return "\n\n".join(map(_section, others))


def _clients() -> str:
    return "\n\n".join(map(_section, tables(Client, "clients", is_list=True)))


def _section(table: Table) -> str:
    rows = (_row(f"`{key.name}`", key.kind, key.default, key.means, key.example) for key in table.keys)
    heading = f"### `{table.heading}`\n\n{table.means}\n\n" if table.heading else ""
    return heading + "\n".join((_KEY, *rows))


def _thresholds() -> str:
    known: dict[str, Thresholds] = {name: load_thresholds(path) for name, path in shared_tables().items()}
    known |= {card.rule: card.knowledge for card in load_catalogue().cards}
    head = "| Table | Number | Book | From | To | Unit | Means |\n| --- | --- | --- | --- | --- | --- | --- |"
    return "\n".join((head, *(row for name, table in known.items() for row in _settable(name, table))))


def _settable(name: str, table: Thresholds) -> Iterator[str]:
    for number, threshold in table.thresholds.items():
        limits = threshold.site_may_set
        if limits is None:
            continue
        if not threshold.note:
            raise LookupError(f"{name}: {number}: a number that a site may set needs a note that says what it is")
        unit = "" if threshold.unit == "1" else threshold.unit
        numbers = f"{threshold.value:g} | {limits.min:g} | {limits.max:g}"
        yield f"| `{name}` | `{number}` | {numbers} | {unit} | {threshold.note} |"


def _row(name: str, kind: str, default: str, means: str, example: str) -> str:
    cells = (name, kind, default, means, f"`{example}`")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


BLOCKS: dict[str, Callable[[], str]] = {
    "process": _process,
    "site": _site,
    "clients": _clients,
    "thresholds": _thresholds,
}


def main() -> int:
    """The command. Returns 1 when the page is out of step and not written."""
    text = PAGE.read_text(encoding="utf-8")
    renewed = page(text)
    if text == renewed:
        return 0
    if "--write" in sys.argv[1:]:
        PAGE.write_text(renewed, encoding="utf-8")
        return 0
    print(f"docs/configuration.md is out of step: {WRITE}")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
