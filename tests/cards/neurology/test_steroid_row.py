"""The rows about a steroid dose for a neuropathy (book 3.8); the card's cases hold their words."""

from __future__ import annotations

from typing import Any

import pytest

from cards.catalogue import load_catalogue
from cards.facts import Facts
from cards.neurology.steroid_context import GradedNeuropathy, SteroidContext
from cards.neurology.steroid_row import row_by_dose, row_by_taper, row_without_weight
from cards.opinion import ProposeDrug, SetDosage
from cards.orders import Amount, Drug, OrderedDrug
from cards.pharmacology.steroid_course import SteroidCourse, steroid_course
from tests.cards.neurology.charts import UNKNOWN, diagnosis, patient
from tests.cards.pharmacology.charts import a_day, line, order, present, signed, weight

KNOWLEDGE = next(
    card.knowledge for card in load_catalogue().cards if card.rule == "corticosteroid-immune-neuropathy-dose"
)
PREDNISONE = Drug("prednisone", frozenset({"systemic_corticosteroid"}))
METHYLPREDNISOLONE = Drug("methylprednisolone", frozenset({"systemic_corticosteroid"}))


def drafted(mg: float, drug: Drug = METHYLPREDNISOLONE, days: int | None = None) -> OrderedDrug:
    """So many mg once daily."""
    return signed(order(line(Amount(mg, mg, "mg"), a_day(1, lasts_days=days)), drug=drug))


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


def test_another_steroid_is_not_changed_into_methylprednisolone() -> None:
    for drug, kind in ((METHYLPREDNISOLONE, SetDosage), (PREDNISONE, ProposeDrug)):
        draft = drafted(40, drug)
        row = row_by_dose(draft, of_80_kg(), KNOWLEDGE, neuropathy(3), course(draft))
        assert row is not None
        assert isinstance(row.suggestion, kind)


def test_unknown_earlier_doses_are_told() -> None:
    draft = drafted(40)
    row = row_by_dose(draft, of_80_kg(medication_orders=UNKNOWN), KNOWLEDGE, neuropathy(3), course(draft))
    assert row is not None
    assert row.facts == ("Earlier steroid doses: could not be checked (the search was refused)",)


@pytest.mark.parametrize(("days", "row"), [(14, None), (15, "no taper"), (None, None)])
def test_a_long_stay_on_one_dose_wants_a_taper(days: int | None, row: str | None) -> None:
    draft = drafted(60, PREDNISONE, days)
    found = row_by_taper(draft, KNOWLEDGE, neuropathy(2), course(draft))
    assert (None if found is None else found.name) == row
