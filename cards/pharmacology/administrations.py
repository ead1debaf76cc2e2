"""How much is given at a time, and how often a day? For drugs whose label limits both. Book 3.10."""

from __future__ import annotations

import re
from typing import NamedTuple

from cards.orders import DoseLine, OrderedDrug, Timing
from cards.pharmacology.daily_dose import DailyDose, Phase, daily_dose

_DIALYSIS = re.compile(r"\b(?:ha?emo)?dialysis\b", re.IGNORECASE)
REASON = "dialysis_hypotension"


class Administrations(NamedTuple):
    """The largest single dose in mg and the most administrations a day of any phase.

    Lines of one timing are given together; those of another timing apart. `are_equal`: every single dose is the same.
    """

    largest_mg: float
    per_day: float
    are_equal: bool


def administrations(dose: DailyDose) -> Administrations:
    """What a daily dose is made of; nothing where it is unknown."""
    largest = most = 0.0
    each: set[float] = set()
    for phase in (phase for phase in dose.phases if phase.lines):
        doses, times = _of(phase)
        largest, most, each = max(largest, *doses), max(most, times), each.union(doses)
    return Administrations(largest, most, len(each) == 1)


def _of(phase: Phase) -> tuple[list[float], float]:
    """(single doses in mg, administrations a day) of one stretch of days."""
    together: dict[Timing | None, float] = {}
    daily: dict[Timing | None, float] = {}
    for line in phase.lines:
        together[line.timing] = together.get(line.timing, 0.0) + line.each_mg
        daily[line.timing] = daily.get(line.timing, 0.0) + line.high
    return list(together.values()), sum(daily[timing] / mg for timing, mg in together.items() if mg)


def is_for_dialysis_days(order: OrderedDrug) -> bool:
    """Is this at most one dose a day that goes with dialysis: by its reason, its words, by the week, or one only?"""
    dose, lines = daily_dose(order), [line for draft in order.drafts for line in draft.lines]
    if dose.status == "unknown" or administrations(dose).per_day > 1:
        return False
    if any(reason.is_a(REASON) for reason in order.reasons):
        return True
    return bool(lines) and all(_goes_with_dialysis(line) for line in lines)


def _goes_with_dialysis(line: DoseLine) -> bool:
    said = f"{line.text} {line.patient_instruction} {line.timing.code if line.timing else ''}"
    return line.after_dialysis or _DIALYSIS.search(said) is not None or _is_of_some_days(line.timing or Timing())


def _is_of_some_days(timing: Timing) -> bool:
    """One dose only, or doses by the week."""
    return timing.once_by_code or timing.count == 1 or bool(timing.days_of_week) or timing.period_unit == "wk"
