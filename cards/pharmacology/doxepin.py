"""Is it doxepin in the dose of a sleeping aid, which is no tricyclic for the rules? Book 3.3."""

from __future__ import annotations

from pathlib import Path

from cards.knowledge import load_thresholds
from cards.orders import Drug
from cards.pharmacology.daily_dose import DailyDose

TABLE = Path(__file__).with_suffix(".yaml")


def is_sleeping_aid(drug: Drug, dose: DailyDose) -> bool | None:
    """By the daily dose, else by the strength of the product; None where neither can be read."""
    if not drug.is_a("doxepin"):
        return False
    low = load_thresholds(TABLE).value("sleeping_aid_up_to")
    if dose.status != "unknown":
        return dose.peak_mg <= low
    return None if drug.strength is None else drug.strength.value <= low
