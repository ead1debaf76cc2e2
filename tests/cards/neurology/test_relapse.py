"""A relapse by status or in words (book 4.1, 4.3)."""

from __future__ import annotations

import pytest

from cards.facts import Diagnosis
from cards.neurology.relapse import has_relapsed

SAYS = frozenset({"relapse"})
SAID_OF_A_NEUROPATHY = frozenset({"relapse", "any_neuropathy"})


@pytest.mark.parametrize(
    ("diagnosis", "reason", "expected"),
    [
        (Diagnosis(clinical_status="relapse"), Diagnosis(), True),
        (Diagnosis(clinical_status="recurrence"), Diagnosis(), True),
        (Diagnosis(clinical_status="active"), Diagnosis(), False),
        (Diagnosis(SAYS), Diagnosis(), True),
        (Diagnosis(), Diagnosis(SAYS), True),
        (Diagnosis(), Diagnosis(SAID_OF_A_NEUROPATHY, code="E11.44"), True),
        (Diagnosis(), Diagnosis(frozenset({"relapse", "neuropathic_symptoms"}), code="R53.1"), True),
        (Diagnosis(), Diagnosis(frozenset({"relapse", "neuropathy_in_short"})), True),
        (Diagnosis(), Diagnosis(frozenset({"relapse", "np_unspec_in_words"}), by_text=True), True),
        (Diagnosis(), Diagnosis(frozenset({"relapse", "depression"}), code="F33.9"), False),
        (Diagnosis(), Diagnosis(frozenset({"relapse", "depression"})), False),
        (Diagnosis(), Diagnosis(SAYS, code="N39.0"), False),
        (Diagnosis(), Diagnosis(clinical_status="relapse"), False),
    ],
)
def test_a_relapse_is_known_by_status_or_words(diagnosis: Diagnosis, reason: Diagnosis, expected: bool) -> None:
    assert has_relapsed([diagnosis], [reason]) is expected
