"""A sheet as JSON, as CSV, as text for a terminal, as a page in one file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any, Literal

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cds_service.registration.sheet import Column, Exact, Row, Sheet, Table, ToFillIn, Value, plain
from cds_service.spreadsheet import cell

Format = Literal["text", "json", "csv", "html"]
WIDTH = 80
_INDENT = "    "
_PAGES = Path(__file__).parents[1] / "pages"


def as_json(sheet: Sheet) -> bytes:
    """Tables by their keys, rows as objects; a value that is still open as {"to_be_filled_in_by", "what"}."""
    body = {
        "title": sheet.title,
        "for": sheet.intended_for,
        "version": sheet.version,
        "warnings": sheet.warnings,
        "sources": sheet.sources,
        "still_open": {
            by: [{"table": one.table.key, "row": one.row, "what": one.what} for one in found]
            for by, found in sheet.still_open().items()
        },
        "tables": {
            table.key: {
                "title": table.title,
                "says": table.says,
                "remarks": table.remarks,
                "rows": [_named(*_whole(table, row)) for row in table.rows],
            }
            for table in sheet.tables
        },
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)


def as_csv(sheet: Sheet) -> bytes:
    """A line for each value: table, row, field, value. RFC 4180; no cell begins like a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["table", "row", "field", "value"])
    head = (("for", sheet.intended_for), ("version", sheet.version), *(("warning", one) for one in sheet.warnings))
    writer.writerows(("sheet", "sheet", field, cell(value)) for field, value in head)
    for table in sheet.tables:
        writer.writerows((table.key, "", "remark", cell(remark)) for remark in table.remarks)
        for row in table.rows:
            for column, value in list(zip(*_whole(table, row), strict=True))[1:]:
                for said in _lines(value):
                    writer.writerow([table.key, cell(plain(row[0])), column.key, cell(said)])
    return text.getvalue().encode()


def as_text(sheet: Sheet) -> bytes:
    """For a terminal: prose is broken at WIDTH, what is to be copied never is."""
    return "".join(f"{line}\n" for line in _text(sheet)).encode()


def as_html(sheet: Sheet) -> bytes:
    """One file to hand on: with its styles, without scripts, fit for printing."""
    templates = Environment(
        loader=FileSystemLoader(_PAGES / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
    styles = "".join((_PAGES / "static" / f"{name}.css").read_text(encoding="utf-8") for name in ("page", "sheet"))
    return templates.get_template("sheet_file.html").render(sheet=sheet, styles=styles).encode()


WRITERS: Mapping[Format, Callable[[Sheet], bytes]] = {
    "text": as_text,
    "json": as_json,
    "csv": as_csv,
    "html": as_html,
}


def _whole(table: Table, row: Row) -> tuple[tuple[Column, ...], Row]:
    """All columns with their values, those included that are the same in every row."""
    shared = [column for column, _ in table.shared], [value for _, value in table.shared]
    return (*table.columns, *shared[0]), (*row, *shared[1])


def _named(columns: tuple[Column, ...], row: Row) -> dict[str, Any]:
    return {column.key: _jsonable(value) for column, value in zip(columns, row, strict=True) if value != ""}


def _jsonable(value: Value) -> Any:
    match value:
        case Exact((text,)):
            return text
        case Exact(texts):
            return texts
        case ToFillIn():
            return {"to_be_filled_in_by": value.by, "what": value.what}
        case _:
            return value


def _lines(value: Value) -> tuple[str, ...]:
    """A cell as lines: one for each value that is copied by itself."""
    if isinstance(value, Exact):
        return value.texts
    said = plain(value)
    return (said,) if said else ()


def _text(sheet: Sheet) -> Iterator[str]:
    yield f"REGISTRATION SHEET: {sheet.title}"
    yield f"for {sheet.intended_for}, version {sheet.version}"
    yield from _wrapped("Values that are copied letter by letter stand on lines of their own, never broken.")
    for warning in sheet.warnings:
        yield ""
        yield from _wrapped(warning, "!!! ", "!!! ")
    yield from _open(sheet)
    for number, table in enumerate(sheet.tables, start=1):
        yield ""
        yield ""
        yield f"{number}. {table.title.upper()}"
        yield "=" * len(f"{number}. {table.title}")
        yield from _table(table)
    if sheet.sources:
        yield ""
        yield from _wrapped(f"Remarks marked * are from {'; '.join(sheet.sources)}.")


def _open(sheet: Sheet) -> Iterator[str]:
    for by, found in sheet.still_open().items():
        yield ""
        yield ""
        yield f"TO BE FILLED IN BY {by.upper()}"
        yield "=" * len(f"TO BE FILLED IN BY {by}")
        for one in found:
            yield from _wrapped(f"{one.table.title}, {one.row}: {one.what}", "[ ] ")


def _table(table: Table) -> Iterator[str]:
    yield from _wrapped(table.says)
    for remark in table.remarks:
        yield from _wrapped(remark, "* ")
    for column, value in table.shared:
        yield from _cell_lines(f"{column.title} of all: ", value)
    for row in table.rows:
        yield ""
        yield from (row[0].texts if isinstance(row[0], Exact) else _wrapped(plain(row[0])))
        if table.is_of_items:
            yield from _cell_lines(_INDENT, row[1])
            yield from _wrapped(f"({plain(row[2])})" if row[2] else "", _INDENT)
            continue
        for column, value in zip(table.columns[1:], row[1:], strict=True):
            yield from _cell_lines(f"{_INDENT}{column.title}: ", value)


def _cell_lines(before: str, value: Value) -> Iterator[str]:
    """A cell: beside what stands `before` it if it fits, else below."""
    lines = [f"[ ] {value.said}"] if isinstance(value, ToFillIn) else list(_lines(value))
    if len(lines) == 1 and len(before) + len(lines[0]) <= WIDTH:
        yield before + lines[0]
    elif isinstance(value, Exact):
        if before.strip():
            yield before.rstrip()
        yield from (_INDENT + line for line in lines)
    else:
        for line in lines:
            yield from _wrapped(line, before, _INDENT)


def _wrapped(text: str, before: str = "", after: str | None = None) -> list[str]:
    """Prose in lines of WIDTH, the first one behind `before`, the others behind `after` (None: as many blanks)."""
    indent = " " * len(before) if after is None else after
    return wrap(
        text, WIDTH, initial_indent=before, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
