"""When a corticosteroid is no option: allergies and failure (book 1.6)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Allergy, Measurement, Supplied
from cards.orders import Amount, Drug, Route
from cards.pharmacology.steroid.steroid_contraindication import SteroidContraindication, steroid_contraindication
from tests.cards.neurology.charts import UNKNOWN, ago, graded, patient
from tests.cards.pharmacology.charts import a_day, line, mg, order, present

SYSTEMIC = frozenset({"systemic_corticosteroid", "corticosteroid_ingredients"})
CLASS = Allergy(frozenset({"corticosteroid_class"}), display="corticosteroids")


def allergic(*names: str, **details: bool) -> Supplied:
    """Allergies to these steroids."""
    return present(*(Allergy(drug_concepts=SYSTEMIC, display=name, **details) for name in names))


def treated(
    dose_mg: float, days: int, *, drug: str = "prednisone", lasts: float | None = None, **details: object
) -> Supplied:
    """A steroid once daily since so many days, for a time or on and on."""
    schedule = a_day(1, lasts_days=lasts)
    one = order(
        line(mg(dose_mg), schedule), drug=Drug(drug, SYSTEMIC), authored_on=ago(days), **{"status": "active", **details}
    )  # type: ignore[arg-type]
    return present(one)


def verdict(**supplied: Supplied) -> bool:
    """Is a steroid no option?"""
    return steroid_contraindication(patient(**supplied)).is_contraindicated


# -- allergies ----------------------------------------------------------


def test_an_allergy_to_the_class_rules_it_out() -> None:
    assert steroid_contraindication(patient(allergies=present(CLASS))) == SteroidContraindication(
        True, "allergy to the steroid class (corticosteroids)"
    )


def test_an_allergy_to_one_ingredient_is_none_to_the_class_whatever_its_codes() -> None:
    assert not verdict(allergies=present(CLASS._replace(drug_concepts=SYSTEMIC, display="prednisone")))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Solu-Medrol",), False),
        (("Solu-Medrol", "methylprednisolone 40 mg"), False),
        (("Solu-Medrol", "prednisone"), True),
        (("Decadron", "Kenalog-40", "prednisone"), True),
        (("budesonide", "cloprednol"), True),
    ],
)
def test_allergies_to_two_ingredients_rule_it_out(names: tuple[str, ...], expected: bool) -> None:
    assert verdict(allergies=allergic(*names)) is expected


def test_allergies_that_are_no_longer_active_do_not_count() -> None:
    assert not verdict(allergies=allergic("prednisone", "Decadron", is_active=False))


# -- failure ----------------------------------------------------------


@pytest.mark.parametrize(("days", "expected"), [(2, False), (3, True), (30, True)])
def test_three_days_of_a_high_dose_without_improvement_are_a_failure(days: int, expected: bool) -> None:
    assert verdict(medication_orders=treated(40, days)) is expected


@pytest.mark.parametrize(
    ("drug", "dose", "expected"),
    [
        ("prednisone", 39, False),
        ("prednisone", 40, True),
        ("methylprednisolone acetate", 32, True),
        ("methylprednisolone", 31, False),
        ("dexamethasone", 6, True),
        ("hydrocortisone", 100, False),
        ("fludrocortisone", 400, False),
    ],
)
def test_the_dose_counts_in_prednisone(drug: str, dose: float, expected: bool) -> None:
    assert verdict(medication_orders=treated(dose, 10, drug=drug)) is expected


def test_days_before_the_window_do_not_count() -> None:
    assert not verdict(medication_orders=treated(60, 40, lasts=9, status="completed"))
    assert verdict(medication_orders=treated(60, 40, lasts=20, status="completed"))


def test_a_pulse_of_three_days_is_three_days() -> None:
    assert verdict(medication_orders=treated(1000, 10, drug="methylprednisolone", lasts=3, status="completed"))
    assert not verdict(medication_orders=treated(1000, 10, drug="methylprednisolone", lasts=2, status="completed"))


def test_a_finished_order_without_a_length_is_one_day_or_its_supply() -> None:
    assert not verdict(medication_orders=treated(60, 10, status="stopped"))
    assert verdict(medication_orders=treated(60, 10, status="stopped", ended_on=ago(8)))
    assert not verdict(medication_orders=treated(60, 10, status="stopped", ended_on=ago(9)))
    two_days = [*treated(60, 10, status="stopped").read(), *treated(60, 8, status="stopped").read()]
    assert not verdict(medication_orders=present(*two_days))
    assert verdict(medication_orders=treated(60, 10, status="completed", supply_days=5))


def test_two_orders_of_the_same_days_may_add_up_to_a_high_dose() -> None:
    morning, evening = treated(20, 10).read(), treated(20, 10).read()
    with pytest.raises(NotKnown, match="may add up"):
        verdict(medication_orders=present(*morning, *evening))
    assert not verdict(medication_orders=present(*morning, *treated(19, 10).read()))
    assert not verdict(medication_orders=present(*morning, *treated(20, 2).read())), "two days together"
    assert verdict(medication_orders=present(*morning, *treated(40, 10).read())), "one of them is high alone"
    improved = graded(3, 12), graded(2, 1)
    assert not verdict(medication_orders=present(*morning, *evening), toxicity_grades=present(*improved))


def test_a_dose_that_cannot_be_read_or_is_no_systemic_one_is_no_failure() -> None:
    assert not verdict(medication_orders=treated(60, 10, route=Route.TOPICAL))
    per_kg = order(line(Amount(1, 1, "mg/kg"), a_day(1)), drug=Drug("prednisone", SYSTEMIC), authored_on=ago(10))
    assert not verdict(medication_orders=present(per_kg))


@pytest.mark.parametrize(
    ("before", "after", "expected"), [(3, 2, False), (3, 3, True), (2, 3, True), (None, 2, True), (3, None, True)]
)
def test_a_lower_grade_since_the_first_dose_is_an_improvement(
    before: float | None, after: float | None, expected: bool
) -> None:
    grades = [graded(grade, days) for grade, days in ((after, 5), (before, 12)) if grade is not None]
    assert verdict(medication_orders=treated(40, 10), toxicity_grades=present(*grades)) is expected


@pytest.mark.parametrize(
    ("grades", "is_failure"),
    [
        ([graded(2, 5), graded(3, 10)], False),
        ([graded(2, 5), graded(None, 11), graded(3, 12)], False),
        ([graded(2, 5, is_pending=True), graded(3, 12)], True),
        ([graded(3, 12), graded(2, 20)], True),
        ([graded(3, 10), graded(2, 10)], True),
    ],
)
def test_only_readable_grades_after_the_first_day_are_compared(grades: list[Measurement], is_failure: bool) -> None:
    assert verdict(medication_orders=treated(40, 10), toxicity_grades=present(*grades)) is is_failure


# -- what could not be had ----------------------------------------------------------


def test_what_is_found_counts_whatever_else_could_not_be_had() -> None:
    assert verdict(allergies=present(CLASS), medication_orders=UNKNOWN)
    assert verdict(allergies=UNKNOWN, medication_orders=treated(40, 10))


@pytest.mark.parametrize("missing", ["allergies", "medication_orders"])
def test_nothing_found_is_not_known_where_a_record_could_not_be_had(missing: str) -> None:
    with pytest.raises(NotKnown, match="refused"):
        steroid_contraindication(patient(**{missing: UNKNOWN}))


def test_an_improvement_that_could_not_be_looked_for_is_not_known() -> None:
    with pytest.raises(NotKnown, match="refused"):
        steroid_contraindication(patient(medication_orders=treated(40, 10), toxicity_grades=UNKNOWN))
