"""Every result on file with the clearance of its day (book 1.4)."""

from __future__ import annotations

import pytest

from cards.facts import Facts, Measurement, Sex, State, Supplied
from cards.pharmacology.renal.creatinine_clearance import Source
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_history import RenalPoint, renal_history
from tests.cards.pharmacology.charts import ago, chart, creatinine, kidneys, measured, present, tall, weight

MALE = Sex.MALE


def of(*results: Measurement, sizes: tuple[Measurement, ...] = (weight(80), tall(178))) -> Facts:
    """A man of 60 with these results."""
    return chart(age=60, sex=MALE, body_size=present(*sizes), renal_function=present(*results))


def ml_min(point: RenalPoint) -> float:
    """The clearance, which must be there."""
    assert point.clearance is not None
    return point.clearance.ml_min


def test_the_newest_is_the_one_that_the_rules_use() -> None:
    facts = of(creatinine(1.0, 300), creatinine(2.0, 20))
    earlier, newest = renal_history(facts)
    assert (earlier.on, newest.on) == (ago(300), ago(20))
    assert (earlier.is_newest, newest.is_newest) == (False, True)
    assert newest.clearance == renal_function(facts).clearance


def test_an_earlier_one_stands_with_the_age_and_the_weight_of_its_day() -> None:
    sizes = (weight(80, 10), weight(70, 310), tall(178))
    earlier, newest = renal_history(of(creatinine(1.0, 300), creatinine(1.0, 20), sizes=sizes))
    assert ml_min(earlier) == pytest.approx((140 - 59) * 70 / 72)
    assert ml_min(newest) == pytest.approx((140 - 60) * 80 / 72)
    assert earlier.later_weight is None


def test_a_weight_that_came_later_stands_in_and_is_named() -> None:
    earlier, newest = renal_history(of(creatinine(1.0, 300), creatinine(1.0, 30)))
    assert ml_min(earlier) == pytest.approx((140 - 59) * 80 / 72)
    assert earlier.later_weight == ago(20)
    assert newest.later_weight is None  # the rules take it as it is


def test_a_weight_of_the_same_day_is_no_later_one() -> None:
    earlier, _ = renal_history(of(creatinine(1.0, 300), creatinine(1.0, 20), sizes=(weight(80, 300), tall(178))))
    assert (ml_min(earlier), earlier.later_weight) == (pytest.approx((140 - 59) * 80 / 72), None)


def test_a_weight_of_a_year_later_still_stands_in() -> None:
    earlier, _ = renal_history(of(creatinine(1.0, 385), creatinine(1.0, 20)))
    assert earlier.later_weight == ago(20)


def test_a_weight_of_more_than_a_year_later_stands_in_for_nothing() -> None:
    earlier, _ = renal_history(of(creatinine(1.0, 500), creatinine(1.0, 20)))
    assert (earlier.clearance, earlier.why) == (None, "no weight within 365 days of it")
    assert earlier.creatinine is not None


def test_without_any_weight_the_creatinine_stands_alone() -> None:
    earlier, newest = renal_history(of(creatinine(1.0, 300), creatinine(1.0, 20), sizes=()))
    assert (earlier.clearance, newest.clearance) == (None, None)
    assert newest.why == "no weight within 365 days"


def test_weights_that_contradict_each_other_on_that_day_are_named() -> None:
    sizes = (weight(80, 10), weight(60, 300), weight(80, 302))
    earlier, _ = renal_history(of(creatinine(1.0, 300), creatinine(1.0, 20), sizes=sizes))
    assert earlier.why.startswith("conflicting weights: ")


def test_a_result_that_cannot_be_read_leaves_a_gap_with_its_reason() -> None:
    unreadable, newest = renal_history(of(creatinine(None, 30, unreadable="no unit"), creatinine(1.0, 20)))
    assert (unreadable.creatinine, unreadable.why) == (None, f"creatinine of {ago(30)}: no unit")
    assert newest.clearance is not None


def test_without_a_birth_date_there_is_no_age() -> None:
    facts = chart(
        age=None, body_size=present(weight(80)), renal_function=present(creatinine(1.0, 15), creatinine(1.0, 10))
    )
    assert [point.why for point in renal_history(facts)] == ["no birth date", "no birth date"]


@pytest.mark.parametrize(("age", "whys"), [(139, ["", ""]), (140, ["", "birth date not plausible"])])
def test_at_an_age_at_which_nothing_would_be_cleared_there_is_no_clearance(age: int, whys: list[str]) -> None:
    facts = chart(age=age, body_size=present(weight(80)), renal_function=present(creatinine(1.0, 300), creatinine(1.0)))
    assert [point.why for point in renal_history(facts)] == whys


def test_an_earlier_age_at_which_nothing_would_be_cleared_is_no_age_either() -> None:
    facts = chart(age=150, body_size=present(weight(80)), renal_function=present(creatinine(1.0, 300)))
    older = chart(age=150, body_size=present(weight(80)), renal_function=present(creatinine(1.0, 300), creatinine(1.0)))
    assert [point.why for found in (facts, older) for point in renal_history(found)] == ["birth date not plausible"] * 3


def test_reported_clearances_stand_beside_the_creatinines() -> None:
    points = renal_history(
        of(
            measured("creatinine_clearance", 50, 90, unit="mL/min", code="2164-2"),
            measured("creatinine_clearance", 60, 60, unit="mL/min", code="35591-7"),
            measured("egfr", 70, 30, unit="mL/min/{1.73_m2}"),
            measured("egfr", None, 20, unreadable="no unit"),
        )
    )
    assert [point.clearance and point.clearance.source for point in points] == [
        Source.MEASURED,
        Source.REPORTED,
        Source.STAND_IN,
        None,
    ]
    assert points[-1].why == f"eGFR of {ago(20)}: no unit"


def test_pending_and_undated_results_and_what_could_not_be_had_are_left_out() -> None:
    pending = creatinine(None, 5, is_pending=True)
    undated = creatinine(1.0)._replace(on=None)
    assert renal_history(of(pending, undated)) == ()
    assert renal_history(chart(renal_function=Supplied(State.UNKNOWN, why="the search failed"))) == ()


def test_obesity_and_sex_count_in_the_past_as_they_do_today() -> None:
    facts = kidneys(70, Sex.FEMALE, 70, 165, creatinine(1.2, 15), creatinine(1.2, 10))
    earlier, newest = renal_history(facts)
    assert ml_min(earlier) == pytest.approx(ml_min(newest))
    assert ml_min(newest) == pytest.approx(42.8, abs=0.05)
