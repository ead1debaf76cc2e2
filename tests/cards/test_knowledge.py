"""How a card's numbers and sources are read, and which complaint a wrong file gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cards.errors import InvalidKnowledge
from cards.knowledge import Band, Knowledge, Threshold, Thresholds, load_knowledge, load_thresholds
from cards.opinion import Indicator

EVIDENCE = {"label": {"ref": "R2", "label": "Label", "kind": "drug label", "read_on": "2026-02-10"}}
MAXIMUM = {
    "unit": "mg/d",
    "by": {"quantity": "creatinine clearance", "unit": "mL/min"},
    "bands": [{"from": 60, "value": 600}, {"above": 30, "low": 100, "high": 300}, {"from": 0, "value": 75}],
    "evidence": "label",
    "status": "V*, P",
}
CARD = """
rule: pregabalin-dose-exceeds-renal-max
title: Pregabalin above the label maximum
book: "2.2"
highest: critical
concern: renal overdose
hooks: {order-select: complete-dosage, order-sign: always}
triggers: [pregabalin]
needs: [patient]
override_reasons: [data-incorrect]
reviewed: {on: 2026-02-11, by: clinical reader, again_by: 2027-02-11}
"""


def table(**changes: Any) -> Threshold:
    """A table of maxima by clearance, changed."""
    return Threshold.model_validate(MAXIMUM | changes)


@pytest.mark.parametrize(
    ("clearance", "value"),
    [(88.9, 600), (60.0, 600), (59.999, 300), (30.1, 300), (30.0, 75), (0, 75), (-1, 75)],
)
def test_from_includes_the_edge_of_a_band_and_above_does_not(clearance: float, value: float) -> None:
    assert table().at(clearance).upper == value


def test_noise_of_arithmetic_does_not_move_an_edge() -> None:
    assert table().at(60 - 1e-12).upper == 600
    assert table().at(30 + 1e-12).upper == 75
    assert table().at(60 - 1e-8).upper == 300


def test_a_range_gives_its_lower_and_its_upper_end() -> None:
    band = table().at(45)
    assert (band.lower, band.upper, band.edge) == (100, 300, 30)
    assert (table().highest.edge, table().lowest.edge) == (60, 0)
    assert Band(value=5).holds(-3)


def test_a_band_may_state_nothing() -> None:
    assert (Band(value=5).is_stated, Band(low=1, high=2).is_stated, Band().is_stated) == (True, True, False)
    assert Band(value=5).edge == 0


def test_a_band_without_a_number_says_so_when_asked_for_one() -> None:
    with pytest.raises(InvalidKnowledge, match="band from 30 states no value"):
        _ = Band.model_validate({"from": 30}).upper


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"value": 5}, "either value or bands"),
        ({"bands": []}, "either value or bands"),
        ({"by": None}, "says what it is by"),
        ({"bands": [{"from": 0, "value": 1}, {"from": 60, "value": 2}]}, "highest edge down"),
        ({"site_may_set": {"min": 1, "max": 2}}, "a single value, not a table"),
        ({"bands": [], "by": None, "value": 5, "book_value": 4}, "not for files"),
        ({"status": "verified"}, "book 0.1"),
        ({"formula": "2 * x"}, "Extra inputs"),
    ],
)
def test_a_threshold_that_cannot_be_read_one_way_only_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        table(**changes)


def test_thresholds_are_found_by_name() -> None:
    ratio = {"unit": "1", "value": 2, "evidence": "label", "status": "P"}
    found = Thresholds.model_validate({"thresholds": {"maximum": MAXIMUM, "ratio": ratio}, "evidence": EVIDENCE})
    assert found.value("ratio") == 2
    assert found.threshold("maximum") == table()
    with pytest.raises(InvalidKnowledge, match="no threshold 'minimum'; there are: maximum, ratio"):
        found.threshold("minimum")
    with pytest.raises(InvalidKnowledge, match="'maximum' is a table, not a number"):
        found.value("maximum")


def test_the_basis_says_what_each_source_says_or_else_names_it() -> None:
    trial = {"label": "Trial", "kind": "study", "read_on": "2026-02-10", "says": "It helped."}
    assert Thresholds.model_validate({"evidence": EVIDENCE | {"trial": trial}}).basis("trial", "label") == (
        "It helped. Label"
    )


def test_a_threshold_without_its_evidence_is_refused() -> None:
    with pytest.raises(ValidationError, match="names evidence 'label', which is not in evidence"):
        Thresholds.model_validate({"thresholds": {"maximum": MAXIMUM}})


def test_a_card_has_a_topic_and_a_highest_level(tmp_path: Path) -> None:
    knowledge = load_knowledge(written(tmp_path, CARD))
    assert knowledge.topic == "pregabalinDoseExceedsRenalMax"
    assert knowledge.highest_level is Indicator.CRITICAL
    assert isinstance(knowledge, Knowledge)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (CARD.replace("highest: critical", "highest: loud"), r"card/knowledge\.yaml: highest: "),
        (CARD.replace("on: 2026-02-11", "on: spring"), r"card/knowledge\.yaml: reviewed\.on: "),
        (CARD + "treshold: {}\n", r"card/knowledge\.yaml: treshold: Extra inputs"),
        ("rule: [", r"card/knowledge\.yaml: "),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_field(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(InvalidKnowledge, match=complaint):
        load_knowledge(written(tmp_path, text))


def test_a_missing_table_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidKnowledge, match=r"renal\.yaml"):
        load_thresholds(tmp_path / "renal.yaml")


def written(folder: Path, text: str) -> Path:
    """The text as knowledge.yaml of a card."""
    path = folder / "card" / "knowledge.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path
