"""Can a dose be judged too low at all? Most gates are held by the cases of the cards."""

from __future__ import annotations

from cards.facts import Diagnosis, Facts, State, Supplied
from cards.opinion import CannotTell, NothingToAdd
from cards.orders import Basket, Drug, MedicationOrder
from cards.pharmacology.titration import Sedatives, Titration, open_gates, sedatives
from tests.cards.pharmacology.charts import (
    AS_OF,
    PREGABALIN_MAXIMUM,
    a_day,
    chart,
    line,
    measured,
    mg,
    order,
    present,
    signed,
)

NEUROPATHY = Diagnosis(frozenset({"np_dpn"}), "E11.42", is_stated_reason=True)
DRAFT = order(line(mg(75), a_day(2)), reasons=(NEUROPATHY,))
OXYCODONE = order(line(mg(5), a_day(2)), id="2", drug=Drug("oxycodone", frozenset({"opioid"})), status="active")


def test_a_dose_at_every_target_is_left_alone_before_anything_is_read() -> None:
    nothing_read = Facts(as_of=AS_OF, supplied={}, requests={})
    full = signed(order(line(mg(300), a_day(2))))
    assert isinstance(open_gates(full, nothing_read, PREGABALIN_MAXIMUM, ("pregabalin",)), NothingToAdd)


def opened(draft: MedicationOrder, facts: Facts) -> Titration | NothingToAdd | CannotTell:
    """What the gates answer about a draft."""
    return open_gates(signed(draft), facts, PREGABALIN_MAXIMUM, ("pregabalin",))


def test_what_cannot_be_read_is_silent_by_the_book() -> None:
    unread = opened(order(line(mg(75), None), reasons=(NEUROPATHY,)), chart())
    assert unread == CannotTell("daily dose: no timing given", ("order",), book_is_silent=True)
    unknown = opened(DRAFT, chart(renal_function=Supplied(State.UNKNOWN)))
    assert unknown == CannotTell("renal function: could not be checked", ("renal_function",), book_is_silent=True)
    stand_in = opened(DRAFT, chart(renal_function=present(measured("egfr", 60, unit="mL/min/{1.73_m2}"))))
    why = "the target differs over the range of the estimate"
    assert stand_in == CannotTell(why, ("renal_function",), book_is_silent=True)


def test_a_drafted_sedative_is_known_although_the_record_is_not() -> None:
    facts = chart(medication_orders=Supplied(State.UNKNOWN), basket=Basket(medications=(OXYCODONE,)))
    assert sedatives(facts) == Sedatives(("oxycodone",), is_checked=False)
