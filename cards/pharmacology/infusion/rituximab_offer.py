"""Offers the usual doses and schedules of rituximab (book 5.5)."""

from __future__ import annotations

from collections.abc import Iterator

from cards.oncology.indication import has_oncology_reason
from cards.opinion import SetDose, SetSchedule
from cards.pharmacology.infusion.rituximab_dose import Form, accepted_form
from cards.pharmacology.infusion.rituximab_question import RituximabQuestion
from cards.pharmacology.infusion.single_dose_offer import PER_SURFACE, dose_as_ordered, offer_single_dose, offered_unit
from cards.wording import number


def other_doses(asked: RituximabQuestion) -> Iterator[SetDose]:
    """The usual doses, in the unit of the draft, on the same days; which of them is meant is left to the clinician."""
    unit = offered_unit(asked.order)
    usual = ["by_surface", "by_surface_in_cll"] if asked.is_known_cll else ["by_surface"]
    for name in usual:
        per_m2 = asked.knowledge.value(name)
        if unit == PER_SURFACE:
            yield from offer_single_dose(asked.order, per_m2, f"Change the dose to {number(per_m2)} mg/m2, same days")
        elif asked.surface is not None:
            mg = round(per_m2 * asked.surface.m2)
            label = f"Change the dose to {mg} mg ({number(per_m2)} mg/m2), same days"
            yield from offer_single_dose(asked.order, mg, label)
    if unit != PER_SURFACE and not asked.is_close and not has_oncology_reason(asked.order, asked.facts):
        fixed = asked.knowledge.value("fixed")
        yield from offer_single_dose(asked.order, fixed, f"Change the dose to {number(fixed)} mg, same days")


def other_schedule(asked: RituximabQuestion) -> Iterator[SetSchedule]:
    """The usual schedule of the dose as it stands."""
    dose = dose_as_ordered(asked.order)
    form = accepted_form(asked.doses[0], lambda: False, asked.knowledge)
    if not dose or form not in (Form.BY_SURFACE, Form.FIXED):
        return
    if form is Form.FIXED:
        period, unit, count = int(asked.knowledge.value("fixed_interval")), "d", 2
        words = f"every {period} days, {count} doses"
    else:
        period, unit, count = 1, "wk", int(asked.knowledge.value("weekly_doses"))
        words = f"once a week, {count} doses"
    yield SetSchedule(
        asked.order.last.id,
        f"Change the schedule: {dose} {words}",
        frequency=1,
        period=period,
        period_unit=unit,
        count=count,
        text=f"{dose} {words}",
        recommended=False,
    )
