"""Is a positive hepatitis B marker covered before rituximab or another anti-CD20 antibody?

WHEN  an anti-CD20 antibody is ordered, any dose
AND   HBsAg, anti-HBc or HBV DNA is positive
THEN  warn, critically without an antiviral, and offer HBV DNA, hepatology and an antiviral without dose; say once to
      go on with the antiviral where there is one, or to complete a draft of it; call a positive that immunoglobulin may
      explain "possibly passive" (book 5.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cards.facts import Facts
from cards.hepatology.cover import REFERRAL, Cover, antiviral_cover, plan_line, plans
from cards.hepatology.hepatitis_b import HepatitisB, hepatitis_b, infused_before
from cards.hepatology.markers import HBV_DNA, TestState, windows
from cards.knowledge import Knowledge
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, ProposeDrug, Suggestion, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.infusion.anti_cd20_course import course_line
from cards.suggested_orders import AT_MOST, order_by_concept, order_test
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
    cover = antiviral_cover(order, facts)
    row = _row(order.drug.name.capitalize(), facts, status, cover, knowledge)
    doubts = () if row.level is Indicator.INFO else status.doubts
    level, before = lower_once(row.level, doubts)
    lowered = f" One level lower: {'; '.join(doubts)}." if doubts else ""
    further = "".join(f" Further option: {offer.label}." for offer in row.suggestions[AT_MOST:])
    return Advice(
        summary=row.summary,
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=course_line(order, facts),
            facts=_facts_used(facts, status, cover),
            rule=f"{row.rule}{lowered}{further}",
            basis=knowledge.basis(*row.basis),
            limits=LIMITS,
        ),
        evidence=row.basis[0],
        row=row.name,
        suggestions=row.suggestions[:AT_MOST],
    )


def _row(drug: str, facts: Facts, status: HepatitisB, cover: Cover, knowledge: Knowledge) -> Row:
    marker, months = _marker(status), f"{knowledge.value('continue_after'):g}"
    offers = (*_further_tests(facts, status), *_hepatology(facts))
    if cover.is_unfinished:
        return Row(
            "antiviral without a dose",
            Indicator.INFO,
            f"{drug} with {marker} positive: antiviral drafted without a dose; complete drug and dose before signing",
            "An antiviral drafted without a dose counts while choosing, not on signing.",
            offers,
        )
    if cover.is_strong:
        return Row(
            "covered",
            Indicator.INFO,
            f"{drug} with {marker} positive: consider continuing the antiviral for at least {months} months after the "
            "last dose",
            f"Positive marker with {cover.name} active: antiviral for at least {months} months after the last dose.",
        )
    if cover.is_weak:
        return Row(
            "low resistance barrier",
            Indicator.WARNING,
            f"{drug} with {marker} positive, only {cover.name} active: low resistance barrier; consider hepatology",
            "Lamivudine, adefovir and telbivudine have a low barrier to resistance.",
            offers,
        )
    lacking = "an antiviral drafted without a dose" if cover.undosed else "no antiviral order"
    summary = f"{drug} with {marker} positive ({on(_positive_on(status))}) and {lacking}: reactivation risk"
    antiviral = () if cover.undosed else (_antiviral(),)
    if status.hbsag.state is TestState.POSITIVE or status.dna.is_detected:
        return Row(
            "HBsAg or HBV DNA positive, no antiviral",
            Indicator.CRITICAL,
            summary,
            f"HBsAg or HBV DNA positive with {lacking}.",
            (*offers, *antiviral),
        )
    why_not_passive = _why_not_passive(status)
    if not why_not_passive:
        return _possibly_passive(drug, status, offers, knowledge)
    rule = f"Anti-HBc positive with {lacking}. Not called passive: {why_not_passive}."
    if plans(facts):
        return Row(
            "anti-HBc positive, plan active",
            Indicator.WARNING,
            summary,
            f"{rule} A hepatology referral or HBV DNA monitoring of the last {_days('plan_recent')} days is active.",
            (*offers, *antiviral),
        )
    return Row("anti-HBc positive, no antiviral", Indicator.CRITICAL, summary, rule, (*offers, *antiviral))


def _possibly_passive(drug: str, status: HepatitisB, offers: tuple[Suggestion, ...], knowledge: Knowledge) -> Row:
    is_measured = status.dna.state is TestState.NEGATIVE
    return Row(
        "possibly passive",
        Indicator.WARNING,
        f"{drug} with anti-HBc positive after IVIG, possibly passive: consider "
        f"{'a later retest' if is_measured else 'HBV DNA and a later retest'}",
        f"Anti-HBc positive only within {_days('passive_window')} days after immunoglobulin, HBsAg negative: "
        f"{'' if is_measured else 'HBV DNA now, '}anti-HBc again {knowledge.value('retest_after'):g} months or more "
        "after immunoglobulin.",
        offers,
        ("passive", "label", "asco"),
    )


def _why_not_passive(status: HepatitisB) -> str:
    """Why immunoglobulin is not taken to explain the positive anti-HBc; empty where it may."""
    core, infusions = status.anti_hbc, status.infusions
    if infusions is None:
        return "the immunoglobulin history could not be checked"
    if not infusions:
        return "no infusion of immunoglobulin is on record"
    if core.coded:
        return f"hepatitis B is coded ({core.coded[0].label})"
    outside = [on(m.on) for m in core.positives if not infused_before(m.on, infusions)]
    if outside:
        return (
            f"no immunoglobulin in the {_days('passive_window')} days before the positive sample of {joined(outside)}"
        )
    if status.hbsag.state is not TestState.NEGATIVE:
        return f"HBsAg is not known to be negative in the last {_days('fresh')} days"
    return ""


def _facts_used(facts: Facts, status: HepatitisB, cover: Cover) -> tuple[str, ...]:
    tests = tuple(test.line for test in (status.hbsag, status.anti_hbc, status.anti_hbs))
    return (*tests, status.dna.line, cover.line, plan_line(facts), _infusions(status.infusions))


def _infusions(infusions: tuple[date, ...] | None) -> str:
    if infusions is None:
        return "immunoglobulin: could not be checked"
    return f"immunoglobulin: last on {on(infusions[0])}" if infusions else "immunoglobulin: searched, none found"


def _marker(status: HepatitisB) -> str:
    tests = [t.marker.name for t in (status.hbsag, status.anti_hbc) if t.state is TestState.POSITIVE]
    return joined(tests or ["HBV DNA"])


def _positive_on(status: HepatitisB) -> date | None:
    positive = [test for test in (status.hbsag, status.anti_hbc) if test.state is TestState.POSITIVE]
    if not positive:
        return status.dna.newest.on if status.dna.newest else None
    return max((test.positive_on for test in positive if test.positive_on is not None), default=None)


def _days(window: str) -> str:
    return f"{windows().value(window):g}"


def _further_tests(facts: Facts, status: HepatitisB) -> Iterator[Suggestion]:
    is_known = status.dna.state in (TestState.POSITIVE, TestState.NEGATIVE, TestState.PENDING)
    if not is_known and not _is_planned(facts, *HBV_DNA):
        yield order_test("hbv-dna", "Order HBV DNA quantification")
    if status.hbsag.state is TestState.ABSENT:
        yield order_test("hbsag", "Order HBsAg")


def _hepatology(facts: Facts) -> Iterator[Suggestion]:
    if not _is_planned(facts, REFERRAL):
        yield order_by_concept(
            REFERRAL,
            "Refer to hepatology (coded as gastroenterology)",  # no code of hepatology is confirmed
            "Referral to hepatology: hepatitis B before anti-CD20 therapy",
        )


def _is_planned(facts: Facts, *concepts: str) -> bool:
    return any(not order.concepts.isdisjoint(concepts) for order in plans(facts))


def _antiviral() -> Suggestion:
    text = "Entecavir or tenofovir (dose to be completed by the clinician, needs renal adjustment)"
    return ProposeDrug("Draft an antiviral without dose (entecavir or tenofovir)", text)
