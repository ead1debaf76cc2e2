"""Offers another daily dose of a drafted steroid, where that loses nothing of what the draft says."""

from __future__ import annotations

from math import ceil, floor

from cards.opinion import RegimenLine, SetDosage
from cards.orders import OrderedDrug, Timing
from cards.pharmacology.daily_dose import order_dose
from cards.pharmacology.product import giveable
from cards.wording import number


def offer_daily_dose(order: OrderedDrug, mg: float, why: str) -> SetDosage | None:
    """This dose once daily for as long as the draft says; None where it would lose something, or has no product for it.

    A taper, several drafts, a dose per kg, an as-needed order, a count of doses and fixed dates would be lost.
    """
    lines = order.last.lines
    lengths = {None if line.timing is None else line.timing.lasts_days for line in lines}
    is_plain = len(order.drafts) == 1 and len(order_dose(order.last).phases) == 1 and len(lengths) == 1
    if not is_plain or any(line.as_needed or line.cap or _is_fixed(line.timing) for line in lines):
        return None
    [lasts] = lengths
    regimen = giveable(order.last, None, (RegimenLine(mg, 1, days=None if lasts is None else round(lasts)),))
    if regimen is None:
        return None
    label = f"{why}: {order.drug.name} {number(mg)} mg once daily"
    return SetDosage(order.last.id, label, regimen.lines, regimen.product, recommended=False)


def rounded_within(mg: float, step: float, low: float, high: float) -> float | None:
    """The multiple of `step` that is nearest to `mg` and lies from `low`, above 0, to `high`; None when none does."""
    steps = (floor(mg / step) * step, ceil(mg / step) * step)
    fitting = [one for one in steps if low <= one <= high]
    return min(fitting, key=lambda one: abs(one - mg), default=None)


def _is_fixed(timing: Timing | None) -> bool:
    """Does the timing hold days or a count that a new one would not?"""
    return timing is None or bool(
        timing.starts_on or timing.ends_on or timing.count is not None or timing.events or timing.days_of_week
    )
