"""Is a new treatment for neuropathy chosen on a checkpoint inhibitor before an immune cause is looked for?

WHEN  a neuropathic-pain drug, immunoglobulin, a high-dose steroid or plasma exchange is chosen for neuropathy, and none
      of its class was given in the last half year
AND   a checkpoint inhibitor was given lately, and neither EMG/NCS nor a neurology visit is on record
THEN  ask to check for immune-related neuropathy first, louder when weakness, gait, cranial nerves or breathing are
      newly affected, and offer the work-up (book 5.7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, State
from cards.knowledge import Knowledge
from cards.neurology.attribution_wording import LABEL_LENGTH
from cards.neurology.phenotype import current_cranial_neuropathies, first_record, is_in
from cards.neurology.treatment import is_neuropathic, is_replacing, last_treated_on, treated_neuropathies
from cards.neurology.workup import EMG, GRADE, IMMUNE_LABORATORY, NEUROLOGY, named, workup
from cards.oncology.checkpoint_inhibitor import (
    CheckpointInhibitorExposure,
    ExposureState,
    checkpoint_inhibitor_exposure,
    windows_line,
)
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, lower_once
from cards.orders import Ordered, OrderedDrug
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.steroid.prednisone_equivalent import STEROIDS
from cards.pharmacology.steroid.steroid_course import SteroidCourse, steroid_course
from cards.suggested_orders import AT_MOST
from cards.wording import joined, on, shortened

LIMITS = "Limits: sees only this record; most new pain treatment on a checkpoint inhibitor has another cause."
QUESTION = "immune-related neuropathy on a checkpoint inhibitor?"
SIGNS = (
    "weakness_gait_symptoms",
    "leg_weakness_or_gait_limitation",
    "paralytic_strabismus",
    "respiratory_failure",
)
DIABETIC, AFTER_ZOSTER = "np_dpn", "postherpetic_neuralgia"
DONE = ("active", "completed", "draft")


def advise(order: Ordered, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The order and the exposure against the table of 5.7."""
    if isinstance(order, OrderedDrug) and STEROIDS in order.concepts:
        course = steroid_course(order)
        if not isinstance(course, SteroidCourse):
            return course
        if course.is_single_dose or course.peak_mg < knowledge.value("high_dose_steroid"):
            return NothingToAdd("no course of a high-dose steroid", "dose")
    try:
        exposure = checkpoint_inhibitor_exposure(facts)
    except NotKnown as unknown:
        return CannotTell(f"checkpoint inhibitor: {unknown.why}", (unknown.what,), book_is_silent=True)
    if not exposure.is_present:
        return NothingToAdd("no checkpoint inhibitor lately", "exposure")
    treated = treated_neuropathies(order, facts)
    if treated is None:
        return NothingToAdd("not ordered for neuropathy", "another use")
    treated = tuple(dict.fromkeys(first_record(facts, d) for d in treated))
    silence = _silence(order, facts, knowledge, exposure, treated)
    if silence is not None:
        return silence
    return _advice(order, facts, knowledge, exposure, treated)


def _silence(
    order: Ordered,
    facts: Facts,
    knowledge: Knowledge,
    exposure: CheckpointInhibitorExposure,
    treated: tuple[Diagnosis, ...],
) -> NothingToAdd | None:
    last_on = last_treated_on(order, facts)
    if is_replacing(order) or (last_on is not None and facts.is_within(last_on, _days(knowledge, "new_after"))):
        return NothingToAdd("the treatment is not new", "not new")
    if last_on is not None and treated and all(_is_established(d, exposure, knowledge) for d in treated):
        return NothingToAdd("an established cause from before the checkpoint inhibitor, treated again", "established")
    if exposure.state is ExposureState.RECENT and not _has_begun_lately(
        facts, treated, _days(knowledge, "onset_recent")
    ):
        return NothingToAdd("late after the last dose, and no new neuropathy", "recent")
    if _is_worked_up(facts, _days(knowledge, "workup_recent")):
        return NothingToAdd("EMG/NCS or neurology is under way or done", "work-up")
    return None


def _is_established(d: Diagnosis, exposure: CheckpointInhibitorExposure, knowledge: Knowledge) -> bool:
    """Diabetic polyneuropathy of long before the first dose, or neuralgia after zoster."""
    if d.is_a(AFTER_ZOSTER):
        return True
    if not is_in(d, DIABETIC) or d.on is None or exposure.first_on is None:
        return False
    return (exposure.first_on - d.on).days > knowledge.value("established_before")


def _has_begun_lately(facts: Facts, treated: tuple[Diagnosis, ...], days: int) -> bool:
    """Did a treated neuropathy begin so lately? Of a reason without a date, any of the problem list."""
    if all(d.on is None for d in treated):
        treated = tuple(first_record(facts, d) for d in facts.current() if is_neuropathic(d))
    return any(d.on is not None and facts.is_within(d.on, days) for d in treated)


def _is_worked_up(facts: Facts, days: int) -> bool:
    """EMG/NCS or neurology, in the basket, ordered or done so lately? What could not be read is none, and is named."""
    if facts.basket_services(EMG, NEUROLOGY):
        return True
    done = _read(lambda: [p.done_on for p in facts.procedures(EMG, NEUROLOGY) if p.is_done])
    asked = _read(lambda: [s.authored_on for s in facts.service_orders(EMG, NEUROLOGY) if s.status in DONE])
    return any(day is not None and facts.is_within(day, days) for day in (*done, *asked))


def _read(look: Callable[[], list[date | None]]) -> list[date | None]:
    try:
        return look()
    except NotKnown:
        return []


# -- words ------------------------------------------------------------------------------------------------------------


def _advice(
    order: Ordered,
    facts: Facts,
    knowledge: Knowledge,
    exposure: CheckpointInhibitorExposure,
    treated: tuple[Diagnosis, ...],
) -> Advice:
    signs = _new_signs(facts, _days(knowledge, "sign_recent")) if exposure.state is ExposureState.ACTIVE else ()
    by_words = ("words only",) if signs and all(d.by_text for d in signs) else ()
    level, before = lower_once(Indicator.WARNING if signs else Indicator.INFO, by_words)
    steps = (NEUROLOGY, EMG, *IMMUNE_LABORATORY, GRADE) if signs else (GRADE, NEUROLOGY, *IMMUNE_LABORATORY, EMG)
    offered = list(workup(facts, steps, question=QUESTION))
    last = "last order" if exposure.by_order else "last dose"
    return Advice(
        summary=f"On {exposure.drug} ({last} {on(exposure.last_on)}): check for immune-related neuropathy before "
        "symptomatic treatment alone",
        indicator=level,
        explanation=Explanation(
            order=order_line(order),
            facts=tuple(_facts_used(facts, exposure, treated, signs)),
            rule=f"New treatment for neuropathy, exposure {exposure.state}. {windows_line()} Further options: "
            f"{named(offered[AT_MOST:])}.",
            basis=knowledge.basis("asco", "onset", "occupancy"),
            limits=LIMITS,
        ),
        evidence="asco",
        row=f"{exposure.state}, new signs" if signs else str(exposure.state),
        suggestions=tuple(offered[:AT_MOST]),
        before_downgrade=before,
    )


def _new_signs(facts: Facts, days: int) -> tuple[Diagnosis, ...]:
    """Weakness, gait, cranial nerves or breathing newly affected."""
    found = dict.fromkeys((*(d for d in facts.current() if d.is_a(*SIGNS)), *current_cranial_neuropathies(facts)))
    return tuple(d for d in found if d.on is not None and facts.is_within(d.on, days))


def _facts_used(
    facts: Facts, exposure: CheckpointInhibitorExposure, treated: tuple[Diagnosis, ...], signs: tuple[Diagnosis, ...]
) -> Iterator[str]:
    first = f"first {on(exposure.first_on)}, last {on(exposure.last_on)}"
    yield f"Checkpoint inhibitor: {exposure.drug}, {first}{', by orders' if exposure.by_order else ''}"
    if signs:
        yield f"New signs: {_listed(signs)}"
    others = tuple(d for d in treated if d not in signs)
    if others or not signs:
        yield f"Neuropathy on record: {_listed(others) or 'searched, none found'}"
    unread = [need for need in ("procedures", "service_requests") if facts.request_state(need) is State.UNKNOWN]
    found = f"could not be checked ({joined(unread).replace('_', ' ')})" if unread else "searched, none found"
    yield f"EMG/NCS, neurology: {found}"


def _listed(diagnoses: tuple[Diagnosis, ...]) -> str:
    return joined([f"{shortened(d.label, LABEL_LENGTH)} ({on(d.on)})" for d in diagnoses[:AT_MOST]])


def _days(knowledge: Knowledge, window: str) -> int:
    return int(knowledge.value(window))
