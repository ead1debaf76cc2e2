"""What do the kidneys clear by a value of the last weeks, and is that below some limit for sure? (book 1.4, 4.5)"""

from __future__ import annotations

from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge
from cards.pharmacology.renal.creatinine_clearance import (
    BY_NAME,
    About,
    Clearance,
    Doubt,
    Source,
    newest_result,
    shown_ml_min,
)
from cards.pharmacology.renal.renal_function import RenalFunction, RenalState, renal_function
from cards.pharmacology.renal.renal_state import DIALYSIS_BY_NAME
from cards.pharmacology.renal.unstable_creatinine import why_acute_injury, why_rising

DECIDING = (About.STAND_IN, About.BOUND)  # both ends have to agree


class RecentClearance(NamedTuple):
    """`counts`: the clearance of the last weeks, of a measured and a calculated one the lower; None: there is none."""

    renal: RenalFunction
    counts: Clearance | None = None

    @property
    def is_lowest(self) -> bool:
        """Dialysis or end-stage disease, whatever the value?"""
        return self.renal.is_in_lowest_band

    def is_below(self, limit: float) -> bool:
        """Below the limit by the clearance that counts; an eGFR or a bound only where both ends are."""
        if self.is_lowest or self.counts is None:
            return self.is_lowest
        return max([self.counts.ml_min, *(doubt.high for doubt in self._doubts(*DECIDING))]) < limit - TOLERANCE

    def lowered_because(self, limit: float) -> str:
        """Why what rests on being below the limit is one level less sure (book 0.3); empty: it is not."""
        if self.is_lowest:
            return DIALYSIS_BY_NAME if self.renal.is_known_by_name else ""
        if self._doubts(About.STAND_IN):
            return "eGFR used as approximation of the clearance"
        if any(doubt.high >= limit - TOLERANCE for doubt in self._doubts(About.WEIGHT)):
            return "adjusted and actual weight fall on two sides of the limit"
        if self._doubts(About.SEX):
            return "sex not known"
        return BY_NAME if self.counts is not None and self.counts.by_text else ""

    @property
    def shown(self) -> str:
        """For a summary: "CrCl 42 mL/min", "haemodialysis"."""
        if self.renal.dialysis is not None:
            return str(self.renal.dialysis.mode)
        if self.is_lowest or self.counts is None:
            return "end-stage renal disease"
        kind = "eGFR" if self.renal.is_stand_in else "CrCl"
        return f"{kind} {shown_ml_min(self.counts.ml_min)} mL/min"

    @property
    def line(self) -> str:
        """The value and its inputs in one line for a card."""
        chosen, counts = self.renal.clearance, self.counts
        if self.is_lowest or chosen is None or counts is None:
            return self.renal.facts[0]
        return counts.text if counts is chosen else f"{chosen.text}; the lower one counts: {counts.text}"

    def _doubts(self, *about: About) -> list[Doubt]:
        doubts = () if self.counts is None else self.counts.doubts
        return [doubt for doubt in doubts if doubt.about in about]


def recent_clearance(facts: Facts, knowledge: Knowledge) -> RecentClearance:
    """The clearance by values of the last `creatinine_within` days, dialysis before all.

    Raises NotKnown when there is a value that cannot be used, or records that could not be had.
    """
    renal = renal_function(facts)
    if renal.is_in_lowest_band:
        return RecentClearance(renal)
    if renal.state is RenalState.WEIGHT_MISSING:
        if not has_recent_creatinine(facts, knowledge):
            return RecentClearance(renal)
        raise NotKnown("body_size", renal.why)
    if renal.state is RenalState.UNKNOWN:
        raise NotKnown("renal_function", renal.why)
    found = renal.clearance
    if found is None or not facts.is_within(found.on, int(knowledge.value("creatinine_within"))):
        return RecentClearance(renal)
    is_apart = any(doubt.about is About.MEASURED for doubt in found.doubts)
    beside = [other for other in renal.others if is_apart and other.source is Source.CALCULATED]
    return RecentClearance(renal, min([found, *beside], key=lambda one: one.ml_min))


def recently_unstable(facts: Facts, knowledge: Knowledge) -> str:
    """Why the kidneys count as unstable now, in words; empty: they do not. A rise of long ago is none."""
    injury = why_acute_injury(facts)
    return injury or (why_rising(facts) if has_recent_creatinine(facts, knowledge) else "")


def has_recent_creatinine(facts: Facts, knowledge: Knowledge) -> bool:
    """Is there a creatinine of the last `creatinine_within` days, readable or not? Not known counts as yes."""
    try:
        newest = newest_result(facts, "serum_creatinine")
    except NotKnown:
        return True
    within = int(knowledge.value("creatinine_within"))
    return newest is not None and newest.on is not None and facts.is_within(newest.on, within)
