"""Is an order a treatment of a neuropathy, and a new one? (book 1.7, 5.7)"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Procedure
from cards.neurology.treatment import is_replacing, last_treated_on, treated_neuropathies
from cards.orders import Drug, Hook, MedicationOrder, Ordered, OrderedDrug, OrderedService, Route, ServiceOrder
from tests.cards.neurology.charts import IVIG, UNKNOWN, ago, diagnosis, given, named, ordered, patient, stated
from tests.cards.pharmacology.charts import PREGABALIN, present

DULOXETINE = Drug("duloxetine", frozenset({"duloxetine", "snri"}))
AMITRIPTYLINE = Drug("amitriptyline", frozenset({"amitriptyline", "tricyclic"}))
PREDNISONE = Drug("prednisone", frozenset({"systemic_corticosteroid"}))
EXCHANGE = frozenset({"plasma_exchange"})


def drafted(drug: Drug, *reasons: Diagnosis, **details: Any) -> OrderedDrug:
    """One draft of a drug."""
    return OrderedDrug(Hook.ORDER_SELECT, (MedicationOrder("d", drug, reasons=reasons, **details),))


def exchange(*reasons: Diagnosis) -> OrderedService:
    """A draft of plasma exchange."""
    return OrderedService(Hook.ORDER_SELECT, (ServiceOrder("d", EXCHANGE, reasons=reasons),))


def codes(order: Ordered, facts: Facts) -> list[str] | None:
    """Codes of what is treated; None: another use."""
    found = treated_neuropathies(order, facts)
    return None if found is None else [d.code for d in found]


# -- what it is for -----------------------------------------------------------------


def test_a_stated_reason_decides_and_takes_its_date_from_the_problem_list() -> None:
    facts = patient(diagnosis("G62.9", 20), diagnosis("G40.909", 900))
    [treated] = treated_neuropathies(drafted(PREGABALIN, stated("G62.9")), facts) or ()
    assert treated.on == ago(20)
    assert codes(drafted(PREGABALIN, stated("G40.909")), facts) is None


@pytest.mark.parametrize("code", ["E11.42", "G62.9", "R20.2", "M62.81", "B02.29", "R26.2", "G61.0"])
def test_a_neuropathy_or_its_sign_on_the_problem_list_is_treated(code: str) -> None:
    assert codes(drafted(AMITRIPTYLINE), patient(diagnosis(code, 20))) == [code]


@pytest.mark.parametrize(("drug", "expected"), [(PREGABALIN, []), (DULOXETINE, []), (AMITRIPTYLINE, None)])
def test_without_any_neuropathy_only_some_are_pain_drugs(drug: Drug, expected: list[str] | None) -> None:
    assert codes(drafted(drug), patient(diagnosis("C34.90"))) == expected
    assert codes(drafted(drug), patient(diagnosis("F41.1"))) is None
    assert codes(drafted(drug), patient(diagnosis("F33.1"))) is None


@pytest.mark.parametrize(
    ("code", "is_treated"), [("G62.9", True), ("E11.42", False), ("G60.3", False), ("R20.2", False)]
)
def test_nobody_takes_a_steroid_or_plasma_exchange_for_a_symmetric_neuropathy(code: str, is_treated: bool) -> None:
    facts = patient(diagnosis(code, 20))
    for order in (drafted(PREDNISONE), exchange()):
        assert codes(order, facts) == ([code] if is_treated else None)
    assert codes(exchange(stated(code)), facts) == [code], "stated, it is"


@pytest.mark.parametrize(
    ("text", "is_treated"),
    [("polyneuropathy", True), ("diabetic polyneuropathy", False), ("hereditary motor and sensory neuropathy", False)],
)
def test_words_without_a_code_tell_a_symmetric_neuropathy_too(text: str, is_treated: bool) -> None:
    facts = patient(named(text, onset_on=ago(20)))
    for order in (drafted(PREDNISONE), exchange()):
        assert bool(treated_neuropathies(order, facts)) is is_treated


def test_another_use_of_immunoglobulin_or_steroid_on_the_problem_list_goes_first() -> None:
    neuropathy = diagnosis("G62.9", 20)
    assert codes(drafted(IVIG), patient(neuropathy)) == ["G62.9"]
    assert codes(drafted(IVIG), patient(neuropathy, diagnosis("D83.9"))) is None
    assert codes(drafted(PREDNISONE), patient(neuropathy, diagnosis("J44.1"))) is None
    assert codes(drafted(PREGABALIN), patient(neuropathy, diagnosis("J44.1"))) == ["G62.9"]


def test_a_problem_list_that_was_read_in_part_leaves_it_open() -> None:
    with pytest.raises(NotKnown):
        treated_neuropathies(drafted(PREGABALIN), patient(diagnosis("C34.90"), is_complete=False))
    with pytest.raises(NotKnown):
        treated_neuropathies(drafted(PREGABALIN), patient(conditions=UNKNOWN))


# -- is it new ----------------------------------------------------------------------


def last(order: Ordered, **supplied: Any) -> date | None:
    """The last day on a treatment of the same class."""
    return last_treated_on(order, patient(**supplied))


def test_the_last_day_on_a_drug_of_the_same_class() -> None:
    gabapentin = Drug("gabapentin", frozenset({"gabapentin", "gabapentinoid"}))
    stopped = ordered(gabapentin, 300, 200, status="stopped")
    assert last(drafted(PREGABALIN), medication_orders=stopped) == ago(200)
    assert last(drafted(PREGABALIN), medication_orders=ordered(gabapentin, 300)) == ago(0), "active: to this day"
    assert last(drafted(DULOXETINE), medication_orders=stopped) is None
    assert last(drafted(PREGABALIN), medication_orders=ordered(gabapentin, 300, status="cancelled")) is None


def test_doses_given_count_and_may_be_unread() -> None:
    assert last(drafted(IVIG), medication_administrations=given(IVIG, 90, 30)) == ago(30)
    assert last(drafted(IVIG), medication_administrations=UNKNOWN) is None
    with pytest.raises(NotKnown):
        last(drafted(IVIG), medication_orders=UNKNOWN)


def test_of_steroids_systemic_orders_count_and_doses_given_do_not() -> None:
    assert last(drafted(PREDNISONE), medication_orders=ordered(PREDNISONE, 60, status="stopped")) == ago(60)
    cream = ordered(PREDNISONE, 60, status="stopped", route=Route.TOPICAL)
    assert last(drafted(PREDNISONE), medication_orders=cream) is None
    assert last(drafted(PREDNISONE), medication_administrations=given(PREDNISONE, 30)) is None


def test_the_draft_itself_on_record_is_no_earlier_order() -> None:
    same = present(MedicationOrder("d", PREGABALIN, status="active", authored_on=ago(0)))
    assert last(drafted(PREGABALIN), medication_orders=same) is None
    older = present(MedicationOrder("d", PREGABALIN, status="active", authored_on=ago(40)))
    assert last(drafted(PREGABALIN), medication_orders=older) == ago(0)


def test_plasma_exchange_done_or_ordered_before() -> None:
    done = present(Procedure(EXCHANGE, done_on=ago(50)), Procedure(EXCHANGE, done_on=ago(20), is_done=False))
    asked = present(*(ServiceOrder("s", EXCHANGE, status="active", authored_on=ago(day)) for day in (0, 30)))
    assert last(exchange(), procedures=done) == ago(50)
    assert last(exchange(), procedures=done, service_requests=asked) == ago(30)
    assert last(exchange()) is None
    assert last(exchange(), procedures=UNKNOWN, service_requests=asked) == ago(30)
    with pytest.raises(NotKnown):
        last(exchange(), procedures=UNKNOWN)


def test_a_draft_that_replaces_an_order() -> None:
    assert is_replacing(drafted(PREGABALIN, replaces=frozenset({"MedicationRequest/1"})))
    assert not is_replacing(drafted(PREGABALIN))
    assert not is_replacing(exchange())
