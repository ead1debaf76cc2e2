"""A relapse by status or in words (book 4.1, 4.3)."""

from __future__ import annotations

import pytest

from cards.facts import Diagnosis
from cards.neurology.relapse import has_relapsed


@pytest.mark.parametrize(
    ("diagnosis", "reason", "expected"),
    [
        (Diagnosis(clinical_status="relapse"), Diagnosis(), True),
        (Diagnosis(clinical_status="recurrence"), Diagnosis(), True),
        (Diagnosis(clinical_status="active"), Diagnosis(), False),
        (Diagnosis(display="Recurrent amyotrophy"), Diagnosis(), True),
        (Diagnosis(), Diagnosis(display="Relapse of amyotrophy"), True),
        (Diagnosis(), Diagnosis(clinical_status="relapse"), False),
    ],
)
def test_a_relapse_is_known_by_status_or_words(diagnosis: Diagnosis, reason: Diagnosis, expected: bool) -> None:
    assert has_relapsed([diagnosis], [reason]) is expected
