"""Is the hepatitis B screen done before the first dose of rituximab or another anti-CD20 antibody?

WHEN  an anti-CD20 antibody is ordered as the first dose of a course
AND   HBsAg or anti-HBc is missing, indeterminate, old, pending or could not be checked, and no marker is positive
THEN  say which test, as loud as the gap (critical on signing when one was never done), and offer the tests (book 5.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from cards.facts import Facts
from cards.hepatology.hepatitis_b import HepatitisB, Test, hepatitis_b
from cards.hepatology.markers import TestState, windows
from cards.knowledge import Knowledge
from cards.oncology.indication import has_oncology_reason
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, OrderService
from cards.orders import OrderedDrug
from cards.pharmacology.infusion.anti_cd20_course import EarlierDose, course_line, earlier_dose
from cards.suggested_orders import order_test
from cards.wording import joined, on

NEGATIVE = (TestState.NEGATIVE, TestState.STALE)
NOT_ON_FILE = (TestState.ABSENT, TestState.UNKNOWN)
REPEATED = (TestState.STALE,)
EXPECTED = "Both HBsAg and anti-HBc are expected before the first dose of a course"
LIMITS = "Limits: sees only results in this record; not those of other laboratories or on paper."


@dataclass(frozen=True, slots=True)
class Row:
    """The row that matched: how loud at each hook (None: silent), the words, and what is offered."""

    name: str
    at_select: Indicator | None
    at_sign: Indicator | None
    summary: str
    rule: str
    offered: tuple[TestState, ...] = ()
    lowered_by_oncology: bool = False
    unchecked: bool = False


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The state of both screening tests against the table of 5.1."""
    status = hepatitis_b(facts)
    if status.is_positive:
        return NothingToAdd("a hepatitis B marker is positive: rituximab-hbv-positive-prophylaxis speaks", "positive")
    earlier = earlier_dose(facts)
    row = _first_dose(status) if earlier is None else _later_dose(status, earlier)
    if row is None and earlier is not None:
        unread = _with((status.hbsag, status.anti_hbc), TestState.UNKNOWN)
        if unread:  # the book has no row for it, but silence would read as a screen that was done (H1)
            return CannotTell(f"a later dose; {'; '.join(test.line for test in unread)}", ("hbv_markers",))
        return NothingToAdd("a later dose, and no screening test is known to be missing", "later dose")
    if row is None:
        return NothingToAdd("both screening tests are negative and fresh", "negative")
    level = row.at_sign if order.is_signing else row.at_select
    if level is None:
        return NothingToAdd(f"silent at {order.hook}: {row.summary}", row.name)
    if order.is_signing and row.lowered_by_oncology and has_oncology_reason(order, facts):
        level = Indicator.INFO
    return Advice(
        summary=f"{order.drug.name.capitalize()}{row.summary}",
        indicator=level,
        explanation=Explanation(
            order=course_line(order, facts),
            facts=(
                *(test.line for test in (status.hbsag, status.anti_hbc, status.anti_hbs)),
                *(() if earlier is None else (earlier.line,)),
            ),
            rule=row.rule,
            basis=_basis(order, facts, knowledge),
            limits=LIMITS,
        ),
        evidence="label",
        row=row.name,
        suggestions=_tests(status, row, urgent=order.is_signing),
        speaks_at_signing=True,
        unchecked=row.unchecked,
    )


def _first_dose(status: HepatitisB) -> Row | None:
    tests = (status.hbsag, status.anti_hbc)
    states = {test.state for test in tests}
    if states == {TestState.NEGATIVE}:
        return None
    if TestState.INDETERMINATE in states and TestState.ABSENT not in states:
        unclear = _with(tests, TestState.INDETERMINATE)
        return Row(
            "indeterminate",
            Indicator.WARNING,
            Indicator.WARNING,
            f": {_names(unclear)} indeterminate ({on(unclear[0].newest.on if unclear[0].newest else None)}); "
            "consider repeating it before the first dose",
            "An indeterminate result neither excludes nor shows hepatitis B: repeat the test.",
            offered=(TestState.INDETERMINATE,),
        )
    if states <= set(NEGATIVE):
        return Row(
            "negative but old",
            Indicator.INFO,
            Indicator.WARNING,
            f": hepatitis B screen is old ({_dates(_with(tests, TestState.STALE))}); consider repeating it first",
            f"{_fresh()}.",
            offered=REPEATED,
            lowered_by_oncology=True,
        )
    if states <= {*NEGATIVE, TestState.PENDING}:
        pending, old = _with(tests, TestState.PENDING), _with(tests, TestState.STALE)
        return Row(
            "pending",
            None,
            Indicator.WARNING,
            f": {_names(pending)} pending{f', {_dates(old)} old' if old else ''}; consider holding the first dose "
            "until the result is known",
            f"{EXPECTED}.{f' {_fresh()}.' if old else ''}",
            offered=REPEATED,
            lowered_by_oncology=True,
        )
    if TestState.ABSENT in states:
        return Row(
            "not on file",
            Indicator.WARNING,
            Indicator.CRITICAL,
            f": {_names(_with(tests, TestState.ABSENT))} not on file; screen for hepatitis B before the first dose",
            f"{EXPECTED}; the first dose can wait for the result.",
            offered=NOT_ON_FILE,
        )
    return Row(
        "could not be checked",
        Indicator.INFO,
        Indicator.WARNING,
        f": {_names(_with(tests, TestState.UNKNOWN))} could not be checked; confirm the screen before the first dose",
        f"{EXPECTED}. A test that could not be read is no negative.",
        unchecked=True,
    )


def _later_dose(status: HepatitisB, earlier: EarlierDose) -> Row | None:
    missing = _with((status.hbsag, status.anti_hbc), TestState.ABSENT)
    if not missing:
        return None
    begun = "earlier order on record" if earlier.is_order_only else "treatment already begun"
    return Row(
        "later dose",
        None,
        Indicator.WARNING,
        f": {_names(missing)} not on file, {begun}; consider a hepatitis B screen now",
        "Both HBsAg and anti-HBc are expected before the first dose; in a running course the screen can still be made.",
        offered=NOT_ON_FILE,
    )


def _basis(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> str:
    no_delay = ("asco_no_delay",) if has_oncology_reason(order, facts) else ()
    return knowledge.basis("label", *no_delay, "asco", "aga", "passive")


def _tests(status: HepatitisB, row: Row, *, urgent: bool) -> tuple[OrderService, ...]:
    """The screening tests whose state the row offers to order, and anti-HBs where it is not on file."""
    offered = [test for test in (status.hbsag, status.anti_hbc) if test.state in row.offered]
    if status.anti_hbs.state is TestState.ABSENT:
        offered.append(status.anti_hbs)
    return tuple(order_test(test.marker.suggestion, f"Order {test.marker.name}", urgent=urgent) for test in offered)


def _with(tests: tuple[Test, ...], state: TestState) -> tuple[Test, ...]:
    return tuple(test for test in tests if test.state is state)


def _names(tests: tuple[Test, ...]) -> str:
    return joined([test.marker.name for test in tests])


def _dates(tests: tuple[Test, ...]) -> str:
    return joined([f"{test.marker.name} {on(test.newest.on if test.newest else None)}" for test in tests])


def _fresh() -> str:
    return f"A negative result counts as fresh for {windows().value('fresh'):g} days"
