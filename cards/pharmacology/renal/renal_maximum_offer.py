"""Which dose does the label allow instead of one above its maximum? Books 2.2 and 2.5, suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from cards.knowledge import TOLERANCE, Dose
from cards.opinion import Suggestion
from cards.pharmacology.dose_offer import offer_dosage
from cards.pharmacology.renal.renal_question import RenalQuestion

ROUND_DOWN = "round_down_to"

_REGIMENS = {
    (False, False): "start_regimen",
    (False, True): "maximum_regimen",
    (True, False): "start_regimen_extended_release",
    (True, True): "maximum_regimen_extended_release",
}


def offer_within_maximum(asked: RenalQuestion, *, is_sure: bool) -> Suggestion | None:
    """The label's start dose off the drug, its maximum on it.

    None when the history could not be had, or when no such dose can be given without exceeding the maximum.
    """
    history = asked.history
    if history is None:
        return None
    doses = asked.renal.band(asked.knowledge.threshold(_REGIMENS[asked.is_extended, history.is_established])).doses
    if history.is_established:
        doses = _scaled(asked, doses)
    if not doses or not all(dose.mg for dose in doses) or _daily_mg(doses) > asked.maximum() + TOLERANCE:
        return None
    why = f"{asked.of_label.capitalize()} {'maximum' if history.is_established else 'start dose'}"
    return offer_dosage(asked.order, asked.knowledge.triggers[0], doses, why, recommended=is_sure)


def _scaled(asked: RenalQuestion, doses: tuple[Dose, ...]) -> tuple[Dose, ...]:
    """Doses of a maximum that falls with the clearance, rounded down to what can be given."""
    maximum, full = asked.maximum(), asked.renal.band(asked.table).upper
    if maximum >= full:
        return doses
    step = asked.knowledge.value(ROUND_DOWN)
    return tuple(dose._replace(mg=floor(dose.mg * maximum / full / step + TOLERANCE) * step) for dose in doses)


def _daily_mg(doses: Sequence[Dose]) -> float:
    return sum(dose.mg * dose.per_day for dose in doses)
