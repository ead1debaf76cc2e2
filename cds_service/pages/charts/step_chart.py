"""A table of bands as a line of steps: what it states over the quantity it goes by; `charts/_bands.html` draws it."""

from __future__ import annotations

from typing import NamedTuple

from cards.pharmacology.dose_bands import DoseBands, Piece
from cards.wording import number
from cds_service.pages.charts.axis import Axis, Tick, up_to

WIDTH, HEIGHT, LEFT, RIGHT, TOP, END = 360.0, 232.0, 44.0, 348.0, 34.0, 186.0
ABOVE_EDGE = 1.6  # so much of the open band is shown
ROOM = 1.12  # above the highest value, for its label


class Dot(NamedTuple):
    """The end of a step: closed where the edge belongs to the band, open where it belongs to the next."""

    x: float
    y: float
    is_closed: bool


class Step(NamedTuple):
    """One band from (x1, y1) to (x2, y2); `lower_y`: lower end of a range, else None. `label` stands at (x, y)."""

    x1: float
    y1: float
    x2: float
    y2: float
    lower_y: float | None
    label: str
    x: float
    y: float
    dots: tuple[Dot, ...]


class StepChart(NamedTuple):
    """The drawing of one table."""

    name: str
    unit: str
    quantity: str
    says: str
    steps: tuple[Step, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = RIGHT
    top: float = TOP
    end: float = END


def step_chart(bands: DoseBands, unit: str, quantity: str) -> StepChart:
    """The drawing of a table that states a number for each band; `unit` and `quantity` as a reader writes them."""
    pieces = [piece for piece in bands.pieces if piece.high is not None]
    edges = sorted({0.0, *(piece.start for piece in bands.pieces)})
    most, distance = up_to(max(piece.high or 0.0 for piece in pieces) * ROOM)
    x, y = Axis(0, max(edges) * ABOVE_EDGE or 1.0, LEFT, RIGHT), Axis(0, most, END, TOP)
    ticks = [place * distance for place in range(round(most / distance) + 1)]
    return StepChart(
        bands.words,
        unit,
        quantity,
        "; ".join(f"{piece.words}: {words_of(piece, unit)}" for piece in bands.pieces),
        tuple(_step(piece, x, y) for piece in pieces),
        tuple(Tick(x.at(edge), number(edge, 2)) for edge in edges),
        tuple(Tick(y.at(tick), number(tick, 2)) for tick in ticks),
    )


def words_of(piece: Piece, unit: str) -> str:
    """What a band states, for a table: "300 mg/day", "25 to 50 mg/day"."""
    if piece.low is None or piece.high is None:
        return "none"
    value = number(piece.high, 3) if piece.low == piece.high else f"{number(piece.low, 3)} to {number(piece.high, 3)}"
    said = f"{value} {unit}".strip()
    return f"{said}, less in proportion below {number(piece.end or 0, 3)}" if piece.is_falling else said


def _step(piece: Piece, x: Axis, y: Axis) -> Step:
    high, low = piece.high or 0.0, piece.low or 0.0
    x1, x2 = x.at(piece.start), x.at(x.high if piece.end is None else piece.end)
    y1, y2 = y.at(0 if piece.is_falling else high), y.at(high)
    dots = [Dot(x1, y1, piece.includes_start)] if piece.start else []
    dots += [Dot(x2, y2, piece.includes_end)] if piece.end is not None else []
    label = number(high, 3) if low == high else f"{number(low, 3)}–{number(high, 3)}"
    middle = round((x1 + x2) / 2, 1)
    return Step(x1, y1, x2, y2, None if low == high else y.at(low), label, middle, round(y2 - 8, 1), tuple(dots))
