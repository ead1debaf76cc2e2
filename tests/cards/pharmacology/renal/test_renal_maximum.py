"""The decision table that books 2.2 and 2.5 share, with gabapentin's numbers: its maximum falls below 15 mL/min."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue
from cards.facts import Facts, Procedure, Sex, State, Supplied
from cards.knowledge import Knowledge
from cards.opinion import Advice, CannotTell, Indicator, NothingToAdd, Opinion, OrderService, SetDosage
from cards.orders import Drug, Formulation
from cards.pharmacology.renal.renal_maximum import above_renal_maximum
from tests.cards.pharmacology.charts import (
    a_day,
    ago,
    chart,
    creatinine,
    kidneys,
    label_table,
    line,
    mg,
    order,
    present,
    signed,
)

[CARD] = [card for card in load_catalogue().cards if card.rule == "gabapentin-dose-exceeds-renal-max"]
GABAPENTIN = CARD.knowledge
DRUG = Drug("gabapentin", frozenset({"gabapentin", "gabapentinoid"}))
A = kidneys(60, Sex.MALE, 80, 178, creatinine(1.0))
B = kidneys(70, Sex.FEMALE, 70, 165, creatinine(1.2))
C = kidneys(75, Sex.MALE, 60, 170, creatinine(2.5))
D = chart(age=58, procedures=present(Procedure(frozenset({"hemodialysis"}), done_on=ago(3))))
H = chart()


def of_60_kg(value: float) -> Facts:
    """Patient E, whose clearance is 60 divided by the creatinine."""
    return kidneys(68, Sex.MALE, 60, 165, creatinine(value))


def level(facts: Facts, mg_per_day: float, *, supplement: float | None = None, drug: Drug = DRUG) -> str:
    """What the card says about a daily dose."""
    lines = [line(mg(mg_per_day), a_day(1))]
    if supplement is not None:
        lines.append(line(mg(supplement), None, after_dialysis=True))
    opinion = above_renal_maximum(signed(order(*lines, drug=drug)), facts, GABAPENTIN)
    return str(opinion.indicator) if isinstance(opinion, Advice) else "silent"


@pytest.mark.parametrize(
    ("facts", "mg_per_day", "expected"),
    [
        (C, 900, "warning"),
        (C, 1500, "critical"),
        (B, 1400, "silent"),
        (B, 1401, "warning"),
        (of_60_kg(1.0), 3600, "silent"),
        (of_60_kg(1.01), 3600, "warning"),
        (of_60_kg(2.0), 1400, "warning"),
        (of_60_kg(2.0), 1500, "warning"),
        (of_60_kg(60 / 30.1), 1400, "silent"),
        (of_60_kg(4.0), 300, "silent"),
        (of_60_kg(8.0), 200, "warning"),
        (of_60_kg(8.0), 150, "silent"),
        (of_60_kg(8.0), 301, "critical"),
        (D, 900, "critical"),
        (H, 3600, "silent"),
        (H, 4000, "warning"),
    ],
)
def test_the_vectors_of_gabapentin(facts: Facts, mg_per_day: float, expected: str) -> None:
    assert level(facts, mg_per_day) == expected


@pytest.mark.parametrize(("supplement", "expected"), [(300, "silent"), (350, "silent"), (351, "warning")])
def test_the_supplement_of_gabapentin(supplement: float, expected: str) -> None:
    assert level(D, 300, supplement=supplement) == expected


def test_products_that_no_table_covers_are_left_alone() -> None:
    for form in (Formulation.EXTENDED, Formulation.GASTRORETENTIVE, Formulation.ENACARBIL):
        drug = Drug("gabapentin", DRUG.concepts, formulation=form)
        assert level(C, 1500, drug=drug) == "silent"


def offered(facts: Facts, mg_per_day: float, knowledge: Knowledge = GABAPENTIN) -> list[float]:
    """Doses that the card offers."""
    opinion = above_renal_maximum(signed(order(line(mg(mg_per_day), a_day(1)), drug=DRUG)), facts, knowledge)
    assert isinstance(opinion, Advice)
    return [dose.dose_mg for one in opinion.suggestions if isinstance(one, SetDosage) for dose in one.lines]


def established(value: float) -> Facts:
    """Patient E, on gabapentin for two months."""
    on_record = order(line(mg(900), a_day(1)), id="old", status="active", authored_on=ago(60), drug=DRUG)
    return kidneys(68, Sex.MALE, 60, 165, creatinine(value), medication_orders=present(on_record))


def test_a_maximum_that_falls_with_the_clearance_is_rounded_down_to_what_can_be_given() -> None:
    assert offered(established(4.5), 900) == [200]
    assert offered(established(4.0), 900) == [300]
    assert offered(established(6.0), 900) == [200]


@pytest.mark.parametrize("facts", [of_60_kg(15), established(15)])
def test_nothing_is_offered_above_a_maximum_smaller_than_a_capsule(facts: Facts) -> None:
    assert offered(facts, 900) == []


def test_a_start_dose_that_comes_to_more_than_the_maximum_in_a_day_is_not_offered() -> None:
    start = label_table({"from": 0, "doses": [{"mg": 200, "per_day": 2}]})
    knowledge = GABAPENTIN.model_copy(update={"thresholds": {**GABAPENTIN.thresholds, "start_regimen": start}})
    assert offered(of_60_kg(4.0), 900, knowledge) == []


def test_a_dose_within_the_maximum_says_so() -> None:
    opinion = above_renal_maximum(signed(order(line(mg(900), a_day(1)), drug=DRUG)), A, GABAPENTIN)
    assert opinion == NothingToAdd("within the label maximum of 3600 mg/day", "r<=1")


def opinion_on(facts: Facts, mg_per_day: float) -> Opinion:
    """What the card answers about a daily dose."""
    return above_renal_maximum(signed(order(line(mg(mg_per_day), a_day(1)), drug=DRUG)), facts, GABAPENTIN)


def test_a_dose_within_every_maximum_is_silent_by_the_book_where_the_kidneys_could_not_be_checked() -> None:
    unknown = chart(renal_function=Supplied(State.UNKNOWN))
    found = opinion_on(unknown, 3600)
    assert isinstance(found, CannotTell)
    assert (found.missing, found.book_is_silent) == (("renal_function",), True)


def test_a_dose_that_cannot_be_read_is_silent_by_the_book() -> None:
    found = above_renal_maximum(signed(order(line(mg(300), None), drug=DRUG)), C, GABAPENTIN)
    assert found == CannotTell("daily dose: no timing given", ("order",), book_is_silent=True)


def obese(comparator: str) -> Facts:
    """Patient I, between 55 and 75 mL/min by the weight, whose creatinine is only a bound."""
    return kidneys(66, Sex.FEMALE, 95, 160, creatinine(1.1, comparator=comparator))


def test_another_doubt_does_not_hide_that_the_creatinine_is_only_a_bound() -> None:
    for facts, mg_per_day in ((obese("<"), 1800), (obese(">"), 1400)):
        found = opinion_on(facts, mg_per_day)
        assert isinstance(found, CannotTell)
        assert (found.missing, found.failed, found.book_is_silent) == (("renal_function",), False, True)


def test_a_taper_may_begin_at_the_present_dose_but_not_above_it() -> None:
    on_record = order(line(mg(1800), a_day(1)), id="old", status="active", authored_on=ago(60), drug=DRUG)
    facts = kidneys(75, Sex.MALE, 60, 170, creatinine(2.5), medication_orders=present(on_record))
    for begin, is_silent in ((1800, True), (1801, False)):
        steps = [line(mg(begin), a_day(1, lasts_days=7), sequence=1), line(mg(700), a_day(1), sequence=2)]
        opinion = above_renal_maximum(signed(order(*steps, drug=DRUG)), facts, GABAPENTIN)
        assert isinstance(opinion, NothingToAdd) is is_silent


def test_a_dose_above_every_maximum_needs_no_renal_function() -> None:
    without = opinion_on(H, 4000)
    assert isinstance(without, Advice)
    assert without.before_downgrade is None


def test_a_critical_row_that_is_lowered_says_what_it_was_and_why() -> None:
    found = opinion_on(of_60_kg(1.01), 3600)
    assert isinstance(found, Advice)
    assert (found.indicator, found.before_downgrade) == (Indicator.WARNING, Indicator.CRITICAL)
    assert found.explanation.rule.endswith("One level lower: within a tenth below a band edge.")
    assert "One level lower" not in rule_block(C, 1500)


def rule_block(facts: Facts, mg_per_day: float) -> str:
    """The rule block of the card."""
    found = opinion_on(facts, mg_per_day)
    assert isinstance(found, Advice)
    return found.explanation.rule


def test_a_fresh_creatinine_is_not_asked_for_again() -> None:
    found = opinion_on(C, 900)
    assert isinstance(found, Advice)
    assert not any(isinstance(offer, OrderService) for offer in found.suggestions)


@pytest.mark.parametrize(
    ("facts", "mg_per_day", "words"),
    [
        (C, 900, "900 mg/day is 1.29 times"),
        (C, 1400, "1400 mg/day is 2 times"),
        (C, 1401, "1401 mg/day is 2.001 times"),
        (B, 1400.01, "1400.01 mg/day is 1.00001 times"),
        (of_60_kg(6.001), 200, "ordered peak 200 mg/day is 1.0002 times"),
    ],
)
def test_a_number_beyond_an_edge_does_not_read_like_the_edge(facts: Facts, mg_per_day: float, words: str) -> None:
    assert words in rule_block(facts, mg_per_day)


def test_the_summary_tells_the_dose_from_a_maximum_close_to_it() -> None:
    for facts, mg_per_day, words in ((B, 1400.01, "1400.01 mg/day exceeds the 1400"), (of_60_kg(6.001), 200, "199.97")):
        found = opinion_on(facts, mg_per_day)
        assert isinstance(found, Advice)
        assert words in found.summary
