"""What is an order of immunoglobulin for: which use governs its dose and its repetition? (book 1.7, 4.3, 4.4)

Needs: conditions, neuropathy_antibodies, medication_orders, medication_administrations,
medication_dispenses.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from cards.facts import Diagnosis, Facts
from cards.neurology.governing import OPEN_TO_THE_LIST, SILENT_ABOUT_USE, SYMMETRIC, governing
from cards.neurology.phenotype import Picture, current_picture, require_complete_problem_list, stated_picture


class Use(StrEnum):
    """Uses that the book tells apart, named as on a card."""

    GBS = "Guillain-Barre syndrome"
    CIDP = "CIDP"
    MMN = "MMN"
    MYASTHENIA = "myasthenia gravis"
    LAMBERT_EATON = "Lambert-Eaton syndrome"
    STIFF_PERSON = "stiff-person syndrome"
    DERMATOMYOSITIS = "dermatomyositis"
    ITP = "immune thrombocytopenia"
    IMMUNODEFICIENCY = "primary immunodeficiency"
    KAWASAKI = "Kawasaki disease"
    OTHER = "another use of immunoglobulin"
    CHECKPOINT_INHIBITOR = "checkpoint-inhibitor neuropathy"
    RADICULOPLEXUS = "diabetic radiculoplexus neuropathy"
    PLEXUS = "plexus neuritis"
    PARAPROTEIN = "IgM paraprotein neuropathy"
    VASCULITIC = "vasculitic neuropathy"
    SYMMETRIC = "symmetric polyneuropathy"
    UNSPECIFIED = "unspecified neuropathy"
    NONE = "no recorded indication"


IMMUNE = {  # value set → use
    "cidp": Use.CIDP,
    "mmn": Use.MMN,
    "myasthenia_gravis": Use.MYASTHENIA,
    "lambert_eaton": Use.LAMBERT_EATON,
    "stiff_person": Use.STIFF_PERSON,
    "inflammatory_myopathy": Use.DERMATOMYOSITIS,
    "gbs": Use.GBS,
}
NOT_NEUROPATHIC = {
    "itp": Use.ITP,
    "primary_immunodeficiency": Use.IMMUNODEFICIENCY,
    "kawasaki": Use.KAWASAKI,
    "ig_other": Use.OTHER,
}
IN_SHORT = "immunoglobulin_reason_in_short"  # MG and the like: plain as the reason of immunoglobulin, not elsewhere
RESPONSIVE = {"np_ici": Use.CHECKPOINT_INHIBITOR, "np_drpn": Use.RADICULOPLEXUS}
OTHER_PATTERNS = {"np_plex": Use.PLEXUS, "np_igm": Use.PARAPROTEIN, "np_vasc": Use.VASCULITIC}


class Purpose(NamedTuple):
    """One possible use and the diagnoses that say so."""

    use: Use
    diagnoses: tuple[Diagnosis, ...] = ()

    @property
    def by_words(self) -> bool:
        """Is it known by words only?"""
        return bool(self.diagnoses) and all(d.by_text for d in self.diagnoses)


def purposes(facts: Facts, reasons: tuple[Diagnosis, ...]) -> tuple[Purpose, ...]:
    """What an order with these reasons may be for, never empty: the stated reason, else the problem list.

    Several only where several established uses stand side by side. Beside a symmetric or unspecified reason a
    responsive picture of the list governs, beside one that says nothing of immunoglobulin every established use of the
    list. Raises NotKnown when that needs a problem list that could not be had.
    """
    in_short = stated_in_short(reasons)
    if in_short:
        return (Purpose(Use.OTHER, in_short),)
    stated = stated_picture(facts, reasons)
    if _is_closed(stated):
        return _established(stated, with_others=True) or (_pattern(stated),)
    listed = current_picture(facts, beside=reasons)
    with_others = stated.sets <= SILENT_ABOUT_USE
    found = _established(listed, with_others=with_others, with_responsive=not (stated.sets and with_others))
    if found:
        return found
    require_complete_problem_list(facts)
    return (_pattern(governing(facts, reasons).picture),)


def stated_in_short(reasons: tuple[Diagnosis, ...]) -> tuple[Diagnosis, ...]:
    """The reasons that are a short name of an established use."""
    return tuple(reason for reason in reasons if reason.is_a(IN_SHORT))


def is_suspected(facts: Facts, reasons: tuple[Diagnosis, ...], *, but_for: tuple[str, ...] = ()) -> bool:
    """Is an established use suspected where the purposes are looked for? `but_for`: value sets that do not count.

    Raises NotKnown.
    """
    stated = stated_picture(facts, reasons)
    pictures = [stated] if _is_closed(stated) else [stated, current_picture(facts, beside=reasons)]
    suspected = (
        member.diagnosis
        for picture in pictures
        for member in picture.members
        if member.is_suspected and member.set_name in ("np_imm", "ig_other")
    )
    return any(d is not None and not d.is_a(*but_for) for d in suspected)


def _is_closed(stated: Picture) -> bool:
    """Does the stated reason leave no room for the problem list?"""
    return not (stated.sets <= OPEN_TO_THE_LIST or stated.sets <= SILENT_ABOUT_USE)


def _established(picture: Picture, *, with_others: bool, with_responsive: bool = True) -> tuple[Purpose, ...]:
    """Uses with an established disease, `with_others` outside neuropathy too, `with_responsive` responsive ones too."""
    found = list(_by_disease(picture.of("np_imm"), IMMUNE))
    if with_others:
        found += _by_disease(picture.of("ig_other"), NOT_NEUROPATHIC)
    if with_responsive:
        found += [Purpose(use, picture.of(name)) for name, use in RESPONSIVE.items() if picture.of(name)]
    return tuple(found)


def _by_disease(diagnoses: tuple[Diagnosis, ...], uses: dict[str, Use]) -> Iterator[Purpose]:
    """Each diagnosis under the first use whose value set holds it."""
    rest = diagnoses
    for concept, use in uses.items():
        found = tuple(d for d in rest if d.is_a(concept))
        rest = tuple(d for d in rest if d not in found)
        if found:
            yield Purpose(use, found)


def _pattern(picture: Picture) -> Purpose:
    """The governing pattern without an established use, in the order of 4.1."""
    for name, use in OTHER_PATTERNS.items():
        if picture.shows(name):
            return Purpose(use, picture.of(name))
    symmetric, unspecified = picture.of(*SYMMETRIC), picture.of("np_unspec")
    if symmetric:
        return Purpose(Use.SYMMETRIC, symmetric)
    return Purpose(Use.UNSPECIFIED, unspecified) if unspecified else Purpose(Use.NONE)
