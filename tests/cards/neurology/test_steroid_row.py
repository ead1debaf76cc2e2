"""The rows about a steroid dose for a neuropathy (book 3.8); the card's cases hold their words."""

from __future__ import annotations

from typing import Any

import pytest

from cards.catalogue import load_catalogue
from cards.facts import Facts
from cards.neurology.steroid_context import GradedNeuropathy, SteroidContext
from cards.neurology.steroid_row import SteroidRow, row_by_dose, row_by_taper, row_without_weight
from cards.opinion import ProposeDrug, SetDosage
from cards.orders import Drug, OrderedDrug
from cards.pharmacology.steroid.steroid_course import SteroidCourse, steroid_course
from tests.cards.neurology.charts import UNKNOWN, diagnosis, patient
from tests.cards.pharmacology.charts import a_day, ago, line, mg, order, present, signed, weight

KNOWLEDGE = next(
    card.knowledge for card in load_catalogue().cards if card.rule == "corticosteroid-immune-neuropathy-dose"
)
PREDNISONE = Drug("prednisone", frozenset({"systemic_corticosteroid"}))
METHYLPREDNISOLONE = Drug("methylprednisolone", frozenset({"systemic_corticosteroid"}))


def drafted(dose_mg: float, drug: Drug = METHYLPREDNISOLONE, days: int | None = None) -> OrderedDrug:
    """So many mg once daily."""
    return signed(order(line(mg(dose_mg), a_day(1, lasts_days=days)), drug=drug))


def neuropathy(grade: int) -> GradedNeuropathy:
    """A neuropathy of this grade; 0: radiculoplexus neuropathy."""
    code, set_name = ("G62.0", "np_ici") if grade else ("E11.44", "np_drpn")
    return GradedNeuropathy(SteroidContext(set_name, (diagnosis(code, 20),), is_stated=True), "neuropathy", grade)


def course(draft: OrderedDrug) -> SteroidCourse:
    """The course it makes."""
    found = steroid_course(draft)
    assert isinstance(found, SteroidCourse)
    return found


def of_80_kg(**supplied: Any) -> Facts:
    """A patient of 80 kg."""
    return patient(body_size=present(weight(80)), **supplied)


def shown(draft: OrderedDrug, grade: int, facts: Facts | None = None) -> SteroidRow:
    """The row by dose, where there is one."""
    row = row_by_dose(draft, facts or of_80_kg(), KNOWLEDGE, neuropathy(grade), course(draft))
    assert row is not None
    return row


def by_dose(draft: OrderedDrug, grade: int, facts: Facts | None = None) -> str | None:
    """The name of the row by dose."""
    row = row_by_dose(draft, facts or of_80_kg(), KNOWLEDGE, neuropathy(grade), course(draft))
    return None if row is None else row.name


@pytest.mark.parametrize(
    ("draft", "grade", "row"),
    [
        (drafted(29, PREDNISONE), 2, "grade 2"),  # 0.5 mg/kg less a quarter is 30 mg
        (drafted(30, PREDNISONE), 2, None),
        (drafted(100, PREDNISONE), 2, None),
        (drafted(101, PREDNISONE), 2, "grade 2"),
        (drafted(119), 3, "grade 3-4 below"),
        (drafted(120), 3, None),
        (drafted(1250), 4, None),
        (drafted(1251), 4, "grade 3-4 above"),
        (drafted(10), 0, None),
        (drafted(400), 0, None),
        (drafted(401), 0, "radiculoplexus"),
    ],
)
def test_each_neuropathy_has_its_range(draft: OrderedDrug, grade: int, row: str | None) -> None:
    assert by_dose(draft, grade) == row


def test_a_pulse_needs_no_weight_and_a_lower_dose_asks_for_one() -> None:
    unweighed = patient()
    assert by_dose(drafted(1000), 3, unweighed) is None
    assert by_dose(drafted(100), 3, unweighed) == row_without_weight(neuropathy(3)).name


@pytest.mark.parametrize(
    ("draft", "grade", "range_in_mg"),
    [
        (drafted(10, PREDNISONE), 2, "here 40-80 mg/day"),
        (drafted(40), 3, "here 160-320 mg/day"),
        (drafted(500), 0, "here 160-320 mg/day"),
    ],
)
def test_the_range_is_worked_out_for_the_weight(draft: OrderedDrug, grade: int, range_in_mg: str) -> None:
    assert range_in_mg in shown(draft, grade).rule


def test_another_steroid_is_not_changed_into_methylprednisolone() -> None:
    assert isinstance(shown(drafted(40), 3).suggestion, SetDosage)
    other = shown(drafted(40, PREDNISONE), 3).suggestion
    assert isinstance(other, ProposeDrug)
    assert other.label == "Draft methylprednisolone IV, dose to be completed (2 mg/kg/day is 160 mg)"


def test_no_multiple_of_a_vial_in_the_range_is_no_offer() -> None:
    assert shown(drafted(10), 3, patient(body_size=present(weight(24)))).suggestion is None


@pytest.mark.parametrize(("earlier_mg", "row"), [(149, "grade 3-4 below"), (150, None)])
def test_an_earlier_full_dose_counts_in_prednisone(earlier_mg: float, row: str | None) -> None:
    earlier = order(line(mg(earlier_mg), a_day(1)), drug=PREDNISONE, id="o1", status="active", authored_on=ago(10))
    assert by_dose(drafted(40), 3, of_80_kg(medication_orders=present(earlier))) == row


def test_unknown_earlier_doses_are_told() -> None:
    row = shown(drafted(40), 3, of_80_kg(medication_orders=UNKNOWN))
    assert row.facts == ("Earlier steroid doses: could not be checked (the search was refused)",)


def by_taper(draft: OrderedDrug) -> str | None:
    """The name of the row by taper in grade 2."""
    row = row_by_taper(draft, KNOWLEDGE, neuropathy(2), course(draft))
    return None if row is None else row.name


@pytest.mark.parametrize(("days", "row"), [(14, None), (15, "no taper"), (None, None)])
def test_a_long_stay_on_one_dose_wants_a_taper(days: int | None, row: str | None) -> None:
    assert by_taper(drafted(60, PREDNISONE, days)) == row


@pytest.mark.parametrize(("pulse_mg", "row"), [(937, "no taper"), (938, None)])
def test_the_days_of_a_pulse_want_none_whatever_the_steroid(pulse_mg: float, row: str | None) -> None:
    assert by_taper(drafted(pulse_mg, PREDNISONE, 15)) == row  # 750 mg of methylprednisolone is a pulse


def test_days_that_are_not_stated_are_not_counted() -> None:
    stages = line(mg(60), a_day(1, lasts_days=14), sequence=1), line(mg(80), a_day(1), sequence=2)
    assert by_taper(signed(order(*stages, drug=PREDNISONE))) is None


@pytest.mark.parametrize(("grade", "taper"), [(2, "guideline taper 4-6 weeks"), (0, "a slow taper is usual")])
def test_the_usual_taper_is_named(grade: int, taper: str) -> None:
    draft = drafted(60, PREDNISONE, 20)
    found = row_by_taper(draft, KNOWLEDGE, neuropathy(grade), course(draft))
    assert found is not None
    assert found.summary == f"Steroid for neuropathy: 20 days without a taper; {taper}"
