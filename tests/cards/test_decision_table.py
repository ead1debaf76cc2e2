"""The decision tables that people read: every case gets what its row says, and every row is held by a case."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

import pytest

from cards.catalogue import Card, load_catalogue
from cards.decision_table import LOWER, TableRow, decision_table
from cards.folder import CANNOT_TELL, SILENT, cases_file, cases_of, limits_of
from cards.opinion import Advice, CannotTell, NothingToAdd
from cards.orders import Hook
from cards.yaml_files import read_yaml
from cds_service.errors import DataNotAvailable
from tests.situations.asking import ask, of_rule
from tests.situations.reading import all_cases

CARDS = {card.rule: card for card in load_catalogue().cards}
LEVELS = {"info", "warning", "critical"}
AMOUNT = re.compile(r"(?<![\w.{])(\d+(?:\.\d+)?) ?(?:mg|g|mL|%|hours?|days?|weeks?|months?|years?)(?!\w)")
NO_THRESHOLDS = {"7 days", "18 years", "0 weeks"}  # a week, the age of adults, words of an order
every_card = pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)


class Answer(NamedTuple):
    """What a case gets: the row that matched, its level (or "silent"), whether that was lowered, the line of limits."""

    case: str
    hook: Hook
    row: str
    level: str
    is_lowered: bool = False
    limits: str = ""


@cache
def answers(rule: str) -> tuple[Answer, ...]:
    """What every case of a rule gets at each of its hooks; what it cannot tell, and refusals, are left out."""
    found = []
    for case in all_cases():
        for hook in case.expected if case.rule == rule else ():
            try:
                one = of_rule(ask(case.situation, hook, rule=rule).considered, rule)
            except DataNotAvailable:
                continue
            match one and one.opinion:
                case Advice() as advice:
                    lowered = advice.row_level != advice.indicator
                    limits = advice.explanation.limits
                    found.append(Answer(case.name, hook, advice.row, str(advice.row_level), lowered, limits))
                case NothingToAdd(_, row) if row:
                    found.append(Answer(case.name, hook, row, SILENT))
                case NothingToAdd() | CannotTell() | None:
                    pass
    return tuple(found)


@cache
def rows(rule: str) -> dict[str, tuple[TableRow, ...]]:
    """The rows of a table by the name of their branch."""
    named = defaultdict(list)
    for row in decision_table(CARDS[rule]).rows:
        named[row.row].append(row)
    return {name: tuple(found) for name, found in named.items()}


@every_card
def test_what_a_case_gets_stands_in_the_row_that_matched(card: Card) -> None:
    table = rows(card.rule)
    wrong = [
        answer
        for answer in answers(card.rule)
        if not any(row.then[answer.hook] == answer.level for row in table.get(answer.row, ()))
    ]
    assert wrong == []


@every_card
def test_every_row_that_has_a_name_is_held_by_a_case(card: Card) -> None:
    got = {(answer.row, answer.hook, answer.level) for answer in answers(card.rule)}
    unheld = [
        row
        for name, found in rows(card.rule).items()
        for row in found
        if name and not any((name, hook, then) in got for hook, then in row.then.items())
    ]
    assert unheld == []


@every_card
def test_a_table_that_names_what_lowers_its_rows_is_of_a_rule_that_lowers_some(card: Card) -> None:
    lowers = any(LOWER in row.then.values() for row in decision_table(card).rows)
    assert lowers == any(answer.is_lowered for answer in answers(card.rule))


@every_card
def test_a_table_reads_well(card: Card) -> None:
    table = decision_table(card)
    assert table.counts
    assert "{" not in table.counts
    for row in table.rows:
        assert "{" not in row.when
        assert set(row.then.values()) <= {*LEVELS, SILENT, CANNOT_TELL, LOWER}
    spoken = {then for row in table.rows for then in row.then.values()} & LEVELS
    assert card.knowledge.highest in spoken


@every_card
def test_what_a_rule_does_not_know_is_what_its_cards_say(card: Card) -> None:
    said = limits_of(card)
    assert said
    assert all(
        answer.limits.startswith(f"Limits: {said.rstrip('.')}") for answer in answers(card.rule) if answer.limits
    )


def test_an_example_is_a_case_of_its_row() -> None:
    card = CARDS["ivig-indication"]
    [row] = rows(card.rule)["15"]
    assert row.example is not None
    assert cases_of(card)[row.example].name.startswith("a repeated course in symmetric polyneuropathy")


def test_the_numbers_of_a_table_are_those_of_the_knowledge() -> None:
    card = CARDS["pregabalin-dose-exceeds-renal-max"]
    ratio = card.knowledge.threshold("critical_above_ratio").model_copy(update={"value": 3.0})
    changed = card.with_knowledge(thresholds={**card.knowledge.thresholds, "critical_above_ratio": ratio})
    assert any("(r > 3)" in row.when for row in decision_table(changed).rows)


@every_card
def test_an_amount_that_a_row_writes_out_is_an_edge_or_a_value_of_a_table(card: Card) -> None:
    """Single numbers stand there as {name}; of a table of bands a row can only repeat one."""
    bands = [band for threshold in card.knowledge.thresholds.values() for band in threshold.bands]
    known = {number for band in bands for number in (band.edge, band.value, band.low, band.high)}
    for row in read_yaml(cases_file(card))["table"]["rows"]:
        for amount in AMOUNT.finditer(row["when"]):
            assert amount[0] in NO_THRESHOLDS or float(amount[1]) in known, row["when"]


def test_a_row_may_differ_by_hook() -> None:
    [row] = rows("rituximab-hbv-serology")["not on file"]
    assert row.then == {Hook.ORDER_SELECT: "warning", Hook.ORDER_SIGN: "critical"}
    assert row.is_by_hook
