"""How well do the kidneys work, and how sure is that? Clearance, dialysis, freshness, doubts. Book 1.4."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import floor

from cards.errors import NotKnown
from cards.facts import Facts, State
from cards.knowledge import Band, Threshold
from cards.pharmacology.body_size import NoUsableValue
from cards.pharmacology.creatinine_clearance import (
    About,
    Clearance,
    Doubt,
    Source,
    WeightMissing,
    calculated,
    measured,
    newest_creatinine,
    newest_result,
    reported,
    stand_in,
    thresholds,
)
from cards.pharmacology.dialysis import Dialysis, Mode, dialysis
from cards.pharmacology.unstable_creatinine import why_unstable
from cards.wording import number

TOLERANCE = 1e-9  # book 1.4: compared unrounded


class RenalState(StrEnum):
    """What is known of the clearance."""

    FRESH = "fresh"
    STALE = "stale"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    WEIGHT_MISSING = "no weight"


@dataclass(frozen=True, slots=True)
class RenalFunction:
    """Renal function as of the call.

    `clearance` is there when `state` is fresh or stale; `others` are the estimates not chosen. `dialysis` and
    `is_end_stage` put the patient in the lowest band whatever the clearance. `unstable` says why Cockcroft-Gault is
    not valid (empty: it is). `why` says why there is no fresh clearance, `is_unchecked` that a record could not be had.
    `facts` are lines for a card: values, dates, what was not found. Which doubts matter depends on the bands of the
    drug's table, which the methods take.
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
    def is_in_lowest_band(self) -> bool:
        """Dialysis, or end-stage disease without a usable value: the lowest band without a number."""
        return self.dialysis is not None or self.is_end_stage

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
        if self.clearance is None:
            raise NotKnown("renal_function", self.why)
        conflict = next((d for d in self.conflicts(table) if d.about is About.MEASURED), None)
        return self.clearance.ml_min if conflict is None else conflict.low

    def band(self, table: Threshold) -> Band:
        """The band of `table` that holds. Raises NotKnown when there is nothing to choose by."""
        return table.lowest if self.is_in_lowest_band else table.at(self.ml_min(table), tolerance=TOLERANCE)

    def conflicts(self, table: Threshold) -> tuple[Doubt, ...]:
        """Doubts whose two ends fall in different bands of `table`."""
        if self.clearance is None or self.is_in_lowest_band:
            return ()
        return tuple(d for d in self.clearance.doubts if table.at(d.low) is not table.at(d.high))

    def has_conflict(self, table: Threshold, *about: About) -> bool:
        """Do the bands of `table` differ because of one of these doubts?"""
        return any(doubt.about in about for doubt in self.conflicts(table))

    def has_doubt(self, about: About) -> bool:
        """Is this doubt there at all, whatever the bands?"""
        if self.clearance is None or self.is_in_lowest_band:
            return False
        return any(doubt.about is about for doubt in self.clearance.doubts)

    def is_near_edge(self, table: Threshold) -> bool:
        """Does the clearance lie within a tenth below a band edge? (book 1.4)"""
        if self.is_in_lowest_band or self.clearance is None:
            return False
        value, share = self.ml_min(table), 1 - thresholds().value("near_edge") / 100
        return any(
            band.edge * share - TOLERANCE <= value and not band.holds(value, TOLERANCE)
            for band in table.bands
            if band.edge > 0
        )

    def shown(self, table: Threshold) -> str:
        """The renal function in words for a summary: "CrCl 42 mL/min", "haemodialysis" …"""
        if self.dialysis is not None:
            return str(self.dialysis.mode)
        if self.is_end_stage:
            return "end-stage renal disease"
        kind = "eGFR" if self.is_stand_in else "CrCl"
        return f"{kind} {shown_ml_min(self.ml_min(table), table)} mL/min"


def renal_function(facts: Facts) -> RenalFunction:
    """Renal function, worked out once per call. Never raises NotKnown: what is unknown is in the answer."""
    return facts.once(_renal_function)


def shown_ml_min(value: float, table: Threshold) -> str:
    """A clearance as book 1.4 shows it: whole, one decimal close to a band edge, never above 150."""
    known = thresholds()
    if value > known.value("shown_up_to"):
        return f">{number(known.value('shown_up_to'))}"
    if any(band.edge > 0 and abs(value - band.edge) < known.value("decimal_within") for band in table.bands):
        return number(floor(value * 10 + TOLERANCE * 10) / 10)  # cut, so that 59.96 does not read as 60
    return number(value, 0)


def _renal_function(facts: Facts) -> RenalFunction:
    on_dialysis = dialysis(facts)
    found, problems = _read_all(facts)
    found = [clearance for clearance in found if facts.days_since(clearance.on) <= thresholds().value("stale_until")]
    renal = _chosen(found, facts) or _without_clearance(problems, facts)
    renal = replace(
        renal,
        dialysis=on_dialysis,
        others=tuple(c for c in found if renal.clearance is None or c.source is not renal.clearance.source),
        is_end_stage=on_dialysis is None
        and renal.state is not RenalState.FRESH
        and _has(facts, "end_stage_renal_disease"),
        unstable=why_unstable(facts) if renal.clearance is not None else "",
    )
    return replace(renal, facts=tuple(_lines(renal, facts)))


_SOURCES: tuple[Callable[[Facts], Clearance | None], ...] = (measured, calculated, reported, stand_in)


def _read_all(facts: Facts) -> tuple[list[Clearance], list[NotKnown]]:
    """(clearances in order of priority, what stood in the way). An unreadable creatinine lets nothing older pass."""
    found, problems, not_before = [], [], date.min
    for read in _SOURCES:
        try:
            clearance = read(facts)
        except NotKnown as unknown:
            problems.append(unknown)
            if read is calculated:
                not_before = _unreadable_on(facts)
        else:
            if clearance is not None:
                found.append(clearance)
    apart = thresholds().value("measured_and_calculated_apart")
    return [
        one
        for one in found
        if one.on >= not_before or (one.source is Source.MEASURED and (not_before - one.on).days <= apart)
    ], problems


def _unreadable_on(facts: Facts) -> date:
    """Day of the newest creatinine if it could not be read; the earliest day otherwise."""
    try:
        newest_creatinine(facts)
    except NoUsableValue:
        unreadable = newest_result(facts, "serum_creatinine")
        return unreadable.on if unreadable is not None and unreadable.on is not None else date.min
    except NotKnown:
        pass  # the search itself failed: there is no newer result to respect
    return date.min


def _chosen(found: list[Clearance], facts: Facts) -> RenalFunction | None:
    """By priority among the fresh ones, else among the stale ones; None when there is none."""
    fresh = [clearance for clearance in found if facts.days_since(clearance.on) <= _window(clearance, facts)]
    pool = fresh or found
    if not pool:
        return None
    chosen = _measured_or_calculated(pool) or pool[0]
    if fresh:
        return RenalFunction(RenalState.FRESH, chosen)
    return RenalFunction(RenalState.STALE, chosen, why=f"last value {facts.days_since(chosen.on)} days old")


def _measured_or_calculated(pool: list[Clearance]) -> Clearance | None:
    """Of a measured and a calculated clearance the newer when far apart, else the measured one with the doubt noted."""
    by_source = {clearance.source: clearance for clearance in pool}
    one, other = by_source.get(Source.MEASURED), by_source.get(Source.CALCULATED)
    if one is None or other is None:
        return None
    if abs((one.on - other.on).days) > thresholds().value("measured_and_calculated_apart"):
        return max(one, other, key=lambda clearance: clearance.on)
    low, high = sorted((one.ml_min, other.ml_min))
    return replace(one, doubts=(*one.doubts, Doubt(About.MEASURED, low, high)))


def _window(clearance: Clearance | None, facts: Facts) -> float:
    """Days for which a clearance is fresh (book 1.4). What is not known counts as a risk: the shorter window."""
    known = thresholds()
    encounter = facts.encounter
    if encounter is not None and encounter.is_inpatient:
        return known.value("fresh_inpatient")
    try:
        is_at_risk = (
            clearance is None
            or clearance.ml_min < known.value("at_risk_below_clearance")
            or facts.age >= known.value("at_risk_from_age")
            or facts.has("ckd", "diabetes")
        )
    except NotKnown:
        is_at_risk = True
    return known.value("fresh_at_risk" if is_at_risk else "fresh_otherwise")


def _without_clearance(problems: list[NotKnown], facts: Facts) -> RenalFunction:
    for problem in problems:
        if not isinstance(problem, WeightMissing):
            unchecked = _is_unchecked(problem, facts)
            why = "could not be checked" if unchecked else problem.why
            return RenalFunction(RenalState.UNKNOWN, why=why, is_unchecked=unchecked)
    creatinine = newest_result(facts, "serum_creatinine")
    if creatinine is None or creatinine.on is None:
        days = number(thresholds().value("stale_until"))
        return RenalFunction(RenalState.ABSENT, why=f"none on file within {days} days")
    age = facts.days_since(creatinine.on)
    if problems and age <= _window(None, facts):
        return RenalFunction(RenalState.WEIGHT_MISSING, why=next(p.why for p in problems))
    return RenalFunction(RenalState.ABSENT, why=f"last creatinine {age} days old")


def _is_unchecked(problem: NotKnown, facts: Facts) -> bool:
    """Could a record not be had (rather than: what is on file is of no use)?"""
    if isinstance(problem, NoUsableValue):
        return False
    return problem.what != "patient" or facts.request_state("patient") is State.UNKNOWN


def _has(facts: Facts, concept: str) -> bool:
    try:
        return facts.has(concept)
    except NotKnown:
        return False


def _lines(renal: RenalFunction, facts: Facts) -> Iterable[str]:
    if renal.dialysis is not None:
        yield f"On {renal.dialysis.mode} ({renal.dialysis.evidence})"
    elif renal.is_end_stage:
        yield "End-stage renal disease coded, no evidence of dialysis"
    if renal.clearance is not None:
        stale = f" (STALE, {renal.why})" if renal.state is RenalState.STALE else ""
        yield f"{renal.clearance.text}{stale}"
        if renal.clearance.is_low_creatinine:
            yield "Low creatinine: may overestimate in low muscle mass"
        if renal.unstable:
            yield f"Renal function unstable ({renal.unstable}): Cockcroft-Gault not valid"
    else:
        yield f"Creatinine, clearance, eGFR: {renal.why}"
    if renal.dialysis is None and facts.request_state("procedures") is State.UNKNOWN:
        yield "Dialysis procedures could not be checked"
