"""From which daily dose on is a gabapentinoid optimised for neuropathic pain? Book 3.5, rows of 2.1 and 2.4."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from cards.knowledge import load_thresholds
from cards.orders import Drug, Formulation
from cards.pharmacology.dose_row import DoseRow
from cards.pharmacology.gabapentinoid import agents

TABLE = Path(__file__).with_suffix(".yaml")
AFTER_ZOSTER_OR_CORD_INJURY = frozenset({"np_phn_sci"})
# agent and form of release → its row, and its row where only zoster or cord injury hurts; other forms have none
ROWS = {
    ("pregabalin", Formulation.IMMEDIATE): ("pregabalin", "pregabalin_start_of_range"),
    ("pregabalin", Formulation.EXTENDED): ("pregabalin_extended_release", "pregabalin_start_of_range_extended_release"),
    ("gabapentin", Formulation.IMMEDIATE): ("gabapentin", "gabapentin"),
}


def target_row(drug: Drug, painful_sets: Set[str]) -> DoseRow | None:
    """The row that counts for the drug in these painful conditions (book 1.7); None where the book has none."""
    known = load_thresholds(TABLE)
    for agent in agents(drug):
        names = ROWS.get((agent, drug.formulation))
        if names is not None:
            name = names[painful_sets <= AFTER_ZOSTER_OR_CORD_INJURY]
            full_at = known.value("gabapentin_scales_below") if agent == "gabapentin" else None
            return DoseRow(known.threshold(name), full_at)
    return None
