"""What a gabapentinoid or an opioid would be taken together with; the rest stands in the cases of its card."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import State, Supplied
from cards.orders import Basket, DoseLine, Drug, MedicationOrder
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


def test_beside_an_opioid_gabapentinoids_count_from_the_basket_and_the_record() -> None:
    opioid = order(line(mg(10), a_day(2)), drug=OXYCODONE, id="MedicationRequest/d2", is_draft=True)
    gabapentin = recorded(Drug("gabapentin", frozenset({"gabapentin", "gabapentinoid"})), 9, 300)
    facts = chart(medication_orders=present(gabapentin), basket=Basket((DRAFT, opioid)))
    assert sedating_pair(signed(opioid), facts).gabapentinoids == (gabapentin, DRAFT)


@pytest.mark.parametrize(
    ("draft_lines", "recorded_lines", "is_old"),
    [
        ((line(None, None, text="as told"),), (line(None, None, text="as told"),), True),
        ((line(None, None, text="as told"),), (line(None, None, text="half of it"),), False),
        ((), (), False),
    ],
)
def test_a_dose_that_cannot_be_read_is_the_old_one_only_in_the_same_words(
    draft_lines: tuple[DoseLine, ...], recorded_lines: tuple[DoseLine, ...], is_old: bool
) -> None:
    before = order(*recorded_lines, id="MedicationRequest/old", status="active", authored_on=ago(100))
    facts = chart(medication_orders=present(before, recorded(OXYCODONE, 100)))
    drafted = signed(order(*draft_lines, id="MedicationRequest/draft", is_draft=True))
    assert is_old_pair(sedating_pair(drafted, facts), drafted, facts, 90) is is_old


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
