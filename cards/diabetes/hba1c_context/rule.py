"""Is the HbA1c known and where it should be, when a neuropathic-pain drug or IVIG is begun in diabetes?

WHEN  a gabapentinoid, SNRI, tricyclic or IVIG is newly ordered in diabetes, and HbA1c can be relied upon
AND   the newest HbA1c is missing, old, far above goal, or low on insulin or a sulfonylurea
THEN  say so while choosing, and offer the test where it is missing or old (book 3.6).
"""

from __future__ import annotations

from typing import NamedTuple

from cards.endocrinology.glycaemia import hba1c_words, is_hba1c_awaited, lowering_drugs, newest_hba1c, reaches
from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.knowledge import Knowledge
from cards.neurology.treatment import OTHER_USES_OF_PAIN_DRUGS
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion
from cards.orders import OrderedDrug
from cards.pharmacology.exposure import exposures
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.renal.dialysis import dialysis
from cards.pharmacology.therapy_history import therapy_history, thresholds
from cards.suggested_orders import order_test
from cards.wording import listed, on

OTHER_USES = (*OTHER_USES_OF_PAIN_DRUGS, "ig_other")
UNRELIABLE = ("hba1c_confounder", "end_stage_renal_disease", "pregnancy")
LIMITS = "Limits: sees only results in this record; not home or sensor readings."


class Row(NamedTuple):
    """The row that matched: its name, its words, whether a test is offered."""

    name: str
    words: str
    rule: str
    offers_test: bool = False


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The newest HbA1c against the table of 3.6; then what keeps the card silent."""
    if order.reasons and all(reason.is_a(*OTHER_USES) for reason in order.reasons):
        return NothingToAdd("ordered for another indication")
    diabetes = facts.current("diabetes")
    if not diabetes:
        return NothingToAdd("no diabetes on the problem list")
    hba1c = newest_hba1c(facts)
    if hba1c.why:
        return CannotTell(f"HbA1c: {hba1c.why}", ("glycaemia",), book_is_silent=True)
    try:
        row = _row(facts, knowledge, hba1c.result)
    except NotKnown as unknown:
        return CannotTell(f"HbA1c: {unknown.why}", (unknown.what,), book_is_silent=True)
    if row is None:
        return NothingToAdd("HbA1c is fresh and neither high nor low", "otherwise")
    silent = _silent(order, facts, knowledge)
    if silent:
        return NothingToAdd(silent)
    return Advice(
        summary=f"Last HbA1c{_value(hba1c.result)}: {row.words}",
        indicator=Indicator.INFO,
        explanation=Explanation(
            order=order_line(order),
            facts=(f"Diabetes: {diabetes[0].label} ({on(diabetes[0].on)})", hba1c.line, _orders(facts)),
            rule=f"{row.rule} Good control slows neuropathy and does not reverse damage; the goal is individual.",
            basis=knowledge.basis("ada", "book", "ngsp"),
            limits=LIMITS,
        ),
        evidence="ada",
        row=row.name,
        suggestions=(order_test("hba1c", "Order HbA1c"),) if row.offers_test else (),
    )


# -- rows -------------------------------------------------------------------------------------------------------------


def _row(facts: Facts, knowledge: Knowledge, result: Measurement | None) -> Row | None:
    """What the value and its age say; None: nothing. Raises NotKnown where a bound or unknown drugs leave it open."""
    if result is None or result.on is None:
        return Row("not on file", "not on file", "No HbA1c in the last two years of the record.", offers_test=True)
    days = facts.days_since(result.on)
    goal, fresh = knowledge.value("above_goal"), knowledge.value("fresh_at_goal")
    if days > fresh:
        return _old("old", fresh, "An HbA1c")
    fresh = knowledge.value("fresh_above_goal")
    if days > fresh and reaches(result, goal):
        return _old("old above goal", fresh, f"An HbA1c of {goal:g} % or more")
    far = knowledge.value("far_above_goal")
    if reaches(result, far):
        return Row("high", "above goal", f"From {far:g} % consider control as the first driver, lowering it gradually.")
    low = knowledge.value("low")
    drugs = () if reaches(result, low) else lowering_drugs(facts)
    if drugs:
        return Row(
            "low", f"low on {listed(drugs)}, risk of hypoglycaemia", f"Below {low:g} % on insulin or a sulfonylurea."
        )
    return None


def _old(name: str, days: float, what: str) -> Row:
    return Row(name, f"older than {days:g} days", f"{what} counts as fresh for {days:g} days.", offers_test=True)


def _orders(facts: Facts) -> str:
    is_known = facts.is_complete("service_requests")
    return "HbA1c orders: searched, none under way" if is_known else "HbA1c orders: could not be checked"


def _value(result: Measurement | None) -> str:
    return "" if result is None else f" {hba1c_words(result)} on {on(result.on)}"


# -- silence ----------------------------------------------------------------------------------------------------------


def _silent(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> str:
    """Why the card stays silent; empty when it does not. Raises NotKnown where that cannot be told."""
    if is_hba1c_awaited(facts):
        return "an HbA1c is under way"
    if not _is_new(order, facts, knowledge):
        return "the drug is not new"
    unreliable = facts.current(*UNRELIABLE)
    if unreliable:
        return f"HbA1c is unreliable: {unreliable[0].label}"
    kind = dialysis(facts)
    if kind is not None:
        return f"HbA1c is unreliable: dialysis, {kind.evidence}"
    if _was_done(facts, "red_cell_transfusion", knowledge.value("transfusion_within")):
        return "HbA1c is unreliable: transfusion"
    if _was_done(facts, "continuous_glucose_report", knowledge.value("continuous_glucose_within")):
        return "continuous glucose monitoring is on file"
    return ""


def _is_new(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> bool:
    """Neither ordered nor, for immunoglobulin, given lately (book 1.6, new start)."""
    if not therapy_history(facts, order, *knowledge.triggers, name=order.drug.name).is_new_start:
        return False
    if not order.drug.is_a("ivig"):
        return True
    days = int(thresholds().value("new_start_after"))
    return not any(facts.is_within(exposure.on, days) for exposure in exposures(facts, "ivig"))


def _was_done(facts: Facts, concept: str, days: float) -> bool:
    return any(
        procedure.is_done and procedure.done_on is not None and facts.is_within(procedure.done_on, int(days))
        for procedure in facts.procedures(concept)
    )
