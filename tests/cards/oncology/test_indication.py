"""What the drug is ordered for: the stated reason, else the problem list (book 5.1, 5.5)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Diagnosis, State, Supplied
from cards.oncology.indication import CLL, has_oncology_reason, is_ordered_for
from cards.orders import Drug, OrderedDrug
from tests.cards.pharmacology.charts import chart, order, present, signed

LEUKAEMIA = Diagnosis(frozenset({CLL}), "C91.10")
ARTHRITIS = Diagnosis(code="M05.9", is_stated_reason=True)
UNREAD = chart(conditions=Supplied(State.UNKNOWN))


def rituximab(*reasons: Diagnosis) -> OrderedDrug:
    """A draft with these reasons."""
    return signed(order(drug=Drug("rituximab", frozenset({"rituximab"})), reasons=reasons))


def test_a_stated_reason_decides_alone() -> None:
    with_leukaemia = chart(conditions=present(LEUKAEMIA))
    assert not is_ordered_for(rituximab(ARTHRITIS), with_leukaemia, CLL)
    assert is_ordered_for(rituximab(LEUKAEMIA), UNREAD, CLL)


def test_without_a_stated_reason_the_problem_list_decides() -> None:
    assert is_ordered_for(rituximab(), chart(conditions=present(LEUKAEMIA)), CLL)
    assert not is_ordered_for(rituximab(), chart(), CLL)
    assert has_oncology_reason(rituximab(), chart(conditions=present(LEUKAEMIA)))


def test_an_unread_problem_list_is_unknown_and_no_oncology_reason() -> None:
    with pytest.raises(NotKnown):
        is_ordered_for(rituximab(), UNREAD, CLL)
    assert not has_oncology_reason(rituximab(), UNREAD)
