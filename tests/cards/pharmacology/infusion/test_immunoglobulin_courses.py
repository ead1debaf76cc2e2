"""Earlier courses of immunoglobulin (book 4.1, 4.3)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Administration, Supplied
from cards.pharmacology.infusion.immunoglobulin_courses import (
    Course,
    courses_before,
    immunoglobulin_courses,
    is_course_running,
    prior_courses,
    prior_courses_line,
    require_known_courses,
)
from tests.cards.neurology.charts import IVIG, UNKNOWN, ago, given, ordered, patient
from tests.cards.pharmacology.charts import EMPTY, present


def test_infusion_days_that_lie_close_are_one_course() -> None:
    facts = patient(medication_administrations=given(IVIG, 104, 103, 102, 99, 98, 60, 30))
    assert immunoglobulin_courses(facts) == (
        Course(ago(30), ago(30)),
        Course(ago(60), ago(60)),
        Course(ago(104), ago(98)),
    )


def test_four_days_without_an_infusion_part_two_courses() -> None:
    assert len(immunoglobulin_courses(patient(medication_administrations=given(IVIG, 13, 10)))) == 1
    assert len(immunoglobulin_courses(patient(medication_administrations=given(IVIG, 14, 10)))) == 2


def test_one_record_of_several_days_is_one_course() -> None:
    def record(first: int, last: int) -> Administration:
        return Administration(IVIG, given_on=ago(first), ended_on=ago(last))

    assert immunoglobulin_courses(patient(medication_administrations=present(record(104, 100)))) == (
        Course(ago(104), ago(100)),
    )
    beside = present(record(104, 100), record(102, 102), record(97, 93))
    assert immunoglobulin_courses(patient(medication_administrations=beside)) == (Course(ago(104), ago(93)),)
    assert not prior_courses(patient(medication_administrations=present(record(29, 25))))


@pytest.mark.parametrize(("days", "is_prior"), [(27, False), (28, True), (730, True), (731, False)])
def test_a_course_that_ended_28_to_730_days_ago_is_an_earlier_one(days: int, is_prior: bool) -> None:
    assert bool(prior_courses(patient(medication_administrations=given(IVIG, days)))) is is_prior


def test_a_course_counts_by_its_last_day() -> None:
    assert not prior_courses(patient(medication_administrations=given(IVIG, 29, 28, 27)))


@pytest.mark.parametrize(("days", "is_running"), [(0, True), (3, True), (4, False)])
def test_a_course_is_running_while_the_next_infusion_would_belong_to_it(days: int, is_running: bool) -> None:
    assert is_course_running(patient(medication_administrations=given(IVIG, days, 5))) is is_running


def test_an_order_or_what_could_not_be_had_shows_no_running_course() -> None:
    assert not is_course_running(patient(medication_orders=ordered(IVIG, 1)))
    assert not is_course_running(patient(medication_administrations=UNKNOWN))


def test_none_found_is_none_only_where_both_records_are_complete() -> None:
    assert prior_courses(patient()) == ()
    recent = given(IVIG, 5)
    for missing in ({"medication_orders": UNKNOWN}, {"medication_administrations": UNKNOWN}):
        with pytest.raises(NotKnown, match="refused"):
            prior_courses(patient(**missing))
    with pytest.raises(NotKnown, match="refused"):
        prior_courses(patient(medication_administrations=recent, medication_orders=UNKNOWN))


def test_one_record_is_enough_for_a_course_that_is_found() -> None:
    assert prior_courses(patient(medication_administrations=UNKNOWN, medication_orders=ordered(IVIG, 300)))


def test_the_line_for_a_card() -> None:
    window = "Earlier IVIG, 28-730 days ago: "
    assert prior_courses_line(patient()) == f"{window}none found"
    found = patient(medication_administrations=given(IVIG, 301, 300, 100))
    assert prior_courses_line(found) == f"{window}2026-03-07 and 2025-08-18 to 2025-08-19"
    many = patient(medication_administrations=given(IVIG, 40, 80, 120, 160))
    assert prior_courses_line(many) == f"{window}2026-05-06, 2026-03-27 and 2 before"
    assert f"{window}could not be checked (the search was refused)" in prior_courses_line(
        patient(medication_orders=UNKNOWN)
    )


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((27,), "none found; outside these days: 2026-05-19"),
        ((731,), "none found; outside these days: 2024-06-14"),
        ((27, 55), "2026-04-21; outside these days: 2026-05-19"),
        ((28,), "2026-05-18"),
    ],
)
def test_the_line_names_the_courses_outside_the_look_back(days: tuple[int, ...], said: str) -> None:
    line = prior_courses_line(patient(medication_administrations=given(IVIG, *days)))
    assert line == f"Earlier IVIG, 28-730 days ago: {said}"


def test_a_course_outside_the_look_back_is_named_where_the_other_record_could_not_be_had() -> None:
    line = prior_courses_line(patient(medication_administrations=given(IVIG, 5), medication_orders=UNKNOWN))
    assert "could not be checked" in line
    assert line.endswith("outside these days: 2026-06-10")


# -- courses that are counted -----------------------------------------------------------------------------------------


def test_courses_are_counted_by_doses_given() -> None:
    facts = patient(medication_administrations=given(IVIG, 60, 59, 30, 29), medication_orders=ordered(IVIG, 66, 40, 20))
    assert courses_before(facts, 365) == (Course(ago(30), ago(29)), Course(ago(60), ago(59)))


@pytest.mark.parametrize("administrations", [UNKNOWN, EMPTY])
def test_without_doses_given_orders_count(administrations: Supplied) -> None:
    facts = patient(medication_administrations=administrations, medication_orders=ordered(IVIG, 66, 40))
    assert len(courses_before(facts, 365)) == 2


@pytest.mark.parametrize("administrations", [UNKNOWN, EMPTY])
def test_without_doses_given_what_was_handed_out_counts_before_orders(administrations: Supplied) -> None:
    dispensed = {"medication_dispenses": given(IVIG, 60, 30, kind="dispense"), "medication_orders": ordered(IVIG, 66)}
    facts = patient(medication_administrations=administrations, **dispensed)
    assert courses_before(facts, 365) == (Course(ago(30), ago(30)), Course(ago(60), ago(60)))
    facts = patient(medication_administrations=given(IVIG, 58), **dispensed)
    assert courses_before(facts, 365) == (Course(ago(58), ago(58)),)


@pytest.mark.parametrize(("days", "count"), [(3, 0), (4, 1), (28, 1), (29, 0)])
def test_a_course_that_may_still_run_is_not_before(days: int, count: int) -> None:
    assert len(courses_before(patient(medication_administrations=given(IVIG, days)), 28)) == count


def test_what_could_not_be_had_adds_no_course_and_is_known_to() -> None:
    facts = patient(medication_administrations=UNKNOWN, medication_orders=UNKNOWN)
    assert courses_before(facts, 365) == ()
    with pytest.raises(NotKnown):
        require_known_courses(facts)
    require_known_courses(patient())
