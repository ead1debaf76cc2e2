"""How severe is the neuropathy, 1 to 4? Graded observations, severities, and floors that only raise (book 1.7).

Needs: conditions, toxicity_grades; for the floors on a checkpoint inhibitor medication_orders,
medication_administrations and medication_dispenses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Measurement
from cards.knowledge import Thresholds, load_thresholds
from cards.neurology.phenotype import began_on_checkpoint_inhibitor, current_cranial_neuropathies, is_current_immune
from cards.wording import on

TABLE = Path(__file__).with_suffix(".yaml")
OBSERVED = "adverse_event_grade"
LEG_SIGNS = ("gbs", "leg_weakness_or_gait_limitation")


@dataclass(frozen=True, slots=True)
class NeuropathyGrade:
    """The grade that governs today, 0 to 5; `value` None: unknown, `why` says why. `source`: where it comes from.

    `is_unread`: unknown because grades could not be had or read, not because none is recorded. `by_words`: what makes
    it so high is a diagnosis known by its words only.
    """

    value: int | None
    source: str = ""
    why: str = ""
    is_unread: bool = False
    by_words: bool = False

    @property
    def is_severe(self) -> bool:
        """Grade 3 or 4?"""
        return self.value is not None and self.value >= grades().value("severe")

    @property
    def line(self) -> str:
        """The grade in one line for a card."""
        if self.value is None:
            return f"Grade: unknown ({self.why})"
        return f"Grade {self.value}: {self.source}"


class _Stated(NamedTuple):
    """A grade that someone wrote down, and when; undated ones come after all others."""

    value: int
    day: date | None
    source: str
    by_words: bool = False


def grades() -> Thresholds:
    """The limits of `grade.yaml`."""
    return load_thresholds(TABLE)


def neuropathy_grade(
    facts: Facts, diagnoses: Sequence[Diagnosis], *, on_checkpoint_inhibitor: bool = False
) -> NeuropathyGrade:
    """The current grade of these diagnoses. Raises NotKnown when the problem list could not be had.

    The newest of the graded observations of the last weeks and of the severities of the diagnoses governs; on one day
    the higher. The severity of a current diagnosis is a current grade, whatever its date. Floors only raise.
    """
    try:
        stated, why, is_unread = _governing(facts, diagnoses), "none recorded lately", False
    except NotKnown as unknown:
        stated, why, is_unread = None, unknown.why or "could not be checked", True
    signs = _signs(facts, diagnoses)
    if on_checkpoint_inhibitor:
        signs = [*signs, *_leg_signs(facts, diagnoses)]
        # A limp of years ago is no sign of a drug of this year.
        signs = [s for s in signs if s.began_with(facts, diagnoses)]
    sign = max(signs, key=lambda one: (one.floor, not one.diagnosis.by_text), default=None)
    if stated is not None and (sign is None or stated.value >= sign.floor):
        is_coded = not stated.by_words or (sign is not None and sign.is_coded(stated.value))
        return NeuropathyGrade(stated.value, stated.source, by_words=not is_coded)
    if sign is not None:
        raised = "" if stated is None else f", raised from {stated.value} ({stated.source})"
        source = f"{sign.diagnosis.label} ({on(sign.diagnosis.on)}){raised}"
        return NeuropathyGrade(sign.floor, source, by_words=sign.diagnosis.by_text)
    return NeuropathyGrade(None, why=why, is_unread=is_unread)


# -- grades that were written down ------------------------------------------------------------------------------------


def _governing(facts: Facts, diagnoses: Sequence[Diagnosis]) -> _Stated | None:
    """The newest grade; None when there is none. Raises NotKnown when the newest cannot be read or looked for."""
    severities = [
        _Stated(
            d.grade,
            d.recorded_on or d.onset_on,
            f"severity of {d.label}, {on(d.recorded_on or d.onset_on)}",
            d.by_text,
        )
        for d in diagnoses
        if d.grade is not None and d.is_current and not d.is_suspected
    ]
    try:
        observed = _newest_observed(facts)
    except NotKnown:
        if not severities:
            raise
        observed = []  # a severity stands, whatever was observed beside it
    began = max((d.on for d in diagnoses if d.on is not None), default=None)
    if began is not None:  # a grade 0 of before the neuropathy is no grade of it
        observed = [one for one in observed if one.value or one.day is None or one.day >= began]
    return max((*observed, *severities), key=_newest_highest, default=None)


def _newest_highest(one: _Stated) -> tuple[date, int, bool]:
    return one.day or date.min, one.value, not one.by_words


def _newest_observed(facts: Facts) -> list[_Stated]:
    """Graded observations of the newest day in the window. Raises NotKnown when one of them cannot be read."""
    window = int(grades().value("grade_current"))
    recent = [m for m in _observed(facts) if m.on is not None and facts.is_within(m.on, window)]
    newest = [m for m in recent if m.on == recent[0].on]
    if any(m.unreadable or m.value is None for m in newest):
        raise NotKnown("toxicity_grades", "the newest grade could not be read")
    return [_Stated(int(m.value or 0), m.on, f"graded observation, {on(m.on)}") for m in newest]


def _observed(facts: Facts) -> list[Measurement]:
    return [m for m in facts.measurements(OBSERVED) if not m.is_pending]


# -- floors -----------------------------------------------------------------------------------------------------------


class _Sign(NamedTuple):
    """A current sign and the lowest grade that it allows."""

    floor: int
    diagnosis: Diagnosis

    def is_coded(self, grade: int) -> bool:
        """Does it show this grade by a code?"""
        return self.floor >= grade and not self.diagnosis.by_text

    def began_with(self, facts: Facts, diagnoses: Sequence[Diagnosis]) -> bool:
        """Is it one of the graded diagnoses, undated, or begun on the checkpoint inhibitor?"""
        d = self.diagnosis
        return d in diagnoses or d.on is None or began_on_checkpoint_inhibitor(facts, d, undated=True)


def _signs(facts: Facts, diagnoses: Sequence[Diagnosis]) -> list[_Sign]:
    """The current signs with a floor of their own, of a problem list that was read in part those that were read."""
    stated = [d for d in _reasons(diagnoses) if d.is_a("np_cranial")]
    found = [_Sign(_floor("cranial"), d) for d in (*current_cranial_neuropathies(facts), *stated)]
    for sign, concept in (
        ("respiratory_failure", "respiratory_failure"),
        ("confined", "confined_to_bed_or_wheelchair"),
    ):
        found += [_Sign(_floor(sign), d) for d in facts.current() if d.is_a(concept)]
    return found


def _leg_signs(facts: Facts, diagnoses: Sequence[Diagnosis]) -> list[_Sign]:
    """The current signs with a floor on a checkpoint inhibitor; Guillain-Barre syndrome while it counts as current."""
    found = [d for d in (*facts.current(), *_reasons(diagnoses)) if d.is_a(*LEG_SIGNS)]
    return [_Sign(_floor("leg_weakness"), d) for d in found if is_current_immune(facts, d)]


def _reasons(diagnoses: Sequence[Diagnosis]) -> list[Diagnosis]:
    """The reasons of an order: they may stand on no problem list, and are signs all the same."""
    return [d for d in diagnoses if d.is_stated_reason and not d.is_suspected]


def _floor(sign: str) -> int:
    return int(grades().value(f"floor_{sign}"))
