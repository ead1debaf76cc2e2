"""Which table of doses by renal function belongs to an ordered drug, and what does it look like? Book 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cards.knowledge import Band, Concern, Knowledge, Threshold, Thresholds
from cards.orders import OrderedDrug
from cards.pharmacology.dose_row import FULL_AT, DoseRow
from cards.pharmacology.renal.renal_maximum import table_of_maxima
from cards.wording import number

RENAL_FUNCTION = "renal_function"


class Piece(NamedTuple):
    """One band from its lower to its upper edge, in the unit of the table's `by`; `end` None: open.

    `low` and `high` are what the band states, equal unless a range; None: nothing, or a regimen. `is_falling`: doses go
    from `high` at its end down to nothing at 0. `includes_start`, `includes_end`: the edge belongs to it.
    """

    band: Band
    start: float
    end: float | None
    words: str
    low: float | None
    high: float | None
    is_falling: bool
    includes_start: bool
    includes_end: bool


class DoseBands(NamedTuple):
    """A table by renal function with its name, what it rests on, and the band edge below which it falls."""

    name: str
    table: Threshold
    source: str
    full_at: float | None = None

    @property
    def words(self) -> str:
        """The name as a person writes it: "maximum extended release"."""
        return self.name.replace("_", " ")

    @property
    def row(self) -> DoseRow:
        """The table as the rules read it."""
        return DoseRow(self.table, self.full_at)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The bands from the highest down."""
        return tuple(pieces(self.table, self.full_at))


def reads_renal_function(knowledge: Knowledge) -> bool:
    """Does the rule look at the kidneys?"""
    return RENAL_FUNCTION in knowledge.needs


def tables_by_quantity(file: Thresholds) -> Iterator[DoseBands]:
    """The tables of a file that state a number for each band."""
    for name, table in file.thresholds.items():
        if any(band.is_stated for band in table.bands):
            yield _bands(file, name)


def bands_of(order: OrderedDrug, rules: Iterable[Knowledge]) -> DoseBands | None:
    """The label maxima of the drug in its form of release, else the band edges of the first rule that has any.

    `rules` are those that the order triggers. None: none of them has a table by renal function.
    """
    known = [rule for rule in rules if reads_renal_function(rule)]
    for rule in known:
        name = table_of_maxima(order, rule) if rule.concern is Concern.RENAL_OVERDOSE else None
        if name is not None:
            return _bands(rule, name)
    edges = [(rule, name) for rule in known for name, table in rule.thresholds.items() if _is_plain(table)]
    return _bands(*edges[0]) if edges else None


def pieces(table: Threshold, full_at: float | None = None) -> Iterator[Piece]:
    """The bands of a table from the highest down, with their edges in words."""
    above: Band | None = None
    for band in table.bands:
        end = None if above is None else above.edge
        low, high = (band.lower, band.upper) if band.is_stated else (None, None)
        is_falling = full_at is not None and end is not None and end <= full_at
        owns_end = above is not None and _excludes_edge(above)
        yield Piece(
            band, band.edge, end, _between(band, above), low, high, is_falling, not _excludes_edge(band), owns_end
        )
        above = band


def _excludes_edge(band: Band) -> bool:
    return band.above is not None


def _is_plain(table: Threshold) -> bool:
    """Band edges alone: no doses, no numbers."""
    return bool(table.bands) and not any(band.is_stated or band.doses for band in table.bands)


def _bands(file: Thresholds, name: str) -> DoseBands:
    table = file.threshold(name)
    falls = next((file.value(one) for one in (f"{name}_{FULL_AT}", FULL_AT) if one in file.thresholds), None)
    return DoseBands(name, table, file.evidence[table.evidence].label, falls)


def _between(band: Band, above: Band | None) -> str:
    """The edges in words: "60 and above", "above 30 to below 60", "15 and below"."""
    start = f"above {number(band.edge, 3)}" if _excludes_edge(band) else number(band.edge, 3)
    if above is None:
        return start if _excludes_edge(band) else f"{start} and above"
    end = number(above.edge, 3)
    if not band.edge:
        return f"{end} and below" if _excludes_edge(above) else f"below {end}"
    return f"{start} to {end}" if _excludes_edge(above) else f"{start} to below {end}"
