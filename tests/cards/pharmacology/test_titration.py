"""What speaks against raising a dose (book 2.1, row 8); the gates are held by the cases of the cards."""

from __future__ import annotations

import pytest

from cards.facts import Diagnosis, Facts, Sex, State, Supplied
from cards.opinion import CannotTell, NothingToAdd
from cards.orders import Basket, Drug, MedicationOrder
from cards.pharmacology.titration import Caution, Sedatives, Titration, modifiers, open_gates, sedatives
from tests.cards.pharmacology.charts import (
    AS_OF,
    PREGABALIN_MAXIMUM,
    a_day,
    ago,
    chart,
    creatinine,
    kidneys,
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


def against(age: int = 60, *, basket: Basket | None = None, **supplied: Supplied) -> tuple[str, ...]:
    """What speaks against raising, for patient A at this age with these records."""
    facts: Facts = kidneys(age, Sex.MALE, 80, 178, creatinine(1.0), **supplied)
    facts.basket = basket or facts.basket
    titration = open_gates(signed(DRAFT), facts, PREGABALIN_MAXIMUM, ("pregabalin",))
    assert isinstance(titration, Titration)
    return modifiers(titration, facts, PREGABALIN_MAXIMUM, Caution(75, 365))


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


def test_nothing_speaks_against_it() -> None:
    assert against() == ()


@pytest.mark.parametrize(("age", "expected"), [(74, ()), (75, ("age 75",))])
def test_age(age: int, expected: tuple[str, ...]) -> None:
    assert against(age) == expected


def test_active_and_drafted_sedatives() -> None:
    assert against(medication_orders=present(OXYCODONE)) == ("oxycodone",)
    assert against(basket=Basket(medications=(OXYCODONE,))) == ("oxycodone",)


def test_a_single_dose_and_what_the_basket_stops_are_no_sedatives() -> None:
    once = OXYCODONE._replace(id="3", lines=(line(mg(5), a_day(1)._replace(count=1)),), authored_on=AS_OF)
    assert against(medication_orders=present(once), basket=Basket(medications=(once,))) == ()
    stopped = Basket(stopped=(OXYCODONE._replace(status="stopped"),))
    assert against(medication_orders=present(OXYCODONE), basket=stopped) == ()


def test_sedatives_on_an_unread_page_could_not_be_checked() -> None:
    page = present(order(line(mg(75), a_day(2)), id="3", authored_on=ago(20), status="active"), is_complete=False)
    assert against(medication_orders=page) == ("opioids and benzodiazepines could not be checked",)


def test_a_drafted_sedative_is_known_although_the_record_is_not() -> None:
    facts = chart(medication_orders=Supplied(State.UNKNOWN), basket=Basket(medications=(OXYCODONE,)))
    assert sedatives(facts) == Sedatives(("oxycodone",), is_checked=False)


def test_breathing_and_falls_could_not_be_checked() -> None:
    assert against(conditions=Supplied(State.UNKNOWN)) == ("breathing and falls could not be checked",)


def test_a_suspected_or_undated_fall_is_none() -> None:
    fall = frozenset({"falls"})
    suspected = Diagnosis(fall, "R29.6", onset_on=ago(20), is_suspected=True)
    assert against(conditions=present(suspected, Diagnosis(fall, "R29.6"))) == ()


def test_one_disease_of_breathing_and_one_fall_are_named() -> None:
    breathing = [Diagnosis(frozenset({"copd"}), "J44.9"), Diagnosis(frozenset({"sleep_apnoea"}), "G47.33")]
    falls = [Diagnosis(frozenset({"falls"}), "R29.6", onset_on=ago(days)) for days in (20, 30)]
    assert len(against(conditions=present(*breathing, *falls))) == 2


def test_a_fall_that_is_over_still_counts() -> None:
    fall = Diagnosis(frozenset({"falls"}), "R29.6", onset_on=ago(20), is_current=False)
    assert against(conditions=present(fall)) == ("fall (R29.6)",)
