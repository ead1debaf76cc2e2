"""The drawing of clearance and creatinine over time: places only; `charts/_renal.html` writes the SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from cards.pharmacology.dose_bands import DoseBands, Piece
from cards.pharmacology.renal.renal_history import RenalPoint
from cards.pharmacology.renal.renal_state import RenalFunction
from cards.wording import number
from cds_service.pages.charts.axis import Axis, Tick, up_to

WIDTH, HEIGHT, LEFT, RIGHT = 360.0, 344.0, 36.0, 270.0
UPPER_TOP, UPPER_END, LOWER_TOP, LOWER_END = 26.0, 206.0, 246.0, 316.0
SHORTEST_DAYS = 30  # one result alone still needs a width
ABOVE_EDGE = 1.5  # so much of the highest, open band is shown at least …
MOST_ABOVE_EDGE = 2.5  # … and so much at most: a result beyond it is drawn on the edge, or low bands could not be read


class Strip(NamedTuple):
    """A band across the upper panel; `value` is what the table states for it, `is_now` that it counts today."""

    top: float
    height: float
    middle: float
    words: str
    value: str
    is_now: bool


class Mark(NamedTuple):
    """One result. `is_reported`: a clearance that was reported, not worked out. `is_newest`: it counts today."""

    x: float
    y: float
    says: str
    is_reported: bool = False
    is_newest: bool = False
    is_by_later_weight: bool = False


class Panel(NamedTuple):
    """One of the two drawings above each other: its ticks, its marks, the line through what was worked out."""

    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    line: str


class ClearanceChart(NamedTuple):
    """Clearance above, creatinine below, on one axis of time. Without `strips` the drug has no table of bands."""

    drug: str
    says: str
    bands: DoseBands | None
    strips: tuple[Strip, ...]
    clearance: Panel
    creatinine: Panel
    days: tuple[Tick, ...]
    unit: str
    creatinine_unit: str
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = RIGHT
    upper_top: float = UPPER_TOP
    upper_end: float = UPPER_END
    lower_top: float = LOWER_TOP
    lower_end: float = LOWER_END


def clearance_chart(
    drug: str, points: Sequence[RenalPoint], renal: RenalFunction, bands: DoseBands | None, today: date
) -> ClearanceChart:
    """The drawing of these results (at least one) up to today, against the bands of the drug where it has any."""
    first = min(points[0].on.toordinal(), today.toordinal() - SHORTEST_DAYS)
    time = Axis(first, today.toordinal(), LEFT + 6, RIGHT - 6)
    pieces = () if bands is None else bands.pieces
    values = [point.clearance.ml_min for point in points if point.clearance is not None]
    edges = [piece.start for piece in pieces]
    highest = max([*values, *(edge * ABOVE_EDGE for edge in edges), 1.0])
    end, step = up_to(min(highest, max(edges) * MOST_ABOVE_EDGE) if edges else highest)
    upper = Axis(0, end, UPPER_END, UPPER_TOP)
    marked = _edges(upper, bands) if bands else _ticks(upper, step)
    units = [point.creatinine.unit for point in points if point.creatinine is not None]
    return ClearanceChart(
        drug,
        _says(drug, points, renal, bands),
        bands,
        tuple(_strip(piece, bands, renal, upper) for piece in pieces) if bands else (),
        _clearances(points, time, upper, marked),
        _creatinines(points, time),
        (Tick(time.start, date.fromordinal(first).isoformat()), Tick(time.end, today.isoformat())),
        points[0].unit,
        units[0] if units else "",
    )


def _strip(piece: Piece, bands: DoseBands, renal: RenalFunction, axis: Axis) -> Strip:
    top = axis.end if piece.end is None else axis.at(piece.end)
    height = round(axis.at(piece.start) - top, 1)
    now = renal.has_band and renal.band(bands.table) is piece.band
    value = _here(bands, renal) if now and piece.is_falling else stated(piece, bands.table.unit)
    return Strip(top, height, round(top + height / 2, 1), piece.words, value, now)


def _here(bands: DoseBands, renal: RenalFunction) -> str:
    """What a falling band comes to for this patient."""
    return f"{number(bands.row.of(renal))} {bands.table.unit} here"


def stated(piece: Piece, unit: str) -> str:
    """What a band states, with its unit; empty where it states no number."""
    if piece.low is None or piece.high is None:
        return ""
    value = number(piece.high, 3) if piece.low == piece.high else f"{number(piece.low, 3)} to {number(piece.high, 3)}"
    said = value if unit == "1" else f"{value} {unit}"
    return f"up to {said}" if piece.is_falling else said


def _edges(axis: Axis, bands: DoseBands) -> tuple[Tick, ...]:
    """The edges of the bands, and where the axis ends."""
    values = sorted({axis.low, axis.high, *(piece.start for piece in bands.pieces)})
    return tuple(Tick(axis.at(value), number(value, 2)) for value in values)


def _clearances(points: Iterable[RenalPoint], time: Axis, axis: Axis, ticks: tuple[Tick, ...]) -> Panel:
    marks = [
        Mark(
            time.at(point.on.toordinal()),
            axis.at(point.clearance.ml_min),
            f"{point.on}: {number(point.clearance.ml_min)} {point.unit}, {point.clearance.source}",
            point.creatinine is None,
            point.is_newest,
            point.later_weight is not None,
        )
        for point in points
        if point.clearance is not None
    ]
    return Panel(ticks, tuple(marks), _through(mark for mark in marks if not mark.is_reported))


def _creatinines(points: Iterable[RenalPoint], time: Axis) -> Panel:
    found = [(point, point.creatinine) for point in points if point.creatinine is not None]
    end, step = up_to(max([*(result.value or 0 for _, result in found), 1.0]), ticks=2)
    axis = Axis(0, end, LOWER_END, LOWER_TOP)
    marks = [
        Mark(
            time.at(point.on.toordinal()),
            axis.at(result.value or 0),
            f"{point.on}: {result.comparator}{number(result.value or 0, 2)} {result.unit}",
            is_newest=point.is_newest,
        )
        for point, result in found
    ]
    return Panel(_ticks(axis, step), tuple(marks), _through(marks))


def _ticks(axis: Axis, step: float) -> tuple[Tick, ...]:
    count = round(axis.high / step)
    return tuple(Tick(axis.at(place * step), number(place * step, 2)) for place in range(count + 1))


def _through(marks: Iterable[Mark]) -> str:
    return " ".join(f"{mark.x},{mark.y}" for mark in marks)


def _says(drug: str, points: Sequence[RenalPoint], renal: RenalFunction, bands: DoseBands | None) -> str:
    """What the drawing shows, in one or two sentences."""
    known = [point for point in points if point.clearance is not None]
    said = f"{len(points)} results from {points[0].on} to {points[-1].on}."
    if known and known[-1].clearance is not None:
        said += f" The newest clearance is {number(known[-1].clearance.ml_min)} {known[-1].unit}."
    if bands is not None and renal.has_band:
        piece = next(piece for piece in bands.pieces if piece.band is renal.band(bands.table))
        value = stated(piece, bands.table.unit)
        said += f" For {drug} the band {piece.words} counts{f': {value}' if value else ''}."
    return said
