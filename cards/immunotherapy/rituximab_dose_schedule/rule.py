"""Are dose and interval of intravenous rituximab ones that are used?

WHEN  rituximab is ordered intravenously
AND   a single dose is above or below every accepted form, doses follow one another too closely or too often, or a dose
      per m2 is ordered without a usable weight and height
THEN  say so, critically where the dose is above 2000 mg and 750 mg/m2, and offer the usual doses (book 5.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cards.errors import NotKnown
from cards.facts import Facts
from cards.hits import Hit, hits
from cards.knowledge import Knowledge
from cards.oncology.indication import HAEMATOLOGICAL, is_ordered_for
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, Suggestion, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.body_size import weight_for_dosing
from cards.pharmacology.infusion.infusion_plan import infusion_plan
from cards.pharmacology.infusion.rituximab_dose import (
    Form,
    SingleDose,
    is_above_fixed,
    is_far_too_high,
    is_too_high,
)
from cards.pharmacology.infusion.rituximab_offer import other_doses, other_schedule
from cards.pharmacology.infusion.rituximab_question import RituximabQuestion, rituximab_question
from cards.pharmacology.order_wording import order_line
from cards.suggested_orders import order_test
from cards.wording import joined, number, shortened

SUBCUTANEOUS = "rituximab_hyaluronidase"
WEIGHT = "body_weight"
LIMITS = "Limits: judges dose and interval of this order alone; earlier doses and the indication are not weighed."
FAR_ABOVE, ABOVE, NO_FORM, WEIGHT_NEEDED = "far above", "above", "no accepted form", "weight needed"
TOO_CLOSE, FIXED_CLOSE, MANY_WEEKLY = "interval too short", "fixed doses close together", "many weekly doses"


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Every single dose and its interval against the table of 5.5; the loudest row speaks, the others are named."""
    plan = infusion_plan(order, facts.as_of)
    if order.drug.is_a(SUBCUTANEOUS) or not (plan.doses or plan.unread):
        return NothingToAdd("not for intravenous use", "subcutaneous")
    asked = rituximab_question(order, facts, knowledge, plan)
    sizes = [partial(_size, dose, asked) for dose in dict.fromkeys(asked.doses)]
    found = hits([*sizes, *(partial(row, asked) for row in (_too_close, _fixed_doses, _weekly))])
    if found.found:
        return _advice(asked, sorted(found.found, key=lambda hit: -hit.level))
    unknown = (NotKnown("order", plan.unread),) if plan.unread else found.unknown
    if unknown:
        return CannotTell(unknown[0].why, (unknown[0].what,), book_is_silent=True)
    return NothingToAdd("dose and interval are accepted ones", "accepted")


# -- rows; each raises NotKnown where the problem list or the body surface decides and cannot be had -------------------


def _size(dose: SingleDose, asked: RituximabQuestion) -> Iterator[Hit]:
    knowledge, value = asked.knowledge, asked.value
    if is_far_too_high(dose, knowledge):
        by_surface = f"above {value('critical_above_by_surface')} mg/m2, or of unknown mg/m2,"
        rule = f"A single dose above {value('critical_above')} mg that is {by_surface} is far from every accepted form."
        yield Hit(FAR_ABOVE, Indicator.CRITICAL, f" {dose}", rule)
    elif is_too_high(dose, asked.is_cll, knowledge):
        rule = f"A single dose more than {value('tolerance')} % above {value('fixed')} mg, and {_not_per_m2(dose)}."
        yield Hit(ABOVE, Indicator.WARNING, f" {dose}", rule)
    elif dose.mg is None:
        if asked.facts.basket_services(WEIGHT) and not _has_weight(asked.facts):
            raise NotKnown("body_size", "the weight is ordered")
        yield Hit(WEIGHT_NEEDED, Indicator.INFO, f" {dose}", "A dose per m2 needs a fresh weight and a height.")
    elif not is_above_fixed(dose, knowledge) and asked.form(dose) is None:
        if asked.surface is None:
            raise NotKnown("body_size", asked.why_no_surface)
        if not asked.plan.unread:  # what is not understood may add to the dose
            yield Hit(NO_FORM, Indicator.INFO, f" {dose}", "The single dose is in no accepted form.")


def _not_per_m2(dose: SingleDose) -> str:
    return "not comparable with one per m2" if dose.mg_per_m2 is None else "above those per m2"


def _too_close(asked: RituximabQuestion) -> Iterator[Hit]:
    if _is_too_close(asked):
        rule = f"Doses less than {asked.value('shortest_interval')} days apart are in no accepted form."
        yield Hit(TOO_CLOSE, Indicator.WARNING, f" {asked.doses[0]} {_every(asked)}", rule)


def _fixed_doses(asked: RituximabQuestion) -> Iterator[Hit]:
    """1000 mg closer than two weeks, where it is not what the body surface makes of a weekly dose."""
    is_close = asked.is_close and not _is_too_close(asked)
    if is_close and any(asked.form(dose) is Form.FIXED for dose in asked.doses):
        rule = f"Doses of {asked.value('fixed')} mg are given {asked.value('fixed_interval')} days apart."
        yield Hit(FIXED_CLOSE, Indicator.INFO, f" {asked.doses[0]} {_every(asked)}", rule)


def _weekly(asked: RituximabQuestion) -> Iterator[Hit]:
    times = asked.plan.times_closer_than(asked.knowledge.value("fixed_interval"))
    is_close = asked.is_close and not _is_too_close(asked)
    is_many = is_close and times > asked.knowledge.value("weekly_doses")
    if is_many and not is_ordered_for(asked.order, asked.facts, *HAEMATOLOGICAL):
        rule = f"More than {asked.value('weekly_doses')} weekly doses, and no oncology reason (C81-C96) is recorded."
        yield Hit(MANY_WEEKLY, Indicator.WARNING, f" {asked.doses[0]} weekly x{times}", rule)


def _is_too_close(asked: RituximabQuestion) -> bool:
    interval = asked.plan.shortest_interval_days
    return interval is not None and interval < asked.knowledge.value("shortest_interval")


def _every(asked: RituximabQuestion) -> str:
    interval = asked.plan.shortest_interval_days or 0
    return f"every {number(interval)} day{'' if interval == 1 else 's'}"


# -- words ------------------------------------------------------------------------------------------------------------


def _advice(asked: RituximabQuestion, found: list[Hit]) -> Advice:
    worst, knowledge = found[0], asked.knowledge
    from_text = ("the dose was read from free text",) if any(d.from_text for d in asked.plan.doses) else ()
    level, before = lower_once(worst.level, from_text)
    lowered = f" One level lower: {joined(from_text)}." if from_text else ""
    return Advice(
        summary=shortened(f"{asked.order.drug.name.capitalize()}{worst.what}: {_usual(worst, asked)}"),
        indicator=level,
        explanation=Explanation(
            order=order_line(asked.order),
            facts=tuple(_facts(asked)),
            rule=f"{' '.join(dict.fromkeys(hit.rule for hit in found))} {_forms(asked)}{lowered}",
            basis=knowledge.basis("label", "book"),
            limits=LIMITS,
        ),
        evidence="label",
        row=worst.row,
        suggestions=tuple(_offers(worst, asked)),
        before_downgrade=before,
        unchecked=worst.row == WEIGHT_NEEDED and asked.is_surface_unchecked,
    )


def _usual(worst: Hit, asked: RituximabQuestion) -> str:
    if worst.row == WEIGHT_NEEDED:
        why = "could not be checked" if asked.is_surface_unchecked else f"not known ({asked.why_no_surface})"
        return f"body surface {why}; consider weight and height before the dose"
    weekly = f"usual {asked.value('by_surface')} mg/m2 weekly x{asked.value('weekly_doses')}{_mg(asked, 'by_surface')}"
    if asked.is_known_cll:
        return f"{weekly}, in CLL {asked.value('by_surface_in_cll')} mg/m2{_mg(asked, 'by_surface_in_cll')}"
    return f"{weekly} or {asked.value('fixed')} mg day 1 and {number(asked.knowledge.value('fixed_interval') + 1)}"


def _mg(asked: RituximabQuestion, name: str) -> str:
    return "" if asked.surface is None else f" ({number(asked.knowledge.value(name) * asked.surface.m2, 0)} mg)"


def _facts(asked: RituximabQuestion) -> Iterator[str]:
    if asked.surface is None:
        state = "could not be checked" if asked.is_surface_unchecked else "not known"
        yield f"Body surface: {state} ({asked.why_no_surface})"
        return
    yield asked.surface.line
    for dose in dict.fromkeys(asked.doses):
        yield f"Single dose: {number(dose.mg or 0)} mg = {number(dose.mg_per_m2 or 0)} mg/m2"


def _forms(asked: RituximabQuestion) -> str:
    value = asked.value
    return (
        f"Accepted, within {value('tolerance')} %: {value('by_surface')} mg/m2 weekly x{value('weekly_doses')} "
        f"(x{value('weekly_doses_in_lymphoma')} in lymphoma); {value('fixed')} mg twice, "
        f"{value('fixed_interval')} days apart; {value('by_surface_in_cll')} mg/m2 in CLL; "
        f"{value('maintenance')} mg as maintenance."
    )


def _offers(worst: Hit, asked: RituximabQuestion) -> Iterator[Suggestion]:
    if worst.row == WEIGHT_NEEDED:
        if not _has_weight(asked.facts):
            yield order_test("body-weight", "Order a body weight")
    elif worst.row in (FAR_ABOVE, ABOVE, NO_FORM):
        yield from other_doses(asked)
    else:
        yield from other_schedule(asked)


def _has_weight(facts: Facts) -> bool:
    try:
        return weight_for_dosing(facts) is not None
    except NotKnown:
        return False
