"""Offers a dosage for the drafts of one drug: an update that the product can give, and its words."""

from __future__ import annotations

from collections.abc import Sequence

from cards.knowledge import TOLERANCE, Dose
from cards.opinion import RegimenLine, SetDosage
from cards.orders import MedicationOrder, OrderedDrug
from cards.pharmacology.daily_dose import is_supplement, order_dose
from cards.pharmacology.dose_line import per_day
from cards.pharmacology.product import giveable, is_made
from cards.wording import number

TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}


def offer_dosage(
    order: OrderedDrug, ingredient: str, doses: Sequence[Dose], why: str, *, recommended: bool
) -> SetDosage | None:
    """Change the last draft so that all drafts together make the regimen; None where that cannot be.

    It cannot where drafts are as needed or hold a line for after dialysis, which a new dosage would wipe out, where
    they are of different release, where the other drafts already reach the dose, where fixed days, a count or an end
    would be lost, or where no product gives it.
    """
    if order.is_mixed or any(line.as_needed or is_supplement(line) for draft in order.drafts for line in draft.lines):
        return None
    lines = _as_long(order.last, _lines(doses) if len(order.drafts) == 1 else _rest_of(order, ingredient, doses))
    if not lines:
        return None
    regimen = giveable(order.last, ingredient, lines)
    if regimen is None:
        return None
    if len(order.drafts) > 1:
        why = f"{why}, {number(_total(doses), 2)} mg/day with what else is drafted"
    words = f"{order.drug.name} {regimen_words(lines)}"
    return SetDosage(order.last.id, f"{why}: {words}", regimen.lines, regimen.product, recommended)


def in_two_steps(start: Sequence[Dose], target: Sequence[Dose]) -> tuple[Dose, ...]:
    """A new start: the start dose for its days, then the target; the target alone where the start is no smaller."""
    return (*start, *target) if _total(start) < _total(target) else tuple(target)


def regimen_words(lines: Sequence[RegimenLine]) -> str:
    """ "50 mg three times daily for 7 days, then 100 mg three times daily (300 mg/day)"."""
    parts = [
        f"{number(line.dose_mg, 2)} mg {TIMES.get(line.per_day, f'{line.per_day} times')} daily"
        + (f" for {line.days} days" if line.days is not None else "")
        for line in lines
    ]
    return f"{', then '.join(parts)} ({number(lines[-1].dose_mg * lines[-1].per_day, 2)} mg/day)"


def _lines(doses: Sequence[Dose]) -> tuple[RegimenLine, ...]:
    return tuple(
        RegimenLine(dose.mg, dose.per_day, days=dose.days, when=dose.when, times_of_day=dose.times_of_day)
        for dose in doses
    )


def _as_long(draft: MedicationOrder, lines: tuple[RegimenLine, ...]) -> tuple[RegimenLine, ...]:
    """The lines for as long as the draft says; none where its days, its count or its end would be lost."""
    timings = [line.timing for line in draft.lines]
    for timing in timings:
        if timing is not None and (timing.count is not None or timing.events or timing.days_of_week):
            return ()
        if timing is not None and timing.ends_on and len(lines) > 1:
            return ()
    lengths = [timing.lasts_days for timing in timings if timing is not None and timing.lasts_days is not None]
    if len(lengths) < len(timings) or not lengths or not lines:
        return lines
    if len(set(lengths)) > 1 or len(order_dose(draft).phases) > 1:
        return ()
    days = round(lengths[0]) - sum(line.days or 0 for line in lines[:-1])
    return (*lines[:-1], lines[-1]._replace(days=days)) if days > 0 else ()


def _rest_of(order: OrderedDrug, ingredient: str, doses: Sequence[Dose]) -> tuple[RegimenLine, ...]:
    """What the other drafts leave of the final daily dose, at the times of day of the last draft.

    Nothing where no tablet or capsule gives it so: a third of 50 mg is nobody's dose.
    """
    others = [order_dose(draft) for draft in order.drafts[:-1]]
    frequency = _times_a_day(order.last)
    if frequency is None or any(dose.status == "unknown" for dose in others):
        return ()
    rest = _total(doses) - sum(dose.final_mg for dose in others)
    if rest < TOLERANCE:
        return ()
    lines = (RegimenLine(rest / frequency, frequency, when=_moment(order.last)),)
    return lines if is_made(order.last.drug, ingredient, lines) else ()


def _total(doses: Sequence[Dose]) -> float:
    """Final daily dose of a regimen in mg."""
    return doses[-1].mg * doses[-1].per_day


def _times_a_day(draft: MedicationOrder) -> int | None:
    """Whole number of administrations a day of a draft whose lines are given together; None otherwise."""
    if len({(line.timing, line.sequence) for line in draft.lines}) != 1:
        return None
    times = per_day(draft.lines[0].timing)
    return int(times.high) if times.low == times.high and times.high == int(times.high) else None


def _moment(draft: MedicationOrder) -> str | None:
    timing = draft.lines[0].timing
    return timing.when[0] if timing is not None and len(timing.when) == 1 else None
