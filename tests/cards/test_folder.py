"""A card as its reviewers read it."""

from __future__ import annotations

import pytest

from cards.catalogue import Card, load_catalogue
from cards.folder import CANNOT_TELL, SILENT, SPEAKS, CaseLine, Outcome, cases_of, plain_words, tables_of
from cards.orders import Hook

CARDS = {card.rule: card for card in load_catalogue().cards}
every_card = pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)


@every_card
def test_a_rule_is_told_from_when_to_then(card: Card) -> None:
    keywords = [clause.split()[0] for clause in plain_words(card)]
    assert keywords[0] == "WHEN"
    assert keywords[-1] == "THEN"
    assert set(keywords) <= {"WHEN", "AND", "OR", "BUT", "THEN"}


@every_card
def test_cases_are_told_with_what_is_expected(card: Card) -> None:
    cases = cases_of(card)
    kinds = {one.kind for case in cases for one in case.outcomes}
    assert kinds <= {SPEAKS, SILENT, CANNOT_TELL}
    assert {SPEAKS, SILENT} <= kinds
    assert all(case.name and case.outcomes for case in cases)
    assert all(bool(one.level) == (one.kind == SPEAKS) for case in cases for one in case.outcomes)


def test_a_case_that_differs_by_hook_is_told_for_each() -> None:
    cases = {case.name: case for case in cases_of(CARDS["tca-caution"])}
    assert cases["25 mg amitriptyline at 60 years is silent"] == CaseLine(
        "25 mg amitriptyline at 60 years is silent",
        "3.3 (1)",
        (Outcome(Hook.ORDER_SELECT, SILENT), Outcome(Hook.ORDER_SIGN, SILENT)),
    )


def test_a_case_is_told_with_its_row_and_what_it_offers() -> None:
    cases = {case.name: case.outcomes for case in cases_of(CARDS["pregabalin-dose-exceeds-renal-max"])}
    assert cases["300 mg/day at a clearance of 22 mL/min is twice the maximum and a warning"][0] == Outcome(
        Hook.ORDER_SELECT, SPEAKS, "warning", "1<r<=2", ("25 mg once daily", "Label start dose")
    )
    silent = cases["150 mg/day at a clearance of 22 mL/min is within the maximum"]
    assert silent == (Outcome(Hook.ORDER_SIGN, SILENT, row="r<=1"),)


def test_a_single_suggestion_and_the_expectation_of_none_are_read() -> None:
    offered = {
        offer for card in CARDS.values() for case in cases_of(card) for one in case.outcomes for offer in one.offers
    }
    assert "none" not in offered
    assert "Order HbA1c" in offered


def test_the_tables_that_a_card_shares_are_found_through_what_it_imports() -> None:
    assert {"hepatitis_b", "anti_cd20_course"} <= tables_of(CARDS["rituximab-hbv-serology"]).keys()
    assert "renal_function" in tables_of(CARDS["pregabalin-dose-exceeds-renal-max"])
    assert tables_of(CARDS["gabapentinoid-duplicate"]) == {}
