"""One row of a label's dose table, for one patient. Tables PGB and GBP of book 2."""

from __future__ import annotations

from typing import NamedTuple

from cards.knowledge import Knowledge, Threshold
from cards.pharmacology.renal.creatinine_clearance import Source
from cards.pharmacology.renal.renal_state import RenalFunction, RenalState

FULL_AT = "scales_below"


class DoseRow(NamedTuple):
    """Doses in mg/day by clearance; below `full_at` mL/min they fall in proportion to it (gabapentin: k, book 2).

    `full_at` None: they do not fall further.
    """

    table: Threshold
    full_at: float | None = None

    def at(self, ml_min: float) -> float:
        """mg/day at a clearance; the upper end where the label gives a range."""
        return self.table.at(ml_min).upper * self._share(ml_min)

    def of(self, renal: RenalFunction) -> float:
        """mg/day for this patient, dialysis included. Raises NotKnown when there is nothing to choose by."""
        if not renal.is_in_lowest_band:
            return self.at(renal.ml_min(self.table))
        return self.table.lowest.upper * self._share(_beside_dialysis(renal, self.table))

    def falls_by(self, renal: RenalFunction) -> str:
        """How the row was lowered for this patient, in words; empty when it was not."""
        full = renal.band(self.table).upper
        ml_min = _beside_dialysis(renal, self.table) if renal.is_in_lowest_band else renal.ml_min(self.table)
        if self.full_at is None or ml_min is None or self._share(ml_min) >= 1:
            return ""
        return f"{full:g} mg/day × {ml_min:.1f} ÷ {self.full_at:g} mL/min"

    def _share(self, ml_min: float | None) -> float:
        return 1.0 if self.full_at is None or ml_min is None else min(1.0, ml_min / self.full_at)


def dose_row(knowledge: Knowledge, name: str) -> DoseRow:
    """A row of the card's knowledge, with the clearance below which the whole table falls, where it does."""
    full_at = knowledge.value(FULL_AT) if FULL_AT in knowledge.thresholds else None
    return DoseRow(knowledge.threshold(name), full_at)


def _beside_dialysis(renal: RenalFunction, table: Threshold) -> float | None:
    """The clearance of a patient on dialysis or with end-stage disease, mL/min; None unless fresh and no stand-in."""
    if renal.clearance is None or renal.state is not RenalState.FRESH or renal.clearance.source is Source.STAND_IN:
        return None
    return renal.ml_min(table)
