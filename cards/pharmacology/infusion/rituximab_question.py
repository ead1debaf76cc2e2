"""One order of rituximab against the accepted doses, for book 5.5."""

from __future__ import annotations

from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts, State
from cards.knowledge import Knowledge
from cards.oncology.indication import CLL, is_ordered_for
from cards.orders import OrderedDrug
from cards.pharmacology.body_size import BodySurface, body_surface
from cards.pharmacology.infusion.infusion_plan import InfusionPlan
from cards.pharmacology.infusion.rituximab_dose import Form, SingleDose, accepted_form, single_dose
from cards.wording import number


class RituximabQuestion(NamedTuple):
    """What is asked: the doses as far as they are known, and when they are given."""

    order: OrderedDrug
    facts: Facts
    knowledge: Knowledge
    plan: InfusionPlan
    surface: BodySurface | None
    why_no_surface: str
    doses: tuple[SingleDose, ...]

    def is_cll(self) -> bool:
        """Is it for chronic lymphocytic leukaemia? Raises NotKnown."""
        return is_ordered_for(self.order, self.facts, CLL)

    def form(self, dose: SingleDose) -> Form | None:
        """The accepted form of a dose. Raises NotKnown where the reason decides and cannot be had."""
        return accepted_form(dose, self.is_cll, self.knowledge)

    def value(self, name: str) -> str:
        """A threshold as it is written on the card."""
        return number(self.knowledge.value(name))

    @property
    def is_close(self) -> bool:
        """Do doses follow one another closer than the fixed ones?"""
        interval = self.plan.shortest_interval_days
        return interval is not None and interval < self.knowledge.value("fixed_interval")

    @property
    def is_surface_unchecked(self) -> bool:
        """Could weight and height not be had at all? "Not there" would be wrong to say then."""
        return self.surface is None and self.facts.request_state("body_size") is State.UNKNOWN

    @property
    def is_known_cll(self) -> bool:
        """As `is_cll`; unknown counts as no."""
        try:
            return self.is_cll()
        except NotKnown:
            return False


def rituximab_question(order: OrderedDrug, facts: Facts, knowledge: Knowledge, plan: InfusionPlan) -> RituximabQuestion:
    """The doses of the plan, weighed by the body surface where it can be had."""
    try:
        surface, why = body_surface(facts), ""
    except NotKnown as unknown:
        surface, why = None, unknown.why
    doses = tuple(single_dose(dose, surface, knowledge) for dose in plan.doses)
    return RituximabQuestion(order, facts, knowledge, plan, surface, why, doses)
