"""One ordered drug against one table of label maxima, for books 2.2 and 2.5."""

from __future__ import annotations

from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge, Threshold
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.daily_dose import DailyDose
from cards.pharmacology.dose_row import DoseRow
from cards.pharmacology.renal.renal_state import RenalFunction
from cards.pharmacology.therapy_history import TherapyHistory, therapy_history


class RenalQuestion(NamedTuple):
    """One ordered drug against one table of label maxima."""

    order: OrderedDrug
    dose: DailyDose
    renal: RenalFunction
    row: DoseRow
    knowledge: Knowledge
    facts: Facts

    @property
    def drug(self) -> str:
        """Name of the drug, fit to begin a sentence."""
        return self.order.drug.name.capitalize()

    @property
    def is_extended(self) -> bool:
        """Is an extended-release product ordered?"""
        return self.order.formulation is Formulation.EXTENDED

    @property
    def history(self) -> TherapyHistory | None:
        """The treatment so far; None: it could not be had. Most orders are within the maximum and never read it."""
        try:
            return therapy_history(self.facts, self.order, *self.knowledge.triggers)
        except NotKnown:
            return None

    @property
    def table(self) -> Threshold:
        """The label maxima by clearance."""
        return self.row.table

    def maximum(self, ml_min: float | None = None) -> float:
        """Label maximum in mg/day at a clearance; None: at the one that counts, dialysis included."""
        return self.row.of(self.renal) if ml_min is None else self.row.at(ml_min)

    def exceeds(self, ml_min: float) -> bool:
        """Would the dose be too high at this clearance?"""
        return self.dose.peak_mg > self.maximum(ml_min) + TOLERANCE

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
    def of_label(self) -> str:
        """Whose doses they are: the label's own for these kidneys, else those of its lowest band (book 1.4)."""
        return "label" if self.renal.has_label_dose else "lowest-band"

    @property
    def place(self) -> str:
        """ "at CrCl 42 mL/min", "on haemodialysis", "in end-stage renal disease"."""
        shown = self.renal.shown(self.table)
        if self.renal.dialysis is not None:
            return f"on {shown}"
        return f"in {shown}" if self.renal.is_end_stage else f"at {shown}"
