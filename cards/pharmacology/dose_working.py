"""How was the dose of an order worked out, step by step? For a reader; nothing is judged here. Book 1.5, 4.4, 5.5."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.orders import DoseLine, Drug, OrderedDrug, Route
from cards.pharmacology.body_size import body_surface
from cards.pharmacology.daily_dose import DailyDose, daily_dose, is_supplement
from cards.pharmacology.dose_line import dose_mg, is_one_time, line_dose, per_day
from cards.pharmacology.infusion.course_wording import g_per_kg, working
from cards.pharmacology.infusion.dosing_weight import dosing_weight
from cards.pharmacology.infusion.infusion_dose import course_doses, ordered_infusions
from cards.pharmacology.infusion.infusion_plan import PER_SURFACE, InfusionPlan, PlannedDose, Rhythm, infusion_plan
from cards.pharmacology.steroid.steroid_course import in_mg, is_per_kg
from cards.pharmacology.timing_wording import timing_words
from cards.step import Step
from cards.wording import joined, number

COURSES = ("ivig",)  # dosed per kg of a day, a week and a course (book 4.4)


class DoseWorking(NamedTuple):
    """The steps from the words of an order to its dose; `written` are the instructions as they came.

    `result` is the dose in words; empty: `why` says why it cannot be worked out.
    """

    written: tuple[str, ...]
    steps: tuple[Step, ...]
    result: str = ""
    why: str = ""


def dose_working(order: OrderedDrug, facts: Facts) -> DoseWorking:
    """The dose of all drafts of a drug together, step by step. Never raises NotKnown."""
    written = tuple(line.text for draft in order.drafts for line in draft.lines if line.text)
    work_out = _courses if order.drug.is_a(*COURSES) else _by_day
    if work_out is _by_day and _is_given_in_single_doses(order, facts):
        work_out = _single_doses
    steps: list[Step] = []
    try:
        result = work_out(order, facts, steps)
    except NotKnown as unknown:
        return DoseWorking(written, tuple(steps), why=unknown.why)
    return DoseWorking(written, tuple(steps), result)


# -- mg a day ---------------------------------------------------------------------------------------------------------


def _by_day(order: OrderedDrug, facts: Facts, steps: list[Step]) -> str:
    if is_per_kg(order):
        order = in_mg(order, _weight(facts, steps))
    lines = [(draft, line) for draft in order.drafts for line in draft.lines]
    for place, (draft, line) in enumerate(lines, start=1):
        prefix = f"Line {place}: " if len(lines) > 1 else ""
        steps.extend(
            step._replace(what=f"{prefix}{step.what}" if prefix else step.what.capitalize())
            for step in _of_line(line, draft.drug)
        )
    dose = daily_dose(order)
    if dose.status == "unknown":
        raise NotKnown("daily_dose", dose.why)
    if len(lines) > 1:
        steps += [Step("Together", said) for said in dose.steps]
    return _daily_result(dose)


def _of_line(line: DoseLine, drug: Drug) -> Iterator[Step]:
    low, high, arithmetic = dose_mg(line, drug)
    amount = f"{number(high)} mg" if low == high else f"{number(low)}–{number(high)} mg"
    yield Step("one dose", amount, arithmetic if arithmetic != amount else "")
    if is_supplement(line):
        yield Step("when", "after each dialysis", "apart from the daily dose")
        return
    times = per_day(line.timing)
    often = number(times.high, 3) if times.low == times.high else f"{number(times.low, 3)} to {number(times.high, 3)}"
    if is_one_time(line.timing):
        yield Step("how often", "once")
        return
    yield Step("times a day", often, timing_words(line.timing))
    dose = line_dose(line, drug)
    yield Step("daily dose", f"{number(dose.high)} mg/day", dose.step)


def _daily_result(dose: DailyDose) -> str:
    if dose.is_only_after_dialysis:
        return f"{number(dose.post_dialysis_mg or 0)} mg after each dialysis"
    unit = "mg once" if dose.is_one_time else "mg/day"
    said = f"{number(dose.peak_mg)} {unit}"
    if len(dose.phases) > 1:
        phases = joined([number(phase.high) for phase in dose.phases], "then")
        said = f"{phases} mg/day; highest {said}"
    if dose.is_as_needed:
        said = f"as needed, up to {said}"
    if dose.post_dialysis_mg is not None:
        said += f", and {number(dose.post_dialysis_mg)} mg after each dialysis"
    return f"{said} (read from free text)" if dose.status == "parsed-text" else said


# -- courses per kg ---------------------------------------------------------------------------------------------------


def _courses(order: OrderedDrug, facts: Facts, steps: list[Step]) -> str:
    infusions = ordered_infusions(order.drafts, facts.as_of)
    for place, infusion in enumerate(infusions, start=1):
        what = f"Line {place}" if len(infusions) > 1 else "One infusion"
        per = " a day" if infusion.is_of_day else ""
        steps.append(Step(what, f"{infusion.written}{per}", "read from free text" if infusion.from_text else ""))
    weight = dosing_weight(facts)
    steps += [_as_step(line) for line in weight.lines]
    if weight.kg is None and not all(infusion.is_per_kg for infusion in infusions):
        raise NotKnown("body_size", f"{weight.why}: the dose per kg is not known")
    courses = course_doses(infusions, weight.kg or 1)
    steps += [Step("Course", said) for said in working(courses, weight.kg)]
    totals = [f"{g_per_kg(course.total)} a course" for course in courses if course.total is not None]
    return joined(totals) or f"{g_per_kg(max(course.most_a_day for course in courses))} a day, no end is told"


# -- single doses -----------------------------------------------------------------------------------------------------


def _is_given_in_single_doses(order: OrderedDrug, facts: Facts) -> bool:
    """By body surface, or by infusion at intervals of more than a day?"""
    lines = [line for draft in order.drafts for line in draft.lines]
    if any(line.amount is not None and line.amount.unit.endswith(PER_SURFACE) for line in lines):
        return True
    if any(draft.route is not Route.INTRAVENOUS for draft in order.drafts):
        return False
    interval = infusion_plan(order, facts.as_of).shortest_interval_days
    return interval is not None and interval > 1


def _single_doses(order: OrderedDrug, facts: Facts, steps: list[Step]) -> str:
    plan = infusion_plan(order, facts.as_of)
    if not plan.doses:
        raise NotKnown("order", plan.unread or "no intravenous dose")
    steps += [_as_ordered(dose, plan) for dose in plan.doses]
    if plan.unread:
        steps.append(Step("Not read", "another line", plan.unread))
    if not any(dose.mg_per_m2 for dose in plan.doses):
        return joined([f"{number(dose.mg)} mg{_rhythm(dose.rhythm)}" for dose in plan.doses])
    surface = body_surface(facts)
    steps.append(_as_step(surface.line))
    said = []
    for dose in plan.doses:
        mg = dose.mg + dose.mg_per_m2 * surface.m2
        how = f"{number(dose.mg_per_m2)} mg/m2 × {number(surface.m2, 2)} m2"
        steps.append(Step("Dose", f"{number(mg)} mg", how))
        said.append(f"{number(mg)} mg{_rhythm(dose.rhythm)}")
    return joined(said)


def _as_ordered(dose: PlannedDose, plan: InfusionPlan) -> Step:
    amounts = [f"{number(dose.mg_per_m2)} mg/m2"] if dose.mg_per_m2 else []
    amounts += [f"{number(dose.mg)} mg"] if dose.mg else []
    what = "One dose" if len(plan.doses) == 1 else "Dose ordered"
    return Step(what, " and ".join(amounts) + _rhythm(dose.rhythm), "read from free text" if dose.from_text else "")


def _rhythm(rhythm: Rhythm) -> str:
    if rhythm.times == 1:
        return ", once"
    every = "" if rhythm.interval_days is None else f" every {number(rhythm.interval_days)} days"
    times = "" if rhythm.times is None else f", {rhythm.times} times"
    return f"{every}{times}"


def _weight(facts: Facts, steps: list[Step]) -> float:
    weight = dosing_weight(facts)
    steps += [_as_step(line) for line in weight.lines][:1]
    if weight.kg is None:
        raise NotKnown("body_size", f"{weight.why}: the dose per kg is not known")
    return weight.kg


def _as_step(line: str) -> Step:
    what, _, said = line.partition(": ")
    return Step(what, said)
