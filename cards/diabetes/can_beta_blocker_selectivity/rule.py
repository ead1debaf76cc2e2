"""Is a non-selective beta-blocker ordered for the resting tachycardia of autonomic neuropathy?

WHEN  propranolol, nadolol, pindolol or oral timolol is ordered
AND   tachycardia is its only reason, and an autonomic neuropathy is current
THEN  say that a cardioselective one is preferred; info, off by default (book 3.11).
"""

from __future__ import annotations

from cards.facts import Diagnosis, Facts
from cards.hits import by_code
from cards.knowledge import Knowledge
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion
from cards.orders import OrderedDrug, Route
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.removal import offer_removal
from cards.wording import on

AUTONOMIC, IN_DIABETES = "np_auton", "np_auton_with_diabetes"  # the second: orthostatic hypotension (book 1.7)
LIMITS = "Limits: heart rate, asthma and heart failure are not looked at; interactions are not checked."


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision of 3.11."""
    if order.drug.is_a("timolol") and order.last.route is not Route.ORAL:
        return NothingToAdd("timolol other than by mouth")
    if not _is_for_tachycardia(order):
        return NothingToAdd("tachycardia is not the stated reason, or not the only one")
    found = by_code(_autonomic(order.reasons, facts) or _autonomic(facts.current(AUTONOMIC, IN_DIABETES), facts))
    if not found:
        return NothingToAdd("no autonomic neuropathy")
    return _advice(order, found[0], facts, knowledge)


def _is_for_tachycardia(order: OrderedDrug) -> bool:
    """Beside the tachycardia only its own cause may be stated; varices, tremor or migraine want this very drug."""
    reasons = order.reasons
    return any(reason.is_a("tachycardia_reason") for reason in reasons) and all(
        reason.is_a("tachycardia_reason", AUTONOMIC, IN_DIABETES, "diabetes") for reason in reasons
    )


def _autonomic(diagnoses: tuple[Diagnosis, ...], facts: Facts) -> tuple[Diagnosis, ...]:
    """Those that are an autonomic neuropathy, by themselves or beside diabetes."""
    return tuple(d for d in diagnoses if d.is_a(AUTONOMIC) or (d.is_a(IN_DIABETES) and facts.has("diabetes")))


def _advice(order: OrderedDrug, d: Diagnosis, facts: Facts, knowledge: Knowledge) -> Advice:
    is_diabetic = d.is_a("diabetic_autonomic_neuropathy") or facts.has("diabetes")
    kind = "diabetic autonomic neuropathy" if is_diabetic else "autonomic neuropathy"
    return Advice(
        summary=f"Cardioselective beta-blocker preferred for resting tachycardia in {kind}",
        indicator=Indicator.INFO,
        explanation=Explanation(
            order=order_line(order),
            facts=(f"{d.label} current ({on(d.on)})",),
            rule=f"{order.drug.name.capitalize()} is not selective, and tachycardia is its only stated reason.",
            basis=knowledge.basis("summary"),
            limits=LIMITS,
        ),
        evidence="summary",
        row="tachycardia",
        suggestions=offer_removal(order),
    )
