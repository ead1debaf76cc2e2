"""What every card folder promises: three files that agree with each other, with the rule book and with the house."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cards.catalogue import Card, load_catalogue, shared_tables
from cards.concepts import load_value_sets
from cards.folder import tables_of
from cards.knowledge import FAMILIES, Concern, Thresholds, load_thresholds
from cards.orders import Hook
from cards.yaml_files import read_yaml
from tests.situations.reading import CARDS, Case, all_cases

BOOK = read_yaml(Path(__file__).with_name("book_index.yaml"))
OVERRIDE_REASONS = read_yaml(CARDS / "override_reasons.yaml")
REVIEWED_FOR = timedelta(days=366)
LEVELS = ("info", "warning", "critical")
NO_CLINICAL_NUMBERS = {0, 1, 2}  # nothing, one, a pair: counts, indices and signs
ALLOWED = {"cards", "__future__", "collections", "dataclasses", "datetime", "enum", "functools", "itertools", "math"}
ALLOWED |= {"typing"}

ALL_CARDS = load_catalogue().cards
TABLES = {name: load_thresholds(path) for name, path in shared_tables().items()}
FILES: dict[str, Thresholds] = {card.rule: card.knowledge for card in ALL_CARDS} | TABLES
every_card = pytest.mark.parametrize("card", ALL_CARDS, ids=[card.rule for card in ALL_CARDS])
every_table = pytest.mark.parametrize("file", TABLES.values(), ids=TABLES)
every_file = pytest.mark.parametrize("file", FILES.values(), ids=FILES)


def folder(card: Card) -> Path:
    """Where a card lives."""
    return CARDS / card.family / card.name


@cache
def program(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def cases_of(card: Card) -> list[Case]:
    """The cases of a card."""
    return [case for case in all_cases() if case.rule == card.rule]


def test_there_are_cards() -> None:
    assert ALL_CARDS
    assert {path.parent.name for path in CARDS.glob("*/*/knowledge.yaml")} == {card.name for card in ALL_CARDS}
    assert {path.parent.name for path in CARDS.glob("*/*/cases.yaml")} == {card.name for card in ALL_CARDS}


# -- the folder -----------------------------------------------------------------------------------------------------


@every_card
def test_a_card_is_a_folder_of_three_files_in_a_family(card: Card) -> None:
    files = {path.name for path in folder(card).iterdir()} - {"__init__.py", "__pycache__"}
    assert files == {"rule.py", "knowledge.yaml", "cases.yaml"}
    assert card.family in FAMILIES


@every_card
def test_folder_rule_and_topic_are_one_name(card: Card) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", card.rule)
    assert card.name == card.rule.replace("-", "_")
    assert re.fullmatch(r"[A-Za-z0-9]{1,100}", card.knowledge.topic)
    assert card.knowledge.topic.lower() == card.rule.replace("-", "")


# -- rule.py --------------------------------------------------------------------------------------------------------


@every_card
def test_a_rule_opens_with_its_question_and_when_and_then(card: Card) -> None:
    docstring = ast.get_docstring(program(folder(card) / "rule.py")) or ""
    first, *rest = docstring.splitlines()
    assert first.endswith("?"), first
    said = [line.split()[0] for line in rest if line.strip()]
    assert said[0] == "WHEN"
    assert "THEN" in said
    assert f"book {card.knowledge.book}" in docstring


@every_card
def test_a_rule_holds_no_clinical_number(card: Card) -> None:
    tree = program(folder(card) / "rule.py")
    numbers = {
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value not in NO_CLINICAL_NUMBERS
    }
    assert not numbers, "(line, number): write it into knowledge.yaml with unit, evidence and status"


@every_card
def test_a_rule_imports_the_clinical_layer_only(card: Card) -> None:
    for node in ast.walk(program(folder(card) / "rule.py")):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            assert {module.split(".")[0] for module in modules} <= ALLOWED


# -- knowledge.yaml -------------------------------------------------------------------------------------------------


@every_card
def test_a_card_is_as_loud_at_the_hooks_and_ages_as_the_book_says(card: Card) -> None:
    said, book = card.knowledge, BOOK["rules"][card.rule]
    assert (said.book, said.highest) == (book["book"], book["highest"])
    assert {hook.value: speaks.value for hook, speaks in said.hooks.items()} == BOOK["groups"][book["group"]]
    assert set(said.hooks) == set(Hook)
    assert (said.ages == "all") == (card.rule in BOOK["all_ages"])
    assert (said.in_hospice == "speaks") == (card.rule in BOOK["speak_in_hospice"])
    assert (said.default == "off") == (card.rule in BOOK["off_by_default"])
    assert {(silence.rule, silence.from_level) for silence in said.silences} == _silences(card.rule)


def _silences(rule: str) -> set[tuple[str, str]]:
    """(silenced rule, level from which on) as the book says; a rule alone: at every level."""
    said = BOOK["silences"].get(rule, ())
    return {pair for one in said for pair in ({one: "info"} if isinstance(one, str) else one).items()}


# That every number is read, and every source made use of: test_uses.py and test_thresholds_are_held.py.


@every_file
def test_every_threshold_has_a_unit(file: Thresholds) -> None:
    for name, threshold in file.thresholds.items():
        assert threshold.unit.strip(), name
        assert threshold.by is None or threshold.by.unit.strip(), name


@every_file
def test_a_table_has_each_edge_once(file: Thresholds) -> None:
    for name, threshold in file.thresholds.items():
        edges = [(band.edge, band.above is None) for band in threshold.bands]
        assert all(upper > lower for upper, lower in pairwise(edges)), name


@every_card
def test_nothing_critical_by_default_rests_on_a_seed_alone(card: Card) -> None:
    if card.knowledge.highest == "critical" and card.knowledge.default == "on":
        files = (card.knowledge, *tables_of(card).values())
        seeds = [
            name for file in files for name, threshold in file.thresholds.items() if threshold.status.strip() == "S"
        ]
        assert not seeds


@every_file
def test_every_source_can_be_looked_up(file: Thresholds) -> None:
    assert file.evidence
    for name, evidence in file.evidence.items():
        assert evidence.label.strip(), name
        assert evidence.kind.strip(), name
        assert evidence.url is None or evidence.url.startswith("https://"), name
        assert evidence.ref or evidence.url or evidence.kind == "professional knowledge", name


@every_table
def test_on_every_source_of_a_shared_table_rests_a_number(file: Thresholds) -> None:
    assert {threshold.evidence for threshold in file.thresholds.values()} == set(file.evidence)


@every_card
def test_links_have_addresses(card: Card) -> None:
    for link in card.knowledge.links:
        assert link.url.startswith("https://"), link.label
        assert link.label.strip()


@every_card
def test_triggers_are_value_sets_and_needs_are_data_requests(card: Card) -> None:
    value_sets, requests = load_value_sets(), load_catalogue().requests
    assert card.knowledge.triggers
    for trigger in card.knowledge.triggers:
        assert {"med", "proc"} & set(value_sets.concept(trigger).kinds), trigger
    assert set(card.knowledge.needs) <= set(requests)
    assert len(set(card.knowledge.needs)) == len(card.knowledge.needs)


@every_card
def test_a_card_needs_what_silences_all_rules(card: Card) -> None:
    """Age and death come from the patient, hospice and palliative care from problems and encounter (book 0.7)."""
    assert "patient" in card.knowledge.needs
    if card.knowledge.in_hospice == "silent" or card.knowledge.highest != "critical":
        assert {"encounter", "conditions"} <= set(card.knowledge.needs)


@every_card
def test_override_reasons_are_of_the_book(card: Card) -> None:
    reasons = card.knowledge.override_reasons
    assert 1 <= len(reasons) <= 8
    assert len(set(reasons)) == len(reasons)
    assert set(reasons) <= set(OVERRIDE_REASONS)


def test_every_override_reason_is_offered_and_every_data_request_needed() -> None:
    assert {reason for card in ALL_CARDS for reason in card.knowledge.override_reasons} == set(OVERRIDE_REASONS)
    assert {need for card in ALL_CARDS for need in card.knowledge.needs} == set(load_catalogue().requests)


@every_card
def test_the_next_review_is_within_a_year(card: Card) -> None:
    reviewed = card.knowledge.reviewed
    assert reviewed.on < reviewed.again_by <= reviewed.on + REVIEWED_FOR


def test_every_rule_of_the_book_has_a_concern_of_its_own_place_in_the_order() -> None:
    assert [concern.value for concern in Concern] == [
        "contraindication",
        "HBV",
        "ICI",
        "renal overdose",
        "schedule",
        "CNS depression",
        "thrombosis/renal risk",
        "indication",
        "dose range",
        "rest",
    ]


# -- cases.yaml -----------------------------------------------------------------------------------------------------


@every_card
def test_cases_show_the_card_speaking_silent_and_without_its_data(card: Card) -> None:
    kinds = [expected.kind for case in cases_of(card) for expected in case.expected.values()]
    speaking, silent = kinds.count("advice"), kinds.count("silent") + kinds.count("cannot_tell")
    assert speaking > 0
    assert silent >= speaking, f"at least as many silent as speaking; {speaking - silent} more are wanted"
    assert any(_lacks_data(case.situation.patient) for case in cases_of(card)), "a case in which data could not be had"


@every_card
def test_cases_reach_the_highest_level_and_none_above(card: Card) -> None:
    levels = {expected.level for case in cases_of(card) for expected in case.expected.values()} & set(LEVELS)
    assert max(levels, key=LEVELS.index) == card.knowledge.highest


def _lacks_data(patient: Any) -> bool:
    return "unknown" in patient or any(said in ("unknown", "incomplete") for said in patient.values())
