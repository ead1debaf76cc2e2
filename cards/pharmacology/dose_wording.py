"""The Order block of a dose card: drafts, how their daily dose was worked out, what else is active. Book 0.2, 1.5."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from cards.orders import OrderedDrug
from cards.pharmacology.daily_dose import DailyDose
from cards.pharmacology.order_wording import name_match
from cards.pharmacology.therapy_history import Taken, TherapyHistory, thresholds
from cards.wording import joined, listed, number, on

_FEW = 3  # phases that are written out


def dose_order_line(order: OrderedDrug, dose: DailyDose) -> str:
    """What was ordered and how it adds up; says when a dose was read from free text or the drug by its name only."""
    names = {draft.drug.display or draft.drug.name for draft in order.drafts}
    text = f"{joined(sorted(names))}: {'; '.join(dose.steps)}" if dose.steps else joined(sorted(names))
    if order.reasons:
        text += f"; stated reason {joined([reason.label for reason in order.reasons])}"
    if dose.status == "parsed-text":
        text += " (parsed from free text)"
    return f"{text}{name_match(order)}."


def history_lines(history: TherapyHistory | None) -> Iterable[str]:
    """The treatment so far, in words for a card. None: it could not be had."""
    if history is None:
        yield "Earlier orders of the drug could not be checked"
        return
    if history.is_new_start:
        yield f"No order of the drug in the last {thresholds().value('new_start_after'):g} days: new start"
    elif history.is_restart:
        yield f"No order of the drug in the last {thresholds().value('chain_gap'):g} days: restart"
    elif history.current_mg is None and not history.has_unreadable_dose:
        recent = f"{thresholds().value('chain_gap'):g} days"
        yield f"Taken within the last {recent}, stopped or on hold since: no present dose"
    else:
        current = "dose not readable" if history.current_mg is None else f"{number(history.current_mg)} mg/day"
        yield f"On the drug for {history.days_on_drug} days, on the present dose ({current}) for {history.days_on} days"
    if history.also_active:
        yield f"Also active: {listed([_on_record(active) for active in history.also_active])}"


def _on_record(taken: Taken) -> str:
    return f"{taken.order.drug.name} {_dose_on_record(taken.dose)} of {on(taken.order.authored_on)}"


def _dose_on_record(dose: DailyDose) -> str:
    """All phases, for which of them is reached depends on the day; of many the first and the last."""
    if dose.status == "unknown":
        return "(dose not readable)"
    if dose.is_one_time:
        return f"{number(dose.peak_mg)} mg once"
    if dose.is_only_after_dialysis:
        return f"{number(dose.post_dialysis_mg or 0)} mg after dialysis"
    phases = [number(mg) for mg, _ in groupby(phase.high for phase in dose.phases)]
    up_to = "up to " if dose.is_as_needed else ""
    if len(phases) > _FEW:
        return f"{up_to}{phases[0]} to {phases[-1]} mg/day in {len(phases)} steps"
    return f"{up_to}{', then '.join(phases)} mg/day"
