"""Exposure to a checkpoint inhibitor: active, recent, past (book 1.8)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Supplied
from cards.oncology.checkpoint_inhibitor import (
    ExposureState,
    checkpoint_inhibitor_exposure,
    exposure_line,
    require_first_dose,
    windows_line,
)
from cards.orders import Drug
from tests.cards.neurology.charts import PEMBROLIZUMAB, UNKNOWN, ago, given, ordered, patient
from tests.cards.pharmacology.charts import EMPTY

ACTIVE, RECENT, PAST, NONE = ExposureState.ACTIVE, ExposureState.RECENT, ExposureState.PAST, ExposureState.NONE


@pytest.mark.parametrize(
    ("days", "state"), [(1, ACTIVE), (135, ACTIVE), (136, RECENT), (365, RECENT), (366, PAST), (2000, PAST)]
)
def test_the_last_dose_tells(days: int, state: ExposureState) -> None:
    found = checkpoint_inhibitor_exposure(patient(medication_administrations=given(PEMBROLIZUMAB, days)))
    assert found.state is state
    assert found.is_present is (state in (ACTIVE, RECENT))


def test_first_and_last_day_and_the_drug_of_the_last() -> None:
    found = checkpoint_inhibitor_exposure(patient(medication_administrations=given(PEMBROLIZUMAB, 40, 300, 19)))
    assert (found.first_on, found.last_on, found.drug) == (ago(300), ago(19), "pembrolizumab")


def test_another_drug_is_no_exposure() -> None:
    doses = given(Drug("rituximab", frozenset({"rituximab"})), 40)
    assert checkpoint_inhibitor_exposure(patient(medication_administrations=doses)).state is NONE


def test_an_order_that_was_never_given_is_no_exposure() -> None:
    assert checkpoint_inhibitor_exposure(patient(medication_orders=ordered(PEMBROLIZUMAB, 40))).state is NONE


@pytest.mark.parametrize(("days", "state"), [(1, ACTIVE), (180, ACTIVE), (181, RECENT), (365, RECENT), (366, PAST)])
def test_an_active_order_counts_where_doses_could_not_be_had(days: int, state: ExposureState) -> None:
    supplied = {"medication_administrations": UNKNOWN, "medication_orders": ordered(PEMBROLIZUMAB, days)}
    assert checkpoint_inhibitor_exposure(patient(**supplied)).state is state


@pytest.mark.parametrize(("days", "state"), [(135, ACTIVE), (136, RECENT)])
def test_a_finished_order_counts_as_a_dose(days: int, state: ExposureState) -> None:
    orders = ordered(PEMBROLIZUMAB, days, status="completed")
    found = checkpoint_inhibitor_exposure(patient(medication_administrations=UNKNOWN, medication_orders=orders))
    assert found.state is state


def handed_out(*days: int) -> Supplied:
    """Doses handed out so many days ago."""
    return given(PEMBROLIZUMAB, *days, kind="dispense")


@pytest.mark.parametrize("doses", [EMPTY, UNKNOWN])
@pytest.mark.parametrize("orders", [EMPTY, UNKNOWN])
@pytest.mark.parametrize(("days", "state"), [(135, ACTIVE), (136, RECENT), (366, PAST)])
def test_what_was_handed_out_counts_as_a_dose(
    days: int, state: ExposureState, orders: Supplied, doses: Supplied
) -> None:
    supplied = {"medication_administrations": doses, "medication_orders": orders}
    assert checkpoint_inhibitor_exposure(patient(medication_dispenses=handed_out(days), **supplied)).state is state


def test_an_old_dispense_takes_nothing_from_an_order_where_doses_could_not_be_had() -> None:
    supplied = {"medication_administrations": UNKNOWN, "medication_orders": ordered(PEMBROLIZUMAB, 20)}
    found = checkpoint_inhibitor_exposure(patient(medication_dispenses=handed_out(400), **supplied))
    assert (found.state, found.first_on, found.last_on) == (ACTIVE, ago(400), ago(20))


@pytest.mark.parametrize(("dose", "order", "state"), [(400, 20, ACTIVE), (400, 200, RECENT), (100, 200, ACTIVE)])
def test_a_first_page_of_old_doses_takes_nothing_from_an_order(dose: int, order: int, state: ExposureState) -> None:
    page = given(PEMBROLIZUMAB, dose)._replace(is_complete=False)
    facts = patient(medication_administrations=page, medication_orders=ordered(PEMBROLIZUMAB, order))
    assert checkpoint_inhibitor_exposure(facts).state is state
    assert checkpoint_inhibitor_exposure(patient(medication_administrations=page)).first_on == ago(dose)


def test_whether_the_first_dose_found_is_the_first() -> None:
    doses, orders = given(PEMBROLIZUMAB, 40), ordered(PEMBROLIZUMAB, 60)
    for known in (
        {"medication_administrations": doses, "medication_orders": UNKNOWN},
        {"medication_administrations": UNKNOWN, "medication_orders": orders},
    ):
        require_first_dose(patient(**known))
    for open_ in (
        {"medication_administrations": doses._replace(is_complete=False), "medication_orders": orders},
        {"medication_administrations": UNKNOWN, "medication_orders": orders._replace(is_complete=False)},
    ):
        with pytest.raises(NotKnown):
            require_first_dose(patient(**open_))


def test_an_order_of_today_may_be_the_draft_itself() -> None:
    with pytest.raises(NotKnown):
        checkpoint_inhibitor_exposure(
            patient(medication_administrations=UNKNOWN, medication_orders=ordered(PEMBROLIZUMAB, 0))
        )


def test_no_order_is_no_proof_of_no_dose() -> None:
    with pytest.raises(NotKnown, match="refused"):
        checkpoint_inhibitor_exposure(patient(medication_administrations=UNKNOWN))


def test_an_intended_dose_was_not_given() -> None:
    doses = given(PEMBROLIZUMAB, 40, is_intended=True)
    assert checkpoint_inhibitor_exposure(patient(medication_administrations=doses)).state is NONE


def test_the_line_for_a_card() -> None:
    present = patient(medication_administrations=given(PEMBROLIZUMAB, 40))
    assert exposure_line(present) == "Checkpoint inhibitor: pembrolizumab, last 2026-05-06"
    assert exposure_line(patient(medication_administrations=given(PEMBROLIZUMAB, 400))) == ""
    assert "could not be checked" in exposure_line(patient(medication_administrations=UNKNOWN))


def test_the_windows_are_told_in_a_sentence() -> None:
    assert windows_line() == "Exposure is active for 135 days after the last dose (five half-lives), recent for 365."
