"""What is known of the kidneys, and what a drug's table of bands makes of it. Book 1.4."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from cards.errors import NotKnown
from cards.knowledge import TOLERANCE, Band, Threshold
from cards.pharmacology.renal.creatinine_clearance import (
    About,
    Clearance,
    Doubt,
    Source,
    shown_ml_min,
    thresholds,
)
from cards.pharmacology.renal.dialysis import Dialysis, Mode

DIALYSIS_BY_NAME = "dialysis recognised by its name only"


class RenalState(StrEnum):
    """What is known of the clearance."""

    FRESH = "fresh"
    STALE = "stale"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    WEIGHT_MISSING = "no weight"


class RenalFunction(NamedTuple):
    """Renal function as of the call.

    `clearance` is there when `state` is fresh or stale; `others` are the estimates not chosen. `dialysis` and
    `is_end_stage` (coded, with no coded dialysis beside it) put the patient in the lowest band whatever the clearance.
    `unstable` says why Cockcroft-Gault is not valid (empty: it is). `why` says why there is no fresh clearance,
    `is_unchecked` that a record could not be had. `facts` are lines for a card: values, dates, what was not found.
    Which doubts matter depends on the bands of the drug's table, which the methods take.
    """

    state: RenalState
    clearance: Clearance | None = None
    dialysis: Dialysis | None = None
    others: tuple[Clearance, ...] = ()
    is_end_stage: bool = False
    unstable: str = ""
    why: str = ""
    is_unchecked: bool = False
    facts: tuple[str, ...] = ()

    @property
    def is_on_haemodialysis(self) -> bool:
        """Is the patient on haemodialysis?"""
        return self.dialysis is not None and self.dialysis.mode is Mode.HAEMODIALYSIS

    @property
    def has_label_dose(self) -> bool:
        """Do labels give doses for these kidneys? None does for peritoneal dialysis (book 1.4)."""
        return self.dialysis is None or self.is_on_haemodialysis

    @property
    def is_in_lowest_band(self) -> bool:
        """Dialysis, or end-stage disease without a usable value: the lowest band without a number."""
        return self.dialysis is not None or self.is_end_stage

    @property
    def is_known_by_name(self) -> bool:
        """Is there nothing coded that shows the dialysis, nor end-stage disease without a usable value?"""
        return self.dialysis is not None and self.dialysis.by_text and not self.is_end_stage

    def rests_on_name(self, table: Threshold) -> bool:
        """Is the patient in the lowest band of `table` by the name of a dialysis alone, not by a sure clearance too?"""
        if not self.is_known_by_name:
            return False
        found = self.deciding(table) if self.state is RenalState.FRESH else None
        if found is None or found.doubts or found.by_text:
            return True
        return table.at(found.ml_min) is not table.lowest

    @property
    def has_band(self) -> bool:
        """Is there anything to choose a band by, be it stale or a stand-in?"""
        return self.is_in_lowest_band or self.clearance is not None

    @property
    def is_usable(self) -> bool:
        """Is there a fresh, valid estimate, or dialysis? (book 2.6, first row)"""
        return self.dialysis is not None or (self.state is RenalState.FRESH and not self.unstable)

    @property
    def is_stand_in(self) -> bool:
        """Does everything rest on an eGFR?"""
        return not self.is_in_lowest_band and self.clearance is not None and self.clearance.source is Source.STAND_IN

    def ml_min(self, table: Threshold) -> float:
        """The clearance a dose is compared with, mL/min; the lower of two that disagree (book 1.4). Raises NotKnown."""
        counts = self.deciding(table)
        if counts is None:
            raise NotKnown("renal_function", self.why)
        return counts.ml_min

    def deciding(self, table: Threshold) -> Clearance | None:
        """The estimate that counts for `table`, with its own doubts; None when there is none.

        Of a measured and a calculated one in different bands it is the lower (book 1.4).
        """
        chosen = self.clearance
        if chosen is None:
            return None
        apart = next((d for d in chosen.doubts if d.about is About.MEASURED and _is_open(d, table)), None)
        if apart is None or chosen.ml_min <= apart.low:
            return chosen
        calculated = next(other for other in self.others if other.source is Source.CALCULATED)
        return calculated._replace(doubts=(*calculated.doubts, apart))

    def band(self, table: Threshold) -> Band:
        """The band of `table` that holds. Raises NotKnown when there is nothing to choose by."""
        if self.dialysis is not None or self.is_end_stage:
            return table.lowest
        return table.at(self.ml_min(table))

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why the chosen clearance may be another; none where dialysis decides."""
        return () if self.clearance is None or self.is_in_lowest_band else self.clearance.doubts

    def doubts_for(self, table: Threshold) -> tuple[Doubt, ...]:
        """Why the clearance that counts for `table` may be another; none where dialysis decides."""
        counts = None if self.is_in_lowest_band else self.deciding(table)
        return () if counts is None else counts.doubts

    def conflicts(self, table: Threshold) -> tuple[Doubt, ...]:
        """Doubts whose two ends fall in different bands of `table`."""
        return tuple([d for d in self.doubts_for(table) if _is_open(d, table)])

    def has_conflict(self, table: Threshold, *about: About) -> bool:
        """Do the bands of `table` differ because of one of these doubts?"""
        found = self.conflicts(table)
        return bool(found) and any(doubt.about in about for doubt in found)

    def has_doubt(self, table: Threshold, about: About) -> bool:
        """Is this doubt about the clearance that counts for `table`, whatever the bands?"""
        return any(doubt.about is about for doubt in self.doubts_for(table))

    def is_near_edge(self, table: Threshold) -> bool:
        """Does the clearance lie within a tenth below a band edge? (book 1.4)"""
        if self.is_in_lowest_band or self.clearance is None:
            return False
        value, share = self.ml_min(table), 1 - thresholds().value("near_edge") / 100
        return any(
            band.edge * share - TOLERANCE <= value and not band.holds(value) for band in table.bands if band.edge > 0
        )

    def shown(self, table: Threshold) -> str:
        """The renal function in words for a summary: "CrCl 42 mL/min", "haemodialysis" …"""
        if self.dialysis is not None:
            return str(self.dialysis.mode)
        if self.is_end_stage:
            return "end-stage renal disease"
        kind, shown = "eGFR" if self.is_stand_in else "CrCl", shown_ml_min(self.ml_min(table))
        bound = "" if shown.startswith(">") else self._bound(table)
        return f"{kind} {bound}{shown} mL/min"

    def _bound(self, table: Threshold) -> str:
        """ "above " or "below " where the value is a bound; empty where it is the clearance itself."""
        value = self.ml_min(table)
        for doubt in self.doubts_for(table):
            if doubt.about is About.BOUND and value in (doubt.low, doubt.high):
                return "above " if value == doubt.low else "below "
        return ""


def _is_open(doubt: Doubt, table: Threshold) -> bool:
    """Do the two ends fall in different bands of `table`?"""
    return table.at(doubt.low) is not table.at(doubt.high)
