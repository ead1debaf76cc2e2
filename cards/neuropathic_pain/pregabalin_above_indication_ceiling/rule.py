"""Is pregabalin ordered above the dose with added benefit for its indication, or started too high?

WHEN  pregabalin is ordered within the label maximum of a known renal function, and not for epilepsy or anxiety
AND   the final daily dose is above the label's ceiling in diabetic neuropathy or stated fibromyalgia, above the target
      after zoster or in cord injury before two weeks at it, or a new start begins at the target at once
THEN  inform, with the trials that say otherwise, and offer the target; a warning for a new start at the target from 65
      years on or beside an opioid or a benzodiazepine (book 2.3). Silent on renewals and reductions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Dose, Knowledge, Threshold
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, Suggestion, lower_once
from cards.orders import Formulation, OrderedDrug
from cards.pharmacology.ceiling_question import CeilingQuestion, ceiling_question
from cards.pharmacology.dose_offer import in_two_steps, offer_dosage
from cards.pharmacology.dose_wording import dose_order_line, history_lines
from cards.pharmacology.renal.renal_wording import doubt_lines, downgrades, label_dose_lines
from cards.pharmacology.therapy_history import days_at_least, is_same_dose
from cards.pharmacology.titration import sedatives
from cards.pharmacology.titration_card import LIMITS
from cards.wording import listed, number

DIABETIC = frozenset({"np_dpn", "np_drpn"})
AFTER_ZOSTER_OR_CORD_INJURY = "np_phn_sci"


class Row(NamedTuple):
    """One row of the decision table that matched."""

    name: str
    level: Indicator
    summary: str
    rule: str
    recommended: bool = False


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision table of 2.3; of several rows that match the loudest speaks and the card names the others."""
    asked = ceiling_question(order, facts, knowledge)
    if not isinstance(asked, CeilingQuestion):
        return asked
    rows = [row for find in (_above_diabetic, _above_fibromyalgia, _too_early, _started_high) if (row := find(asked))]
    if not rows:
        return NothingToAdd("nothing in this indication speaks against the dose")
    return _advice(asked, sorted(rows, key=lambda row: -row.level))


# -- the decision table ---------------------------------------------------------------------------------------------


def _above_diabetic(asked: CeilingQuestion) -> Row | None:
    """Zoster or cord injury, or another licensed use beside it, leaves the higher ceiling open."""
    indication, target = asked.titration.indication, asked.target_mg
    if asked.dose.final_mg <= target or not indication.sets & DIABETIC:
        return None
    if indication.other_licensed or AFTER_ZOSTER_OR_CORD_INJURY in indication.sets:
        return None
    return Row(
        "diabetic neuropathy",
        Indicator.INFO,
        _no_benefit_above(asked, target, "diabetic neuropathy"),
        _ceiling(asked, asked.tables.target, "diabetic neuropathy"),
    )


def _above_fibromyalgia(asked: CeilingQuestion) -> Row | None:
    table = asked.knowledge.threshold("fibromyalgia_ceiling")
    ceiling = asked.titration.renal.band(table).upper
    if asked.dose.final_mg <= ceiling or not any(reason.is_a("fibromyalgia") for reason in asked.order.reasons):
        return None
    return Row(
        "fibromyalgia",
        Indicator.INFO,
        _no_benefit_above(asked, ceiling, "fibromyalgia"),
        _ceiling(asked, table, "fibromyalgia"),
    )


def _too_early(asked: CeilingQuestion) -> Row | None:
    """After zoster and in cord injury more than the target comes after weeks at it, taken or ordered before the step.

    A restart leaves that open.
    """
    indication, history, target = asked.titration.indication, asked.titration.history, asked.target_mg
    if asked.dose.final_mg <= target or AFTER_ZOSTER_OR_CORD_INJURY not in indication.sets or indication.other_licensed:
        return None
    days, until = days_at_least(history, asked.facts, target), asked.knowledge.value("too_early_until")
    planned, goes_on = _planned_at(asked, target)
    if history.is_restart or planned + (days if goes_on else 0) > until:
        return None
    step = f"label goes above {number(target)} mg/day after {number(until + 1)} days or more at it"
    return Row(
        "zoster or cord injury",
        Indicator.INFO,
        f"{_drug_and_dose(asked, asked.dose.final_mg)}: {step} ({asked.place})",
        f"After zoster and in cord injury the {step}; {days} days so far"
        + (f", {number(planned)} planned before the step." if planned else "."),
    )


def _planned_at(asked: CeilingQuestion, target: float) -> tuple[float, bool]:
    """Days at the target that the order itself has just before it goes above; do they go on from those so far?"""
    days, goes_on = 0.0, True
    for phase in takewhile(lambda phase: phase.high <= target, asked.dose.phases):
        is_at = phase.high == target or is_same_dose(phase.high, target)
        days, goes_on = (days + (phase.days or 0), goes_on) if is_at else (0.0, False)
    return days, goes_on


def _started_high(asked: CeilingQuestion) -> Row | None:
    if not asked.titration.history.is_new_start or asked.dose.start_mg < asked.target_mg:
        return None
    start = asked.titration.renal.band(asked.tables.start)
    label = number(start.upper) if start.value is not None else f"{number(start.lower)}-{number(start.upper)}"
    riskier = _riskier(asked)
    return Row(
        "start",
        Indicator.WARNING if riskier else Indicator.INFO,
        f"{_drug_and_dose(asked, asked.dose.start_mg)} as starting dose: label starts at {label} mg/day ({asked.place})"
        + (f"; {listed(riskier)}" if riskier else ""),
        f"Label start for {asked.band_of(asked.tables.start)}: {label} mg/day."
        + (f" A warning because of {', '.join(riskier)}." if riskier else ""),
        recommended=True,
    )


def _riskier(asked: CeilingQuestion) -> tuple[str, ...]:
    """Age, and active or drafted opioids and benzodiazepines."""
    return (*_old(asked), *sedatives(asked.facts).names)


def _old(asked: CeilingQuestion) -> tuple[str, ...]:
    try:
        age = asked.facts.age
    except NotKnown:
        return ()  # no reason to warn; a clearance of another source let the rule speak at all
    return (f"age {age}",) if age >= asked.knowledge.value("warning_from_age") else ()


# -- the card -------------------------------------------------------------------------------------------------------


def _no_benefit_above(asked: CeilingQuestion, row_mg: float, indication: str) -> str:
    return (
        f"{_drug_and_dose(asked, asked.dose.final_mg)}: label sees no added benefit above {number(row_mg)} mg/day in "
        f"{indication} ({asked.place})"
    )


def _ceiling(asked: CeilingQuestion, table: Threshold, indication: str) -> str:
    ceiling = number(asked.titration.renal.band(table).upper)
    return (
        f"Ceiling in {indication} for {asked.band_of(table)}: {ceiling} mg/day; combining with a drug of another class "
        "is an option."
    )


def _drug_and_dose(asked: CeilingQuestion, mg: float) -> str:
    return f"{asked.order.drug.name.capitalize()} {number(mg)} mg/day"


def _advice(asked: CeilingQuestion, rows: list[Row]) -> Advice:
    renal, row = asked.titration.renal, rows[0]
    doubts = downgrades(renal, asked.tables.target, is_parsed_text=asked.dose.status == "parsed-text")
    level, before = lower_once(row.level, doubts if row.level is Indicator.WARNING else ())
    lowered = f" One level lower: {'; '.join(doubts)}." if before else ""
    offer = _offer(asked, recommended=row.recommended and not doubts)
    is_extended = asked.order.formulation is Formulation.EXTENDED
    label = "label_extended_release" if is_extended else "label"
    return Advice(
        summary=row.summary,
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=dose_order_line(asked.order, asked.dose),
            facts=tuple(_facts(asked)),
            rule=f"{' '.join(one.rule for one in rows)}{lowered}",
            basis=asked.knowledge.basis(label, "pooled_trials", "option_dm"),
            limits=LIMITS,
        ),
        evidence=label,
        row=row.name,
        suggestions=() if offer is None else (offer,),
    )


def _facts(asked: CeilingQuestion) -> Iterator[str]:
    diagnoses = asked.titration.indication.diagnoses or asked.order.reasons
    yield f"Indication: {listed([d.label for d in diagnoses]) or 'no neuropathic pain on the problem list'}"
    yield from asked.titration.renal.facts
    yield from label_dose_lines(asked.titration.renal)
    yield from history_lines(asked.titration.history)
    yield from doubt_lines(asked.titration.renal, asked.tables.target)
    if not sedatives(asked.facts).is_checked:
        yield "Opioids and benzodiazepines could not be checked"


def _offer(asked: CeilingQuestion, *, recommended: bool) -> Suggestion | None:
    """The target; in a new start a week on the start dose first. None where the draft has phases of its own."""
    if len(asked.dose.phases) > 1:
        return None
    start, target = (asked.titration.renal.band(table).doses for table in asked.tables[-2:])
    doses: tuple[Dose, ...] = in_two_steps(start, target) if asked.titration.history.is_new_start else target
    return offer_dosage(asked.order, "pregabalin", doses, "Label target", recommended=recommended)
