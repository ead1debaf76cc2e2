"""One ordered drug against one table of label maxima, for books 2.2 and 2.5."""

from __future__ import annotations

from typing import NamedTuple

from cards.knowledge import Knowledge, Threshold
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.daily_dose import DailyDose
from cards.pharmacology.renal_state import TOLERANCE, RenalFunction
from cards.pharmacology.therapy_history import TherapyHistory


class RenalQuestion(NamedTuple):
    """One ordered drug against one table of label maxima."""

    order: OrderedDrug
    dose: DailyDose
    renal: RenalFunction
    history: TherapyHistory | None
    table: Threshold
    knowledge: Knowledge

    @property
    def drug(self) -> str:
        """Name of the drug, fit to begin a sentence."""
        return self.order.drug.name.capitalize()

    @property
    def is_extended(self) -> bool:
        """Is an extended-release product ordered?"""
        return self.order.drug.formulation is Formulation.EXTENDED

    @property
    def is_established(self) -> bool:
        """Is the drug being taken now? Unknown counts as no: the smaller dose is offered."""
        return self.history is not None and self.history.is_established

    def maximum(self, ml_min: float | None = None) -> float:
        """Label maximum in mg/day at a clearance; None: at the one that counts, dialysis included."""
        if ml_min is None:
            band = self.renal.band(self.table)
            ml_min = None if self.renal.clearance is None else self.renal.ml_min(self.table)
        else:
            band = self.table.at(ml_min, tolerance=TOLERANCE)
        return band.upper * (self._share(ml_min) if band is self.table.lowest else 1.0)

    def exceeds(self, ml_min: float) -> bool:
        """Would the dose be too high at this clearance?"""
        return self.dose.peak_mg > self.maximum(ml_min) + TOLERANCE

    def has(self, name: str) -> bool:
        """Does the card's knowledge have this threshold?"""
        return name in self.knowledge.thresholds

    def _share(self, ml_min: float | None) -> float:
        """Some labels lower the maximum further in proportion to the clearance (gabapentin, book 2: k)."""
        if ml_min is None or not self.has("scales_below"):
            return 1.0
        return min(1.0, ml_min / self.knowledge.value("scales_below"))

    def is_unsuited_form(self, ml_min: float | None = None) -> bool:
        """Extended release where the label wants immediate release, at a clearance or (None) at the one that counts?"""
        if not self.is_extended:
            return False
        if ml_min is None:
            if self.renal.is_in_lowest_band:
                return True
            ml_min = self.renal.ml_min(self.table)
        return ml_min < self.knowledge.value("extended_release_from") - TOLERANCE

    @property
    def place(self) -> str:
        """ "at CrCl 42 mL/min", "on haemodialysis", "in end-stage renal disease"."""
        shown = self.renal.shown(self.table)
        if self.renal.dialysis is not None:
            return f"on {shown}"
        return f"in {shown}" if self.renal.is_end_stage else f"at {shown}"
