"""Other neurotoxic cancer drugs given lately (book 5.6)."""

from __future__ import annotations

import pytest

from cards.concepts import load_value_sets
from cards.facts import Administration
from cards.oncology.neurotoxic_partner import PARTNERS, neurotoxic_partners
from cards.orders import Drug
from tests.cards.neurology.charts import UNKNOWN, ago, given, ordered, patient
from tests.cards.pharmacology.charts import present

PACLITAXEL = Drug("paclitaxel", frozenset({PARTNERS}))


@pytest.mark.parametrize(("days", "found"), [(90, 1), (91, 0)])
def test_a_partner_counts_within_the_window(days: int, found: int) -> None:
    facts = patient(medication_administrations=given(PACLITAXEL, days))
    assert len(neurotoxic_partners(facts, within_days=90)) == found


def test_each_partner_is_told_once_with_its_last_day() -> None:
    cisplatin = Administration(Drug("cisplatin", PACLITAXEL.concepts), given_on=ago(40))
    doses = present(*(Administration(PACLITAXEL, given_on=ago(day)) for day in (20, 41)), cisplatin)
    found = neurotoxic_partners(patient(medication_administrations=doses), within_days=90)
    assert {(one.drug.name, one.on) for one in found} == {("paclitaxel", ago(20)), ("cisplatin", ago(40))}


def test_an_order_counts_where_doses_are_not_on_record() -> None:
    facts = patient(medication_administrations=UNKNOWN, medication_orders=ordered(PACLITAXEL, 20))
    assert neurotoxic_partners(facts, within_days=90)


def test_unread_records_hold_no_partner() -> None:
    facts = patient(medication_administrations=UNKNOWN, medication_orders=UNKNOWN)
    assert neurotoxic_partners(facts, within_days=90) == ()


def test_the_classes_of_the_book_are_partners_and_others_are_not() -> None:
    value_sets = load_value_sets()
    for name in ("carboplatin", "docetaxel", "vincristine", "brentuximab vedotin", "enfortumab vedotin"):
        assert PARTNERS in value_sets.named(name, ("med",)), name
    for name in ("bortezomib", "thalidomide", "eribulin"):
        assert PARTNERS not in value_sets.named(name, ("med",)), name
    rows = value_sets.concept("neurotoxic_chemotherapy_ingredients").rows.values()
    classes = {code.code for _, code in rows if code.hints["class"] in ("platinum", "taxane", "vinca", "mmae")}
    assert {code.code for _, code in value_sets.concept(PARTNERS).rows.values()} == classes
