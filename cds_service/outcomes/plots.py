"""Where the bars and lines of a plot by week are: numbers for the template, which draws them as SVG.

Every plot is as wide as a narrow telephone, so that its words are as large there as they are on a desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from cds_service.outcomes.figures import Figures
from cds_service.outcomes.words import day_of_year, share, week

WIDTH, HEIGHT = 340, 170
LEFT, RIGHT, TOP, BOTTOM = 34, 6, 16, 22  # around the plot itself: scale, nothing, numbers, weeks
MOST_WEEKS = 52
_LABELS = 5  # weeks that are named below
_WIDEST = 36.0
_NUMBERED = 16  # weeks, up to which there is room for a number above each

_PARTS = ("accepted", "overridden", "ignored")  # from the bottom


class Part(NamedTuple):
    """A piece of a bar; `kind` says of what, and how it is filled."""

    kind: str
    x: float
    y: float
    width: float
    height: float


class Label(NamedTuple):
    """A word at a place."""

    x: float
    y: float
    text: str


class Plot(NamedTuple):
    """What is drawn. `lines`: of the rate, broken where there is none. `grid`: horizontal, with their scale."""

    parts: tuple[Part, ...]
    lines: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    numbers: tuple[Label, ...]
    grid: tuple[Label, ...]
    weeks: tuple[Label, ...]
    description: str


def cards_by_week(mondays: Sequence[date], of: Mapping[date, Figures]) -> Plot:
    """A bar for each week: accepted, overridden and ignored above each other, together the cards shown."""
    mondays = mondays[-MOST_WEEKS:]
    highest = max((of[monday].shown for monday in mondays if monday in of), default=0)
    top = _end_of_scale(highest)
    parts: list[Part] = []
    numbers: list[Label] = []
    for monday, x, width in _columns(mondays):
        figures, y = of.get(monday, Figures()), _y(0, top)
        for kind in _PARTS:
            height = _y(0, top) - _y(getattr(figures, kind), top)
            y -= height
            if height:
                parts.append(Part(kind, x, round(y, 1), width, round(height, 1)))
        if figures.shown and len(mondays) <= _NUMBERED:
            numbers.append(Label(round(x + width / 2, 1), round(y - 3, 1), str(figures.shown)))
    shown = sum(of[monday].shown for monday in mondays if monday in of)
    said = _span(mondays, f"{shown} cards shown, at most {highest} in a week")
    return Plot(tuple(parts), (), (), tuple(numbers), _grid(top), _named(mondays), said)


def override_rate_by_week(mondays: Sequence[date], of: Mapping[date, Figures]) -> Plot:
    """A point for each week in which cards were answered, joined where weeks follow each other."""
    mondays = mondays[-MOST_WEEKS:]
    points: list[tuple[float, float] | None] = []
    numbers: list[Label] = []
    for monday, x, width in _columns(mondays):
        rate = of.get(monday, Figures()).override_rate
        if rate is None:
            points.append(None)
            continue
        middle, y = round(x + width / 2, 1), round(_y(100 * rate, 100), 1)
        points.append((middle, y))
        if len(mondays) <= _NUMBERED:
            numbers.append(Label(middle, y - 6, f"{100 * rate:.0f}"))
    lines = tuple(
        f"M{before[0]} {before[1]}L{after[0]} {after[1]}" for before, after in pairwise(points) if before and after
    )
    rates = [rate for monday in mondays if (rate := of.get(monday, Figures()).override_rate) is not None]
    said = _span(mondays, f"between {share(min(rates))} and {share(max(rates))}" if rates else "no card was answered")
    shown = tuple(point for point in points if point)
    return Plot((), lines, shown, tuple(numbers), _grid(100), _named(mondays), said)


def _span(mondays: Sequence[date], said: str) -> str:
    return f"{week(mondays[0])} to {week(mondays[-1])}: {said}" if mondays else said


def _columns(mondays: Sequence[date]) -> list[tuple[date, float, float]]:
    """(week, left edge, width) of each bar."""
    step = (WIDTH - LEFT - RIGHT) / max(len(mondays), 1)
    width = min(step * 0.7, _WIDEST)
    return [
        (monday, round(LEFT + index * step + (step - width) / 2, 1), round(width, 1))
        for index, monday in enumerate(mondays)
    ]


def _named(mondays: Sequence[date]) -> tuple[Label, ...]:
    every = -(-len(mondays) // _LABELS) or 1
    return tuple(
        Label(round(x + width / 2, 1), HEIGHT - 7, day_of_year(monday))
        for index, (monday, x, width) in enumerate(_columns(mondays))
        if index % every == 0
    )


def _grid(top: int) -> tuple[Label, ...]:
    """Lines at quarters of the scale, which ends at a number that can be quartered."""
    quarters = range(0, top + 1, top // 4)
    return tuple(Label(LEFT, round(_y(at, top), 1), str(at)) for at in quarters)


def _y(value: float, top: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


def _end_of_scale(highest: int) -> int:
    """The least of 4, 8, 12, 20, 40, 80, 120, 200, 400, … that is not below."""
    tens = 1
    while True:
        for end in (4, 8, 12, 20):
            if end * tens >= highest:
                return end * tens
        tens *= 10
