"""Records are told in an order of their own, not in the one in which a server happened to send them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations

from cards.record_order import newest_first, newest_known_first
from cards.records import Diagnosis, Measurement

UNDATED = Diagnosis(code="A01.0")
OLD = Diagnosis(code="C34.90", onset_on=date(2020, 1, 1))
NEW = Diagnosis(code="G60.9", recorded_on=date(2026, 1, 1))
SAME_DAY = Diagnosis(code="E11.42", recorded_on=date(2026, 1, 1))

DAY = date(2026, 6, 1)
NOON, EVENING = datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 6, 1, 20, tzinfo=UTC)


def test_problems_come_newest_first_those_of_one_day_by_code_undated_ones_last() -> None:
    for shuffled in permutations((UNDATED, OLD, NEW, SAME_DAY)):
        assert newest_known_first(shuffled) == (SAME_DAY, NEW, OLD, UNDATED)


def test_results_come_newest_first_of_one_instant_the_readable_then_the_higher() -> None:
    in_order = (
        Measurement("serum_creatinine", DAY, EVENING, 0.5),
        Measurement("serum_creatinine", DAY, NOON, 2.0),
        Measurement("serum_creatinine", DAY, NOON, 1.0),
        Measurement("serum_creatinine", DAY, NOON),
        Measurement("serum_creatinine", DAY, NOON, 9.0, unreadable="no unit"),
        Measurement("serum_creatinine", DAY, value=9.0),
        Measurement("serum_creatinine", date(2026, 5, 1), value=9.0),
        Measurement("serum_creatinine", value=9.0),
    )
    for shuffled in permutations(in_order):
        assert newest_first(shuffled) == {"serum_creatinine": in_order}
