"""Numbers that a site has set (⚙): the shared tables as the site of this call wants them, and which were made use of.

A context, as `decimal` has one: rules and what they share read their numbers as always, and a card can say which of
them are the site's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cards.knowledge import Thresholds

Tables = Mapping[Path, "Thresholds"]

_IN_WORDS = {"d": " days", "a": " years", "1": ""}
_tables: ContextVar[Tables | None] = ContextVar("tables", default=None)
_used: ContextVar[dict[str, None] | None] = ContextVar("used", default=None)


def table(path: Path) -> Thresholds | None:
    """The shared table of this file as the site wants it; None: as the book has it."""
    tables = _tables.get()
    return None if tables is None else tables.get(path)


def note(name: str, value: float, book_value: float, unit: str) -> None:
    """A number of the site's was made use of."""
    used = _used.get()
    if used is not None:
        unit = _IN_WORDS.get(unit, f" {unit}")
        used[f"{name.replace('_', ' ')} {value:g}{unit} (book: {book_value:g})"] = None


def repeat(notes: Iterable[str]) -> None:
    """What rests on numbers of the site's was made use of again."""
    used = _used.get()
    if used is not None:
        used.update(dict.fromkeys(notes))


def is_any() -> bool:
    """Has the site of this call set any number?"""
    return _used.get() is not None


@contextmanager
def in_force(tables: Tables | None) -> Iterator[None]:
    """The site's numbers hold inside; None: it has set none."""
    if tables is None:
        yield
        return
    before = _tables.set(tables), _used.set({})
    try:
        yield
    finally:
        _tables.reset(before[0])
        _used.reset(before[1])


@contextmanager
def noted() -> Iterator[dict[str, None]]:
    """Collects what is made use of inside."""
    outside, inside = _used.get(), dict[str, None]()
    before = _used.set(inside)
    try:
        yield inside
    finally:
        _used.reset(before)
        if outside is not None:
            outside.update(inside)
