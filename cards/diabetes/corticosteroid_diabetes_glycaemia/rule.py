"""Is glucose monitoring planned for a systemic corticosteroid in diabetes?

WHEN  a systemic corticosteroid is ordered at a high dose, or at a lower one for weeks; a single dose does not count
AND   diabetes is coded, or a recent HbA1c or glucose is in its range, and no glucose monitoring is ordered
THEN  offer glucose monitoring: a warning on insulin or a sulfonylurea, at a high HbA1c or a very high dose, else info
      (book 3.7).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from cards.endocrinology.diabetes import Diabetes, diabetes_evidence
from cards.endocrinology.glycaemia import (
    Hba1c,
    is_hba1c_awaited,
    is_ordered_lately,
    lowering_drugs,
    newest_hba1c,
    reaches,
    recent_days,
)
from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, OrderService, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.dose_wording import dose_order_line
from cards.pharmacology.steroid.steroid_course import SteroidCourse, steroid_course
from cards.suggested_orders import order_test
from cards.wording import SUMMARY_LIMIT, joined, number

MONITORING = "glucose_monitoring"
LIMITS = "Limits: home readings are not seen; thresholds of dose are the project's own."


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Dose, evidence of diabetes, monitoring, then the level."""
    course = steroid_course(order)
    if not isinstance(course, SteroidCourse):
        return course
    silent = _by_dose(course, knowledge)
    if silent:
        return NothingToAdd(silent)
    diabetes = diabetes_evidence(facts)
    if diabetes is None:
        return NothingToAdd("no evidence of diabetes")
    monitoring = _monitoring_unknown(facts)
    if monitoring is None:
        return NothingToAdd("glucose monitoring is ordered")
    return _advice(order, facts, knowledge, course, diabetes, monitoring)


def _by_dose(course: SteroidCourse, knowledge: Knowledge) -> str:
    """Why the order is too little to matter; empty when it is not."""
    if course.doses_at(knowledge.value("high_dose")) >= knowledge.value("high_dose_doses"):
        return ""
    if course.is_single_dose:
        return "a single dose"
    if course.days_at(knowledge.value("lasting_dose")) >= knowledge.value("lasting_days"):
        return ""
    return f"{number(course.peak_mg)} mg prednisone-equivalent a day is below the limits of dose and length"


def _monitoring_unknown(facts: Facts) -> str | None:
    """None: glucose monitoring is ordered. Else what is known about it, in words for the facts."""
    if facts.basket_services(MONITORING) or is_ordered_lately(facts, "glucose"):
        return None
    try:
        found = facts.service_orders(MONITORING)
    except NotKnown as unknown:
        return f"Glucose monitoring orders: could not be checked ({unknown.why})"
    return (
        None if any(order.status == "active" for order in found) else "Glucose monitoring orders: searched, none found"
    )


# -- the card ---------------------------------------------------------------------------------------------------------


def _advice(
    order: OrderedDrug,
    facts: Facts,
    knowledge: Knowledge,
    course: SteroidCourse,
    diabetes: Diabetes,
    monitoring: str,
) -> Advice:
    hba1c = newest_hba1c(facts)
    firm, stale, unread = _reasons(facts, knowledge, course, hba1c)
    is_warning = bool(firm or stale)
    doubts = ["dose parsed from free text"] if course.dose.status == "parsed-text" else []
    if stale and not firm:
        doubts.append(f"the HbA1c is older than {recent_days()} days")
    row = Indicator.WARNING if is_warning else Indicator.INFO
    level, before = lower_once(row, tuple(doubts))
    because = f"a warning because of {joined([*firm, *stale])}" if is_warning else "no reason for a warning found"
    lowered = f"; one level lower: {joined(doubts)}" if is_warning and doubts else ""
    return Advice(
        summary=_summary(course, diabetes, hba1c),
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=dose_order_line(order, course.dose),
            facts=(f"{course.conversion}{_open_end(course)}", diabetes.line, hba1c.line, *unread, monitoring),
            rule=f"{_rule(knowledge)} Here {because}{lowered}. Expect the peak in the afternoon and evening; "
            "a fasting value can miss it.",
            basis=knowledge.basis("jbds"),
            limits=LIMITS,
        ),
        evidence="jbds",
        row=str(row),
        suggestions=tuple(_offers(facts, knowledge, hba1c)),
    )


def _summary(course: SteroidCourse, diabetes: Diabetes, hba1c: Hba1c) -> str:
    """With both units of the HbA1c where there is room for them."""
    steroid = f"{course.ingredient.capitalize()} (~{number(course.peak_mg)} mg prednisone-eq/day)"
    said = f"{steroid} {diabetes.in_short}: plan glucose monitoring"
    whole = f"{said} ({hba1c.in_short})"
    return whole if len(whole) <= SUMMARY_LIMIT else f"{said} ({hba1c.in_percent})"


def _reasons(
    facts: Facts, knowledge: Knowledge, course: SteroidCourse, hba1c: Hba1c
) -> tuple[list[str], list[str], list[str]]:
    """What makes it a warning: for certain, and by a stale HbA1c; and what could not be checked."""
    firm: list[str] = []
    stale: list[str] = []
    unread: list[str] = []
    try:
        firm += lowering_drugs(facts)
    except NotKnown as unknown:
        unread.append(f"Insulin and sulfonylureas: could not be checked ({unknown.why})")
    if course.peak_mg >= knowledge.value("warning_dose"):
        firm.append(f"{knowledge.value('warning_dose'):g} mg/day or more")
    limit = knowledge.value("warning_hba1c")
    try:
        if hba1c.result is not None and reaches(hba1c.result, limit):
            (firm if hba1c.is_recent else stale).append(f"HbA1c of {limit:g} % or more")
    except NotKnown as unknown:
        unread.append(f"HbA1c against {limit:g} %: {unknown.why}")
    return firm, stale, unread


def _open_end(course: SteroidCourse) -> str:
    return ", no end stated" if course.days_at(0) == inf else ""


def _rule(knowledge: Knowledge) -> str:
    high, lasting, days = (knowledge.value(name) for name in ("high_dose", "lasting_dose", "lasting_days"))
    return f"Speaks from {high:g} mg/day for more than one dose, or {lasting:g} mg/day for {days:g} days, in diabetes."


def _offers(facts: Facts, knowledge: Knowledge, hba1c: Hba1c) -> Iterator[OrderService]:
    times = int(knowledge.value("tests_a_day"))
    yield order_test("glucose-capillary", f"Order capillary glucose {times} times a day", times_a_day=times)
    if not (hba1c.is_recent or hba1c.why or is_hba1c_awaited(facts)):
        yield order_test("hba1c", "Order HbA1c")
