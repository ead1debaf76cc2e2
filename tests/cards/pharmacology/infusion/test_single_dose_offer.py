"""Another dose for the draft, its words kept in step."""

from __future__ import annotations

import pytest

from cards.opinion import SetDose
from cards.orders import Amount, DoseLine, Drug
from cards.pharmacology.infusion.single_dose_offer import dose_as_ordered, offer_single_dose, offered_unit
from tests.cards.pharmacology.charts import mg, order, signed

RITUXIMAB = Drug("rituximab", frozenset({"rituximab"}))
TENFOLD = DoseLine(amount=mg(7460))


def offered(line: DoseLine, dose: float = 746) -> list[SetDose]:
    """What is offered for one draft with one line."""
    return list(offer_single_dose(signed(order(line, drug=RITUXIMAB)), dose, "label"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("IV weekly for 4 doses", "IV weekly for 4 doses"),
        ("7460 mg IV weekly for 4 doses", "746 mg IV weekly for 4 doses"),
        ("7,460mg IV weekly", "746 mg IV weekly"),
        ("Infuse 7460.0 MG weekly over 4 h", "Infuse 746 mg weekly over 4 h"),
    ],
)
def test_the_words_of_the_line_take_the_new_dose(text: str, expected: str) -> None:
    assert offered(TENFOLD._replace(text=text)) == [SetDose("MedicationRequest/1", "label", 746, "mg", expected, False)]


@pytest.mark.parametrize(
    "text",
    ["7460 mg, 2 vials of 3730 mg", "7460 mg today and 7460 mg next week", "3750 mg/m2 (7460 mg)", "17460 mg weekly"],
)
def test_words_that_state_another_dose_too_are_not_touched(text: str) -> None:
    assert offered(TENFOLD._replace(text=text)) == []


@pytest.mark.parametrize("written", ["3750 mg/m2", "3750 mg/m²", "3750 mg / m^2"])
def test_a_dose_per_surface_is_offered_per_surface(written: str) -> None:
    line = DoseLine(amount=Amount(3750, 3750, "mg/m2"), text=f"{written} weekly")
    assert offered(line, 375) == [SetDose("MedicationRequest/1", "label", 375, "mg/m2", "375 mg/m2 weekly", False)]


def test_decimals_are_found_in_the_words() -> None:
    (offer,) = offered(DoseLine(amount=Amount(7.46, 7.46, "g"), text="7.46 g weekly"))
    assert (offer.unit, offer.text) == ("mg", "746 mg weekly")


@pytest.mark.parametrize(
    "line",
    [
        DoseLine(),
        DoseLine(amount=mg(700, 7000)),
        DoseLine(amount=Amount(2, 2, "count")),
        TENFOLD._replace(as_needed=True),
        TENFOLD._replace(from_text=True),
        TENFOLD._replace(patient_instruction="7460 mg are given"),
    ],
)
def test_nothing_is_offered_where_the_draft_would_lose_or_contradict_something(line: DoseLine) -> None:
    assert offered(line) == []


def test_nothing_is_offered_for_several_drafts_or_lines() -> None:
    one = order(TENFOLD, drug=RITUXIMAB)
    assert dose_as_ordered(signed(one, one)) == ""
    assert dose_as_ordered(signed(order(TENFOLD, TENFOLD, drug=RITUXIMAB))) == ""
    assert offered_unit(signed(one, one)) == ""
    assert dose_as_ordered(signed(one)) == "7460 mg"
