"""Which neuropathy phenotype sets does the record show, and which diagnosis governs? (book 1.7)"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cards.concepts import load_value_sets
from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Finding
from cards.knowledge import load_thresholds
from cards.oncology.checkpoint_inhibitor import CheckpointInhibitorExposure, checkpoint_inhibitor_exposure

T = TypeVar("T")
TABLE = Path(__file__).with_name("phenotype.yaml")

# Sets whose members need no condition; the others are worked out in `_conditional`.
PLAIN = "np_dpn np_symm np_unspec np_drpn np_plex np_vasc np_cranial np_auton np_phn_sci ig_other other_lic".split()
# Sets in which a gabapentinoid is used for neuropathic pain (book 2.1, target T).
PAINFUL = frozenset("np_dpn np_drpn np_ici np_igm np_imm np_plex np_symm np_unspec np_phn_sci".split())


@dataclass(frozen=True, slots=True)
class Member:
    """One diagnosis in one set. A suspected one may silence a card, never open one."""

    set_name: str
    diagnosis: Diagnosis
    is_suspected: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """All set memberships found in some diagnoses."""

    members: tuple[Member, ...]

    def of(self, *sets: str, suspected: bool = False) -> tuple[Diagnosis, ...]:
        """Diagnoses of these sets, confirmed ones only unless suspected ones are wanted too; newest first."""
        found = {m.diagnosis: None for m in self.members if m.set_name in sets and (suspected or not m.is_suspected)}
        return tuple(sorted(found, key=lambda d: d.on.toordinal() if d.on else 0, reverse=True))

    @property
    def sets(self) -> frozenset[str]:
        """Names of the sets with a confirmed member."""
        return frozenset(m.set_name for m in self.members if not m.is_suspected)


@dataclass(frozen=True, slots=True)
class PainIndication:
    """What a neuropathic-pain drug is ordered for. `is_stated`: by the order's own reason."""

    sets: frozenset[str]
    other_licensed: bool
    is_stated: bool
    diagnoses: tuple[Diagnosis, ...]


def pain_indication(facts: Facts, reasons: tuple[Diagnosis, ...]) -> PainIndication:
    """What the drug is for: the stated reason if there is one, else the current problem list.

    A stated reason that is in none of the sets is another indication: no set, and stated. Raises NotKnown when no
    reason is stated and the problem list could not be had.
    """
    picture = stated_picture(facts, reasons) if reasons else current_picture(facts)
    sets = picture.sets & PAINFUL
    return PainIndication(sets, bool(picture.of("other_lic")), bool(reasons), picture.of(*sorted(sets)))


def current_picture(facts: Facts) -> Picture:
    """The sets on the current problem list. Raises NotKnown when it could not be had."""
    return facts.once(_current_picture)


def stated_picture(facts: Facts, reasons: tuple[Diagnosis, ...]) -> Picture:
    """The sets of the stated reasons."""
    return facts.once(_picture, reasons)


def _current_picture(facts: Facts) -> Picture:
    return _picture(facts, tuple(d for d in facts.diagnoses() if d.is_current))


def _picture(facts: Facts, diagnoses: tuple[Diagnosis, ...]) -> Picture:
    members = [Member(name, d, d.is_suspected) for d in diagnoses for name in PLAIN if name in d.concepts]
    for d in diagnoses:
        members.extend(_conditional(facts, d))
    members.extend(_combined(facts, diagnoses))
    return Picture(tuple(members))


def _conditional(facts: Facts, d: Diagnosis) -> list[Member]:
    """Sets that a diagnosis belongs to under a condition."""
    found: list[tuple[str, bool]] = []
    if d.is_a("np_imm") and _is_current_immune(facts, d):
        found.append(("np_imm", d.is_suspected))
    if d.is_a("np_imm_suspected"):
        found.append(("np_imm", True))
    if d.is_a("np_symm_by_wording"):
        found.append(("np_symm" if _says(d, "np_symm_by_wording") else "np_unspec", d.is_suspected))
    if d.is_a("np_symm_with_cause"):
        found.append(("np_symm" if _has(facts, "metabolic_or_toxic_cause") else "np_unspec", d.is_suspected))
    if d.is_a("np_drpn_with_diabetes") and _has(facts, "diabetes"):
        found.append(("np_drpn", d.is_suspected))
    if d.is_a("np_auton_with_diabetes") and _has(facts, "diabetes"):
        found.append(("np_auton", d.is_suspected))
    if d.is_a("np_cranial_when_new") and d.on is not None and facts.is_within(d.on, _window("trigeminal_new")):
        found.append(("np_cranial", d.is_suspected))
    if d.is_a("drug_induced_polyneuropathy"):
        found.append((_drug_induced_set(facts, d), d.is_suspected))
    elif _is_neuropathy(d) and d.on is not None and _began_on_checkpoint_inhibitor(facts, d):
        found.append(("np_ici", d.is_suspected))
    return [Member(name, d, suspected) for name, suspected in found]


def _combined(facts: Facts, diagnoses: tuple[Diagnosis, ...]) -> list[Member]:
    """Sets that need two diagnoses, or a diagnosis and a test, together."""
    confirmed = [d for d in diagnoses if not d.is_suspected]
    neuropathies = [d for d in confirmed if _is_neuropathy(d)]
    found = []
    for d in confirmed:
        if neuropathies and d.is_a("np_igm_context"):
            found.append(Member("np_igm", d))
        if neuropathies and d.is_a("np_vasc_context"):
            found.append(Member("np_vasc", d))
        if neuropathies and _is_checkpoint_inhibitor_effect(facts, d):
            found.extend(Member("np_ici", n) for n in neuropathies)
    if _anti_mag_positive(facts):
        found.extend(Member("np_igm", n) for n in neuropathies or confirmed[:1])
    return found


def _is_neuropathy(d: Diagnosis) -> bool:
    return d.is_a("any_neuropathy", "gbs", "myasthenia_gravis")


def _is_current_immune(facts: Facts, d: Diagnosis) -> bool:
    """Guillain-Barré syndrome is current for some weeks only, unless it is the stated reason or has no date."""
    if d.is_stated_reason or not d.is_a("gbs"):
        return True
    return d.on is None or facts.is_within(d.on, _window("gbs_current"))


def _drug_induced_set(facts: Facts, d: Diagnosis) -> str:
    """Drug-induced polyneuropathy: symmetric without a checkpoint inhibitor; unspecified when that is unknown."""
    try:
        exposure = checkpoint_inhibitor_exposure(facts)
    except NotKnown:
        return "np_unspec"
    return "np_ici" if exposure.is_present and _after_first_dose(d, exposure) else "np_symm"


def _began_on_checkpoint_inhibitor(facts: Facts, d: Diagnosis) -> bool:
    exposure = _known(lambda: checkpoint_inhibitor_exposure(facts))
    return exposure is not None and exposure.is_present and _after_first_dose(d, exposure)


def _after_first_dose(d: Diagnosis, exposure: CheckpointInhibitorExposure) -> bool:
    return d.on is None or exposure.first_on is None or d.on > exposure.first_on


def _is_checkpoint_inhibitor_effect(facts: Facts, d: Diagnosis) -> bool:
    """T45.AX5*, or T45.1X5* where a checkpoint inhibitor was ever given."""
    if d.is_a("np_ici_adverse_effect"):
        return True
    if not d.is_a("antineoplastic_adverse_effect"):
        return False
    exposure = _known(lambda: checkpoint_inhibitor_exposure(facts))
    return exposure is not None and exposure.last_on is not None


def _anti_mag_positive(facts: Facts) -> bool:
    results = _known(lambda: facts.measurements("anti_mag")) or ()
    return any(m.finding is Finding.POSITIVE and not m.is_pending for m in results[:1])


def _has(facts: Facts, concept: str) -> bool:
    return bool(_known(lambda: facts.has(concept)))


def _says(d: Diagnosis, concept: str) -> bool:
    return concept in load_value_sets().named(d.display, ("book",))


def _window(name: str) -> int:
    return int(load_thresholds(TABLE).value(name))


def _known(read: Callable[[], T]) -> T | None:
    """What can be read; None where it is unknown: an unknown context adds no set."""
    try:
        return read()
    except NotKnown:
        return None
