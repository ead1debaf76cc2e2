"""How was the renal function worked out, step by step? For a reader of `renal_function`; nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts, Sex
from cards.pharmacology import body_size
from cards.pharmacology.renal.cockcroft_gault import AGE_FROM, DIVISOR, FEMALE_SHARE, Estimate, Inputs, estimates_from
from cards.pharmacology.renal.creatinine_clearance import Clearance, Doubt, Source, inputs_of, mg_dl, thresholds
from cards.pharmacology.renal.renal_function import SOURCES, fresh_days, renal_function
from cards.pharmacology.renal.renal_state import RenalFunction, RenalState
from cards.step import Step
from cards.wording import number, on

_IN_ORDER = tuple(Source)


class RenalWorking(NamedTuple):
    """What counts (`result`), where it was looked for (`sources`, in order of priority), the formula in `steps`.

    `steps` are empty where Cockcroft-Gault has nothing to be worked out from; `remarks` are what makes it doubtful.
    """

    result: str
    sources: tuple[Step, ...]
    steps: tuple[Step, ...]
    remarks: tuple[str, ...]


def renal_working(facts: Facts) -> RenalWorking:
    """The steps behind `renal_function`. Never raises NotKnown."""
    renal = renal_function(facts)
    return RenalWorking(
        result=_result(renal, facts),
        sources=tuple(_looked_for(facts, renal)),
        steps=tuple(_formula(facts)),
        remarks=tuple(_remarks(renal, facts)),
    )


def _result(renal: RenalFunction, facts: Facts) -> str:
    if renal.dialysis is not None:
        return f"On {renal.dialysis.mode} ({renal.dialysis.evidence}): the lowest band of every table counts"
    if renal.is_end_stage:
        return "End-stage renal disease is coded and no usable value is there: the lowest band of every table counts"
    found = renal.clearance
    if found is None:
        return f"Not known: {renal.why}"
    kept = f"{renal.state}, {facts.days_since(found.on)} days old"
    return f"{number(found.ml_min)} mL/min by {found.source} ({kept})"


def _looked_for(facts: Facts, renal: RenalFunction) -> Iterator[Step]:
    for source, read in zip(_IN_ORDER, SOURCES, strict=True):
        try:
            found = read(facts)
        except NotKnown as unknown:
            yield Step(source, "cannot be used", unknown.why)
        else:
            if found is None:
                yield Step(source, "none on file")
            else:
                yield Step(source, f"{number(found.ml_min)} mL/min on {on(found.on)}", _place(found, renal, facts))


def _place(found: Clearance, renal: RenalFunction, facts: Facts) -> str:
    """Does this estimate count, and if not, why?"""
    if renal.is_in_lowest_band:
        return "not needed"
    if renal.clearance is not None and renal.clearance.source is found.source:
        return "this one counts"
    oldest = thresholds().value("stale_until")
    if facts.days_since(found.on) > oldest:
        return f"older than {number(oldest)} days"
    if renal.state is RenalState.FRESH and facts.days_since(found.on) > fresh_days(found, facts):
        return "stale, and another one is fresh"
    return "another one goes before it"


# -- the formula ----------------------------------------------------------------------------------------------------


def _formula(facts: Facts) -> Iterator[Step]:
    try:
        inputs = inputs_of(facts)
    except NotKnown as unknown:
        yield Step("Cockcroft-Gault", "cannot be worked out", unknown.why)
        return
    if inputs is None:
        return
    estimates = estimates_from(inputs)
    used = min(estimates, key=lambda estimate: estimate.ml_min)
    yield from _of_the_patient(inputs, facts)
    yield from _of_the_weight(inputs, used)
    for estimate in estimates:
        yield _worked_out(inputs, estimate, used)


def _of_the_patient(inputs: Inputs, facts: Facts) -> Iterator[Step]:
    creatinine = inputs.creatinine
    value = f"{creatinine.comparator}{mg_dl(creatinine.value or 0)} mg/dL on {on(creatinine.on)}"
    is_converted = creatinine.received and "mg/dl" not in creatinine.received.lower()
    yield Step("Creatinine", value, f"received as {creatinine.received}" if is_converted else "the newest on file")
    yield Step("Age", f"{inputs.age} years", f"completed on {facts.as_of.isoformat()}")
    if inputs.sex is None:
        yield Step("Sex", "not known", "worked out for both; the lower clearance counts")
    else:
        yield Step("Sex", inputs.sex, f"factor {number(FEMALE_SHARE, 2)}" if inputs.sex is Sex.FEMALE else "no factor")


def _of_the_weight(inputs: Inputs, used: Estimate) -> Iterator[Step]:
    known = body_size.thresholds()
    actual = inputs.weight.value or 0.0
    stated = "stated by the patient" if inputs.weight.is_stated else "the newest on file"
    yield Step("Actual weight", f"{number(actual)} kg on {on(inputs.weight.on)}", stated)
    if used.ideal_kg is None:
        why = f"below {number(known.value('ideal_weight_from_height'))} cm no ideal weight is defined"
        tall = "not on file" if inputs.height_cm is None else f"{number(inputs.height_cm)} cm"
        yield Step("Height", tall, "so the actual weight counts" if inputs.height_cm is None else why)
        yield Step("Weight that counts", f"{number(actual)} kg", "the actual weight")
        return
    yield Step(
        "Ideal weight", f"{number(used.ideal_kg)} kg", f"by Devine, from a height of {number(inputs.height_cm or 0)} cm"
    )
    above, share = number(known.value("adjusted_above"), 2), number(known.value("adjusted_share"), 2)
    limit = number(known.value("adjusted_above") * used.ideal_kg)
    if used.is_adjusted:
        how = (
            f"adjusted, for {number(actual)} kg is above {above} × ideal ({limit} kg):"
            f" {number(used.ideal_kg)} + {share} × ({number(actual)} − {number(used.ideal_kg)})"
        )
    else:
        how = f"the actual weight, for it is not above {above} × ideal ({limit} kg)"
    yield Step("Weight that counts", f"{number(used.weight_kg)} kg", how)


def _worked_out(inputs: Inputs, estimate: Estimate, used: Estimate) -> Step:
    share = f" × {number(FEMALE_SHARE, 2)}" if estimate.sex is Sex.FEMALE else ""
    how = (
        f"({AGE_FROM} − {inputs.age}) × {number(estimate.weight_kg)} ÷"
        f" ({DIVISOR} × {mg_dl(inputs.creatinine.value or 0)}){share}"
    )
    if inputs.sex is None:
        what = f"Clearance, if {estimate.sex}"
        counts = "; the lower one counts" if estimate is used else ""
        return Step(what, f"{number(estimate.ml_min)} mL/min", f"{how}{counts}")
    return Step("Clearance", f"{number(estimate.ml_min)} mL/min", how)


def _remarks(renal: RenalFunction, facts: Facts) -> Iterator[str]:
    found = renal.clearance
    if found is None:
        return
    yield _window(found, facts)
    if renal.unstable:
        yield f"Renal function unstable ({renal.unstable}): Cockcroft-Gault is not valid"
    if found.is_low_creatinine:
        yield "Low creatinine: the clearance may be overestimated where there is little muscle"
    yield from (f"{doubt.about}: {_ends(doubt)}" for doubt in renal.doubts)


def _ends(doubt: Doubt) -> str:
    if doubt.low and doubt.high < inf:
        return f"{number(doubt.low)} or {number(doubt.high)} mL/min"
    return f"{number(doubt.low)} mL/min or more" if doubt.low else f"{number(doubt.high)} mL/min or less"


def _window(found: Clearance, facts: Facts) -> str:
    """How long a value counts as fresh here, and why so long."""
    known, days = thresholds(), fresh_days(found, facts)
    because = {
        known.value("fresh_at_risk"): f"at risk ({known.threshold('fresh_at_risk').note})",
        known.value("fresh_otherwise"): "no risk on file",
    }
    inpatient = facts.encounter is not None and facts.encounter.is_inpatient
    return f"A value is fresh for {number(days)} days here: {'inpatient' if inpatient else because[days]}"
