"""One step of a calculation, in words, for who shows how a number came about."""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """`what` was looked for, its `value` with unit and date, and `how` it was found or worked out (empty: as it is)."""

    what: str
    value: str
    how: str = ""
