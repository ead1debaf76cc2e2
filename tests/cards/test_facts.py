"""What Facts answers when a record is there, is not there, could not be had, is incomplete or cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cards.errors import NotKnown, UndeclaredNeed
from cards.facts import (
    Administration,
    Allergy,
    DataRequest,
    Diagnosis,
    Encounter,
    Facts,
    Finding,
    Measurement,
    Patient,
    Procedure,
    State,
    Supplied,
)
from cards.orders import Basket, Drug, MedicationOrder, OrderOnRecord, ServiceOrder

AS_OF = date(2026, 6, 15)
REQUESTS = {
    "patient": DataRequest("patient", "patient"),
    "encounter": DataRequest("encounter", "encounter"),
    "conditions": DataRequest("conditions", "diagnosis"),
    "renal_function": DataRequest("renal_function", "measurement", ("serum_creatinine", "egfr"), 730),
    "body_size": DataRequest("body_size", "measurement", ("body_weight",)),
    "medication_orders": DataRequest("medication_orders", "medication_order"),
    "medication_administrations": DataRequest("medication_administrations", "administration"),
    "medication_dispenses": DataRequest("medication_dispenses", "dispense"),
    "procedures": DataRequest("procedures", "procedure"),
    "service_requests": DataRequest("service_requests", "service_order"),
    "allergies": DataRequest("allergies", "allergy"),
}

ASKED: dict[str, tuple[str, Callable[[Facts], Any]]] = {
    "a measurement": ("renal_function", lambda facts: facts.latest("serum_creatinine")),
    "all measurements": ("renal_function", lambda facts: facts.measurements("serum_creatinine")),
    "diagnoses": ("conditions", lambda facts: facts.diagnoses("cidp")),
    "whether a diagnosis is current": ("conditions", lambda facts: facts.has("cidp")),
    "orders on record": ("medication_orders", lambda facts: facts.medication_orders("pregabalin")),
    "doses given": ("medication_administrations", lambda facts: facts.administrations("ivig")),
    "procedures": ("procedures", lambda facts: facts.procedures("hemodialysis")),
    "tests ordered": ("service_requests", lambda facts: facts.service_orders("hbsag")),
    "allergies": ("allergies", lambda facts: facts.allergies("ivig")),
}


def ago(days: int) -> date:
    """So many days before the day of the call; negative: after it."""
    return AS_OF - timedelta(days=days)


def present(*records: Any, is_complete: bool = True) -> Supplied:
    """A data request that was answered with these records."""
    return Supplied(State.PRESENT, read=lambda: records, is_complete=is_complete)


def facts(basket: Basket | None = None, **supplied: Supplied) -> Facts:
    """A chart of these answers."""
    return Facts(as_of=AS_OF, supplied=supplied, requests=REQUESTS, basket=basket)


def creatinine(value: float | None = 1.0, *, days_ago: int | None = 20, **details: Any) -> Measurement:
    """A creatinine of so many days ago."""
    on = None if days_ago is None else ago(days_ago)
    return Measurement("serum_creatinine", on=on, value=value, unit="mg/dL", **details)


@pytest.mark.parametrize("asked", ASKED)
def test_what_was_not_supplied_is_not_known(asked: str) -> None:
    need, ask = ASKED[asked]
    with pytest.raises(NotKnown) as caught:
        ask(facts())
    assert caught.value.what == need


@pytest.mark.parametrize("asked", ASKED)
def test_what_could_not_be_had_is_not_known_and_says_why(asked: str) -> None:
    need, ask = ASKED[asked]
    with pytest.raises(NotKnown, match="the search was refused"):
        ask(facts(**{need: Supplied(State.UNKNOWN, why="the search was refused")}))


@pytest.mark.parametrize("asked", ASKED)
def test_a_complete_search_without_a_match_is_an_answer(asked: str) -> None:
    need, ask = ASKED[asked]
    assert not ask(facts(**{need: Supplied(State.ABSENT)}))


@pytest.mark.parametrize("asked", ASKED)
def test_a_first_page_without_a_match_proves_nothing(asked: str) -> None:
    need, ask = ASKED[asked]
    with pytest.raises(NotKnown, match="only part of the record"):
        ask(facts(**{need: Supplied(State.ABSENT, is_complete=False)}))


def test_a_match_on_a_first_page_is_an_answer() -> None:
    chart = facts(renal_function=present(creatinine(), is_complete=False))
    assert chart.latest("serum_creatinine") == creatinine()


# -- the state of a request and of a concept ------------------------------------------------------------------------


def test_the_state_of_a_request_is_that_of_its_answer() -> None:
    chart = facts(conditions=Supplied(State.ABSENT), allergies=Supplied(State.UNKNOWN, why="forbidden"))
    assert chart.request_state("conditions") is State.ABSENT
    assert chart.request_state("allergies") is State.UNKNOWN
    assert chart.request_state("procedures") is State.UNKNOWN
    assert (chart.why_unknown("conditions"), chart.why_unknown("allergies")) == ("", "forbidden")
    assert chart.why_unknown("procedures") == "not supplied"
    answered = facts(conditions=Supplied(State.ABSENT, why="the first attempt timed out"))
    assert answered.why_unknown("conditions") == ""


def test_only_an_answer_that_was_read_to_its_end_is_complete() -> None:
    chart = facts(
        conditions=present(),
        procedures=present(is_complete=False),
        allergies=Supplied(State.UNKNOWN),
        encounter=present(),
    )
    needs = ("conditions", "procedures", "allergies", "service_requests")
    assert [chart.is_complete(need) for need in needs] == [True, False, False, False]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (present(creatinine()), State.PRESENT),
        (present(creatinine(days_ago=400)), State.ABSENT),
        (Supplied(State.ABSENT), State.ABSENT),
        (present(creatinine(days_ago=400), is_complete=False), State.UNKNOWN),
        (present(creatinine(None, unreadable="no unit")), State.UNKNOWN),
        (Supplied(State.UNKNOWN), State.UNKNOWN),
    ],
    ids=["a result", "too old", "none", "too old on a first page", "unreadable", "not had"],
)
def test_the_state_of_a_measured_concept(answer: Supplied, state: State) -> None:
    assert facts(renal_function=answer).state("serum_creatinine", within_days=365) is state


# -- measurements ---------------------------------------------------------------------------------------------------


def test_the_newest_result_is_the_latest() -> None:
    older, newer = creatinine(1.0, days_ago=30), creatinine(2.0, days_ago=3)
    assert facts(renal_function=present(older, newer)).latest("serum_creatinine") == newer


def test_of_one_day_the_later_hour_is_the_latest() -> None:
    def at(hour: int) -> Measurement:
        return creatinine(float(hour), at=datetime(2026, 5, 26, hour, tzinfo=UTC))

    assert facts(renal_function=present(at(9), at(17), at(12))).latest("serum_creatinine") == at(17)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (creatinine(2.5), creatinine(2.3)),
        (creatinine(2.3), creatinine(None, unreadable="no unit")),
        (creatinine(None, finding=Finding.POSITIVE), creatinine(None, finding=Finding.NEGATIVE)),
    ],
    ids=["two values", "a value and an unreadable one", "two findings"],
)
def test_of_one_instant_the_same_result_is_chosen_in_whatever_order_they_come(one: Measurement, other: Measurement):
    for answer in ((one, other), (other, one)):
        assert facts(renal_function=present(*answer)).latest("serum_creatinine") == one


def test_an_unreadable_newest_result_is_not_replaced_by_an_older_one() -> None:
    chart = facts(renal_function=present(creatinine(days_ago=30), creatinine(None, days_ago=3, unreadable="no unit")))
    with pytest.raises(NotKnown, match="no unit"):
        chart.latest("serum_creatinine")


def test_a_pending_result_is_passed_over() -> None:
    chart = facts(renal_function=present(creatinine(days_ago=30), creatinine(None, days_ago=0, is_pending=True)))
    assert chart.latest("serum_creatinine") == creatinine(days_ago=30)


def test_an_undated_result_is_listed_last_and_never_the_latest() -> None:
    undated = creatinine(9.0, days_ago=None)
    chart = facts(renal_function=present(undated, creatinine()))
    assert chart.measurements("serum_creatinine") == (creatinine(), undated)
    assert facts(renal_function=present(undated)).latest("serum_creatinine") is None


@pytest.mark.parametrize(("days_ago", "is_found"), [(365, True), (366, False), (-1, True), (-2, False)])
def test_a_window_includes_its_last_day_and_tomorrow(days_ago: int, is_found: bool) -> None:
    chart = facts(renal_function=present(creatinine(days_ago=days_ago)))
    assert (chart.latest("serum_creatinine", within_days=365) is not None) is is_found


def test_a_result_of_the_day_after_tomorrow_is_ignored() -> None:
    chart = facts(renal_function=present(creatinine(days_ago=-2), creatinine(days_ago=-1)))
    assert chart.measurements("serum_creatinine") == (creatinine(days_ago=-1),)


# -- the patient ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("born", "age"), [(date(1966, 6, 15), 60), (date(1966, 6, 16), 59), (date(2008, 2, 29), 18)])
def test_age_is_in_completed_years(born: date, age: int) -> None:
    assert facts(patient=present(Patient(birth_date=born))).age == age


def test_without_a_birth_date_the_age_is_not_known() -> None:
    with pytest.raises(NotKnown, match="no birth date"):
        _ = facts(patient=present(Patient())).age


def test_a_birth_date_in_the_future_is_none() -> None:
    born = AS_OF + timedelta(days=2)
    with pytest.raises(NotKnown, match="no birth date"):
        _ = facts(patient=present(Patient(birth_date=born))).age
    assert facts(patient=present(Patient(birth_date=born - timedelta(days=1)))).age == -1  # a newborn of tomorrow


def test_a_patient_who_could_not_be_had_is_not_known() -> None:
    with pytest.raises(NotKnown, match="not supplied"):
        _ = facts().patient
    with pytest.raises(NotKnown):
        _ = facts(patient=Supplied(State.ABSENT)).patient


def test_an_encounter_that_could_not_be_had_is_none() -> None:
    assert facts().encounter is None
    assert facts(encounter=present(Encounter(is_inpatient=True))).encounter == Encounter(is_inpatient=True)


# -- diagnoses ------------------------------------------------------------------------------------------------------

CIDP = Diagnosis(concepts=frozenset({"cidp"}), code="G61.81")
SUSPECTED = Diagnosis(concepts=frozenset({"mmn"}), is_suspected=True)
HISTORY = Diagnosis(concepts=frozenset({"gbs"}), is_current=False)
TO_COME = Diagnosis(concepts=frozenset({"gbs"}), recorded_on=ago(-30))


def test_only_confirmed_current_diagnoses_are_current() -> None:
    chart = facts(conditions=present(CIDP, SUSPECTED, HISTORY))
    assert set(chart.diagnoses()) == {CIDP, SUSPECTED, HISTORY}
    assert chart.current() == (CIDP,)
    assert (chart.has("cidp"), chart.has("mmn"), chart.has("gbs"), chart.has("gbs", "cidp")) == (
        True,
        False,
        False,
        True,
    )


def test_a_diagnosis_of_the_future_is_ignored() -> None:
    assert facts(conditions=present(TO_COME)).diagnoses() == ()


# -- orders, doses, procedures, allergies ---------------------------------------------------------------------------

PREGABALIN = Drug("pregabalin", frozenset({"pregabalin"}))


def order(days_ago: int | None, drug: Drug = PREGABALIN) -> MedicationOrder:
    """An order on record."""
    return MedicationOrder(
        f"MedicationRequest/{days_ago}", drug, authored_on=None if days_ago is None else ago(days_ago)
    )


def test_orders_on_record_come_newest_first_and_the_undated_last() -> None:
    chart = facts(medication_orders=present(order(None), order(90), order(3), order(-5)))
    assert chart.medication_orders("pregabalin") == (order(3), order(90), order(None))
    assert chart.medication_orders("gabapentin") == ()


def test_an_order_on_record_is_read_in_full_when_a_rule_asks_for_its_drug_and_then_once() -> None:
    read = []

    def in_full() -> MedicationOrder:
        read.append("read")
        return order(3)

    chart = facts(medication_orders=present(OrderOnRecord(PREGABALIN, ago(3), in_full)))
    assert chart.medication_orders("gabapentin") == ()
    assert not read
    assert chart.medication_orders("pregabalin") == chart.medication_orders("pregabalin") == (order(3),)
    assert read == ["read"]


def test_doses_given_come_newest_first_without_those_of_the_future() -> None:
    given = [Administration(PREGABALIN, given_on=ago(days)) for days in (30, 2, -9)]
    undated = Administration(PREGABALIN)
    chart = facts(medication_administrations=present(*given, undated))
    assert chart.administrations("pregabalin") == (given[1], given[0], undated)


def test_doses_handed_out_are_no_doses_given_whichever_request_brought_them() -> None:
    given, among = Administration(PREGABALIN, given_on=ago(2)), Administration(PREGABALIN, "dispense", ago(30))
    apart = [Administration(PREGABALIN, "dispense", ago(days)) for days in (9, 5, -9)]
    chart = facts(medication_administrations=present(among, given), medication_dispenses=present(*apart))
    assert chart.administrations("pregabalin") == (given,)
    assert chart.dispenses("pregabalin") == (apart[1], apart[0], among)
    assert chart.dispenses("gabapentin") == ()


def test_doses_handed_out_only_add() -> None:
    unknown, dose = Supplied(State.UNKNOWN), Administration(PREGABALIN, "dispense", ago(5))
    assert facts(medication_administrations=unknown, medication_dispenses=unknown).dispenses() == ()
    chart = facts(medication_administrations=unknown, medication_dispenses=present(dose))
    assert chart.dispenses("pregabalin") == (dose,)
    with pytest.raises(NotKnown):
        chart.administrations("pregabalin")


def test_dispenses_on_the_first_page_of_the_doses_given_do_not_prove_that_none_was_given() -> None:
    page = present(Administration(PREGABALIN, "dispense", ago(5)), is_complete=False)
    with pytest.raises(NotKnown):
        facts(medication_administrations=page).administrations("pregabalin")


def test_a_drug_allergy_is_found_by_the_drug_and_by_the_finding() -> None:
    allergy = Allergy(concepts=frozenset({"corn"}), drug_concepts=frozenset({"ivig"}))
    chart = facts(allergies=present(allergy))
    assert chart.allergies("corn") == chart.allergies("ivig") == chart.allergies() == (allergy,)
    assert chart.allergies("pregabalin") == ()


def test_procedures_and_services_are_found_by_their_concepts() -> None:
    dialysis = Procedure(frozenset({"hemodialysis"}))
    test = ServiceOrder("ServiceRequest/1", frozenset({"hbsag"}))
    chart = facts(procedures=present(dialysis), service_requests=present(test))
    assert chart.procedures("hemodialysis") == chart.procedures() == (dialysis,)
    assert chart.service_orders("hbsag") == chart.service_orders() == (test,)
    assert (chart.procedures("plasma_exchange"), chart.service_orders("alt")) == ((), ())


def test_the_basket_is_no_record() -> None:
    test = ServiceOrder("ServiceRequest/1", frozenset({"hbsag"}), is_draft=True)
    chart = facts(Basket(services=(test,)), service_requests=Supplied(State.ABSENT))
    assert chart.basket_services("hbsag") == chart.basket_services() == (test,)
    assert chart.basket_services("alt") == chart.service_orders("hbsag") == ()


# -- what a card declares -------------------------------------------------------------------------------------------


def test_a_card_that_reads_beyond_its_needs_is_mistaken() -> None:
    view = facts(renal_function=present(creatinine()), conditions=present(CIDP)).limited_to(["renal_function"])
    assert view.latest("serum_creatinine") == creatinine()
    with pytest.raises(UndeclaredNeed, match="conditions"):
        view.diagnoses()
    with pytest.raises(UndeclaredNeed, match="body_weight"):
        view.latest("body_weight")


def test_a_data_request_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(UndeclaredNeed, match=r"data_requests\.yaml"):
        facts().request_state("renal_fonction")


# -- worked out once ------------------------------------------------------------------------------------------------


def test_records_are_read_once_for_all_cards() -> None:
    readings = []

    def read() -> tuple[Measurement, ...]:
        readings.append("read")
        return (creatinine(),)

    chart = facts(renal_function=Supplied(State.PRESENT, read=read))
    for view in (chart, chart.limited_to(["renal_function"]), chart.limited_to(["renal_function", "conditions"])):
        assert view.latest("serum_creatinine") == creatinine()
    assert readings == ["read"]


def test_a_computation_is_made_once_and_fails_the_same_way_every_time() -> None:
    made = []

    def clearance(chart: Facts, factor: int) -> float:
        made.append(factor)
        if factor == 0:
            raise NotKnown("renal_function", "none")
        return 88.9 * factor

    chart = facts()
    assert chart.once(clearance, 1) == chart.limited_to([]).once(clearance, 1) == 88.9
    assert chart.once(clearance, 2) == 177.8
    for _ in range(2):
        with pytest.raises(NotKnown, match="none"):
            chart.once(clearance, 0)
    assert made == [1, 2, 0]
