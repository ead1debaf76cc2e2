"""Doubts about renal function, in words for a dose card. Book 1.4."""

from __future__ import annotations

from collections.abc import Iterable

from cards.knowledge import Band, Threshold
from cards.pharmacology.renal.creatinine_clearance import BY_NAME, About, Doubt, shown_ml_min
from cards.pharmacology.renal.renal_state import DIALYSIS_BY_NAME, RenalFunction, RenalState


def downgrades(
    renal: RenalFunction, table: Threshold, *, is_parsed_text: bool = False, takes_stale: bool = False
) -> tuple[str, ...]:
    """What lowers a card by one level (book 0.3), in words; where dialysis decides, only what its evidence lacks.

    `takes_stale`: the row itself takes a stale clearance, which then lowers nothing (book 3.1).
    """
    found = ["dose read from free text"] if is_parsed_text else []
    if renal.rests_on_name(table):
        found.append(DIALYSIS_BY_NAME)
    if not renal.is_in_lowest_band:
        if renal.state is RenalState.STALE and not takes_stale:
            found.append(renal.why)
        if renal.is_stand_in:
            found.append("eGFR used as approximation; label bands are CrCl")
        if renal.has_conflict(table, About.WEIGHT):
            found.append("adjusted and actual weight fall in different bands")
        if renal.has_doubt(table, About.SEX):
            found.append("sex not known")
        counts = renal.deciding(table)
        if counts is not None and counts.by_text:
            found.append(BY_NAME)
    return tuple(found)


def doubt_lines(renal: RenalFunction, table: Threshold) -> Iterable[str]:
    """Both values where two estimates fall in different label bands."""
    for doubt in renal.conflicts(table):
        yield f"{doubt.about}: {_ends(doubt)} mL/min, different label bands"
    if not renal.is_in_lowest_band and renal.clearance is not None:
        band = table.at(renal.clearance.ml_min)
        for other in renal.others:
            if table.at(other.ml_min) is not band:
                yield f"In another band: {other.text}"


def label_dose_lines(renal: RenalFunction) -> Iterable[str]:
    """Says where the label has no dose and a band stands in (book 1.4)."""
    if not renal.has_label_dose:
        yield "No label dose for peritoneal dialysis: the lowest band is used"


def band_words(band: Band, table: Threshold, renal: RenalFunction) -> str:
    """The band of a table in words: "CrCl 30 to 60 mL/min"; dialysis by its name."""
    if renal.is_in_lowest_band:
        return renal.shown(table)
    upper = next((other for other in reversed(table.bands) if other.edge > band.edge), None)
    if upper is None:
        return f"CrCl {_edge(band)} mL/min and above"
    if band.edge:
        return f"CrCl {_edge(band)} to {upper.edge:g} mL/min"
    return f"CrCl {upper.edge:g} mL/min and below" if upper.above is not None else f"CrCl below {upper.edge:g} mL/min"


def _edge(band: Band) -> str:
    return f"{band.edge:g}" if band.above is None else f"above {band.edge:g}"


def _ends(doubt: Doubt) -> str:
    if doubt.about is About.BOUND:
        return f"above {shown_ml_min(doubt.low)}" if doubt.low else f"below {shown_ml_min(doubt.high)}"
    return f"{shown_ml_min(doubt.low)} or {shown_ml_min(doubt.high)}"
