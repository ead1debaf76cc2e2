"""What speaks against raising a dose? Age, sedatives, breathing, falls, a doubtful clearance. Book 2.1, row 8."""

from __future__ import annotations

from pathlib import Path

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Threshold, load_thresholds
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_state import RenalFunction
from cards.pharmacology.titration import sedatives

TABLE = Path(__file__).with_suffix(".yaml")


def modifiers(facts: Facts, renal: RenalFunction, table: Threshold) -> tuple[str, ...]:
    """What speaks against a higher dose, in words. What could not be checked speaks against it too (book 0.6)."""
    known = load_thresholds(TABLE)
    found = [
        *_age(facts, known.value("from_age")),
        *_sedating(facts),
        *_coded(facts, int(known.value("fall_within"))),
    ]
    if renal.has_conflict(table, About.WEIGHT):
        found.append("clearance by adjusted and by actual weight in different bands")
    return tuple(found)


def _age(facts: Facts, from_age: float) -> list[str]:
    try:
        return [f"age {facts.age}"] if facts.age >= from_age else []
    except NotKnown:
        return ["age not known"]


def _sedating(facts: Facts) -> list[str]:
    found = sedatives(facts)
    return [*found.names, *(() if found.is_checked else ("opioids and benzodiazepines could not be checked",))]


def _coded(facts: Facts, fall_within_days: int) -> list[str]:
    """Breathing and falls. A fall counts by the day it happened, a history of falls by the day it was recorded."""
    try:
        breathing = facts.current("copd", "sleep_apnoea", "respiratory_failure")
        falls = [
            fall
            for fall in facts.diagnoses("falls")
            if fall.on is not None and not fall.is_suspected and facts.is_within(fall.on, fall_within_days)
        ]
    except NotKnown:
        return ["breathing and falls could not be checked"]
    return [*(d.label for d in breathing[:1]), *(f"fall ({fall.label})" for fall in falls[:1])]
