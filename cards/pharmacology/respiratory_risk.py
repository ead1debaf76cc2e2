"""What makes respiratory depression by sedating drugs likelier in this patient? Book 2.8."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Threshold
from cards.neurology.phenotype import is_current_immune
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_state import RenalState
from cards.pharmacology.renal.renal_wording import doubt_lines, downgrades
from cards.wording import on

DISEASES = {
    "copd": "COPD",
    "sleep_apnoea": "sleep apnoea",
    "respiratory_failure": "respiratory failure",
    "neuromuscular_weakness": "neuromuscular weakness",
}
UNREADABLE = (RenalState.UNKNOWN, RenalState.WEIGHT_MISSING)


class RiskFactor(NamedTuple):
    """One risk factor in `words`, and the `line` that a card shows for it.

    `doubts` say why it counts one level lower (book 0.3). `missing` names the data request that could not be had or
    read; empty: the risk factor is there.
    """

    words: str
    line: str = ""
    doubts: tuple[str, ...] = ()
    missing: str = ""


class RespiratoryRisk(NamedTuple):
    """All risk factors found, or not readable; `facts` are lines for a card."""

    factors: tuple[RiskFactor, ...]
    facts: tuple[str, ...]

    @property
    def found(self) -> tuple[RiskFactor, ...]:
        """Those that are there, the certain ones first."""
        return tuple(sorted((f for f in self.factors if not f.missing), key=lambda f: bool(f.doubts)))

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why a card that rests on them is one level lower; empty as soon as one of them is certain."""
        found = self.found
        if any(not factor.doubts for factor in found):
            return ()
        return tuple(dict.fromkeys(doubt for factor in found for doubt in factor.doubts))

    @property
    def unchecked(self) -> tuple[RiskFactor, ...]:
        """Those that could not be checked."""
        return tuple(factor for factor in self.factors if factor.missing)


def respiratory_risk(facts: Facts, *, from_age: float, clearance: Threshold) -> RespiratoryRisk:
    """Age, breathing, neuromuscular weakness, reduced clearance. Never raises: what is unknown is in the answer.

    `clearance` has two bands, the lower of which is a risk.
    """
    factors = (*_age(facts, from_age), *_diseases(facts), *_kidneys(facts, clearance))
    renal = renal_function(facts)
    lines = (*(f.line for f in factors if f.line), *renal.facts, *doubt_lines(renal, clearance))
    return RespiratoryRisk(factors, lines)


def _age(facts: Facts, from_age: float) -> Iterator[RiskFactor]:
    try:
        if facts.age >= from_age:
            yield RiskFactor(f"age {facts.age}", f"Age {facts.age}")
    except NotKnown:
        yield RiskFactor("age", missing="patient")


def _diseases(facts: Facts) -> Iterator[RiskFactor]:
    for concept, words in DISEASES.items():
        try:
            found = [d for d in facts.current(concept) if is_current_immune(facts, d)]
        except NotKnown:
            yield RiskFactor("breathing and neuromuscular disease", missing="conditions")
            return
        for d in found[:1]:
            doubts = ("diagnosis recognised by its words only",) if all(one.by_text for one in found) else ()
            yield RiskFactor(words, f"{words[0].upper()}{words[1:]}: {d.label} ({on(d.on)})", doubts)


def _kidneys(facts: Facts, clearance: Threshold) -> Iterator[RiskFactor]:
    """Dialysis, or a clearance in the lower band; one whose range crosses the edge says nothing (book 1.4)."""
    renal = renal_function(facts)
    if renal.is_in_lowest_band:
        yield RiskFactor(renal.shown(clearance), doubts=downgrades(renal, clearance))
    elif renal.state in UNREADABLE or renal.has_conflict(clearance, About.STAND_IN, About.BOUND):
        yield RiskFactor("renal function", missing="renal_function")
    elif renal.clearance is not None and renal.band(clearance) is clearance.lowest:
        yield RiskFactor(renal.shown(clearance), doubts=downgrades(renal, clearance))
