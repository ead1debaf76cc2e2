"""How well do the kidneys work, and how sure is that? Clearance, dialysis, freshness, doubts. Book 1.4."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from cards.errors import NotKnown
from cards.facts import Facts, Measurement, State
from cards.pharmacology.body_size import NoUsableValue
from cards.pharmacology.renal.creatinine_clearance import (
    About,
    Clearance,
    Doubt,
    Source,
    WeightMissing,
    calculated,
    creatinine_value,
    measured,
    newest_creatinine,
    newest_result,
    reported,
    stand_in,
    thresholds,
)
from cards.pharmacology.renal.dialysis import dialysis
from cards.pharmacology.renal.renal_state import RenalFunction, RenalState
from cards.pharmacology.renal.unstable_creatinine import why_unstable
from cards.wording import number, on

__all__ = ["RenalFunction", "RenalState", "renal_function"]


def renal_function(facts: Facts) -> RenalFunction:
    """Renal function, worked out once per call. Never raises NotKnown: what is unknown is in the answer."""
    return facts.once(_renal_function)


def _renal_function(facts: Facts) -> RenalFunction:
    on_dialysis = dialysis(facts)
    found, problems = _read_all(facts)
    found = [clearance for clearance in found if facts.days_since(clearance.on) <= thresholds().value("stale_until")]
    renal = _chosen(found, facts) or _without_clearance(problems, facts)
    renal = renal._replace(
        dialysis=on_dialysis,
        others=tuple(c for c in found if renal.clearance is None or c.source is not renal.clearance.source),
        is_end_stage=(on_dialysis is None or on_dialysis.by_text)
        and (renal.state is not RenalState.FRESH or renal.is_stand_in)
        and _has(facts, "end_stage_renal_disease"),
        unstable=why_unstable(facts),
    )
    return renal._replace(facts=tuple(_lines(renal, facts)))


SOURCES: tuple[Callable[[Facts], Clearance | None], ...] = (measured, calculated, reported, stand_in)


def _read_all(facts: Facts) -> tuple[list[Clearance], list[NotKnown]]:
    """(clearances in order of priority, what stood in the way). An unreadable creatinine lets nothing older pass."""
    found, problems, not_before = [], [], date.min
    for read in SOURCES:
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
    fresh = [clearance for clearance in found if facts.days_since(clearance.on) <= fresh_days(clearance, facts)]
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
    return one._replace(doubts=(*one.doubts, Doubt(About.MEASURED, low, high)))


def fresh_days(clearance: Clearance | None, facts: Facts) -> float:
    """Days for which a clearance is fresh (book 1.4). An age or a disease that is not known counts as a risk.

    `clearance` None: for which a creatinine is, before there is a weight to work it out with.
    """
    known = thresholds()
    encounter = facts.encounter
    if encounter is not None and encounter.is_inpatient:
        return known.value("fresh_inpatient")
    try:
        is_at_risk = (
            (clearance is not None and clearance.ml_min < known.value("at_risk_below_clearance"))
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
        known = "dated" if any(_newest(facts)) else "on file"
        return RenalFunction(RenalState.ABSENT, why=f"none {known} within {days} days")
    age = facts.days_since(creatinine.on)
    if problems and age <= fresh_days(None, facts):
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
        stale = ""
        if renal.state is RenalState.STALE:
            stale = f" (STALE, {renal.why}, here fresh for {number(fresh_days(renal.clearance, facts))})"
        yield f"{renal.clearance.text}{stale}"
        if renal.clearance.is_low_creatinine:
            yield "Low creatinine: may overestimate in low muscle mass"
    else:
        is_without_use = renal.state is RenalState.WEIGHT_MISSING or (
            renal.state is RenalState.UNKNOWN and not renal.is_unchecked
        )
        yield f"No usable clearance ({renal.why})" if is_without_use else f"Creatinine, clearance, eGFR: {renal.why}"
        yield from _newest(facts)
    if renal.unstable:
        yield f"Renal function unstable ({renal.unstable}): Cockcroft-Gault not valid"
    if renal.dialysis is None and facts.request_state("procedures") is State.UNKNOWN:
        yield "Dialysis procedures could not be checked"
    yield from _unread_encounter(renal, facts)


def _unread_encounter(renal: RenalFunction, facts: Facts) -> Iterable[str]:
    """Said of a value that counts as fresh and would be too old in hospital, where nobody knows about that."""
    if renal.state is not RenalState.FRESH or renal.clearance is None:
        return
    days = thresholds().value("fresh_inpatient")
    if facts.request_state("encounter") is State.UNKNOWN and facts.days_since(renal.clearance.on) > days:
        yield f"Hospital stay could not be checked; in hospital a value is fresh for {number(days)} days only"


def _newest(facts: Facts) -> Iterable[str]:
    """The newest result of each kind and its age, usable or not; none where it could not be had."""
    for name, concept in (("creatinine", "serum_creatinine"), ("clearance", "creatinine_clearance"), ("eGFR", "egfr")):
        try:
            found = newest_result(facts, concept) or _undated(facts, concept)
        except NotKnown:
            continue
        if found is not None:
            why = f" ({found.unreadable})" if found.unreadable else ""
            shown = creatinine_value(found) if concept == "serum_creatinine" and not why else found.received
            age = "undated" if found.on is None else f"on {on(found.on)}, {facts.days_since(found.on)} days old"
            yield f"Newest {name}: {shown or 'no value'}{why} {age}"


def _undated(facts: Facts, concept: str) -> Measurement | None:
    return next((m for m in facts.measurements(concept) if not m.is_pending and m.on is None), None)
