"""What speaks against raising a dose (book 2.1, row 8)."""

from __future__ import annotations

import pytest

from cards.facts import Diagnosis, Sex, State, Supplied
from cards.orders import Basket, Drug
from cards.pharmacology.caution import modifiers
from cards.pharmacology.renal.renal_function import renal_function
from tests.cards.pharmacology.charts import (
    AS_OF,
    PREGABALIN_MAXIMUM,
    a_day,
    ago,
    creatinine,
    kidneys,
    line,
    mg,
    order,
    present,
)

OXYCODONE = order(line(mg(5), a_day(2)), id="2", drug=Drug("oxycodone", frozenset({"opioid"})), status="active")


def against(age: int = 60, *, basket: Basket | None = None, **supplied: Supplied) -> tuple[str, ...]:
    """What speaks against raising, for patient A at this age with these records."""
    facts = kidneys(age, Sex.MALE, 80, 178, creatinine(1.0), **supplied)
    facts.basket = basket or facts.basket
    return modifiers(facts, renal_function(facts), PREGABALIN_MAXIMUM)


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


@pytest.mark.parametrize(("days", "expected"), [(365, ("fall (R29.6)",)), (366, ())])
def test_a_fall_counts_for_a_year(days: int, expected: tuple[str, ...]) -> None:
    fall = Diagnosis(frozenset({"falls"}), "R29.6", onset_on=ago(days))
    assert against(conditions=present(fall)) == expected
