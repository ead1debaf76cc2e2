"""Is midodrine safe for this patient, in this dose and at these times of day?

WHEN  midodrine is signed
AND   a contraindication is current, a supine systolic pressure is above 180 mmHg, the order goes beyond 10 mg three
      times daily, its last dose is late, or it starts above 2.5 mg a dose where the kidneys are impaired
THEN  warn; info for the start and for a high pressure of unknown posture; offer the label dose (book 3.10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import ceil

from cards.bounds import is_above, is_at_least
from cards.errors import NotKnown
from cards.facts import Facts
from cards.hits import Hit, Hits, by_code, hits
from cards.knowledge import TOLERANCE, Dose, Knowledge
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, SetDosage
from cards.orders import OrderedDrug
from cards.pharmacology.administrations import administrations, is_for_dialysis_days
from cards.pharmacology.bedtime import late_doses
from cards.pharmacology.daily_dose import daily_dose
from cards.pharmacology.dose_offer import TIMES, offer_dosage
from cards.pharmacology.dose_wording import dose_order_line
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_state import RenalState
from cards.pharmacology.therapy_history import therapy_history
from cards.records import Posture
from cards.wording import joined, listed, number, on

CURRENT = {
    "acute kidney injury": "acute_kidney_injury",
    "urinary retention": "urinary_retention",
    "pheochromocytoma": "pheochromocytoma",
    "thyrotoxicosis": "thyrotoxicosis",
}
HEPATORENAL = "hepatorenal_syndrome"
OF_THE_ORDER = ("daily dose", "doses a day", "single dose", "late dose")
IN_ITS_OWN_WORDS = ("renal start", "posture unknown")
LIMITS = "Limits: pressure at home, bedtime and prostate symptoms are not seen; interactions are not checked."


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Every row of 3.10 that matches, on one card; the loudest decides."""
    otherwise = _is_dosed_otherwise(order, facts)
    if otherwise:
        return NothingToAdd(otherwise)
    found = hits([partial(row, order, facts, knowledge) for row in ROWS])
    if found.found:
        return _advice(order, found, facts, knowledge)
    return found.cannot_tell() if found.unknown else NothingToAdd("within the label")


def _is_dosed_otherwise(order: OrderedDrug, facts: Facts) -> str:
    """Why the label dose does not apply; empty: it does."""
    encounter = facts.encounter
    if encounter is not None and encounter.is_inpatient:
        try:
            if any(reason.is_a(HEPATORENAL) for reason in order.reasons) or facts.has(HEPATORENAL):
                return "hepatorenal syndrome in hospital: other doses"
        except NotKnown:
            pass  # nothing says that it is so
    if is_for_dialysis_days(order) and renal_function(facts).is_on_haemodialysis:
        return "a single dose on dialysis days"
    return ""


# -- contraindications ----------------------------------------------------------------------------------------------


def _current(_: OrderedDrug, facts: Facts, __: Knowledge) -> Iterator[Hit]:
    for name, concept in CURRENT.items():
        found = by_code(facts.current(concept))
        if found:
            doubts = ("diagnosis recognised by its words only",) if found[0].by_text else ()
            fact = f"{found[0].label} current ({on(found[0].on)})"
            what = name if found[0].label.casefold() == name else f"{name} ({found[0].label})"
            yield Hit(name, Indicator.WARNING, what, f"{name} current", (fact,), doubts)


def _heart(_: OrderedDrug, facts: Facts, __: Knowledge) -> Iterator[Hit]:
    """Heart failure together with its organic cause."""
    failure, cause = facts.current("heart_failure_by_itself"), facts.current("organic_heart_disease")
    if failure and cause:
        labels = [by_code(found)[0].label for found in (failure, cause)]
        codes = joined(labels)
        rule = "severe organic heart disease: heart failure with hypertensive, ischaemic or other cardiomyopathy"
        is_short = not any(" " in label for label in labels)  # words have no room in the summary
        what = "severe organic heart disease" + (f" ({codes})" if is_short else "")
        yield Hit("heart", Indicator.WARNING, what, rule, (f"{codes} current",))


def _ejection(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    edge, result = knowledge.value("low_ejection_fraction"), facts.latest("ejection_fraction")
    if result is not None and not is_at_least(result, edge, need="ejection_fraction"):
        what = f"ejection fraction {result.comparator}{number(result.value or 0)} %"
        rule = f"severe organic heart disease: ejection fraction below {number(edge)} %"
        yield Hit("heart", Indicator.WARNING, what, rule, (f"{what} on {on(result.on)}",))


def _pressure(_: OrderedDrug, facts: Facts, knowledge: Knowledge, *, posture: Posture | None) -> Iterator[Hit]:
    """The newest pressure of this posture. One whose posture is not stated may have been measured sitting."""
    edge, days = knowledge.value("supine_systolic"), int(knowledge.value("pressure_within"))
    measured = facts.measurements("systolic_blood_pressure", within_days=days)
    result = next((m for m in measured if not m.is_pending and m.posture is posture), None)
    if result is None:
        return
    if result.unreadable:
        raise NotKnown("blood_pressure", f"systolic pressure of {on(result.on)}: {result.unreadable}")
    if is_above(result, edge, need="blood_pressure"):
        shown = f"systolic {result.comparator}{number(result.value or 0)} mmHg"
        limit = f"systolic above {number(edge)} mmHg within {days} days"
        if posture is Posture.LYING:
            facts_used = (f"Supine {shown} on {on(result.on)}",)
            yield Hit("supine pressure", Indicator.WARNING, f"supine {shown}", f"supine {limit}", facts_used)
        else:
            what = f"{shown} of unknown posture ({on(result.on)}); consider a supine reading"
            facts_used = (f"Posture not stated: {shown} on {on(result.on)}",)
            yield Hit("posture unknown", Indicator.INFO, what, f"{limit}, posture not stated", facts_used)


# -- dose and time --------------------------------------------------------------------------------------------------


def _amounts(order: OrderedDrug, _: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    dose = daily_dose(order)
    if dose.status == "unknown":
        return
    given, doubts = administrations(dose), ("dose read from free text",) if dose.status == "parsed-text" else ()
    for row, amount, limit, unit in (
        ("daily dose", dose.peak_mg, "daily_maximum", "mg/day"),
        ("doses a day", given.per_day, "doses_a_day", "doses a day"),
        ("single dose", given.largest_mg, "single_maximum", "mg a dose"),
    ):
        most = knowledge.value(limit)
        if amount > most + TOLERANCE:
            rule = f"more than {number(most)} {unit} (ordered {number(amount)})"
            yield Hit(row, Indicator.WARNING, "", rule, (), doubts)


def _late(order: OrderedDrug, _: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    hour = knowledge.value("last_dose_until")
    late = late_doses(order, after_hour=hour)
    if late:
        in_words = any(line.from_text or line.timing is None for draft in order.drafts for line in draft.lines)
        doubts = ("dose read from free text",) if in_words else ()
        rule = f"a dose {joined(late)}: at bedtime or after {number(hour)}:00"
        yield Hit("late dose", Indicator.WARNING, "", rule, (), doubts)


def _renal_start(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    dose, small = daily_dose(order), knowledge.value("renal_start")
    if dose.status == "unknown" or administrations(dose.at_start).largest_mg <= small + TOLERANCE:
        return
    where = _impaired(facts, knowledge)
    if where == "" or not therapy_history(facts, order, *knowledge.triggers).is_new_start:
        return
    if where is None:
        raise NotKnown("renal_function", renal_function(facts).why or "the range of the estimate crosses a band")
    rule = f"new start above {number(small)} mg a dose with kidney disease or CrCl below normal"
    what = f"label starts at {number(small)} mg a dose in renal impairment ({where})"
    yield Hit("renal start", Indicator.INFO, what, rule, renal_function(facts).facts)


def _impaired(facts: Facts, knowledge: Knowledge) -> str | None:
    """What shows impaired kidneys, in words; empty: nothing does; None: cannot be told."""
    renal, table = renal_function(facts), knowledge.threshold("normal_clearance")
    is_open = renal.has_conflict(table, About.STAND_IN, About.BOUND)
    if renal.has_band and not is_open and renal.band(table) is table.lowest:
        return renal.shown(table)
    coded = by_code(facts.current("ckd"))
    if coded:
        return coded[0].label
    return None if is_open or renal.state is RenalState.UNKNOWN else ""


ROWS: tuple[Callable[[OrderedDrug, Facts, Knowledge], Iterator[Hit]], ...] = (
    _current,
    _heart,
    _ejection,
    partial(_pressure, posture=Posture.LYING),
    _amounts,
    _late,
    _renal_start,
    partial(_pressure, posture=None),
)


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, found: Hits, facts: Facts, knowledge: Knowledge) -> Advice:
    offer = _offer(order, found, facts, knowledge)
    return Advice(
        summary=f"{_ordered(order)}: {_why(found, knowledge)}",
        indicator=found.level,
        before_downgrade=found.before_downgrade,
        explanation=Explanation(
            order=dose_order_line(order, daily_dose(order)),
            facts=found.facts,
            rule=found.rule,
            basis=knowledge.basis("label", "book"),
            limits=LIMITS,
        ),
        evidence="label",
        row=found.decisive.row,
        suggestions=() if offer is None else (offer,),
    )


def _ordered(order: OrderedDrug) -> str:
    dose = daily_dose(order)
    if dose.status == "unknown":
        return "Midodrine"
    doses = number(administrations(dose).per_day)
    return f"Midodrine {number(dose.peak_mg)} mg/day in {doses} dose{'' if doses == '1' else 's'}"


def _why(found: Hits, knowledge: Knowledge) -> str:
    """Contraindications by name; for dose and time the label's own; else the row in its words."""
    against = [hit.what for hit in found.found if hit.row not in (*OF_THE_ORDER, *IN_ITS_OWN_WORDS)]
    if against:
        return f"label contraindication: {listed(against)}"
    if found.decisive.row not in OF_THE_ORDER:
        return found.decisive.what
    most, times = number(knowledge.value("single_maximum")), TIMES[int(knowledge.value("doses_a_day"))]
    before = number(knowledge.value("before_bedtime"))
    return f"label {most} mg {times} daily, last dose at least {before} h before bedtime"


def _offer(order: OrderedDrug, found: Hits, facts: Facts, knowledge: Knowledge) -> SetDosage | None:
    """The label dose by the clock, no more than was ordered; none beside a contraindication or for several drafts."""
    rows = {hit.row for hit in found.found}
    if rows - {*OF_THE_ORDER, *IN_ITS_OWN_WORDS} or rows == {"posture unknown"} or len(order.drafts) > 1:
        return None
    regimen = knowledge.threshold("label_regimen")
    [label], [small] = regimen.highest.doses, regimen.lowest.doses
    meant = small if "renal start" in rows else _no_more(order, label, knowledge)
    if meant is None:
        return None
    is_sure = found.level is Indicator.WARNING and not found.unknown
    return offer_dosage(order, "midodrine", [meant], f"By day, {joined(meant.times_of_day)}", recommended=is_sure)


def _no_more(order: OrderedDrug, label: Dose, knowledge: Knowledge) -> Dose | None:
    """The label dose where at least as much was ordered, else what was ordered, moved into the day."""
    dose = daily_dose(order)
    if dose.status == "unknown":
        return None
    if dose.peak_mg >= knowledge.value("daily_maximum"):
        return label
    given = administrations(dose)
    if not given.are_equal:
        return None
    times = min(label.per_day, ceil(given.per_day - TOLERANCE))
    mg = min(label.mg, given.largest_mg)
    return Dose(mg=mg, per_day=times, times_of_day=label.times_of_day[:times])
