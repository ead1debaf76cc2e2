"""What do the kidneys clear by a value of the last weeks, and is that below some limit for sure? (book 1.4, 4.5)"""

from __future__ import annotations

from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.pharmacology.creatinine_clearance import BY_NAME, About, Doubt, newest_result, shown_ml_min
from cards.pharmacology.renal_function import RenalFunction, RenalState, renal_function
from cards.pharmacology.renal_state import TOLERANCE
from cards.pharmacology.unstable_creatinine import why_acute_injury, why_rising

DECIDING = (About.STAND_IN, About.BOUND)  # both ends have to agree


class RecentClearance(NamedTuple):
    """`ml_min` None: no value of the last weeks. `is_lowest`: dialysis or end-stage disease, whatever the value."""

    renal: RenalFunction
    ml_min: float | None
    is_lowest: bool

    def is_below(self, limit: float) -> bool:
        """Below the limit by the lower of two estimates; an eGFR or a bound only where both ends are."""
        if self.is_lowest or self.ml_min is None:
            return self.is_lowest
        return max([self.ml_min, *(doubt.high for doubt in self._doubts(*DECIDING))]) < limit - TOLERANCE

    def lowered_because(self, limit: float) -> str:
        """Why what rests on being below the limit is one level less sure (book 0.3); empty: it is not."""
        if self.is_lowest:
            return ""
        if self._doubts(About.STAND_IN):
            return "eGFR used as approximation of the clearance"
        if any(doubt.high >= limit - TOLERANCE for doubt in self._doubts(About.WEIGHT)):
            return "adjusted and actual weight fall on two sides of the limit"
        if self._doubts(About.SEX):
            return "sex not known"
        return BY_NAME if self.renal.clearance is not None and self.renal.clearance.by_text else ""

    @property
    def shown(self) -> str:
        """For a summary: "CrCl 42 mL/min", "haemodialysis"."""
        if self.renal.dialysis is not None:
            return str(self.renal.dialysis.mode)
        if self.is_lowest or self.ml_min is None:
            return "end-stage renal disease"
        kind = "eGFR" if self.renal.is_stand_in else "CrCl"
        return f"{kind} {shown_ml_min(self.ml_min)} mL/min"

    @property
    def line(self) -> str:
        """The value and its inputs in one line for a card."""
        if self.is_lowest or self.renal.clearance is None:
            return self.renal.facts[0]
        lower = [
            other.text for other in self.renal.others if other.ml_min == self.ml_min != self.renal.clearance.ml_min
        ]
        return "; the lower one counts: ".join([self.renal.clearance.text, *lower])

    def _doubts(self, *about: About) -> list[Doubt]:
        doubts = () if self.renal.clearance is None else self.renal.clearance.doubts
        return [doubt for doubt in doubts if doubt.about in about]


def recent_clearance(facts: Facts, knowledge: Knowledge) -> RecentClearance:
    """The clearance by values of the last `creatinine_within` days, dialysis before all.

    Raises NotKnown when there is a value that cannot be used, or records that could not be had.
    """
    renal = renal_function(facts)
    if renal.is_in_lowest_band:
        return RecentClearance(renal, None, is_lowest=True)
    if renal.state is RenalState.WEIGHT_MISSING:
        if not has_recent_creatinine(facts, knowledge):
            return RecentClearance(renal, None, is_lowest=False)
        raise NotKnown("body_size", renal.why)
    if renal.state is RenalState.UNKNOWN:
        raise NotKnown("renal_function", renal.why)
    found = renal.clearance
    if found is None or not facts.is_within(found.on, int(knowledge.value("creatinine_within"))):
        return RecentClearance(renal, None, is_lowest=False)
    measured = [doubt.low for doubt in found.doubts if doubt.about is About.MEASURED]
    return RecentClearance(renal, min([found.ml_min, *measured]), is_lowest=False)


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
