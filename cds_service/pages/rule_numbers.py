"""The numbers of a rule as a reader sees them: single ones, and tables by a quantity with their charts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cards.knowledge import Dose, Threshold, Thresholds
from cards.pharmacology.dose_bands import Piece, pieces, tables_by_quantity
from cards.wording import joined, number
from cds_service.pages.charts.step_chart import StepChart, step_chart, words_of

_UNITS = {
    "1": "",
    "d": "days",
    "a": "years",
    "h": "hours",
    "wk": "weeks",
    "mo": "months",
    "mm[Hg]": "mmHg",
}
_STATUS = {
    "V": "read in the source",
    "V*": "read in a copy of the source",
    "S": "stated by a secondary summary only",
    "P": "professional knowledge, to be confirmed",
}
_MOMENTS = {"PCV": "after the evening meal", "HS": "at bedtime", "MORN": "in the morning", "EVE": "in the evening"}
_TIMES = {1: "once a day", 2: "twice a day", 3: "three times a day", 4: "four times a day"}


class Number(NamedTuple):
    """One number: its name, its value with unit; the source and its kind, how far it was read, what may be changed."""

    name: str
    value: str
    source: str
    kind: str
    status: str
    note: str


class BandTable(NamedTuple):
    """Tables with the same bands side by side: `heads` their names, a row a band, a drawing where they state numbers.

    `origins` are the tables as numbers, without a value: where each comes from.
    """

    quantity: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    origins: tuple[Number, ...]
    charts: tuple[StepChart, ...]


class Numbers(NamedTuple):
    """The numbers of one file."""

    single: tuple[Number, ...]
    by_quantity: tuple[BandTable, ...]


def numbers_of(file: Thresholds) -> Numbers:
    """The numbers of a card or of a table that it shares."""
    single = [_number(name, one, file) for name, one in file.thresholds.items() if one.value is not None]
    return Numbers(tuple(single), tuple(_band_tables(file)))


def unit_words(unit: str) -> str:
    """A unit as a reader writes it; empty for a plain number."""
    words = _UNITS.get(unit, unit.replace("{", "").replace("}", ""))
    return f"{words.removesuffix('/d')}/day" if words.endswith("/d") else words


def status_words(status: str) -> str:
    """How far a source was read, in words with its marks: "read in the source (V)"."""
    return "; ".join(f"{_STATUS[mark.strip()]} ({mark.strip()})" for mark in status.split(","))


def _number(name: str, threshold: Threshold, file: Thresholds) -> Number:
    evidence = file.evidence[threshold.evidence]
    value = threshold.value
    shown = "" if value is None else f"{number(value, 3)} {unit_words(threshold.unit)}".strip()
    return Number(_words(name), shown, evidence.label, evidence.kind, status_words(threshold.status), _note(threshold))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _note(threshold: Threshold) -> str:
    said = [threshold.note] if threshold.note else []
    limits = threshold.site_may_set
    if limits is not None:
        said.append(f"a site may set {number(limits.min, 3)} to {number(limits.max, 3)}")
    if threshold.book_value is not None:
        said.append(f"set by this site; the book has {number(threshold.book_value, 3)}")
    return "; ".join(said)


# -- by a quantity ----------------------------------------------------------------------------------------------------


def _band_tables(file: Thresholds) -> Iterator[BandTable]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, table in file.thresholds.items():
        if table.bands:
            groups.setdefault((_by(table), *(piece.words for piece in pieces(table))), []).append(name)
    for names in groups.values():
        yield _band_table(names, file)


def _band_table(names: list[str], file: Thresholds) -> BandTable:
    first = file.threshold(names[0])
    drawn = {bands.name: bands for bands in tables_by_quantity(file) if bands.name in names}
    columns = [_column(name, file) for name in names]
    edges = [piece.words for piece in pieces(first)]
    return BandTable(
        _by(first),
        tuple(_words(name) for name in names),
        tuple((edge, tuple(column[place] for column in columns)) for place, edge in enumerate(edges)),
        tuple(_number(name, file.threshold(name), file) for name in names),
        tuple(step_chart(bands, unit_words(bands.table.unit), _by(bands.table)) for bands in drawn.values()),
    )


def _by(table: Threshold) -> str:
    return "" if table.by is None else f"{table.by.quantity}, {table.by.unit}"


def _column(name: str, file: Thresholds) -> list[str]:
    """What a table states for each of its bands, in words."""
    table = file.threshold(name)
    falling = {bands.name: bands.pieces for bands in tables_by_quantity(file)}
    return [_cell(piece, table) for piece in falling.get(name) or pieces(table)]


def _cell(piece: Piece, table: Threshold) -> str:
    if piece.band.doses:
        return ", then ".join(_dose(dose) for dose in piece.band.doses)
    if piece.high is None:
        return "an edge only" if _states_nothing(table) else "none"
    return words_of(piece, unit_words(table.unit))


def _states_nothing(table: Threshold) -> bool:
    return not any(band.is_stated or band.doses for band in table.bands)


def _dose(dose: Dose) -> str:
    parts: Iterable[str | None] = (
        f"{number(dose.mg, 3)} mg",
        _TIMES.get(dose.per_day, f"{dose.per_day} times a day"),
        _MOMENTS.get(dose.when, dose.when) if dose.when else None,
        f"at {joined(dose.times_of_day)}" if dose.times_of_day else None,
        f"for {dose.days} days" if dose.days else None,
    )
    return " ".join(part for part in parts if part)
