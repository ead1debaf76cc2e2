"""The Order block of a card: what was ordered, as it was understood (book 0.2)."""

from __future__ import annotations

from cards.orders import Amount, DoseLine, Drug, MedicationOrder, Ordered, OrderedDrug, Timing
from cards.pharmacology.daily_dose import follow_one_another
from cards.pharmacology.timing_wording import UNITS
from cards.wording import ORDER_LIMIT, SIG_LIMIT, joined, number, on, shortened


def order_line(order: Ordered) -> str:
    """All drafts of the drug with their instructions; says when a dose was read from free text or the name matched.

    Of a test, referral or procedure its name.
    """
    text = "; ".join(_draft(draft) for draft in order.drafts) if isinstance(order, OrderedDrug) else order.name
    if order.reasons:
        text += f"; stated reason: {joined([reason.label for reason in order.reasons])}"
    text = shortened(text, ORDER_LIMIT)
    if isinstance(order, OrderedDrug) and any(line.from_text for draft in order.drafts for line in draft.lines):
        text += " (parsed from free text)"
    return f"{text}{name_match(order)}."


def name_match(order: Ordered) -> str:
    """Says that the name alone told what a draft is; empty where a code did."""
    if not order.by_text:
        return ""
    what = "drug" if isinstance(order, OrderedDrug) else "procedure"
    return f" ({what} recognised by its name only{', in one of the drafts' if order.coded else ''})"


def _draft(draft: MedicationOrder) -> str:
    lines = [line for line in (_line(line, draft.drug) for line in draft.lines) if line]
    route = f" {draft.route}" if draft.route is not None else ""
    between = ", then " if follow_one_another(draft.lines) else " and "
    return f"{draft.drug.name}{route} {between.join(lines)}" if lines else f"{draft.drug.name}{route}, no dose stated"


def _line(line: DoseLine, drug: Drug) -> str:
    if line.text:
        return f'"{shortened(line.text, SIG_LIMIT)}"'
    parts = [
        part
        for part in (_amount(line.amount, drug), _timing(line.timing), "as needed" if line.as_needed else "")
        if part
    ]
    return " ".join(parts)


def _amount(amount: Amount | None, drug: Drug) -> str:
    if amount is None:
        return ""
    size = number(amount.low, 3) if amount.low == amount.high else f"{number(amount.low, 3)}-{number(amount.high, 3)}"
    if amount.unit != "count":
        return f"{size} {amount.unit}"
    strength = drug.strength
    if strength is None or drug.strength_conflict or strength.per in ("unit", "mL"):
        return f"{size} unit(s)"
    plural = "" if amount.high == 1 else "s"
    return f"{size} {strength.per}{plural} of {number(strength.value, 3)} {strength.unit}"


def _timing(timing: Timing | None) -> str:
    if timing is None:
        return ""
    if timing.frequency is None or timing.period is None:
        return timing.code
    unit = UNITS.get(timing.period_unit or "", timing.period_unit or "(no unit)")
    times = "once" if timing.frequency == 1 else f"{number(timing.frequency)} times"
    every = f"a {unit}" if timing.period == 1 else f"every {number(timing.period)} {unit}s"
    return f"{times} {every}{_end(timing)}"


def _end(timing: Timing) -> str:
    """How long, or how often in all: a course must not read as if it went on."""
    if timing.count is not None:
        return f", {number(timing.count)} in all"
    if timing.lasts_days is not None:
        return f" for {number(timing.lasts_days)} day{'' if timing.lasts_days == 1 else 's'}"
    return "" if timing.ends_on is None else f" until {on(timing.ends_on)}"
