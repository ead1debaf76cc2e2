"""Is a positive hepatitis B marker covered before rituximab or another anti-CD20 antibody?

WHEN  an anti-CD20 antibody is ordered, any dose
AND   HBsAg, anti-HBc or HBV DNA is positive
THEN  warn, critically without an antiviral, and offer HBV DNA, hepatology and an antiviral without dose; say once to
      go on with the antiviral where there is one; call a positive that immunoglobulin may explain "possibly passive"
      (book 5.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.facts import Facts
from cards.hepatology.cover import Cover, antiviral_cover, has_plan
from cards.hepatology.hepatitis_b import HepatitisB, TestState, hepatitis_b, infused_before, windows
from cards.knowledge import Knowledge
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, ProposeDrug, Suggestion
from cards.orders import OrderedDrug
from cards.pharmacology.anti_cd20_course import course_line
from cards.suggested_orders import order_by_concept, order_test
from cards.wording import joined, on

LIMITS = "Limits: sees only results and orders in this record; antivirals and plans kept elsewhere are not seen."


@dataclass(frozen=True, slots=True)
class Row:
    """The row that matched: level, words, and what is offered."""

    name: str
    level: Indicator
    summary: str
    rule: str
    suggestions: tuple[Suggestion, ...] = ()
    basis: tuple[str, ...] = ("label", "asco", "aga")


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The positive markers against the table of 5.2, first match."""
    status = hepatitis_b(facts)
    if not status.is_positive:
        if status.reversed_positive:
            return NothingToAdd("a positive anti-HBc of infusion time was followed by a negative", "passive, reversed")
        return NothingToAdd("no marker is positive", "negative")
    cover = antiviral_cover(facts)
    row = _row(order.drug.name.capitalize(), facts, status, cover, knowledge)
    return Advice(
        summary=row.summary,
        indicator=row.level,
        explanation=Explanation(
            order=course_line(order, facts),
            facts=_facts_used(status, cover),
            rule=row.rule,
            basis=knowledge.basis(*row.basis),
            limits=LIMITS,
        ),
        evidence=row.basis[0],
        row=row.name,
        suggestions=row.suggestions,
    )


def _row(drug: str, facts: Facts, status: HepatitisB, cover: Cover, knowledge: Knowledge) -> Row:
    marker, months = _marker(status), f"{knowledge.value('continue_after'):g}"
    if cover.is_strong:
        return Row(
            "covered",
            Indicator.INFO,
            f"{drug} with {marker} positive: consider continuing {cover.name} >= {months} months after the last dose",
            f"Positive marker with {cover.name} active: antiviral for at least {months} months after the last dose.",
        )
    if cover.is_weak:
        return Row(
            "low resistance barrier",
            Indicator.WARNING,
            f"{drug} with {marker} positive, only {cover.name} active: low resistance barrier; consider hepatology",
            "Lamivudine, adefovir and telbivudine have a low barrier to resistance.",
            (*_further_tests(status), _hepatology()),
        )
    summary = f"{drug} with {marker} positive ({on(_positive_on(status))}) and no antiviral order: reactivation risk"
    offers = (*_further_tests(status), _hepatology(), _antiviral())
    if status.hbsag.state is TestState.POSITIVE or status.dna_detected is not None:
        return Row(
            "HBsAg or HBV DNA positive, no antiviral",
            Indicator.CRITICAL,
            summary,
            "HBsAg or HBV DNA positive without an antiviral order.",
            offers,
        )
    if _is_possibly_passive(status):
        return Row(
            "possibly passive",
            Indicator.WARNING,
            f"{drug} with anti-HBc positive after IVIG, possibly passive: consider HBV DNA and a later retest",
            f"Anti-HBc positive only within {_days('passive_window')} days after immunoglobulin, HBsAg negative: HBV "
            f"DNA now, anti-HBc again {knowledge.value('retest_after'):g} months or more after immunoglobulin.",
            (*_further_tests(status), _hepatology()),
            ("passive", "label", "asco"),
        )
    if has_plan(facts):
        return Row(
            "anti-HBc positive, plan active",
            Indicator.WARNING,
            summary,
            f"Anti-HBc positive without an antiviral order; a hepatology referral or HBV DNA monitoring of the last "
            f"{_days('plan_recent')} days is active.",
            offers,
        )
    return Row(
        "anti-HBc positive, no antiviral",
        Indicator.CRITICAL,
        summary,
        "Anti-HBc positive without an antiviral order; not explained by immunoglobulin.",
        offers,
    )


def _is_possibly_passive(status: HepatitisB) -> bool:
    """Positives of infusion time only, HBsAg negative and fresh: immunoglobulin may explain the anti-HBc."""
    if status.infusions is None or status.hbsag.state is not TestState.NEGATIVE or status.anti_hbc.coded:
        return False
    return all(infused_before(m.on, status.infusions) for m in status.anti_hbc.positives)


def _facts_used(status: HepatitisB, cover: Cover) -> tuple[str, ...]:
    tests = tuple(test.line for test in (status.hbsag, status.anti_hbc, status.anti_hbs))
    dna = status.dna_detected
    return (
        *tests,
        f"HBV DNA: detected on {on(dna.on)}"
        if dna
        else f"HBV DNA: none detected in the last {_days('dna_recent')} days",
        f"antiviral: {cover.name if cover.orders else 'searched, none active'}",
        _infusions(status.infusions),
    )


def _infusions(infusions: tuple[date, ...] | None) -> str:
    if infusions is None:
        return "immunoglobulin: could not be checked"
    return f"immunoglobulin: last on {on(infusions[0])}" if infusions else "immunoglobulin: searched, none found"


def _marker(status: HepatitisB) -> str:
    tests = [t.marker.name for t in (status.hbsag, status.anti_hbc) if t.state is TestState.POSITIVE]
    return joined(tests or ["HBV DNA"])


def _positive_on(status: HepatitisB) -> date | None:
    days = [t.positive_on for t in (status.hbsag, status.anti_hbc) if t.state is TestState.POSITIVE]
    return max(
        (day for day in days if day is not None), default=status.dna_detected.on if status.dna_detected else None
    )


def _days(window: str) -> str:
    return f"{windows().value(window):g}"


def _further_tests(status: HepatitisB) -> tuple[Suggestion, ...]:
    tests = [order_test("hbv-dna", "Order HBV DNA quantification")] if status.dna_detected is None else []
    if status.hbsag.state is TestState.ABSENT:
        tests.append(order_test("hbsag", "Order HBsAg"))
    return tuple(tests)


def _hepatology() -> Suggestion:
    return order_by_concept(
        "gastroenterology_hepatology",
        "Refer to hepatology",
        "Referral to hepatology: hepatitis B before anti-CD20 therapy",
    )


def _antiviral() -> Suggestion:
    text = "Entecavir or tenofovir: dose to be completed by the clinician (needs renal adjustment)"
    return ProposeDrug("Draft an antiviral without dose (entecavir or tenofovir)", text)
