"""The Order block of a card."""

from __future__ import annotations

import pytest

from cards.concepts import Strength
from cards.orders import Amount, DoseLine, Drug, Hook, OrderedService, ServiceOrder, Timing
from cards.pharmacology.order_wording import order_line
from tests.cards.neurology.charts import stated
from tests.cards.pharmacology.charts import AS_OF, PREGABALIN, a_day, ago, line, mg, order, signed


def test_a_drug_is_told_with_its_instructions_and_reason() -> None:
    one = order(line(mg(75), a_day(2)), reasons=(stated("E11.42"),))
    assert order_line(signed(one)) == "pregabalin 75 mg 2 times a day; stated reason: E11.42."


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (line(mg(75), a_day(1), as_needed=True), "75 mg once a day as needed"),
        (line(mg(75, 150), a_day(1)), "75-150 mg once a day"),
        (line(mg(0.1234, 0.5678), a_day(1)), "0.123-0.568 mg once a day"),
        (line(mg(0.5678), a_day(1)), "0.568 mg once a day"),
        (line(Amount(2, 2, "count"), a_day(1)), "2 unit(s) once a day"),
        (line(mg(75), Timing(frequency=2, code="BID")), "75 mg BID"),
        (line(mg(75), Timing(frequency=1, period=3, period_unit="wk")), "75 mg once every 3 weeks"),
        (line(mg(75), Timing(frequency=1, period=1)), "75 mg once a (no unit)"),
    ],
)
def test_an_instruction_is_told_as_it_was_understood(one: DoseLine, expected: str) -> None:
    assert order_line(signed(order(one))) == f"pregabalin {expected}."


@pytest.mark.parametrize(
    ("drug", "expected"),
    [
        (PREGABALIN._replace(strength=Strength(75, "mg", "capsule")), "2 capsules of 75 mg once a day"),
        (PREGABALIN._replace(strength=Strength(20, "mg", "mL")), "2 unit(s) once a day"),
        (PREGABALIN._replace(strength=Strength(75, "mg", "capsule"), strength_conflict=True), "2 unit(s) once a day"),
    ],
)
def test_a_count_says_of_what(drug: Drug, expected: str) -> None:
    assert order_line(signed(order(line(Amount(2, 2, "count"), a_day(1)), drug=drug))) == f"pregabalin {expected}."


@pytest.mark.parametrize(
    ("one", "other", "between"),
    [
        (line(mg(75), a_day(2)), line(mg(150), a_day(1)), "and"),
        (line(mg(75), a_day(2), sequence=1), line(mg(150), a_day(1), sequence=1), "and"),
        (line(mg(75), a_day(2), sequence=1), line(mg(150), a_day(1), sequence=2), "then"),
        (line(mg(75), a_day(2, lasts_days=7)), line(mg(150), a_day(1)), "then"),
        (line(mg(75), a_day(2, lasts_days=0)), line(mg(150), a_day(1)), "and"),
        (line(mg(75), a_day(2, starts_on=AS_OF)), line(mg(150), a_day(1, starts_on=ago(-7))), "then"),
        (line(mg(75), a_day(2, starts_on=AS_OF)), line(mg(150), a_day(1, starts_on=AS_OF)), "and"),
    ],
)
def test_lines_are_told_one_after_another_or_side_by_side(one: DoseLine, other: DoseLine, between: str) -> None:
    told = order_line(signed(order(one, other)))
    assert ((", then 150 mg" in told), (" and 150 mg" in told)) == (between == "then", between == "and")


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        (a_day(1, lasts_days=5), "once a day for 5 days"),
        (a_day(1, lasts_days=1), "once a day for 1 day"),
        (a_day(1, count=5, lasts_days=30), "once a day, 5 in all"),
        (a_day(1, ends_on=AS_OF), "once a day until 2026-06-15"),
    ],
)
def test_an_end_of_the_order_is_told(timing: Timing, expected: str) -> None:
    assert order_line(signed(order(line(mg(75), timing)))) == f"pregabalin 75 mg {expected}."


def test_a_long_instruction_is_cut_and_leaves_the_reason() -> None:
    long = order(line(mg(75), a_day(1), text="word " * 300), reasons=(stated("E11.42"),))
    told = order_line(signed(long))
    assert len(told) < 250
    assert told.endswith('word…"; stated reason: E11.42.')


def test_of_many_instructions_the_first_are_told_and_that_they_were_words() -> None:
    told = order_line(signed(order(*(line(mg(75), a_day(1), text="word " * 30, from_text=True) for _ in range(9)))))
    assert len(told) < 300
    assert told.endswith("word… (parsed from free text).")


def test_what_was_read_from_words_says_so() -> None:
    from_words = order(line(mg(75), a_day(1), from_text=True), drug=PREGABALIN._replace(by_text=True))
    assert order_line(signed(from_words)) == (
        "pregabalin 75 mg once a day (parsed from free text) (drug recognised by its name only)."
    )


def test_of_two_drafts_one_may_be_known_by_its_name_only() -> None:
    both = (order(line(mg(75), None)), order(line(mg(50), None), drug=PREGABALIN._replace(by_text=True)))
    assert order_line(signed(*both)) == (
        "pregabalin 75 mg; pregabalin 50 mg (drug recognised by its name only, in one of the drafts)."
    )


def test_a_line_without_a_timing_is_told_without_one() -> None:
    assert order_line(signed(order(line(mg(75), None)))) == "pregabalin 75 mg."


def test_a_procedure_is_told_by_its_name() -> None:
    draft = ServiceOrder("s", frozenset({"plasma_exchange"}), by_text=True, display="plasma exchange")
    told = order_line(OrderedService(Hook.ORDER_SELECT, (draft,)))
    assert told == "plasma exchange (procedure recognised by its name only)."
