"""Is an analgesic that serves many pains ordered for a neuropathy here? Book 3.4."""

from __future__ import annotations

from typing import NamedTuple

from cards.facts import Diagnosis, Facts
from cards.neurology.phenotype import PAINFUL, current_picture, require_complete_problem_list, stated_picture, telling

# Painful where stated as the reason, though not treated as neuropathic pain by itself.
PAINFUL_WHEN_STATED = PAINFUL | {"np_vasc", "np_cranial"}
OTHER_PAIN = "other_painful_diagnosis"
# Codes below M and T that belong to a neuropathy, or to what caused it.
NEUROPATHIC = ("any_neuropathy", "np_ici_adverse_effect", "antineoplastic_adverse_effect")


class AnalgesicIndication(NamedTuple):
    """`why_not` is empty where the analgesic is for a neuropathy; `neuropathies` may be empty for one by antibody."""

    neuropathies: tuple[Diagnosis, ...] = ()
    why_not: str = ""


def analgesic_indication(
    facts: Facts, reasons: tuple[Diagnosis, ...], other_pain_within_days: int
) -> AnalgesicIndication:
    """The stated reason decides; without one a current neuropathy, unless something else hurts or surgery is done.

    Raises NotKnown where the problem list is needed and could not be had, or not all of it.
    """
    reasons = telling(reasons)
    return _stated(facts, reasons) if reasons else _listed(facts, other_pain_within_days)


def _stated(facts: Facts, reasons: tuple[Diagnosis, ...]) -> AnalgesicIndication:
    found = stated_picture(facts, reasons).of(*PAINFUL_WHEN_STATED)
    if not found:
        return AnalgesicIndication(why_not="the stated reason is no painful neuropathy")
    if any(_hurts_otherwise(reason) for reason in reasons):
        return AnalgesicIndication(why_not="another pain is stated too")
    return AnalgesicIndication(found)


def _listed(facts: Facts, within_days: int) -> AnalgesicIndication:
    picture = current_picture(facts)
    if not picture.shows(*PAINFUL):
        require_complete_problem_list(facts)
        return AnalgesicIndication(why_not="no painful neuropathy on the problem list")
    of_a_neuropathy = picture.of(*PAINFUL_WHEN_STATED, suspected=True)
    for d in facts.diagnoses(OTHER_PAIN):
        if d not in of_a_neuropathy and d.is_current and _hurts_otherwise(d) and _is_recent(d, facts, within_days):
            return AnalgesicIndication(why_not=f"{d.label} may hurt too, no reason stated")
    if facts.encounter is not None and facts.encounter.is_surgical:
        return AnalgesicIndication(why_not="an encounter for surgery, no reason stated")
    return AnalgesicIndication(picture.of(*PAINFUL))


def _hurts_otherwise(d: Diagnosis) -> bool:
    return d.is_a(OTHER_PAIN) and not d.is_a(*NEUROPATHIC, *PAINFUL_WHEN_STATED)


def _is_recent(d: Diagnosis, facts: Facts, within_days: int) -> bool:
    """Begun or recorded in the window; one without any date may be recent."""
    dates = [day for day in (d.onset_on, d.recorded_on) if day is not None]
    return not dates or any(facts.is_within(day, within_days) for day in dates)
