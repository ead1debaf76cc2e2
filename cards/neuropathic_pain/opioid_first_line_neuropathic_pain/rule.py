"""Is an opioid ordered for neuropathic pain before the non-opioid options were tried?

WHEN  an opioid is ordered, other than for cough, or methadone or buprenorphine for opioid dependence
AND   its stated reason is a neuropathy, or none is stated, a painful neuropathy is current and nothing else that hurts
AND   there is no cancer, sickle-cell disease or hospice care, no week's supply for an acute reason, no opioid for long
THEN  warn where no first-line class was taken for 14 days or not tolerated within a year, else inform (book 3.4).
"""

from __future__ import annotations

from typing import NamedTuple

from cards.coding_systems import words
from cards.errors import NotKnown
from cards.facts import Allergy, Diagnosis, Facts
from cards.knowledge import Knowledge
from cards.neurology.analgesic_indication import analgesic_indication
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, lower_once
from cards.orders import OrderedDrug
from cards.pharmacology.class_trials import FIRST_LINE, ClassTrial, class_intolerances, class_trials
from cards.pharmacology.current_orders import is_single_dose
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.removal import each_removal
from cards.pharmacology.therapy_history import is_supply_within, therapy_history
from cards.suggested_orders import AT_MOST
from cards.wording import joined, listed, number, on

NOT_THE_OPIOIDS_REASON = ("malignancy", "sickle_cell")
ACUTE = frozenset({"acute", "postoperative", "postprocedural", "perioperative", "trauma", "traumatic", "injury"})
LIMITS = "Limits: drugs bought without an order or ordered elsewhere are not seen; pain and function are not seen."


class Tried(NamedTuple):
    """First-line classes on record: those that count as tried, shorter ones, and what was not tolerated."""

    classes: tuple[ClassTrial, ...]
    short: tuple[ClassTrial, ...]
    intolerances: dict[str, Allergy]

    @property
    def names(self) -> tuple[str, ...]:
        """The classes that were tried, in words."""
        return tuple(dict.fromkeys((*(trial.name for trial in self.classes), *self.intolerances)))


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision table of 3.4."""
    if all(is_single_dose(draft) for draft in order.drafts):
        return NothingToAdd("a single dose")
    if all(draft.drug.is_a("opioid_for_cough") for draft in order.drafts):
        return NothingToAdd("a product for cough and cold, not for pain")
    indication = analgesic_indication(facts, order.reasons, int(knowledge.value("other_pain_within")))
    silent = indication.why_not or _silence(order, facts, knowledge)
    if silent:
        return NothingToAdd(silent)
    return _advice(order, indication.neuropathies, _tried(facts, knowledge), knowledge)


def _silence(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> str:
    """Why an opioid for a neuropathy is no question here; empty when it is. Raises NotKnown."""
    if not order.reasons and order.drug.is_a("opioid_agonist_treatment") and facts.diagnoses("opioid_dependence"):
        return "treatment of opioid dependence"
    for d in (*order.reasons, *facts.diagnoses(*NOT_THE_OPIOIDS_REASON)):
        if d.is_a(*NOT_THE_OPIOIDS_REASON) and d.is_current:
            return f"{d.label} current"
    if _is_acute(order.reasons) and is_supply_within(order, knowledge.value("acute_supply_up_to")):
        return "a short supply for an acute reason"
    history = therapy_history(facts, order, "opioid")
    if history.is_established and history.days_on_drug > knowledge.value("renewal_over"):
        return f"on opioids for {history.days_on_drug} days"
    return ""


def _is_acute(reasons: tuple[Diagnosis, ...]) -> bool:
    return any(not ACUTE.isdisjoint(words(reason.display)) for reason in reasons)


def _tried(facts: Facts, knowledge: Knowledge) -> Tried:
    """Raises NotKnown where something missing could hold a trial or an intolerance and none was found."""
    trials = class_trials(facts, int(knowledge.value("looked_back")))
    classes = tuple(trial for trial in trials if trial.is_tried(knowledge.value("tried_from")))
    if not classes and not facts.is_complete("medication_orders"):
        raise NotKnown("medication_orders", "only part of the record was sent")
    try:
        intolerances = class_intolerances(facts)
    except NotKnown:
        if not classes:
            raise
        intolerances = {}
    return Tried(classes, tuple(trial for trial in trials if trial not in classes), intolerances)


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, indication: tuple[Diagnosis, ...], tried: Tried, knowledge: Knowledge) -> Advice:
    row_level = Indicator.INFO if tried.names else Indicator.WARNING
    by_words = bool(indication) and all(d.by_text for d in indication)
    reasons = ("diagnosis recognised by its words only",) if by_words and not tried.names else ()
    level, before = lower_once(row_level, reasons)
    lowered = f" One level lower: {reasons[0]}." if reasons else ""
    return Advice(
        summary=_summary(tried, knowledge),
        indicator=level,
        before_downgrade=before,
        explanation=Explanation(
            order=order_line(order),
            facts=_facts_used(indication, tried, knowledge),
            rule=f"Tried is {number(knowledge.value('tried_from'))} days of a class within "
            f"{number(knowledge.value('looked_back'))} days, or an intolerance on record; "
            f"tried: {joined(tried.names) or 'none'}.{lowered}",
            basis=knowledge.basis("aan"),
            limits=LIMITS,
        ),
        evidence="aan",
        row="a class tried" if tried.names else "no class tried",
        suggestions=each_removal(order, order.name)[:AT_MOST],
    )


def _summary(tried: Tried, knowledge: Knowledge) -> str:
    if tried.names:
        rest = "; other classes are not on record" if len(tried.names) < len(FIRST_LINE) else ""
        classes = "class" if len(tried.names) == 1 else "classes"
        return f"Opioid for neuropathic pain; first-line {classes} on record: {listed(tried.names)}{rest}"
    classes = "any first-line class (gabapentinoid, SNRI, TCA)"
    if tried.short:  # of a longer trial only the last days may lie in the window
        days, within = number(knowledge.value("tried_from")), number(knowledge.value("looked_back"))
        return f"Opioid for neuropathic pain before {days} days of {classes} within {within} days"
    return f"Opioid for neuropathic pain before {classes} on record"


def _facts_used(indication: tuple[Diagnosis, ...], tried: Tried, knowledge: Knowledge) -> tuple[str, ...]:
    named = [f"{d.label} ({on(d.on)}, {'stated reason' if d.is_stated_reason else 'problem list'})" for d in indication]
    on_record = {trial.name for trial in (*tried.classes, *tried.short)} | set(tried.intolerances)
    missing = [name for name in FIRST_LINE.values() if name not in on_record]
    within = f"in {number(knowledge.value('looked_back'))} days"
    return (
        f"Indication: {listed(named) or 'neuropathy by antibody'}",
        *(f"Taken {within}: {trial.words}" for trial in (*tried.classes, *tried.short)),
        *(f"Not tolerated: {name} ({one.display}, {on(one.recorded_on)})" for name, one in tried.intolerances.items()),
        *((f"Not found {within}: {joined(missing)}",) if missing else ()),
    )
