"""Would two different gabapentinoids be taken together?

WHEN  a gabapentinoid is ordered
AND   another one (pregabalin, gabapentin, gabapentin enacarbil, mirogabalin) is drafted too, or is being taken
AND   that one is not on its way out: no end within 14 days, no taper, not stopped or replaced in the same basket
AND   the two meet: neither ends before the other begins
THEN  warn, and offer to remove the draft or to note a cross-taper on it (book 2.7).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.opinion import (
    AddNote,
    Advice,
    CannotTell,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    RemoveOrder,
    Suggestion,
)
from cards.orders import MedicationOrder, OrderedDrug
from cards.pharmacology.current_orders import active_on_record, is_stopped_in_basket, is_taper
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.gabapentinoid import agent_name, agents
from cards.pharmacology.order_span import are_together
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.removal import each_removal
from cards.suggested_orders import AT_MOST
from cards.wording import joined, listed, number, on

LIMITS = "Limits: drugs ordered elsewhere are not seen; two orders of the same drug are left to the host system."


class Beside(NamedTuple):
    """What else is there: other gabapentinoids `drafted` and `current`; `own` are current orders of the drug itself."""

    drafted: tuple[MedicationOrder, ...]
    current: tuple[MedicationOrder, ...]
    own: tuple[MedicationOrder, ...]
    is_checked: bool


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision of 2.7."""
    beside = _beside(order, facts)
    if isinstance(beside, CannotTell):
        return beside
    if not (beside.drafted or beside.current):
        return NothingToAdd("no other gabapentinoid")
    if any(is_taper(draft) for draft in order.drafts):
        return NothingToAdd("the draft is a taper")
    staying = _staying(order, beside, facts, knowledge)
    if not (staying.drafted or staying.current):
        return NothingToAdd("the other gabapentinoid is on its way out, or the two never meet")
    return _advice(order, staying, knowledge)


def _beside(order: OrderedDrug, facts: Facts) -> Beside | CannotTell:
    """The other gabapentinoids. The book is silent where their orders are unknown and none is drafted."""
    own = agents(order.drug)
    drafted = tuple(d for d in facts.basket.medications if agents(d.drug) and own.isdisjoint(agents(d.drug)))
    try:
        current = active_on_record(facts, "gabapentinoid")
    except NotKnown as unknown:
        if not drafted:
            return CannotTell(str(unknown), (unknown.what,), book_is_silent=True)
        return Beside(drafted, (), (), is_checked=False)
    others = tuple(one for one in current if own.isdisjoint(agents(one.drug)))
    return Beside(drafted, others, tuple(one for one in current if one not in others), is_checked=True)


def _staying(order: OrderedDrug, beside: Beside, facts: Facts, knowledge: Knowledge) -> Beside:
    """Less what is on its way out. A drafted taper or last course speaks for the order on record it goes on from.

    What no draft shares a day with is left out by itself.
    """
    apart = [one for one in (*beside.drafted, *beside.current) if _is_apart(one, order, facts)]
    leaving = [one for one in (*beside.drafted, *beside.current) if _is_leaving(one, facts, knowledge)]
    ending = frozenset[str]().union(*(agents(one.drug) for one in leaving if one in beside.drafted))
    is_short = _ends_soon(order.last, facts, knowledge)
    return beside._replace(
        drafted=() if is_short else tuple(one for one in beside.drafted if one not in (*leaving, *apart)),
        current=tuple(
            one for one in beside.current if one not in (*leaving, *apart) and ending.isdisjoint(agents(one.drug))
        ),
    )


def _is_apart(other: MedicationOrder, order: OrderedDrug, facts: Facts) -> bool:
    return not any(are_together(draft, other, facts) for draft in order.drafts)


def _is_leaving(other: MedicationOrder, facts: Facts, knowledge: Knowledge) -> bool:
    return is_taper(other) or is_stopped_in_basket(other, facts) or _ends_soon(other, facts, knowledge)


def _ends_soon(other: MedicationOrder, facts: Facts, knowledge: Knowledge) -> bool:
    within = timedelta(days=knowledge.value("planned_end_within"))
    return other.ended_on is not None and other.ended_on <= facts.as_of + within


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, beside: Beside, knowledge: Knowledge) -> Advice:
    others = joined(_names(beside))
    return Advice(
        summary=_summary(order, beside),
        indicator=Indicator.WARNING,
        explanation=Explanation(
            order=order_line(order),
            facts=tuple(_facts_used(beside)),
            rule=f"Two gabapentinoids together; no end of {others} within "
            f"{number(knowledge.value('planned_end_within'))} days, no taper, not stopped in this basket.",
            basis=knowledge.basis("book", "aan"),
            limits=LIMITS,
        ),
        evidence="aan",
        row="other current" if beside.current else "both drafted",
        suggestions=tuple(_offers(order, beside))[:AT_MOST],
    )


def _summary(order: OrderedDrug, beside: Beside) -> str:
    name, why = agent_name(order.drug).capitalize(), "same mechanism, additive sedation; switch rather than combine"
    if not beside.current:
        return f"{name} and {listed(_names(beside))} are both drafted: {why}"
    how = "continued beside" if beside.own else "added to"
    return f"{name} would be {how} active {listed(_names(beside))}: {why}"


def _names(beside: Beside) -> tuple[str, ...]:
    """The others, those being taken before those only drafted."""
    return tuple(dict.fromkeys(agent_name(one.drug) for one in beside.current or beside.drafted))


def _facts_used(beside: Beside) -> Iterator[str]:
    for one in beside.current:
        yield f"Active: {_with_dose(one)} of {on(one.authored_on)}, {_end(one)}"
    for one in beside.drafted:
        yield f"Drafted: {_with_dose(one)}, {_end(one)}"
    if not beside.is_checked:
        yield "Orders on record could not be checked"


def _with_dose(one: MedicationOrder) -> str:
    dose = order_dose(one)
    if dose.status == "unknown":
        return f"{agent_name(one.drug)}, dose not readable,"
    return f"{agent_name(one.drug)} {number(dose.final_mg)} mg/day"


def _end(one: MedicationOrder) -> str:
    return "no planned end" if one.ended_on is None else f"ends {on(one.ended_on)}"


def _offers(order: OrderedDrug, beside: Beside) -> Iterator[Suggestion]:
    """Removal of a draft, or a note on it. An order on record is not in the basket and stays as it is."""
    name = agent_name(order.drug)
    yield from each_removal(order, name)
    if not beside.current:
        other = beside.drafted[0]
        yield RemoveOrder(other.id, f"Remove the {agent_name(other.drug)} draft")
    left = joined(_names(beside))
    note = f"Cross-taper: {left} to be tapered off while {name} is built up."
    yield AddNote(order.last.id, f"Note a cross-taper on the {name} draft", note, recommended=False)
