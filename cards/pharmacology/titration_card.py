"""The card about a dose that stays below its target: level, doubts and blocks that books 2.1 and 2.4 share."""

from __future__ import annotations

from typing import NamedTuple

from cards.knowledge import Threshold
from cards.opinion import Advice, Explanation, Indicator, Suggestion, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.dose_wording import dose_order_line, history_lines
from cards.pharmacology.renal.renal_wording import doubt_lines, downgrades, label_dose_lines
from cards.pharmacology.titration import Titration
from cards.wording import listed

LIMITS = "Limits: pain relief and side effects are not seen; interactions and pregnancy are not checked."


class Row(NamedTuple):
    """The row of the decision table that matched. `names_against`: `how` says already what speaks against raising."""

    number: str
    level: Indicator
    how: str
    recommended: bool = False
    names_against: bool = False


class TooLow(NamedTuple):
    """A dose below the target of `table`: the row that matched, and what speaks against raising it."""

    order: OrderedDrug
    titration: Titration
    table: Threshold
    row: Row
    against: tuple[str, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        """What makes the finding itself uncertain, in words."""
        is_parsed = self.titration.dose.status == "parsed-text"
        found = downgrades(self.titration.renal, self.table, is_parsed_text=is_parsed)
        if all(diagnosis.by_text for diagnosis in self.titration.indication.diagnoses):
            return (*found, "diagnosis recognised by its words only")
        return found

    @property
    def is_recommended(self) -> bool:
        """May the step be offered as the recommended one?"""
        return self.row.recommended and self.titration.renal.has_label_dose and not (self.doubts or self.against)

    def advice(self, summary: str, rule: str, basis: str, offer: Suggestion | None, evidence: str = "label") -> Advice:
        """The card, with the `evidence` it rests on; a warning is lowered by its doubts (book 0.3)."""
        doubts, row = self.doubts, self.row
        reasons = doubts if row.level is Indicator.WARNING else ()
        level, before = lower_once(row.level, reasons)
        lowered = f" One level lower: {'; '.join(reasons)}." if reasons else ""
        titration = self.titration
        return Advice(
            summary=summary,
            indicator=level,
            before_downgrade=before,
            explanation=Explanation(
                order=dose_order_line(self.order, titration.dose),
                facts=(
                    f"Indication: {listed([d.label for d in titration.indication.diagnoses])}",
                    *titration.renal.facts,
                    *label_dose_lines(titration.renal),
                    *history_lines(titration.history),
                    *doubt_lines(titration.renal, self.table),
                    *(f"Against raising: {reason}" for reason in self.against if not row.names_against),
                ),
                rule=f"{rule}{lowered}",
                basis=basis,
                limits=LIMITS,
            ),
            evidence=evidence,
            row=row.number,
            suggestions=() if offer is None else (offer,),
        )
