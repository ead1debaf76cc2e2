"""Which picture governs an order of immunoglobulin: the stated reason, the problem list, or both? (book 1.7, 4.1)"""

from __future__ import annotations

from dataclasses import dataclass

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.neurology.phenotype import Picture, current_picture, stated_picture

SYMMETRIC = ("np_dpn", "np_symm")
PATTERNS = (*SYMMETRIC, "np_unspec", "np_plex", "np_igm", "np_vasc", "np_drpn", "np_ici")
# A reason of these sets says nothing of immunoglobulin: an established use of it on the problem list still counts.
SILENT_ABOUT_USE = frozenset(["np_cranial", "np_auton", "np_phn_sci", "other_lic"])
# A reason of these sets leaves room for a pattern on the problem list that responds to immunoglobulin.
OPEN_TO_THE_LIST = SILENT_ABOUT_USE | {*SYMMETRIC, "np_unspec"}


@dataclass(frozen=True, slots=True)
class Governing:
    """`picture` governs: that of the stated reason where it is in a set, else that of the problem list (`listed`).

    `is_stated` tells which. The list is read beside the reason, which may be the second code that one of its
    neuropathies asks for (D47.2, T45.AX5). Mixed pictures: `responsive` looks at the problem list too, so that
    immunoglobulin is never withheld because another code was picked beside a responsive one.
    """

    picture: Picture
    listed: Picture
    is_stated: bool

    def of(self, *sets: str) -> tuple[Diagnosis, ...]:
        """Confirmed diagnoses of these sets in the governing picture."""
        return self.picture.of(*sets)

    def responsive(self, name: str) -> tuple[Diagnosis, ...]:
        """Confirmed diagnoses of a responsive set, those on the list beside a reason that leaves room for it too."""
        found = self.picture.of(name)
        return found if found or not self.picture.sets <= OPEN_TO_THE_LIST else self.listed.of(name)

    def origin(self, d: Diagnosis) -> str:
        """Where a diagnosis stands."""
        return "stated reason" if d.is_stated_reason else "problem list"


def governing(facts: Facts, reasons: tuple[Diagnosis, ...]) -> Governing:
    """The governing picture of an order with these reasons.

    Raises NotKnown when the problem list could not be had, or a reason that may be in a set could not be read.
    """
    stated, listed = stated_picture(facts, reasons), current_picture(facts, beside=reasons)
    if any(reason.is_unread for reason in reasons) and not stated.sets:
        raise NotKnown("conditions", "the stated reason could not be read")
    is_stated = bool(stated.sets) and not (_is_open_in_words(stated) and _is_coded(listed))
    return Governing(stated if is_stated else listed, listed, is_stated)


def _is_open_in_words(stated: Picture) -> bool:
    """Do only words state the reason, and a pattern that leaves room for the list? They do not weaken a code on it."""
    return stated.sets <= OPEN_TO_THE_LIST and all(d.by_text for d in stated.of(*stated.sets))


def _is_coded(listed: Picture) -> bool:
    """Does the problem list show a pattern by a code?"""
    return any(not d.by_text for d in listed.of(*PATTERNS))
