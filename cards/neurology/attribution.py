"""Which neuropathies are, or may be, of the checkpoint inhibitor? (book 1.7 NP-ICI; 5.6, attribution)

A neuropathy counts when it is coded as an adverse effect, began after the first dose, or is new; one that began long
before the first dose and has not worsened does not. Without any dose on record the first dose is still to come.
Needs: conditions, toxicity_grades, medication_orders, medication_administrations.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import date
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Measurement
from cards.knowledge import load_thresholds
from cards.neurology.grade import OBSERVED, grades
from cards.neurology.phenotype import (
    WORSE_AGAIN,
    first_record,
    is_checkpoint_inhibitor_effect,
    is_diabetic_in_words,
    is_in,
    is_neuropathy,
)
from cards.oncology.checkpoint_inhibitor import checkpoint_inhibitor_exposure, require_first_dose

TABLE = Path(__file__).with_suffix(".yaml")
# Undated, these are taken for what they say they come from, not for an effect of the checkpoint inhibitor.
NAME_ANOTHER_CAUSE = ("diabetes", "np_dpn", "np_drpn", "np_symm", "np_symm_with_cause", "np_vasc")
NAMES_NO_CAUSE = "idiopathic_polyneuropathy"  # among them by its pattern
# Signs that alone are a suspicion of a severe neuropathy (their floor is grade 3), symptoms that are one of a mild one.
SEVERE_SIGNS = ("leg_weakness_or_gait_limitation", "confined_to_bed_or_wheelchair")
BREATHING = "respiratory_failure"
SYMPTOMS = "neuropathic_symptoms"


class Link(Enum):
    """What links a neuropathy with the checkpoint inhibitor, in words for a card."""

    CODED = "coded as its adverse effect"
    NAMED = "named as its adverse effect"
    AFTER_FIRST_DOSE = "begun after the first dose"
    WORSENED = "worse since the first dose"
    UNDATED = "undated"
    SEVERE_SINCE = "severe since the first dose; no earlier grade to compare"
    NEW = "new, not shown to have begun after a first dose"

    @property
    def is_uncertain(self) -> bool:
        """Too weak a link to call a severe neuropathy one of the drug."""
        return self in (Link.SEVERE_SINCE, Link.NEW)


class Counted(NamedTuple):
    """One diagnosis that counts, and why."""

    diagnosis: Diagnosis
    link: Link


class Attributed(NamedTuple):
    """What counts. `observed`: graded observations after the first dose that no neuropathy from before explains.

    `unknown` is what could not be read on the way: where nothing counts, that proves nothing.
    """

    current: tuple[Counted, ...] = ()
    past: tuple[Counted, ...] = ()
    suspected: tuple[Counted, ...] = ()
    observed: tuple[Measurement, ...] = ()
    is_coded: bool = False
    unknown: NotKnown | None = None

    @property
    def known(self) -> tuple[Counted, ...]:
        """The confirmed ones, current and past."""
        return (*self.current, *self.past)

    @property
    def is_any(self) -> bool:
        """Is there, or was there, any that is confirmed?"""
        return bool(self.known or self.observed)

    @property
    def is_certain(self) -> bool:
        """Is there a strong link, or an observed grade after the first dose?"""
        return not self.known or any(not counted.link.is_uncertain for counted in self.known)


def attributed(facts: Facts) -> Attributed:
    """The neuropathies that count. Raises NotKnown when the problem list could not be had."""
    return facts.once(_attributed)


def suspicious_signs(facts: Facts) -> tuple[Diagnosis, ...]:
    """Signs that began on the drug and alone raise the suspicion of a severe neuropathy, newest first.

    A confirmed sign counts while new; a suspected one, and one beside a suspected neuropathy, whatever its age.
    Respiratory failure counts beside a suspected neuropathy only. Raises NotKnown as the records do.
    """
    beside = bool(attributed(facts).suspected)
    names = (*SEVERE_SIGNS, BREATHING) if beside else SEVERE_SIGNS
    return tuple(_begun_on_the_drug(facts, names, whatever_age=beside))


def new_symptoms(facts: Facts) -> tuple[Diagnosis, ...]:
    """Numbness, weakness and the like that began on the drug lately, newest first. Raises NotKnown."""
    return tuple(_begun_on_the_drug(facts, (SYMPTOMS,), whatever_age=False))


# -- what counts ------------------------------------------------------------------------------------------------------


def _attributed(facts: Facts) -> Attributed:
    every = facts.diagnoses()
    neuropathies = [d for d in every if is_neuropathy(d) and d == first_record(facts, d)]
    effects = [d for d in every if not d.is_suspected and is_checkpoint_inhibitor_effect(facts, d)]
    coded = {d for d in neuropathies if any(_is_of(effect, d) for effect in effects)}
    counted, unknown = _counted(facts, neuropathies, coded)
    known = [c for c in counted if not c.diagnosis.is_suspected]
    observed: tuple[Measurement, ...] = ()
    if known or all(d.is_suspected for d in neuropathies):  # else a neuropathy from before explains them
        try:
            observed = _observed_since_first_dose(facts)
        except NotKnown as error:
            unknown = error
    return Attributed(
        current=tuple(c for c in known if c.diagnosis.is_current),
        past=tuple(c for c in known if not c.diagnosis.is_current),
        suspected=tuple(c for c in counted if c.diagnosis.is_suspected and c.diagnosis.is_current),
        observed=observed,
        is_coded=any(c.diagnosis in coded or c.link is Link.NAMED for c in known),
        unknown=unknown,
    )


def _is_of(effect: Diagnosis, d: Diagnosis) -> bool:
    """May a coded adverse effect be this neuropathy? A past effect only a past one, or one that began with it."""
    if effect.is_current or not d.is_current:
        return True
    return d.on is not None and effect.on is not None and effect.on <= d.on <= (effect.ended_on or effect.on)


def _counted(
    facts: Facts, neuropathies: Sequence[Diagnosis], coded: Container[Diagnosis]
) -> tuple[list[Counted], NotKnown | None]:
    """Those that count, newest first, and what could not be read of the others."""
    counted, unknown = [], None
    for d in neuropathies:
        try:
            link = _link(facts, d, is_coded=d in coded or _names_the_drug(d))
        except NotKnown as error:
            unknown = error
            continue
        if link is Link.CODED and d not in coded:
            link = Link.NAMED
        if link is not None and (not d.is_a("myasthenia_gravis") or link in (Link.CODED, Link.AFTER_FIRST_DOSE)):
            counted.append(Counted(d, link))  # myasthenia: only when new after the first dose, or coded
    return counted, unknown


def _names_another_cause(d: Diagnosis) -> bool:
    return not d.is_a(NAMES_NO_CAUSE) and (is_in(d, *NAME_ANOTHER_CAUSE) or is_diabetic_in_words(d))


def _names_the_drug(d: Diagnosis) -> bool:
    """Does a name without a code say that it is of a checkpoint inhibitor?"""
    return d.by_text and d.is_a("np_ici_in_words")


def _link(facts: Facts, d: Diagnosis, *, is_coded: bool) -> Link | None:
    """What links a neuropathy with the drug; None: nothing. Raises NotKnown where doses or grades would decide."""
    is_explained = not is_coded and _names_another_cause(d)
    try:
        first_on = checkpoint_inhibitor_exposure(facts).first_on
    except NotKnown:
        if d.on is None and is_explained:
            return None
        if not is_coded and not _is_new(facts, d, facts.as_of):
            raise
        first_on = None
    if first_on is None:
        return Link.CODED if is_coded else Link.NEW if _is_new(facts, d, facts.as_of) else None
    is_after = d.began_after(first_on)
    if is_after is None and is_explained:
        return _worsened(facts, d, first_on)
    if is_after is not False:
        known = Link.AFTER_FIRST_DOSE if is_after else Link.UNDATED
        return Link.CODED if is_coded else known
    if _is_new(facts, d, first_on):
        return Link.CODED if is_coded else Link.NEW
    return _worsened(facts, d, first_on) or _of_an_earlier_dose(facts, d, is_coded=is_coded)


def _of_an_earlier_dose(facts: Facts, d: Diagnosis, *, is_coded: bool) -> Link | None:
    """Of one from before the doses found: may earlier ones have gone unread? Raises NotKnown where no code tells."""
    if _names_another_cause(d):
        return None
    try:
        require_first_dose(facts)
    except NotKnown:
        if not is_coded:
            raise
        return Link.CODED
    return None


def _is_new(facts: Facts, d: Diagnosis, first_on: date) -> bool:
    """Recorded lately without an onset, or begun not long before the first dose?"""
    if d.on is None:
        return False
    if d.onset_on is None and facts.is_within(d.on, _days("new_without_onset")):
        return True
    return (first_on - d.on).days <= _days("long_before_first_dose")


def _worsened(facts: Facts, d: Diagnosis, first_on: date) -> Link | None:
    """Is one not shown to have begun on the drug worse since? By its status, or by a higher grade than before."""
    if d.clinical_status in WORSE_AGAIN:
        return Link.WORSENED
    graded = [m for m in _graded(facts) if m.on is not None]
    since = next((m.value for m in graded if m.on and m.on > first_on), None)
    before = next((m.value for m in graded if m.on and m.on <= first_on), None)
    if since is None:
        return None
    if before is None:
        return Link.SEVERE_SINCE if since >= grades().value("severe") else None
    return Link.WORSENED if since > before else None


def _graded(facts: Facts) -> list[Measurement]:
    """Graded observations that could be read, newest first. Raises NotKnown when they could not be had."""
    return [m for m in facts.measurements(OBSERVED) if not m.is_pending and m.value is not None]


def _observed_since_first_dose(facts: Facts) -> tuple[Measurement, ...]:
    """Grades of 1 and more after the first dose, newest first. Raises NotKnown where that cannot be told."""
    found = [m for m in _graded(facts) if m.value and m.on is not None]
    if not found:
        return ()
    first_on = checkpoint_inhibitor_exposure(facts).first_on
    return tuple(m for m in found if first_on is not None and m.on is not None and m.on > first_on)


def _begun_on_the_drug(facts: Facts, names: tuple[str, ...], *, whatever_age: bool) -> Iterator[Diagnosis]:
    for d in facts.diagnoses():
        if d.on is None or not (d.is_current and d.is_a(*names)):
            continue
        if not (whatever_age or d.is_suspected or facts.is_within(d.on, _days("sign_recent"))):
            continue
        exposure = checkpoint_inhibitor_exposure(facts)
        if exposure.is_present and exposure.first_on is not None and d.on > exposure.first_on:
            yield d


def _days(window: str) -> int:
    return int(load_thresholds(TABLE).value(window))
