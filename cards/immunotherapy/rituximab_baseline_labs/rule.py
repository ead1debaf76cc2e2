"""Are blood counts and immunoglobulins on file before the first dose of rituximab?

WHEN  rituximab is chosen as the first dose of a course
AND   a blood count with platelets or the immunoglobulins are missing or old, or IgG is below 4 g/L
THEN  list what is missing, CD19 too, and offer the tests; a low IgG is a warning (book 5.3).
"""

from __future__ import annotations

from collections.abc import Iterator

from cards.bounds import is_at_least
from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.knowledge import Knowledge
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, OrderService
from cards.orders import OrderedDrug
from cards.pharmacology.baseline_test import BaselineTest, Looked, OnFile, look_for
from cards.pharmacology.infusion.anti_cd20_course import is_later_dose
from cards.pharmacology.infusion.immunoglobulin_level import NEED, latest_level
from cards.pharmacology.order_wording import order_line
from cards.suggested_orders import order_test
from cards.wording import joined, number, on

CELLS = {"wbc": "leukocytes", "hemoglobin": "haemoglobin", "platelets": "platelets"}
CLASSES = {"igg": "IgG", "iga": "IgA", "igm": "IgM"}
COUNTS = BaselineTest("CBC", "blood_counts", CELLS, panel="cbc_panel")
LEVELS = BaselineTest("immunoglobulins", "immunoglobulin_levels", CLASSES, panel="immunoglobulin_panel")
B_CELLS = BaselineTest("CD19", "b_cells", {"cd19": "CD19"})
WINDOWS = {"counts_recent": COUNTS, "levels_recent": LEVELS, "b_cells_recent": B_CELLS}
NOT_DECISIVE = (B_CELLS,)
WHY = "Cytopenia and low immunoglobulins under treatment, and the time of the next course, are judged against them."
LIMITS = "Limits: sees only results in this record; the counts themselves are not judged."


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Each baseline test against its window, and IgG against its limit."""
    low_igg = _low_igg(facts, knowledge)
    ordered = int(knowledge.value("ordered_lately"))
    looked = [look_for(test, facts, int(knowledge.value(name)), ordered) for name, test in WINDOWS.items()]
    missing = [one for one in looked if one.state is OnFile.MISSING]
    is_decided = any(one.test not in NOT_DECISIVE for one in missing)
    if low_igg is None and not is_decided:
        unknown = next((one for one in looked if one.state is OnFile.UNKNOWN), None)
        if unknown is not None and unknown.test not in NOT_DECISIVE:
            return CannotTell(unknown.line, (unknown.test.need,), book_is_silent=True)
        return NothingToAdd("the baseline is on file or ordered", "on file")
    if is_later_dose(facts):
        return NothingToAdd("a later dose of the course", "later dose")
    names = joined([one.test.name for one in missing])
    found = f"Rituximab baseline: {names} missing or old" if low_igg is None else _low(low_igg, names, knowledge)
    return Advice(
        summary=found,
        indicator=Indicator.INFO if low_igg is None else Indicator.WARNING,
        explanation=Explanation(
            order=order_line(order),
            facts=tuple(_facts(low_igg, looked)),
            rule=_rule(knowledge, low_igg),
            basis=knowledge.basis(*(("label", "book") if low_igg is None else ("label", "igg_mark", "book"))),
            limits=LIMITS,
        ),
        evidence="label" if low_igg is None else "igg_mark",
        row="missing or old" if low_igg is None else "low IgG",
        suggestions=tuple(_test(one) for one in missing),
    )


def _low_igg(facts: Facts, knowledge: Knowledge) -> Measurement | None:
    """A recent IgG below the limit; None: not low, none recent, or it could not be read."""
    try:
        igg = latest_level(facts, "igg", int(knowledge.value("levels_recent")))
        return igg if igg is not None and not is_at_least(igg, knowledge.value("low_igg"), need=NEED) else None
    except NotKnown:
        return None


# -- words ------------------------------------------------------------------------------------------------------------


def _low(igg: Measurement, missing: str, knowledge: Knowledge) -> str:
    also = f"; also missing or old: {missing}" if missing else ""
    limit = number(knowledge.value("low_igg"))
    return f"Rituximab baseline: IgG {_g_per_l(igg)} ({on(igg.on)}) is below {limit} g/L, infection risk{also}"


def _g_per_l(igg: Measurement) -> str:
    return f"{'below ' if igg.comparator else ''}{number(igg.value or 0, 2)} g/L"


def _facts(low_igg: Measurement | None, looked: list[Looked]) -> Iterator[str]:
    if low_igg is not None:
        received = low_igg.received if low_igg.received.endswith("g/L") else f"{low_igg.received} = {_g_per_l(low_igg)}"
        yield f"IgG: {received} on {on(low_igg.on)}"
    yield from (one.line for one in looked)


def _rule(knowledge: Knowledge, low_igg: Measurement | None) -> str:
    counts, levels = (number(knowledge.value(name)) for name in ("counts_recent", "levels_recent"))
    expected = (
        f"Before the first dose: a CBC with platelets of the last {counts} days; IgG, IgA and IgM of the last {levels} "
        f"days; CD19 of the last {number(knowledge.value('b_cells_recent'))} days is useful. {WHY}"
    )
    if low_igg is None:
        return expected
    return f"IgG below {number(knowledge.value('low_igg'))} g/L: B-cell depletion can lower it further. {expected}"


def _test(one: Looked) -> OrderService:
    """The panel where several parts are missing, else the one test."""
    if one.test is COUNTS:
        return order_test("cbc", "Order CBC with platelets")
    if one.test is B_CELLS:
        return order_test("cd19", "Order CD19 B cells", recommended=False)
    if len(one.missing) == 1:
        return order_test(one.missing[0], f"Order {CLASSES[one.missing[0]]}")
    return order_test("immunoglobulin-panel", f"Order {joined([CLASSES[part] for part in one.missing])}")
