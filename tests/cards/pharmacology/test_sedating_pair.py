"""What a gabapentinoid or an opioid would be taken together with; the rest stands in the cases of its card."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import State, Supplied
from cards.orders import Basket, Drug, MedicationOrder
from cards.pharmacology.sedating_pair import is_old_pair, pair_lines, sedating_pair
from cards.pharmacology.therapy_history import is_same_ingredient
from tests.cards.pharmacology.charts import a_day, ago, chart, line, mg, order, present, signed

OXYCODONE = Drug("oxycodone", frozenset({"opioid", "opioid_ingredients"}))
LORAZEPAM = Drug("lorazepam", frozenset({"benzodiazepine"}))
DRAFT = order(line(mg(75), a_day(2)), id="MedicationRequest/draft", is_draft=True)


def recorded(drug: Drug, days: int, dose: float = 5) -> MedicationOrder:
    """An active order of so many days ago."""
    return order(
        line(mg(dose), a_day(2)), drug=drug, id=f"MedicationRequest/{drug.name}", status="active", authored_on=ago(days)
    )


def test_opioids_come_first_and_each_drug_once() -> None:
    records = present(recorded(LORAZEPAM, 5), recorded(OXYCODONE, 9), recorded(OXYCODONE, 40))
    pair = sedating_pair(signed(DRAFT), chart(medication_orders=records))
    assert [one.drug.name for one in pair.depressants] == ["oxycodone", "lorazepam"]
    assert pair.classes == ("opioid", "benzodiazepine")
    assert list(pair_lines(pair, signed(DRAFT))) == [
        "Active: oxycodone (10 mg/day) of 2026-06-06",
        "Active: lorazepam (10 mg/day) of 2026-06-10",
    ]


def test_a_draft_stands_for_the_order_on_record() -> None:
    draft = order(line(mg(10), a_day(2)), drug=OXYCODONE, id="MedicationRequest/d2", is_draft=True)
    facts = chart(medication_orders=present(recorded(OXYCODONE, 9)), basket=Basket((DRAFT, draft)))
    assert sedating_pair(signed(DRAFT), facts).depressants == (draft,)


def test_unknown_orders_are_no_pair_unless_the_basket_is_one() -> None:
    unknown = Supplied(State.UNKNOWN)
    with pytest.raises(NotKnown):
        sedating_pair(signed(DRAFT), chart(medication_orders=unknown, basket=Basket((DRAFT,))))
    draft = order(drug=OXYCODONE, id="MedicationRequest/d2", is_draft=True)
    facts = chart(medication_orders=unknown, basket=Basket((DRAFT, draft)))
    pair = sedating_pair(signed(DRAFT), facts)
    assert (pair.is_there, pair.is_checked) == (True, False)
    assert not is_old_pair(pair, signed(DRAFT), facts, 90)
    assert "Orders on record could not be checked, or not all of them" in list(pair_lines(pair, signed(DRAFT)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("oxycodone", "oxycodone", True),
        ("oxycodone", "oxycodone hydrochloride", True),
        ("morphine sulfate", "morphine", True),
        ("codeine", "dihydrocodeine", False),
        ("oxycodone", "oxycodonex", False),
    ],
)
def test_an_ingredient_by_its_own_name_or_that_of_its_salt(one: str, other: str, same: bool) -> None:
    assert is_same_ingredient(one, other) is same
