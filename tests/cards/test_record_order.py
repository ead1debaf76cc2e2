"""Records are told in an order of their own, not in the one in which a server happened to send them."""

from __future__ import annotations

from datetime import date
from itertools import permutations

from cards.record_order import newest_known_first
from cards.records import Diagnosis

UNDATED = Diagnosis(code="G60.9")
OLD = Diagnosis(code="E11.42", onset_on=date(2020, 1, 1))
NEW = Diagnosis(code="C34.90", recorded_on=date(2026, 1, 1))
SAME_DAY = Diagnosis(code="A01.0", recorded_on=date(2026, 1, 1))


def test_problems_come_newest_first_those_of_one_day_by_code_undated_ones_last() -> None:
    for shuffled in permutations((UNDATED, OLD, NEW, SAME_DAY)):
        assert newest_known_first(shuffled) == (SAME_DAY, NEW, OLD, UNDATED)
