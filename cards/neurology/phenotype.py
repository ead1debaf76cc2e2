"""Which neuropathy phenotype sets does the record show, and which diagnosis governs? (book 1.7)

Needs: conditions, neuropathy_antibodies, and for the sets of checkpoint inhibitors medication_orders,
medication_administrations and medication_dispenses. What is unknown of all but the first adds no set; an unknown
problem list raises NotKnown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from cards.concepts import load_value_sets
from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Finding, Measurement
from cards.knowledge import load_thresholds
from cards.oncology.checkpoint_inhibitor import checkpoint_inhibitor_exposure

T = TypeVar("T")
TABLE = Path(__file__).with_name("phenotype.yaml")

# Sets whose members need no condition.
PLAIN = (
    "np_dpn",
    "np_symm",
    "np_unspec",
    "np_drpn",
    "np_plex",
    "np_vasc",
    "np_cranial",
    "np_auton",
    "np_phn_sci",
    "ig_other",
    "other_lic",
)
# What says neuropathy. Myasthenia is counted with them on a checkpoint inhibitor (book 1.7 NP-ICI, 5.6).
MYASTHENIA = "myasthenia_gravis"
NEUROPATHIES = ("any_neuropathy", MYASTHENIA)
# Names that put a diagnosis without a code into a set; codes are in the sets of the book whatever the words.
NEUROPATHY_IN_WORDS = {
    f"{name}_in_words": name
    for name in (
        "np_dpn",
        "np_symm",
        "np_unspec",
        "np_plex",
        "np_vasc",
        "np_igm",
        "np_ici",
        "np_cranial",
        "np_auton",
    )
}
IN_WORDS = {**NEUROPATHY_IN_WORDS, "np_phn_sci_in_words": "np_phn_sci", "other_lic_in_words": "other_lic"}
CONDITIONAL = (
    *NEUROPATHIES,
    *IN_WORDS,
    "np_imm",
    "np_imm_suspected",
    "np_cranial_when_new",
    "np_symm_by_wording",
    "np_symm_with_cause",
    "np_drpn_with_diabetes",
    "np_auton_with_diabetes",
    "drug_induced_polyneuropathy",
)
CONTEXT = ("np_igm_context", "np_vasc_context", "np_ici_adverse_effect", "antineoplastic_adverse_effect")
# Sets in which a gabapentinoid is used for neuropathic pain (book 2.1, target T).
PAINFUL = frozenset(
    ["np_dpn", "np_drpn", "np_ici", "np_igm", "np_imm", "np_plex", "np_symm", "np_unspec", "np_phn_sci"]
)
# Reasons that name their own cause: another disease on the problem list does not put them into another set.
NAMES_ITS_CAUSE = ("np_dpn", "np_dpn_in_words", "np_drpn")
# (what is stated, second codes beside it, the set that they tell). Diabetes "with neurological complications" of WHO
# ICD-10 is the first code of a pair; the plexus disease of NP-PLEX is non-diabetic.
TOLD_BY_A_SECOND = (
    (("diabetes_with_neurological_complications",), ("np_dpn",), "np_dpn"),
    (("diabetes_with_neurological_complications",), ("np_drpn", "np_drpn_with_diabetes"), "np_drpn"),
    (("np_plex", "np_plex_in_words"), ("np_drpn",), "np_drpn"),
)
# A reason that says no more than this names no other use.
IN_SHORT = "neuropathy_in_short"
# They do not begin anew when a visit records them once more.
LIFELONG = ("np_dpn", "diabetic_neuropathy_unspecified")
DIABETIC_IN_WORDS = "diabetic_neuropathy_in_words"
WORSE_AGAIN = ("recurrence", "relapse")


class Member(NamedTuple):
    """One diagnosis in one set; None: an antibody alone. A suspected one may silence a card, never open one."""

    set_name: str
    diagnosis: Diagnosis | None
    is_suspected: bool = False


class Picture(NamedTuple):
    """All set memberships found in some diagnoses."""

    members: tuple[Member, ...]

    def of(self, *sets: str, suspected: bool = False) -> tuple[Diagnosis, ...]:
        """Diagnoses of these sets, confirmed ones only unless suspected ones are wanted too; newest first."""
        found = {
            m.diagnosis: None
            for m in self.members
            if m.diagnosis is not None and m.set_name in sets and (suspected or not m.is_suspected)
        }
        return tuple(sorted(found, key=lambda d: d.on.toordinal() if d.on else 0, reverse=True))

    def shows(self, *sets: str, suspected: bool = False) -> bool:
        """Is there a member of any of these sets?"""
        return any(m.set_name in sets and (suspected or not m.is_suspected) for m in self.members)

    @property
    def sets(self) -> frozenset[str]:
        """Names of the sets with a confirmed member."""
        return frozenset(m.set_name for m in self.members if not m.is_suspected)


class PainIndication(NamedTuple):
    """What a neuropathic-pain drug is ordered for. `is_stated`: by the order's own reason."""

    sets: frozenset[str]
    other_licensed: bool
    is_stated: bool
    diagnoses: tuple[Diagnosis, ...]


def pain_indication(facts: Facts, reasons: tuple[Diagnosis, ...]) -> PainIndication:
    """What the drug is for: the stated reason if one says more than "neuropathy", else the current problem list.

    A stated reason that is in none of the sets is another indication: no set, and stated. Raises NotKnown when no
    reason is stated and the problem list could not be had, or holds none of the sets and is incomplete.
    """
    reasons = telling(reasons)
    picture = stated_picture(facts, reasons) if reasons else current_picture(facts)
    sets = picture.sets & PAINFUL
    is_other = picture.shows("other_lic")
    if not (reasons or sets or is_other):
        require_complete_problem_list(facts)
    return PainIndication(sets, is_other, bool(reasons), picture.of(*sorted(sets)))


def telling(reasons: tuple[Diagnosis, ...]) -> tuple[Diagnosis, ...]:
    """The reasons that say more than "neuropathy" or "nerve pain" in words, which leaves it to the problem list."""
    return tuple(reason for reason in reasons if reason.concepts != {IN_SHORT})


def current_picture(facts: Facts, beside: tuple[Diagnosis, ...] = ()) -> Picture:
    """The sets on the current problem list, read with what stands `beside` it. Raises NotKnown when it is not there."""
    return facts.once(_current_picture, beside)


def current_guillain_barre(facts: Facts) -> tuple[Diagnosis, ...]:
    """Confirmed Guillain-Barré syndrome that is still current. Raises NotKnown without a problem list."""
    return tuple(d for d in facts.current("gbs") if is_current_immune(facts, d))


def stated_picture(facts: Facts, reasons: tuple[Diagnosis, ...]) -> Picture:
    """The sets of the stated reasons; dates and severity that a reason lacks come from the problem list."""
    return facts.once(_stated_picture, reasons)


def current_cranial_neuropathies(facts: Facts) -> tuple[Diagnosis, ...]:
    """Confirmed current cranial neuropathies, trigeminal ones while new. Raises NotKnown as `facts.current`."""
    return tuple(d for d in facts.current() if d.is_a("np_cranial", "np_cranial_when_new") and _is_cranial(facts, d))


def recorded_reasons(facts: Facts, reasons: tuple[Diagnosis, ...]) -> tuple[Diagnosis, ...]:
    """The stated reasons, with dates and severity that they lack from the problem list, as far as it could be read."""
    listed = _known(facts.current) or ()
    return tuple(_as_recorded(reason, listed) for reason in reasons)


def require_complete_problem_list(facts: Facts) -> None:
    """Raises NotKnown when diagnoses may be missing: none could be had, or only a first page."""
    facts.diagnoses()
    if not facts.is_complete("conditions"):
        raise NotKnown("conditions", "only part of the record was sent")


def is_neuropathy(d: Diagnosis) -> bool:
    """Does the code, or the name of one without a code, say neuropathy, GBS or myasthenia (book 1.7, NP-ICI)?"""
    return d.is_a(*NEUROPATHIES) or (d.by_text and d.is_a(*NEUROPATHY_IN_WORDS))


def is_in(d: Diagnosis, *sets: str) -> bool:
    """Is the diagnosis in one of these sets, by its code or, without one, by its words?"""
    return d.is_a(*sets) or (d.by_text and d.is_a(*[words for words, name in IN_WORDS.items() if name in sets]))


def first_record(facts: Facts, d: Diagnosis) -> Diagnosis:
    """The first current record of a diabetic neuropathy that `d` only records again; `d` where it says anything new."""
    if d.onset_on is not None or d.grade is not None or d.clinical_status in WORSE_AGAIN:
        return d
    if not (d.is_a(*LIFELONG) or is_diabetic_in_words(d)):
        return d
    listed = _known(lambda: facts.current(*LIFELONG, DIABETIC_IN_WORDS)) or ()
    same = [one for one in listed if one.code == d.code or is_diabetic_in_words(d)]  # words leave the code open
    since = {one.on: one for one in same if one.on is not None}
    return since[min(since)] if since else d


def is_diabetic_in_words(d: Diagnosis) -> bool:
    """Does a name without a code give diabetes as the cause?"""
    return d.by_text and d.is_a(DIABETIC_IN_WORDS)


def began_on_checkpoint_inhibitor(facts: Facts, d: Diagnosis, *, undated: bool = False) -> bool:
    """Did it begin after the first dose, the last being not long past? `undated`: the answer without a known day."""
    exposure = _known(lambda: checkpoint_inhibitor_exposure(facts))
    if exposure is None or not exposure.is_present:
        return False
    is_after = first_record(facts, d).began_after(exposure.first_on or date.min)
    return undated if is_after is None else is_after


def is_checkpoint_inhibitor_effect(facts: Facts, d: Diagnosis) -> bool:
    """T45.AX5*, or T45.1X5* where a checkpoint inhibitor was ever given."""
    if d.is_a("np_ici_adverse_effect"):
        return True
    if not d.is_a("antineoplastic_adverse_effect"):
        return False
    exposure = _known(lambda: checkpoint_inhibitor_exposure(facts))
    return exposure is not None and exposure.last_on is not None


def positive_anti_mag(facts: Facts) -> Measurement | None:
    """The newest anti-MAG result, if it is positive."""
    return facts.once(_positive_anti_mag)


def _positive_anti_mag(facts: Facts) -> Measurement | None:
    results = _known(lambda: facts.measurements("anti_mag")) or ()
    newest = next((m for m in results if not m.is_pending), None)
    return newest if newest is not None and newest.finding is Finding.POSITIVE else None


def _current_picture(facts: Facts, beside: tuple[Diagnosis, ...]) -> Picture:
    current = tuple([d for d in facts.diagnoses() if d.is_current])
    picture = _picture(facts, current, _confirmed((*current, *beside)))
    if positive_anti_mag(facts) is None or picture.shows("np_igm"):
        return picture
    return Picture((*picture.members, Member("np_igm", None)))


def _stated_picture(facts: Facts, reasons: tuple[Diagnosis, ...]) -> Picture:
    listed, stated = _known(facts.current) or (), recorded_reasons(facts, reasons)
    # A reason is one code; the second code that a set asks for (D47.2, T45.AX5, diabetes) stands on the problem list.
    return _picture(facts, stated, (*_confirmed(stated), *listed))


def _as_recorded(reason: Diagnosis, listed: tuple[Diagnosis, ...]) -> Diagnosis:
    for d in listed:
        if reason.code and d.code == reason.code and (reason.on is None or reason.has_unread_onset):
            return reason._replace(
                onset_on=d.onset_on,
                recorded_on=d.recorded_on,
                has_unread_onset=d.has_unread_onset,
                clinical_status=reason.clinical_status or d.clinical_status,
                grade=reason.grade or d.grade,
            )
    return reason


def _confirmed(diagnoses: tuple[Diagnosis, ...]) -> tuple[Diagnosis, ...]:
    return tuple([d for d in diagnoses if not d.is_suspected])


def _picture(facts: Facts, diagnoses: tuple[Diagnosis, ...], context: tuple[Diagnosis, ...]) -> Picture:
    """The sets of `diagnoses`; `context` holds what the sets that need a second diagnosis look for."""
    members = [
        Member(name, d, d.is_suspected)
        for d in diagnoses
        if not d.concepts.isdisjoint(PLAIN)
        for name in PLAIN
        if name in d.concepts
    ]
    for d in diagnoses:
        if not d.concepts.isdisjoint(CONDITIONAL):
            members.extend(_conditional(facts, d, context))
    members.extend(_combined(facts, _confirmed(diagnoses), context))
    members.extend(_told_by_a_second(_confirmed(diagnoses), context))
    return Picture(tuple(members))


def _conditional(facts: Facts, d: Diagnosis, context: tuple[Diagnosis, ...]) -> list[Member]:
    """Memberships of a diagnosis that hang on a condition."""
    names = (*_by_time_and_words(facts, d), *_by_cause(d, context), *_by_drug(facts, d))
    found = [Member(name, d, d.is_suspected) for name in names]
    return [*found, Member("np_imm", d, is_suspected=True)] if d.is_a("np_imm_suspected") else found


def _by_time_and_words(facts: Facts, d: Diagnosis) -> Iterator[str]:
    if d.is_a("np_imm") and is_current_immune(facts, d):
        yield "np_imm"
    if d.is_a("np_cranial_when_new") and _is_cranial(facts, d):
        yield "np_cranial"
    if d.by_text:
        yield from (name for concept, name in IN_WORDS.items() if d.is_a(concept))
    if d.is_a("np_symm_by_wording"):
        yield "np_symm" if _says(d, "np_symm_by_wording") else "np_unspec"


def _by_cause(d: Diagnosis, context: tuple[Diagnosis, ...]) -> Iterator[str]:
    if d.is_a("np_symm_with_cause"):
        yield "np_symm" if any(other.is_a("metabolic_or_toxic_cause") for other in context) else "np_unspec"
    if d.is_a("np_drpn_with_diabetes", "np_auton_with_diabetes") and any(other.is_a("diabetes") for other in context):
        yield "np_drpn" if d.is_a("np_drpn_with_diabetes") else "np_auton"


def _by_drug(facts: Facts, d: Diagnosis) -> Iterator[str]:
    if d.is_a("drug_induced_polyneuropathy"):
        yield _drug_induced_set(facts, d)
    elif is_neuropathy(d) and began_on_checkpoint_inhibitor(facts, d):
        yield "np_ici"


def _combined(facts: Facts, diagnoses: tuple[Diagnosis, ...], context: tuple[Diagnosis, ...]) -> list[Member]:
    """Sets that need two diagnoses, or a diagnosis and a test, together."""
    neuropathies = [d for d in diagnoses if is_neuropathy(d)]
    open_to_context = [d for d in neuropathies if not (d.is_stated_reason and d.is_a(*NAMES_ITS_CAUSE))]
    of_nerves = [d for d in open_to_context if not d.is_a(MYASTHENIA) and is_current_immune(facts, d)]
    found: list[Member] = []
    for other in context if open_to_context else ():
        if other.concepts.isdisjoint(CONTEXT):
            continue
        if of_nerves and other.is_a("np_igm_context"):
            found += [Member("np_igm", d) for d in (*of_nerves, other)]
        if of_nerves and other.is_a("np_vasc_context"):
            found += [Member("np_vasc", d) for d in (*of_nerves, other)]
        if is_checkpoint_inhibitor_effect(facts, other):
            found += [Member("np_ici", d) for d in open_to_context]
    if positive_anti_mag(facts) is not None:
        with_paraprotein = [d for d in diagnoses if d.is_a("np_igm_context")]
        found += [Member("np_igm", d) for d in (*of_nerves, *with_paraprotein)]
    return found


def _told_by_a_second(diagnoses: tuple[Diagnosis, ...], context: tuple[Diagnosis, ...]) -> Iterator[Member]:
    """What a stated reason leaves open and a second code tells; both codes are members."""
    for d in diagnoses:
        for first, second, name in TOLD_BY_A_SECOND if d.is_stated_reason else ():
            told = [other for other in context if other.is_a(*second)] if d.is_a(*first) else []
            yield from (Member(name, one) for one in ((d, *told) if told else ()))


def is_current_immune(facts: Facts, d: Diagnosis) -> bool:
    """Guillain-Barré syndrome is current for some weeks only, unless it is the stated reason or has no date."""
    if d.is_stated_reason or not d.is_a("gbs"):
        return True
    return d.on is None or facts.is_within(d.on, _window("gbs_current"))


def _is_cranial(facts: Facts, d: Diagnosis) -> bool:
    """Trigeminal neuralgia counts as a cranial neuropathy while it is new."""
    return d.is_a("np_cranial") or (d.on is not None and facts.is_within(d.on, _window("trigeminal_new")))


def _drug_induced_set(facts: Facts, d: Diagnosis) -> str:
    """Drug-induced polyneuropathy: symmetric without a checkpoint inhibitor; unspecified when that is unknown.

    On a checkpoint inhibitor it is that of the inhibitor, or, begun before it, one without a pattern.
    """
    exposure = _known(lambda: checkpoint_inhibitor_exposure(facts))
    if exposure is None:
        return "np_unspec"
    if began_on_checkpoint_inhibitor(facts, d, undated=True):
        return "np_ici"
    return "np_unspec" if exposure.is_present else "np_symm"


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
