"""Which neuropathy a corticosteroid is for, and what else it may be for (book 3.8, 3.9)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Diagnosis
from cards.neurology.steroid_context import (
    SteroidContext,
    graded_neuropathy,
    other_steroid_indications,
    steroid_context,
)
from cards.opinion import CannotTell
from cards.orders import Drug, OrderedDrug
from tests.cards.neurology.charts import PEMBROLIZUMAB, UNKNOWN, diagnosis, given, patient, stated
from tests.cards.pharmacology.charts import order, signed

PREDNISONE = Drug("prednisone", frozenset({"systemic_corticosteroid"}))
ON_PEMBROLIZUMAB = {"medication_administrations": given(PEMBROLIZUMAB, 40)}
CANCER, ARTHRITIS = diagnosis("C34.90"), diagnosis("M06.9")


def ordered(*reasons: str) -> OrderedDrug:
    """Prednisone for these reasons."""
    return signed(order(drug=PREDNISONE, reasons=tuple(stated(code) for code in reasons)))


def test_the_only_fitting_problem_governs_without_a_reason() -> None:
    found = steroid_context(ordered(), patient(diagnosis("G62.0"), CANCER, **ON_PEMBROLIZUMAB))
    assert isinstance(found, SteroidContext)
    assert (found.set_name, found.is_stated) == ("np_ici", False)


def test_a_stated_reason_governs_over_other_problems() -> None:
    found = steroid_context(ordered("E11.44"), patient(ARTHRITIS))
    assert isinstance(found, SteroidContext)
    assert (found.set_name, found.is_stated) == ("np_drpn", True)


def test_the_effect_as_the_reason_points_to_the_problem_list() -> None:
    facts = patient(diagnosis("G62.9"), diagnosis("T45.AX5A"))
    found = steroid_context(ordered("T45.AX5A"), facts)
    assert isinstance(found, SteroidContext)
    assert found.set_name == "np_ici"


@pytest.mark.parametrize(
    ("problems", "because"),
    [
        ((), "no checkpoint-inhibitor or diabetic radiculoplexus neuropathy"),
        ((diagnosis("E11.44"), CANCER), "another reason for a steroid is current: C34.90"),
        ((diagnosis("E11.44"), ARTHRITIS), "another reason for a steroid is current: M06.9"),
    ],
)
def test_another_reason_on_the_list_or_none_at_all_is_no_context(problems: tuple[Diagnosis, ...], because: str) -> None:
    assert steroid_context(ordered(), patient(*problems)) == because


def test_another_stated_reason_is_no_context() -> None:
    assert steroid_context(ordered("J45.909"), patient(diagnosis("E11.44"))) == "ordered for another indication"


def test_grades_that_could_not_be_had_keep_the_card_silent() -> None:
    neuropathy = diagnosis("G62.0", 20)
    facts = patient(neuropathy, toxicity_grades=UNKNOWN, **ON_PEMBROLIZUMAB)
    found = graded_neuropathy(facts, SteroidContext("np_ici", (neuropathy,), is_stated=True), no_steroid_grade=1)
    assert isinstance(found, CannotTell)
    assert (found.missing, found.book_is_silent) == (("toxicity_grades",), True)


def test_suspected_indications_count_and_past_ones_do_not() -> None:
    suspected, past = diagnosis("M06.9", is_suspected=True), diagnosis("J45.909", is_current=False)
    assert other_steroid_indications(patient(suspected, past), with_cancer=False) == (suspected,)
    assert other_steroid_indications(patient(CANCER), with_cancer=False) == ()
    with pytest.raises(NotKnown):
        other_steroid_indications(patient(conditions=UNKNOWN), with_cancer=True)
