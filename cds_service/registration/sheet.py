"""The registration sheet as data: tables whose cells are prose, values to copy letter by letter, or still open."""

from __future__ import annotations

from typing import NamedTuple

# who gives what this service cannot know
ANALYST = "the EHR's analyst"
OPERATOR = "the operator of this service"


class Exact(NamedTuple):
    """Values to be copied letter by letter: addresses, codes, queries."""

    texts: tuple[str, ...]


class ToFillIn(NamedTuple):
    """A value that only somebody else can give: `what` it is, and `by` whom."""

    by: str
    what: str

    @property
    def said(self) -> str:
        """As it stands on a sheet."""
        return f"to be filled in by {self.by}: {self.what}"


Value = str | Exact | ToFillIn
Row = tuple[Value, ...]


class Column(NamedTuple):
    """A column: its name for machines, its heading for people."""

    key: str
    title: str


ITEMS = (Column("item", "Item"), Column("value", "Value"), Column("note", "Note"))


class Table(NamedTuple):
    """One part of the sheet. The first column tells the rows apart.

    `says` introduces it; `shared` are further columns whose value is the same in every row; `remarks` are what the
    EHR's own documents say on it.
    """

    key: str
    title: str
    says: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    shared: tuple[tuple[Column, Value], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_of_items(self) -> bool:
        """Is every row an item with its value and a note on it?"""
        return self.columns == ITEMS


class Open(NamedTuple):
    """Something that is still to be filled in: where it stands, and what it is."""

    table: Table
    row: str
    what: str


class Sheet(NamedTuple):
    """The whole sheet. `warnings`: why it should not be handed out as it is; `sources`: where remarks were read."""

    title: str
    intended_for: str
    version: str
    warnings: tuple[str, ...]
    sources: tuple[str, ...]
    tables: tuple[Table, ...]

    def still_open(self) -> dict[str, list[Open]]:
        """What is still to be filled in, by who has to do it."""
        found: dict[str, list[Open]] = {}
        for table in self.tables:
            for row in table.rows:
                for value in row:
                    if isinstance(value, ToFillIn):
                        found.setdefault(value.by, []).append(Open(table, plain(row[0]), value.what))
        return found


def exact(*texts: str) -> Exact:
    """Values to be copied letter by letter."""
    return Exact(texts)


def plain(value: Value) -> str:
    """A cell as one line of text."""
    match value:
        case Exact(texts):
            return ", ".join(texts)
        case ToFillIn():
            return value.said
        case _:
            return value
