"""Is this the first dose of a course of anti-CD20 antibodies? (book 5.1, 5.3, 5.4)

Needs: medication_administrations, medication_dispenses, medication_orders.
"""

from __future__ import annotations

from pathlib import Path

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import load_thresholds
from cards.pharmacology.exposure import exposures

TABLE = Path(__file__).with_suffix(".yaml")
ANTI_CD20 = ("rituximab", "anti_cd20_other")


def is_later_dose(facts: Facts) -> bool:
    """Was an anti-CD20 antibody given within the gap that starts a new course? Unknown history counts as no."""
    try:
        found = exposures(facts, *ANTI_CD20)
    except NotKnown:
        return False  # the louder reading: a first dose
    days = int(load_thresholds(TABLE).value("course_gap"))
    return any(facts.is_within(exposure.on, days) for exposure in found)
